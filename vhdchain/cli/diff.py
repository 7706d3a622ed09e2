"""``vhdchain diff``: which ranges of two disks differ, or of all disks of two states of a machine?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vhdchain.blockmap import DiskOutcome
from vhdchain.cli.bars import progress_bar
from vhdchain.cli.exits import Exit
from vhdchain.cli.opening import opened_chain
from vhdchain.cli.options import Settings, byte_count, file_options
from vhdchain.cli.scanning import scanned_folders
from vhdchain.cli.state_names import find_state
from vhdchain.cli.terminal import Terminal
from vhdchain.report.documents.diff import diff_pieces
from vhdchain.report.documents.machine_diff import machine_diff_pieces
from vhdchain.report.text.diff import diff_lines
from vhdchain.report.text.machine_diff import machine_diff_lines
from vhdchain.shell.changes import changed_pieces
from vhdchain.shell.machine_changes import changed_disks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.blockmap import DiskChange
    from vhdchain.shell.handle import OpenChain


@click.command("diff")
@click.argument("older", metavar="A", type=click.Path())
@click.argument("newer", metavar="B", type=click.Path())
@click.option(
    "--in",
    "folders",
    multiple=True,
    metavar="FOLDER",
    type=click.Path(),
    help="A and B are states of a machine in this folder: MACHINE or MACHINE:SNAPSHOT (repeatable).",
)
@click.option("--exact", is_flag=True, help="Compare contents: only sectors that differ, not all that were written.")
@click.option(
    "--block-size", metavar="BYTES", type=byte_count, default="1", help="Ranges of whole blocks.  [default: 1]"
)
@click.option(
    "--gap", metavar="BYTES", type=byte_count, default="0", help="Join ranges so close together.  [default: 0]"
)
@file_options
def command(
    older: str, newer: str, *, folders: tuple[str, ...], exact: bool, block_size: int, gap: int, settings: Settings
) -> int:
    """Show in which ranges the disk of B may differ from that of A, as far as metadata say.

    A and B are any two images of a family: a snapshot's disk and the present one, or two branches. An incremental
    backup that has A needs these ranges of B.

    With --in, A and B are two states of a machine, and all of its disks are compared: MACHINE is its present state,
    as is MACHINE:now, and MACHINE:SNAPSHOT a snapshot, each by name or id. The path of a configuration names its
    state, too.

    BYTES may be written 1048576, 0x100000, 1024K or 1M, or in sectors: 2048s.
    """
    if not block_size:
        raise click.UsageError("--block-size: a block has at least one byte", click.get_current_context())
    if folders:
        return _machines(older, newer, folders, settings, exact=exact, block_size=block_size, gap=gap)
    with opened_chain(older, settings) as one, opened_chain(newer, settings) as other:
        _show(one, other, settings, exact=exact, block_size=block_size, gap=gap)
    return Exit.CLEAN


def _show(older: OpenChain, newer: OpenChain, settings: Settings, *, exact: bool, block_size: int, gap: int) -> None:
    terminal = Terminal(settings)
    # On a terminal the lines themselves show the progress, and a bar between them would be in the way.
    wanted = not terminal.is_terminal
    with progress_bar("comparing" if exact else "mapping", settings, in_bytes=True, wanted=wanted) as progress:
        pieces = changed_pieces(older, newer, exact=exact, block_size=block_size, gap=gap, progress=progress)
        chains = older.chain, newer.chain
        if settings.as_json:
            terminal.write_raw(diff_pieces(*chains, pieces, exact=exact, block_size=block_size, gap=gap))
        else:
            width = terminal.width
            terminal.write(diff_lines(*chains, pieces, exact=exact, block_size=block_size, gap=gap, width=width))


def _machines(
    older: str,
    newer: str,
    folders: tuple[str, ...],
    settings: Settings,
    *,
    exact: bool,
    block_size: int,
    gap: int,
) -> int:
    terminal, lost = Terminal(settings), _Lost()
    label, wanted = "comparing" if exact else "mapping", not terminal.is_terminal
    with scanned_folders(folders, settings) as inventory:
        one, other = (find_state(inventory.machines, text) for text in (older, newer))
        with progress_bar(label, settings, in_bytes=True, wanted=wanted) as progress:
            changes = lost.watched(
                changed_disks(
                    inventory,
                    one[1],
                    other[1],
                    exact=exact,
                    block_size=block_size,
                    gap=gap,
                    accept=settings.accept,
                    footer=settings.footer,
                    keep_going=True,
                    progress=progress,
                )
            )
            if settings.as_json:
                terminal.write_raw(
                    machine_diff_pieces(one, other, changes, exact=exact, block_size=block_size, gap=gap)
                )
            else:
                lines = machine_diff_lines(
                    one, other, changes, exact=exact, block_size=block_size, gap=gap, width=terminal.width
                )
                terminal.write(lines)
    return Exit.UNPROCESSED if lost.any else Exit.CLEAN


class _Lost:
    """Whether a disk could not be compared, known once all of them went by."""

    def __init__(self) -> None:
        self.any = False

    def watched(self, changes: Iterable[DiskChange]) -> Iterator[DiskChange]:
        for change in changes:
            self.any |= change.outcome is DiskOutcome.UNKNOWN
            yield change
