"""What lies in the stretches of a file that no structure takes?

Two things are looked for: old footers (*ghosts*), which a file that grew leaves behind, and stretches that look like a
block whose BAT entry was lost. What belongs to a block is never searched: a guest may keep VHD files of its own. Gaps
are read in windows that overlap by a block, and of every sector only its first eight bytes and whether it holds
anything are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.audit.deep.reading import PIECE, UNREADABLE, WORDS_PER_SECTOR
from vhdchain.progress import check_cancel
from vhdchain.structures.bat import entry_offsets
from vhdchain.structures.entries import neighbours
from vhdchain.units import bytes_to_sectors, round_up_to_sector, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from vhdchain.progress import Cancel
    from vhdchain.source import ByteSource
    from vhdchain.structures.layout import Layout

_WINDOW = 64 << 20


def free_ranges(layout: Layout) -> Iterator[tuple[int, int]]:
    """Yield the stretches of whole sectors before the end of the data that belong to nothing: (begin, end) in bytes.

    In ascending order. Blocks behind the disk's end that the BAT leads to take their room, too.
    """
    file = layout.file
    regions = sorted((region.begin, region.end) for region in file.metadata())
    for begin, end in _between_blocks(layout):
        yield from _without(begin, min(end, file.data_end), regions)


def _between_blocks(layout: Layout) -> Iterator[tuple[int, int]]:
    file, places = layout.file, layout.places
    if len(layout.leftovers.sound):
        places = np.sort(np.concatenate((places, file.bat.entries[layout.leftovers.sound])))
    if not len(places):
        yield 0, file.data_end
        return
    yield 0, sectors_to_bytes(int(places[0]))
    for lower, upper in neighbours(places):
        begins, ends = entry_offsets(lower) + file.stored_length, entry_offsets(upper)
        wide = begins < ends
        yield from zip(begins[wide].tolist(), ends[wide].tolist(), strict=True)
    yield sectors_to_bytes(int(places[-1])) + file.stored_length, file.data_end


def _without(begin: int, end: int, regions: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield what is left of a range without the ascending ``regions``, cut to whole sectors."""
    touching = [region for region in regions if region[0] < end and begin < region[1]]
    for taken, behind in [*touching, (end, end)]:
        first, last = round_up_to_sector(begin), sectors_to_bytes(bytes_to_sectors(taken))
        if first < last:
            yield first, last
        begin = max(begin, behind)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Window:
    """A part of a gap, sector by sector.

    Attributes:
        gap: Where the whole gap begins and ends, in bytes.
        begin: Where this part begins.
        behind: Where the next part begins; sectors from there on are here only to be looked ahead at.
        heads: The first eight bytes of each sector, big-endian: uint64, shape (sectors,).
        filled: Which sectors hold anything but zeros.
    """

    gap: tuple[int, int]
    begin: int
    behind: int
    heads: NDArray[np.uint64] = field(repr=False)
    filled: NDArray[np.bool_] = field(repr=False)

    @property
    def sectors(self) -> int:
        """How many sectors it has without those that are only looked ahead at."""
        return bytes_to_sectors(self.behind - self.begin)


def read_windows(
    source: ByteSource, gap: tuple[int, int], ahead: int, *, told: Callable[[int], None], cancel: Cancel | None
) -> Iterator[Window]:
    """Yield a gap in parts of bounded size, each with up to ``ahead`` bytes of what follows it in the gap.

    What cannot be read counts as zeros: nobody misses it.
    """
    step = max(_WINDOW, 2 * ahead)
    begin, end = gap
    for first in range(begin, end, step):
        behind = min(first + step, end)
        heads, filled = _read(source, first, min(behind + ahead, end), cancel)
        yield Window(gap=gap, begin=first, behind=behind, heads=heads, filled=filled)
        told(behind - first)


def _read(
    source: ByteSource, begin: int, end: int, cancel: Cancel | None
) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    count = bytes_to_sectors(end - begin)
    heads, filled = np.zeros(count, dtype=np.uint64), np.zeros(count, dtype=np.bool_)
    buffer = np.empty(min(PIECE, end - begin), dtype=np.uint8)
    for offset in range(begin, end, PIECE):
        check_cancel(cancel)
        data = buffer[: min(PIECE, end - offset)]
        try:
            source.readinto_at(offset, data.data)
        except UNREADABLE:
            continue
        words = data.view(np.uint64).reshape(-1, WORDS_PER_SECTOR)
        at = bytes_to_sectors(offset - begin)
        heads[at : at + len(words)] = words[:, 0].view(">u8")
        filled[at : at + len(words)] = np.bitwise_or.reduce(words, axis=1) != 0
    return heads, filled
