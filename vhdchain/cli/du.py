"""``vhdchain du``: how much do the disks take, for whom, and what would be free if a snapshot went?"""

from __future__ import annotations

import click

from vhdchain.cli.bars import progress_bar
from vhdchain.cli.exits import Exit
from vhdchain.cli.options import Settings, file_options
from vhdchain.cli.scanning import scanned_folders
from vhdchain.cli.terminal import Terminal
from vhdchain.report.documents.usage import usage_document
from vhdchain.report.text.usage import usage_lines
from vhdchain.shell.usage import disk_usage


@click.command("du")
@click.argument("folders", nargs=-1, required=True, type=click.Path(), metavar="FOLDER...")
@click.option("--deep", is_flag=True, help="Read the data, too: what do files hold in vain?")
@file_options
def command(folders: tuple[str, ...], *, deep: bool, settings: Settings) -> int:
    """Show what the disks of each FOLDER take, which of it is seen by whom, and what deleting a snapshot frees.

    A view is a disk that somebody may want to see: one that nothing builds on, or one that a configuration names. A
    sector is exclusive to one view, shared by several, or dead: no view shows it.
    """
    with (
        scanned_folders(folders, settings) as inventory,
        progress_bar("reading" if deep else "counting", settings, in_bytes=deep) as progress,
    ):
        usage = disk_usage(inventory, deep=deep, accept=settings.accept, progress=progress)
    terminal = Terminal(settings)
    if settings.as_json:
        terminal.write_json(usage_document(inventory, usage))
    else:
        terminal.write(usage_lines(inventory, usage, width=terminal.width, deep=deep))
    lost = inventory.unreadable or any(family.problem is not None for family in usage.families)
    return Exit.UNPROCESSED if lost else Exit.CLEAN
