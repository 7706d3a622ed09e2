"""Where in a sparse file may a small text stand, so that it takes nothing from anything?

The structures and the blocks of the file take ranges; between them, and between what was given out already, is room.
Whether a range that belongs to nothing holds bytes is not asked: who writes there keeps them as the old ones.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.structures.entries import is_used
from vhdchain.units import SECTOR_SIZE, ceil_div, round_up_to_sector, sectors_to_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vhdchain.structures.layout_facts import LayoutOfFile


class FreeRoom:
    """The ranges of a sparse file that belong to nothing.

    Args:
        file: The facts of its layout. What its locators take is not counted: see `take`.
    """

    def __init__(self, file: LayoutOfFile) -> None:
        self._end = file.footer_begin
        regions = list(dataclasses.replace(file, locators=()).metadata())
        entries = file.bat.entries
        blocks = entries[is_used(entries)].astype(np.int64) * SECTOR_SIZE
        starts = np.concatenate((blocks, np.array([region.begin for region in regions], dtype=np.int64)))
        ends = np.concatenate(
            (blocks + file.stored_length, np.array([region.end for region in regions], dtype=np.int64))
        )
        order = np.argsort(starts, kind="stable")
        self._starts: NDArray[np.int64] = starts[order]
        # Ranges may lie over each other in a damaged file; behind them is what none of them reaches.
        self._ends: NDArray[np.int64] = np.maximum.accumulate(ends[order])
        self._taken: list[tuple[int, int, int]] = []

    def take(self, slot: int, begin: int, end: int) -> None:
        """Note that the text of the locator ``slot`` lies from ``begin`` to ``end``, in bytes of the file."""
        if begin < end:
            self._taken.append((slot, begin, end))

    def behind(self, offset: int, *, besides: int | None = None) -> int:
        """Return up to where the room from ``offset`` on is free; ``offset`` itself where none is.

        What the locator ``besides`` takes counts as free.
        """
        at = int(np.searchsorted(self._starts, offset, side="right"))
        if at and int(self._ends[at - 1]) > offset:
            return offset
        free = min(int(self._starts[at]), self._end) if at < len(self._starts) else self._end
        for slot, begin, end in self._taken:
            if slot == besides:
                continue
            if begin <= offset < end:
                return offset
            if offset < begin < free:
                free = begin
        return max(free, offset)

    def find(self, length: int) -> int | None:
        """Return where ``length`` bytes have room, on a sector and as near to the file's begin as can be; or None."""
        wanted = padded(length)
        begins = -(-self._ends // SECTOR_SIZE) * SECTOR_SIZE
        room = np.append(self._starts[1:], self._end) - begins
        tried = begins[np.flatnonzero(room >= wanted)[:_MOST_TRIED]].tolist()
        tried += [round_up_to_sector(end) for _, _, end in self._taken]
        return next((begin for begin in sorted(tried) if self.behind(begin) >= begin + wanted), None)


_MOST_TRIED = 4096
"""How many gaps are looked at. The first one fits, unless so many texts stand in it already."""


def padded(length: int) -> int:
    """Return the room that a text of ``length`` bytes is given: whole sectors, at least one."""
    return sectors_to_bytes(max(1, ceil_div(length, SECTOR_SIZE)))
