"""Does every BAT entry of the disk point to a place where its block can be?

Only entries of the disk's own blocks are judged: what a longer table holds behind them is not disk data. A block takes
its sector bitmap and its data; of the last one only what belongs to the disk counts. All is answered from the entries
in the order of the file: places that cannot be lie together there, and equal and overlapping blocks are neighbours.
Each condition gives one finding, with the number of places and the first ones by block.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.findings import Finding, Location, finding
from vhdchain.structures.blocks_told import BAT, LISTED, ToldBlocks, blocks_within, entry_place, holders_of
from vhdchain.structures.entries import neighbours, starts_beyond, starts_over
from vhdchain.units import bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from vhdchain.structures.layout import Layout
    from vhdchain.structures.layout_facts import LayoutOfFile


def check_layout(layout: Layout) -> Iterator[Finding]:
    """Yield what is wrong with the BAT of a file and with the places of its blocks."""
    file = layout.file
    wanted = min(file.bat.declared, file.block_count)
    if file.inside < wanted:
        yield _truncated(file, wanted)
    # Of a table that was wiped one finding tells, and not one for each of its entries.
    if not layout.is_wiped:
        yield from _check_places(layout)
        yield from _check_neighbours(layout)


def _truncated(file: LayoutOfFile, wanted: int) -> Finding:
    place = Location(path=file.path, structure=BAT, offset=file.bat.entry_offset(file.inside), block=file.inside)
    message = f"only {file.inside} of the {wanted} BAT entries that the disk needs lie inside the file"
    return finding("VHD401", place, message, expected=wanted, found=file.inside)


def _check_places(layout: Layout) -> Iterator[Finding]:
    file, places = layout.file, layout.places
    if layout.zeros:
        zero = ToldBlocks(total=layout.zeros, blocks=holders_of(file, [0])[0])
        yield _told(file, "VHD403", zero, "has the entry 0, the place of the footer copy")
    if not len(places):
        return
    if not layout.is_behind_metadata:
        metadata = blocks_within(layout, starts_over(file, file.core()))
        if metadata.total:
            yield _told(file, "VHD402", metadata, "would lie over the footer copy, the dynamic header or the BAT")
    if sectors_to_bytes(int(places[-1])) + file.stored_length > file.data_end:
        yield from _check_end(layout)


def _check_end(layout: Layout) -> Iterator[Finding]:
    """Tell of the blocks that end too late; the last one may be stored only as far as the disk goes."""
    file = layout.file
    last, is_cut = file.block_count - 1, False
    if (entry := file.last_entry) is not None:
        begin = sectors_to_bytes(entry)
        is_cut = begin + file.last_length <= file.data_end < begin + file.stored_length
    beyond = blocks_within(layout, starts_beyond(file), without=last if is_cut else None)
    if beyond.total:
        yield _told(file, "VHD404", beyond, f"would end behind the end of the data at {file.data_end}")
    if is_cut:
        cut = ToldBlocks(total=1, blocks=[last])
        yield _told(file, "VHD405", cut, "is cut off behind the end of the disk; no data is missing")


def _told(file: LayoutOfFile, code: str, told: ToldBlocks, what: str) -> Finding:
    block = told.blocks[0]
    return finding(code, entry_place(file, block), f"{told.subject} {what}", found=int(file.bat.entries[block]))


@dataclass(slots=True)
class _Pairs:
    """Neighbours in the file that share bytes: all are counted, the first ones kept as (entry, entry)."""

    total: int = 0
    entries: list[tuple[int, int]] = field(default_factory=list)

    def add(self, lower: NDArray[np.uint32], upper: NDArray[np.uint32], found: NDArray[np.bool_]) -> None:
        self.total += int(np.count_nonzero(found))
        if room := LISTED - len(self.entries):
            chosen = np.flatnonzero(found)[:room]
            self.entries += zip(lower[chosen].tolist(), upper[chosen].tolist(), strict=True)


def _check_neighbours(layout: Layout) -> Iterator[Finding]:
    """Find equal and overlapping blocks: in the order of the file every conflict shows between two neighbours."""
    file = layout.file
    length = bytes_to_sectors(file.stored_length)
    if layout.closest >= length:
        return
    same, close = _Pairs(), _Pairs()
    short = _short_block(layout)
    for lower, upper in neighbours(layout.places):
        distance = upper - lower
        touching, equal = distance < length, distance == 0
        same.add(lower, upper, equal)
        touching &= ~equal
        if short is not None:
            touching &= (lower != short) | (distance < bytes_to_sectors(file.last_length))
        close.add(lower, upper, touching)
    holders = holders_of(file, {entry for pair in (*same.entries, *close.entries) for entry in pair})
    if same.total:
        yield _told_pairs(file, "VHD406", same, holders, "point to the same place")
    if close.total:
        yield _told_pairs(file, "VHD407", close, holders, "overlap in the file")


def _short_block(layout: Layout) -> int | None:
    """Return the entry of a last block that may be stored shorter than the others; None if a whole one begins there."""
    file = layout.file
    entry = file.last_entry
    if entry is None or file.last_length == file.stored_length:
        return None
    return entry if len(holders_of(file, [entry], count=2)[entry]) == 1 else None


def _told_pairs(file: LayoutOfFile, code: str, pairs: _Pairs, holders: Mapping[int, list[int]], what: str) -> Finding:
    # An entry that three blocks share is two pairs, but one place.
    listed = [
        holders[lower] if lower == upper else sorted((holders[lower][0], holders[upper][0]))
        for lower, upper in dict.fromkeys(pairs.entries)
    ]
    told = "; ".join(f"{', '.join(map(str, blocks[:-1]))} and {blocks[-1]}" for blocks in listed)
    if pairs.total > len(pairs.entries):
        told += "; …"
    message = f"blocks {told} {what}"
    if pairs.total > 1:
        message += f" ({pairs.total} conflicts)"
    second = listed[0][1]
    return finding(code, entry_place(file, second), message, found=int(file.bat.entries[second]))
