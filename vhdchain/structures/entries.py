"""Which entries of a BAT lead to a block, and which of them lie in given ranges?

Arithmetic on whole arrays of entries (uint32 sectors), a piece at a time; nothing is converted to a wider type, and
differences wrap around where that is meant. Nothing is judged here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.structures.bat import UNUSED
from vhdchain.units import SECTOR_SIZE, sectors_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from vhdchain.structures.layout_facts import LayoutOfFile, Region

PIECE = 1 << 17
"""How many entries are looked at together: few enough for a processor's cache, enough to hide the cost of a call."""


def is_used(entries: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Say of each entry whether it leads to a block: neither 0, which then wraps around, nor unused."""
    used: NDArray[np.bool_] = (entries - np.uint32(1)) < UNUSED - 1
    return used


def pieces_of(entries: NDArray[np.uint32]) -> Iterator[tuple[int, NDArray[np.uint32]]]:
    """Yield the array in views of `PIECE` entries, each with the index of its first one."""
    for first in range(0, len(entries), PIECE):
        yield first, entries[first : first + PIECE]


def neighbours(entries: NDArray[np.uint32]) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.uint32]]]:
    """Yield each entry and the one behind it, as two views at a time."""
    for first in range(0, len(entries) - 1, PIECE):
        upper = entries[first + 1 : first + PIECE + 1]
        yield entries[first : first + len(upper)], upper


def starts_over(file: LayoutOfFile, regions: Iterable[Region], *, length: int | None = None) -> list[tuple[int, int]]:
    """Return the entries of blocks that would touch one of ``regions``: ranges (first, behind the last), ascending.

    The blocks take ``length`` bytes; that of whole ones where it is None.
    """
    taken = file.stored_length if length is None else length
    ranges = []
    for region in regions:
        first = max(1, (region.begin - taken) // SECTOR_SIZE + 1)
        behind = min(UNUSED, sectors_for(region.end))
        if first < behind:
            ranges.append((first, behind))
    return joined(ranges)


def starts_beyond(file: LayoutOfFile) -> list[tuple[int, int]]:
    """Return the entries of whole blocks that would end behind the end of the data, as in `starts_over`."""
    first = max(1, (file.data_end - file.stored_length) // SECTOR_SIZE + 1)
    return [(first, UNUSED)] if first < UNUSED else []


def joined(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ``ranges`` in ascending order, with those that touch made one."""
    found: list[tuple[int, int]] = []
    for first, behind in sorted(ranges):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(behind, found[-1][1]))
        else:
            found.append((first, behind))
    return found


def ranges_without(ranges: Iterable[tuple[int, int]], others: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ascending ``ranges`` less what the ascending ``others`` take of them."""
    left = []
    for first, behind in ranges:
        begin = first
        for other, other_behind in others:
            if other < behind and begin < other_behind:
                left.append((begin, other))
                begin = other_behind
        left.append((begin, behind))
    return [(first, behind) for first, behind in left if first < behind]


def within(entries: NDArray[np.uint32], ranges: Iterable[tuple[int, int]]) -> NDArray[np.bool_]:
    """Say of each entry whether it lies in one of ``ranges``."""
    found = np.zeros(len(entries), dtype=np.bool_)
    for first, behind in ranges:
        found |= (entries - np.uint32(first)) < behind - first
    return found


def count_within(places: NDArray[np.uint32], ranges: Iterable[tuple[int, int]]) -> int:
    """Return how many of the ascending ``places`` lie in ``ranges``, which do not overlap."""
    edges = [edge for pair in ranges for edge in pair]
    if not edges or not len(places):
        return 0
    # Of the same type as the places: with another one the whole array would be converted.
    found: list[int] = places.searchsorted(np.array(edges, dtype=np.uint32)).tolist()
    return sum(found[1::2]) - sum(found[::2])
