"""``vhdchain diff``: which ranges of two disks differ?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vhdchain.cli.bars import progress_bar
from vhdchain.cli.exits import Exit
from vhdchain.cli.opening import opened_chain
from vhdchain.cli.options import Settings, byte_count, file_options
from vhdchain.cli.terminal import Terminal
from vhdchain.report.documents.diff import diff_pieces
from vhdchain.report.text.diff import diff_lines
from vhdchain.shell.changes import changed_pieces

if TYPE_CHECKING:
    from vhdchain.shell.handle import OpenChain


@click.command("diff")
@click.argument("older", metavar="A", type=click.Path())
@click.argument("newer", metavar="B", type=click.Path())
@click.option("--exact", is_flag=True, help="Compare contents: only sectors that differ, not all that were written.")
@click.option(
    "--block-size", metavar="BYTES", type=byte_count, default="1", help="Ranges of whole blocks.  [default: 1]"
)
@click.option(
    "--gap", metavar="BYTES", type=byte_count, default="0", help="Join ranges so close together.  [default: 0]"
)
@file_options
def command(older: str, newer: str, *, exact: bool, block_size: int, gap: int, settings: Settings) -> int:
    """Show in which ranges the disk of B may differ from that of A, as far as metadata say.

    A and B are any two images of a family: a snapshot's disk and the present one, or two branches. An incremental
    backup that has A needs these ranges of B.

    BYTES may be written 1048576, 0x100000, 1024K or 1M, or in sectors: 2048s.
    """
    if not block_size:
        raise click.UsageError("--block-size: a block has at least one byte", click.get_current_context())
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
