"""Which options do the sub-commands share, and what do they mean?"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from vhdchain.cli.failures import PROGRAM
from vhdchain.findings import CODES
from vhdchain.testing.sizes import parse_size

F = TypeVar("F", bound=Callable[..., object])


_RATE = re.compile(r"(?P<number>\d+(\.\d+)?)(?P<unit>[kmgt]?)(ib)?(/s)?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The shared options of one call.

    Attributes:
        within: Folders inside of which parents may be opened; empty for the default of the command.
        path_map: ``FROM=TO`` texts: where a Windows path's beginning lies on this machine.
        accept: Codes of errors in spite of which an image is read.
        footer: Which footer counts: ``auto``, ``end`` or ``copy``.
        as_json: Whether one JSON document is asked for instead of text.
        quiet: Whether progress is left untold.
        color: Whether a terminal gets colours.
    """

    within: tuple[str, ...] = ()
    path_map: tuple[str, ...] = ()
    accept: frozenset[str] = frozenset()
    footer: str = "auto"
    as_json: bool = False
    quiet: bool = False
    color: bool = True


def byte_count(text: str) -> int:
    """Return the bytes in ``1048576``, ``0x100000``, ``1024K``, ``1M`` (binary units) or ``2048s`` (sectors)."""
    size = parse_size(text)
    if size is None:
        raise click.BadParameter(f"{text!r} is no number of bytes, such as 1048576, 0x100000, 1M or 2048s")
    return size


def byte_rate(text: str) -> float:
    """Return the bytes in a second that ``50M``, ``50MiB``, ``1.5G`` or ``800000`` mean (binary units)."""
    match = _RATE.fullmatch(text.strip())
    found = float(match["number"]) * byte_count(f"1{match['unit']}") if match else 0.0
    if found <= 0:
        raise click.BadParameter(f"{text!r} is no number of bytes in a second, such as 50M, 50MiB, 1.5G or 800000")
    return found


def known_code(text: str) -> str:
    """Return the code that ``VHD106``, ``vhd106``, ``106`` or its name means."""
    code = find_code(text)
    if code is None:
        raise click.BadParameter(f"{text!r} is no code of a finding; '{PROGRAM} explain' lists them")
    return code


def find_code(text: str) -> str | None:
    """Return the code that ``text`` means, by number or name; None where there is none."""
    wanted = text.strip()
    for code in (wanted.upper(), f"VHD{wanted}"):
        if code in CODES:
            return code
    return next((code for code, info in CODES.items() if info.name == wanted.lower()), None)


_OUTPUT = (
    click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output."),
    click.option("-q", "--quiet", is_flag=True, help="No progress bar."),
    click.option("--no-color", is_flag=True, help="No colours on a terminal."),
)


def within_option(help_text: str) -> Callable[[F], F]:
    """Return the option that names folders in which files may be opened; the command gets it with its settings."""
    return click.option("--within", multiple=True, metavar="DIR", type=click.Path(), help=help_text)


_PATHS = (
    within_option("Parents may be opened in this folder and below (repeatable). Default: the folder of the file."),
    click.option(
        "--map",
        "path_map",
        multiple=True,
        metavar="FROM=TO",
        help=r"Where a Windows path lies here, e.g. 'D:\VMs=/mnt/vms' (repeatable).",
    ),
)
_FILES = (
    *_PATHS,
    click.option(
        "--accept", multiple=True, metavar="CODE", type=known_code, help="Read in spite of this error (repeatable)."
    ),
    click.option(
        "--footer",
        type=click.Choice(["auto", "end", "copy"]),
        default="auto",
        show_default=True,
        help="Which footer counts where the two disagree.",
    ),
)


partial_option = click.option(
    "--partial", is_flag=True, help="Show what there is where a parent is missing; the rest is unknown."
)

notes_option = click.option(
    "--notes", is_flag=True, help="Tell notes in full, as errors and warnings are; healthy files have some, too."
)


def output_options(function: F) -> F:
    """Add the options about output; the command gets them as ``settings``."""
    return _with_settings(function, _OUTPUT)


def path_options(function: F) -> F:
    """Add the options about where files lie, and output; the command gets them as ``settings``."""
    return _with_settings(function, (*_PATHS, *_OUTPUT))


def file_options(function: F) -> F:
    """Add the options about files and output; the command gets them as ``settings``."""
    return _with_settings(function, (*_FILES, *_OUTPUT))


def _with_settings(function: F, options: tuple[Callable[[F], F], ...]) -> F:
    @functools.wraps(function)
    def wrapper(*args: object, **arguments: Any) -> object:
        accept = frozenset(arguments.pop("accept", ()))
        no_color = arguments.pop("no_color")
        shared = {name: arguments.pop(name) for name in ("within", "path_map", "footer") if name in arguments}
        output = {name: arguments.pop(name) for name in ("as_json", "quiet")}
        settings = Settings(accept=accept, color=not no_color, **shared, **output)
        return function(*args, settings=settings, **arguments)

    decorated: Any = wrapper
    for option in reversed(options):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]  # click's decorators give back what they take
