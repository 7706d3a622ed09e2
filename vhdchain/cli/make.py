"""``vhdchain make``: a synthetic folder from a recipe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vhdchain.cli.exits import Exit
from vhdchain.cli.failures import PROGRAM
from vhdchain.cli.options import Settings, find_code, output_options
from vhdchain.cli.terminal import Terminal
from vhdchain.errors import ConfigError
from vhdchain.report.documents.shape import document
from vhdchain.report.lines import Role, line, span
from vhdchain.report.numbers import counted

if TYPE_CHECKING:
    from types import ModuleType


@click.command("make")
@click.argument("recipe", required=False, type=click.Path())
@click.argument("dest", required=False, type=click.Path(path_type=Path))
@click.option("--schema", is_flag=True, help="Print the JSON schema of a recipe, and make nothing.")
@output_options
def command(recipe: str | None, dest: Path | None, *, schema: bool, settings: Settings) -> int:
    """Make in DEST, an empty folder or a new one, what RECIPE describes.

    RECIPE is a TOML file, or a code (VHD404): then the folder shows that condition and no other. The same recipe gives
    the same bytes on every machine.
    """
    kitchen, terminal = _kitchen(), Terminal(settings)
    if schema:
        terminal.write_json(kitchen.recipe_schema())
        return Exit.CLEAN
    if recipe is None or dest is None:
        raise click.UsageError("a recipe and a folder are needed: RECIPE DEST", click.get_current_context())
    made = _made(kitchen, recipe, dest)
    names = [path.relative_to(dest).as_posix() for path in made]
    if settings.as_json:
        terminal.write_json(document("make", recipe=recipe, folder=str(dest), files=names))
    elif not settings.quiet:
        terminal.write([line(span(str(dest), Role.PATH), f": {counted(len(names), 'file')}")])
    return Exit.CLEAN


def _made(kitchen: ModuleType, recipe: str, dest: Path) -> list[Path]:
    path = Path(recipe)
    code = find_code(recipe)
    if code is None or path.exists():
        made: list[Path] = kitchen.make(path, dest)
        return made
    try:
        made = kitchen.make_by_code(code, dest)
    except LookupError as error:
        message = f"{error.args[0]}: it tells what was not looked at, which no file shows"
        raise click.UsageError(message, click.get_current_context()) from error
    return made


def _kitchen() -> ModuleType:
    try:
        from vhdchain.testing import make  # noqa: PLC0415  # msgspec comes with an extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "msgspec":
            raise
        raise ConfigError(f"recipes need msgspec: pip install '{PROGRAM}[testing]'") from error
    return make
