"""``vhdchain map``: which file supplies every sector of a disk?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import numpy as np

from vhdchain.blockmap import EXTENT_DTYPE, explain
from vhdchain.cli.bars import progress_bar
from vhdchain.cli.exits import Exit
from vhdchain.cli.opening import opened_chain
from vhdchain.cli.options import Settings, byte_count, file_options, partial_option
from vhdchain.cli.terminal import Terminal
from vhdchain.report.documents.map import map_pieces, place_fields
from vhdchain.report.text.map import map_lines, place_lines
from vhdchain.units import bytes_to_sectors

if TYPE_CHECKING:
    from vhdchain.shell.handle import OpenChain


@click.command("map")
@click.argument("leaf", type=click.Path())
@click.option("--at", metavar="BYTES", type=byte_count, help="Explain this byte of the disk, layer by layer.")
@click.option("--start", metavar="BYTES", type=byte_count, help="First byte of the range.  [default: 0]")
@click.option(
    "--length", metavar="BYTES", type=byte_count, help="Bytes in the range.  [default: to the end of the disk]"
)
@partial_option
@file_options
def command(
    leaf: str, *, at: int | None, start: int | None, length: int | None, partial: bool, settings: Settings
) -> int:
    """Show which layer supplies every range of the disk of LEAF, and where in its file.

    BYTES may be written 1048576, 0x100000, 1024K or 1M, or in sectors: 2048s.
    """
    if at is not None and (start is not None or length is not None):
        raise click.UsageError("--at asks for one place, --start and --length for a range: not both")
    with opened_chain(leaf, settings, partial=partial) as opened:
        if at is not None:
            _explain(opened, _inside(opened, "--at", at, most=opened.virtual_size - 1), settings)
            return Exit.CLEAN
        first = _inside(opened, "--start", start or 0, most=opened.virtual_size)
        rest = opened.virtual_size - first
        _show(opened, first, rest if length is None else _inside(opened, "--length", length, most=rest), settings)
    return Exit.CLEAN


def _inside(opened: OpenChain, option: str, value: int, *, most: int) -> int:
    if value > most:
        text = f"{option}: {value} is too much for this disk of {opened.virtual_size} bytes"
        raise click.UsageError(text, click.get_current_context())
    return value


def _show(opened: OpenChain, start: int, length: int, settings: Settings) -> None:
    terminal = Terminal(settings)
    # On a terminal the lines themselves show the progress, and a bar between them would be in the way.
    with progress_bar("mapping", settings, in_bytes=True, wanted=not terminal.is_terminal) as progress:
        chunks = opened.block_map().chunks(start, length, progress=progress)
        if settings.as_json:
            terminal.write_raw(map_pieces(opened.chain, chunks, start=start, length=length))
        else:
            terminal.write(map_lines(opened.chain, chunks))


def _explain(opened: OpenChain, offset: int, settings: Settings) -> None:
    terminal = Terminal(settings)
    steps, sector = explain(opened.chain, offset), bytes_to_sectors(offset)
    if settings.as_json:
        extent = opened.block_map().at(offset)
        place = place_fields(offset, sector, steps)
        chunk = np.array([tuple(extent)], dtype=EXTENT_DTYPE)
        terminal.write_raw(map_pieces(opened.chain, [chunk], start=extent.start, length=extent.length, at=place))
    else:
        terminal.write(place_lines(opened.chain, offset, sector, steps, width=terminal.width))
