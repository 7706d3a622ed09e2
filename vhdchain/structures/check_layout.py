"""Does every BAT entry of the disk point to a place where its block can be?

Only entries of the disk's own blocks are judged: what a longer table holds behind them is not disk data. A block takes
its sector bitmap and its data; of the last one only what belongs to the disk counts. Entries are compared as whole
arrays, a piece at a time, so that the memory needed stays small beside the table itself; equal and overlapping blocks
are found by sorting. Each condition gives one finding, with the number of places and the first ones by block.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.findings import Finding, Location, finding
from vhdchain.structures.bat import ENTRY_LENGTH, UNUSED, Bat, entry_offsets
from vhdchain.structures.dynamic_header import HEADER_LENGTH
from vhdchain.structures.footer import FOOTER_LENGTH
from vhdchain.units import bitmap_length, blocks_for, bytes_to_sectors, round_up_to_sector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

BAT = "BAT"
_PIECE = 1 << 18
_LISTED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutOfFile:
    """The facts of one file that the checks of its layout judge; sizes and offsets in bytes.

    Attributes:
        path: What messages call the file.
        bat: The entries that could be read.
        header_offset: Where the dynamic header begins.
        block_size: A power of two, at least 512.
        virtual_size: The disk's size.
        data_end: The offset behind which no data may lie.
    """

    path: str
    bat: Bat
    header_offset: int
    block_size: int
    virtual_size: int
    data_end: int

    @property
    def block_count(self) -> int:
        """How many blocks the disk has."""
        return blocks_for(self.virtual_size, self.block_size)

    @property
    def inside(self) -> int:
        """How many entries the space before the end of the data can hold."""
        return max(0, self.data_end - self.bat.offset) // ENTRY_LENGTH

    @property
    def readable(self) -> int:
        """How many entries of the disk's blocks lie before the end of the data and were read."""
        return min(len(self.bat.entries), self.inside, self.block_count)

    @property
    def table_end(self) -> int:
        """Where the BAT and its padding end; of a table that claims more than the file can hold only what is needed."""
        declared = self.bat.declared
        count = declared if declared <= self.inside else min(declared, self.block_count)
        return round_up_to_sector(self.bat.offset + count * ENTRY_LENGTH)

    @property
    def stored_length(self) -> int:
        """Bytes that a whole block takes: bitmap and data."""
        return bitmap_length(self.block_size) + self.block_size

    @property
    def last_length(self) -> int:
        """Bytes that the disk's last block takes at least: bitmap and what belongs to the disk, in whole sectors."""
        cut = self.block_count * self.block_size - self.virtual_size
        return round_up_to_sector(self.stored_length - cut)


@dataclass(slots=True)
class _Places:
    """The blocks at which one condition holds: all are counted, the first ones are kept."""

    total: int = 0
    blocks: list[int] = field(default_factory=list)

    def add(self, blocks: NDArray[np.intp], first: int = 0) -> None:
        self.total += len(blocks)
        self.blocks += (blocks[: _LISTED - len(self.blocks)] + first).tolist()

    def __str__(self) -> str:
        listed = ", ".join(str(block) for block in self.blocks)
        return listed if self.total == len(self.blocks) else f"{listed}, …"


def check_layout(file: LayoutOfFile) -> Iterator[Finding]:
    """Yield what is wrong with the BAT of a file and with the places of its blocks."""
    wanted = min(file.bat.declared, file.block_count)
    if file.inside < wanted:
        yield _truncated(file, wanted)
    if file.readable:
        yield from _check_places(file)
        yield from _check_neighbours(file)


def _truncated(file: LayoutOfFile, wanted: int) -> Finding:
    place = Location(path=file.path, structure=BAT, offset=file.bat.entry_offset(file.inside), block=file.inside)
    message = f"only {file.inside} of the {wanted} BAT entries that the disk needs lie inside the file"
    return finding("VHD401", place, message, expected=wanted, found=file.inside)


def _check_places(file: LayoutOfFile) -> Iterator[Finding]:
    zero, metadata, beyond, cut = _Places(), _Places(), _Places(), _Places()
    for first in range(0, file.readable, _PIECE):
        entries = file.bat.entries[first : min(first + _PIECE, file.readable)]
        starts = entry_offsets(entries)
        zero.add(np.flatnonzero(entries == 0), first)
        used = (entries != UNUSED) & (entries != 0)
        metadata.add(np.flatnonzero(used & _in_metadata(file, starts)), first)
        behind = used & (starts + file.stored_length > file.data_end)
        last = file.block_count - 1 - first
        # The last block may be stored only as far as the disk goes.
        if 0 <= last < len(behind) and behind[last] and starts[last] + file.last_length <= file.data_end:
            behind[last] = False
            cut.add(np.array([last]), first)
        beyond.add(np.flatnonzero(behind), first)
    yield from _told(file, "VHD402", metadata, "would lie over the footer copy, the dynamic header or the BAT")
    yield from _told(file, "VHD403", zero, "has the entry 0, the place of the footer copy")
    yield from _told(file, "VHD404", beyond, f"would end behind the end of the data at {file.data_end}")
    yield from _told(file, "VHD405", cut, "is cut off behind the end of the disk; no data is missing")


