"""How do the sub-commands look through folders, by the shared options, and in which form do they report?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from vhdchain.cli.bars import progress_bar
from vhdchain.cli.opening import settings_are_usage
from vhdchain.locate import PathMap
from vhdchain.shell.scanning import scan_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.cli.options import Settings
    from vhdchain.graph import Inventory


@contextmanager
def scanned_folders(paths: Sequence[str], settings: Settings) -> Iterator[Inventory]:
    """Give what a scan of ``paths`` found; raises what `scan_folder` raises."""
    with settings_are_usage(), progress_bar("scanning", settings) as progress:
        inventory = scan_folder(
            *paths,
            within=settings.within or None,
            path_map=PathMap.parse(settings.path_map),
            footer=settings.footer,
            progress=progress,
        )
    with inventory:
        yield inventory


def report_format(form: str | None, settings: Settings) -> str:
    """Return the form of a report: ``--format``, or ``--json`` as its short form.

    Raises:
        click.UsageError: The two contradict each other.
    """
    if settings.as_json and form not in (None, "json"):
        raise click.UsageError(f"--json and --format {form} contradict each other", click.get_current_context())
    return "json" if settings.as_json else form or "text"
