"""Which ranges of a file belong to nothing, although a block could lie there?

Between the blocks such a range is a gap, behind the last one it is the tail. The metadata cuts the file into stretches;
in each of them the blocks lie in ascending order, so that gaps show between neighbours. What lies in them is not looked
at here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.structures.bat import UNUSED
from vhdchain.structures.entries import neighbours
from vhdchain.units import SECTOR_SIZE, bitmap_length, bytes_to_sectors, ceil_div, sectors_for, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vhdchain.structures.layout import Layout


@dataclass(slots=True)
class Gaps:
    """The gaps of a file in which a whole block has room.

    Attributes:
        listed: How many of their offsets are kept.
        count: How many there are.
        size: How many bytes they have together.
        offsets: Where the first ones begin, in bytes, ascending.
    """

    listed: int
    count: int = 0
    size: int = 0
    offsets: list[int] = field(default_factory=list)

    def add(self, begin: int, end: int) -> None:
        """Count one gap."""
        self.add_many(1, end - begin, [begin])

    def add_many(self, count: int, size: int, offsets: list[int]) -> None:
        """Count gaps of ``size`` bytes together."""
        self.count += count
        self.size += size
        self.offsets += offsets[: self.listed - len(self.offsets)]


def gaps_of(layout: Layout, *, listed: int) -> Gaps:
    """Return the ranges before the last block that belong to nothing and in which a whole block has room.

    Only room where the block's data would be aligned like that of the blocks in use counts. What lies behind the last
    block is the `tail`; entries behind the disk that lead to blocks of their own take their room.
    """
    found = Gaps(listed=listed)
    places = _occupied(layout)
    length = layout.file.stored_length
    if not len(places) or _is_dense(layout, length):
        return found
    for begin, end, is_last in _stretches(layout):
        if end - begin < length:
            continue
        # The blocks that begin before the end of the stretch, and end behind its beginning.
        inside = places[_index(places, (begin - length) // SECTOR_SIZE + 1) : _index(places, sectors_for(end))]
        if not len(inside):
            if not is_last:
                _add_fitting(found, layout, begin, end)
            continue
        _add_fitting(found, layout, begin, sectors_to_bytes(int(inside[0])))
        _add_between(found, layout, inside)
        if not is_last:
            _add_fitting(found, layout, max(begin, sectors_to_bytes(int(inside[-1])) + length), end)
    return found


def tail(layout: Layout) -> tuple[int, int]:
    """Return the range between the last block, or the metadata behind it, and the end footer; begin and end in bytes.

    Where blocks or metadata reach up to the footer, or over it, the begin is not before the end.
    """
    file = layout.file
    places = _occupied(layout)
    begin = layout.metadata_end
    if len(places):
        begin = max(begin, sectors_to_bytes(int(places[-1])) + file.stored_length)
    return begin, file.footer_begin


def first_fit(layout: Layout, begin: int) -> int:
    """Return where a block behind ``begin`` would lie (its bitmap) if it were aligned like the others, in bytes."""
    unit, bitmap = max(layout.alignment, SECTOR_SIZE), bitmap_length(layout.file.block_size)
    return ceil_div(begin + bitmap, unit) * unit - bitmap


def _is_dense(layout: Layout, length: int) -> bool:
    """Say at little cost whether no block fits anywhere: short metadata, then the blocks, close together."""
    if not layout.is_behind_metadata or len(layout.leftovers.sound) or layout.widest >= 2 * bytes_to_sectors(length):
        return False
    return bool(len(layout.places)) and sectors_to_bytes(int(layout.places[0])) < length


def _occupied(layout: Layout) -> NDArray[np.uint32]:
    """Return the ascending places before the end of the data that blocks take: of the disk, and sound leftovers."""
    file, places = layout.file, layout.places
    if len(layout.leftovers.sound):
        places = np.concatenate((places, file.bat.entries[layout.leftovers.sound]))
        places.sort()
    if len(places) and sectors_to_bytes(int(places[-1])) >= file.data_end:
        places = places[: _index(places, sectors_for(file.data_end))]
    return places


def _index(places: NDArray[np.uint32], sector: int) -> int:
    """Return how many of ``places`` lie before ``sector``."""
    return int(places.searchsorted(np.uint32(min(max(sector, 0), UNUSED))))


def _stretches(layout: Layout) -> Iterator[tuple[int, int, bool]]:
    """Yield the ranges before the end of the data that no metadata takes, and which of them is the last one."""
    file = layout.file
    begin = 0
    for region in layout.metadata:
        if begin < region.begin < file.data_end:
            yield begin, region.begin, False
        begin = max(begin, region.end)
    if begin < file.data_end:
        yield begin, file.data_end, True


def _add_fitting(found: Gaps, layout: Layout, begin: int, end: int) -> None:
    if first_fit(layout, begin) + layout.file.stored_length <= end:
        found.add(begin, end)


def _add_between(found: Gaps, layout: Layout, places: NDArray[np.uint32]) -> None:
    length = bytes_to_sectors(layout.file.stored_length)
    # All blocks being aligned in one way, what follows each of them is as far from the next aligned place.
    needed = 2 * length + -length % max(1, bytes_to_sectors(layout.alignment))
    if layout.widest < needed and not len(layout.leftovers.sound):
        return
    for lower, upper in neighbours(places):
        distance = upper - lower
        is_wide = distance >= needed
        if count := int(np.count_nonzero(is_wide)):
            offsets: list[int] = []
            if len(found.offsets) < found.listed:
                first = lower[np.flatnonzero(is_wide)[: found.listed]].tolist()
                offsets = [sectors_to_bytes(entry + length) for entry in first]
            distance *= is_wide
            total = int(distance.sum(dtype=np.uint64)) - count * length
            found.add_many(count, sectors_to_bytes(total), offsets)