def _in_metadata(file: LayoutOfFile, starts: NDArray[np.int64]) -> NDArray[np.bool_]:
    ends = starts + file.stored_length
    inside = starts < FOOTER_LENGTH
    header_end = file.header_offset + HEADER_LENGTH
    inside |= (starts < header_end) & (ends > file.header_offset)
    inside |= (starts < file.table_end) & (ends > file.bat.offset)
    return inside


def _told(file: LayoutOfFile, code: str, places: _Places, what: str) -> Iterator[Finding]:
    if not places.total:
        return
    block = places.blocks[0]
    subject = f"block {block}" if places.total == 1 else f"each of {places.total} blocks ({places})"
    yield finding(code, _entry(file, block), f"{subject} {what}", found=int(file.bat.entries[block]))


def _entry(file: LayoutOfFile, block: int) -> Location:
    return Location(path=file.path, structure=BAT, offset=file.bat.entry_offset(block), block=block)


@dataclass(slots=True)
class _Pairs:
    """Neighbours in the file that share bytes: all are counted, the first ones kept as (entry, entry)."""

    total: int = 0
    entries: list[tuple[int, int]] = field(default_factory=list)

    def add(self, lower: NDArray[np.uint32], upper: NDArray[np.uint32]) -> None:
        self.total += len(lower)
        room = _LISTED - len(self.entries)
        self.entries += zip(lower[:room].tolist(), upper[:room].tolist(), strict=True)


def _check_neighbours(file: LayoutOfFile) -> Iterator[Finding]:
    """Find equal and overlapping blocks: sorted by place, every conflict shows between two neighbours."""
    same, close = _Pairs(), _Pairs()
    length = bytes_to_sectors(file.stored_length)
    # A last block that is partial may be stored shorter than the others, so it is compared on its own.
    whole = min(file.readable, file.virtual_size // file.block_size)
    entries = np.sort(file.bat.entries[:whole])
    begin, end = np.searchsorted(entries, np.array([1, UNUSED], dtype=np.uint32))
    entries = entries[begin:end]
    for first in range(0, len(entries) - 1, _PIECE):
        lower, upper = entries[first : first + _PIECE], entries[first + 1 : first + _PIECE + 1]
        lower = lower[: len(upper)]
        distance = upper - lower
        same.add(lower[distance == 0], upper[distance == 0])
        partly = (distance > 0) & (distance < length)
        close.add(lower[partly], upper[partly])
    if whole < file.readable and 0 < (last := int(file.bat.entries[whole])) < UNUSED:
        _compare_last(entries, last, length, bytes_to_sectors(file.last_length), same=same, close=close)
    yield from _told_pairs(file, "VHD406", same, "point to the same place")
    yield from _told_pairs(file, "VHD407", close, "overlap in the file")


def _compare_last(
    entries: NDArray[np.uint32], last: int, length: int, last_length: int, *, same: _Pairs, close: _Pairs
) -> None:
    """Add the conflicts of the last block, whose entry is not among the sorted ``entries`` (lengths in sectors)."""
    place = np.array([last], dtype=np.uint32)
    left = int(np.searchsorted(entries, place[0], side="left"))
    right = int(np.searchsorted(entries, place[0], side="right"))
    if left < right:
        same.add(place, place)
    before, behind = entries[max(0, left - 1) : left], entries[right : right + 1]
    if len(before) and last - int(before[0]) < length:
        close.add(before, place)
    if len(behind) and int(behind[0]) - last < last_length:
        close.add(place, behind)


def _told_pairs(file: LayoutOfFile, code: str, pairs: _Pairs, what: str) -> Iterator[Finding]:
    if not pairs.total:
        return
    # An entry that three blocks share is two pairs, but one place.
    listed = [_blocks_of(file, lower, upper) for lower, upper in dict.fromkeys(pairs.entries)]
    told = "; ".join(f"{', '.join(map(str, blocks[:-1]))} and {blocks[-1]}" for blocks in listed)
    if pairs.total > len(pairs.entries):
        told += "; …"
    message = f"blocks {told} {what}"
    if pairs.total > 1:
        message += f" ({pairs.total} conflicts)"
    second = listed[0][1]
    yield finding(code, _entry(file, second), message, found=int(file.bat.entries[second]))


def _blocks_of(file: LayoutOfFile, lower: int, upper: int) -> list[int]:
    """Return the first blocks that hold one entry, or the first block of each of two, in ascending order."""
    if lower == upper:
        return _holders(file, lower, _LISTED)
    return sorted(_holders(file, lower, 1) + _holders(file, upper, 1))


def _holders(file: LayoutOfFile, entry: int, count: int) -> list[int]:
    """Return the first ``count`` blocks that hold ``entry``."""
    places = _Places()
    for first in range(0, file.readable, _PIECE):
        places.add(np.flatnonzero(file.bat.entries[first : min(first + _PIECE, file.readable)] == entry), first)
        if len(places.blocks) >= count:
            break
    return places.blocks[:count]
