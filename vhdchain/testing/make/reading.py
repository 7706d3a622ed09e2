"""What does a recipe's file say, and where is it wrong?

An error is one line: the file, the line in it, what was found, what to do.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from vhdchain.errors import ConfigError
from vhdchain.testing.make.positions import Positions
from vhdchain.testing.make.recipe import CODE_PATTERN, DIALECT_NAMES, HEX_PATTERN, RecipeFile
from vhdchain.testing.sizes import SIZE_PATTERN

if TYPE_CHECKING:
    from pathlib import Path

_PLACE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_SYNTAX = re.compile(r"\(at line (?P<line>\d+), column \d+\)$")
_WORDS = (
    (SIZE_PATTERN, 'no size such as 4096, "2M" or "64s"'),
    (CODE_PATTERN, 'no code such as "VHD404"'),
    (HEX_PATTERN, "no bytes in hex digits"),
)


class RecipeError(ConfigError):
    """A recipe cannot be understood or carried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRecipe:
    """A recipe that was read.

    Attributes:
        name: What messages call it.
        folder: The folder beside it, in which payloads may lie; None where it is no file.
        positions: The lines of its text.
    """

    name: str
    recipe: RecipeFile
    positions: Positions
    folder: Path | None = None

    def error(self, message: str, path: str = "") -> RecipeError:
        """Return the error for what stands at ``path``."""
        return RecipeError(f"{self.name}:{self.positions.line(path)}: {message}")


def read_recipe(path: Path) -> ReadRecipe:
    """Return the recipe in a file.

    Raises:
        RecipeError: It is no recipe.
        OSError: The file cannot be read.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path}: no UTF-8 text (byte {error.start})") from error
    return parse_recipe(text, name=str(path), folder=path.parent)


def parse_recipe(text: str, *, name: str = "recipe", folder: Path | None = None) -> ReadRecipe:
    """Return the recipe that ``text`` is.

    Args:
        text: TOML.
        name: What messages call it.
        folder: Where payloads may lie.

    Raises:
        RecipeError: It is no recipe.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(_syntax(name, text, str(error))) from error
    positions = Positions(text)
    try:
        recipe = msgspec.convert(values, RecipeFile)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        path = place["path"] if place else ""
        message = _plain(_PLACE.sub("", str(error)), path)
        raise RecipeError(f"{name}:{positions.line(_place_of(message, path))}: {message}") from error
    read = ReadRecipe(name=name, recipe=recipe, positions=positions, folder=folder)
    for path, dialect in (("dialect", recipe.dialect), *_dialects(recipe)):
        if dialect not in DIALECT_NAMES:
            raise read.error(f"dialect {dialect!r} is none of {', '.join(DIALECT_NAMES)}", path)
    return read


def _dialects(recipe: RecipeFile) -> list[tuple[str, str]]:
    found = ((f"step[{number}].dialect", getattr(step, "dialect", None)) for number, step in enumerate(recipe.step))
    return [(path, dialect) for path, dialect in found if dialect is not None]


def _syntax(name: str, text: str, message: str) -> str:
    place = _SYNTAX.search(message)
    line = int(place["line"]) if place else text.count("\n") + 1
    return f"{name}:{line}: no TOML: {_SYNTAX.sub('', message).removesuffix('(at end of document)').strip()}"


def _plain(message: str, path: str) -> str:
    """Return a message of msgspec in the words of a recipe."""
    field = path.rpartition(".")[2]
    for pattern, words in _WORDS:
        if message == f"Expected `str` matching regex {pattern!r}":
            return f"{field}: {words}"
    if message.startswith("Invalid value") and field == "do":
        return f"{message.partition(' ')[2]} is nothing that a step can do"
    message = message.removeprefix("Object ").replace("`", "'")
    what = "the step" if field.startswith("step[") else field or "the recipe"
    if message.startswith(("contains unknown", "missing required")):
        verb = message.replace("contains unknown field", "has no field").replace("missing required", "lacks the")
        return f"{what} {verb}"
    return f"{what}: {message[:1].lower()}{message[1:]}"


def _place_of(message: str, path: str) -> str:
    """Return the path of an unknown field itself, where a message names one."""
    unknown = re.search(r"has no field '([^']*)'$", message)
    return ".".join(part for part in (path, unknown[1]) if part) if unknown else path
