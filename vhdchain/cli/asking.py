"""How is somebody asked before files are changed? Where nobody can answer, nothing is done."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from vhdchain.cli.options import Settings


def require_somebody(settings: Settings) -> None:
    """Refuse where nobody can be asked.

    Raises:
        click.UsageError: A document is written, or standard input is no terminal.
    """
    if settings.as_json or not sys.stdin.isatty():
        raise click.UsageError("nobody can be asked here: say --yes, or --dry-run", click.get_current_context())


def goes_ahead(settings: Settings) -> bool:
    """Ask whether to go ahead.

    Raises:
        click.UsageError: Nobody can be asked.
    """
    require_somebody(settings)
    try:
        return click.confirm("Go ahead?", err=True)
    except click.Abort:  # Ctrl-C, or the end of what is typed
        raise KeyboardInterrupt from None
