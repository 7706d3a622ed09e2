"""What is an extent, and how are runs of extents kept exact and maximal?

An extent says which layer supplies a range of the disk, and where in that layer's file the bytes lie. Extents travel
as a NumPy structured array (`EXTENT_DTYPE`, all in bytes); `Extent` is a thin record of one of them. A list of extents
*covers* a range when it begins at its start, ends at its end and has no gap or overlap; it is *maximal* when no two
neighbours could be one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EXTENT_DTYPE = np.dtype([("start", "<i8"), ("length", "<i8"), ("layer", "<i4"), ("file_offset", "<i8")])
"""start: offset in the disk; layer: index in the chain, `ZERO` or `UNKNOWN`; file_offset: -1 where layer < 0."""

ZERO = -1
"""The layer of a range that no file holds and that reads as zeros."""

UNKNOWN = -2
"""The layer of a range that a missing parent would supply (only in a partial view)."""

NO_OFFSET = -1

Extents: TypeAlias = NDArray[np.void]


class Extent(NamedTuple):
    """One extent; offsets and lengths in bytes."""

    start: int
    length: int
    layer: int
    file_offset: int

    @property
    def end(self) -> int:
        """The offset in the disk behind this extent."""
        return self.start + self.length


_BYTES = np.dtype((np.void, EXTENT_DTYPE.itemsize))
# NumPy moves a structured array field by field, and the same bytes without fields at the speed of memory.


def picked(extents: Extents, which: NDArray[np.bool_] | NDArray[np.int64]) -> Extents:
    """Return a copy of those that a mask, or an array of their numbers, names."""
    return extents.view(_BYTES)[which].view(EXTENT_DTYPE)


def copied(extents: Extents) -> Extents:
    """Return a copy."""
    return extents.view(_BYTES).copy().view(EXTENT_DTYPE)


def put(target: Extents, extents: Extents) -> None:
    """Copy ``extents`` over ``target``, which has the same length."""
    target.view(_BYTES)[:] = extents.view(_BYTES)


def concatenated(parts: Sequence[Extents]) -> Extents:
    """Return the parts, one behind the other, as one new array; there may be none."""
    if not parts:
        return np.empty(0, dtype=EXTENT_DTYPE)
    return np.concatenate([part.view(_BYTES) for part in parts]).view(EXTENT_DTYPE)


def records(extents: Extents) -> Iterator[Extent]:
    """Yield the extents one by one as records of plain ints."""
    for row in extents.tolist():
        yield Extent(*row)


def joined(extents: Extents) -> Extents:
    """Return extents that cover the same range and are maximal.

    Neighbours become one where both are zeros, both unknown, or the second continues the first in the same file.
    """
    if len(extents) < 2:
        return extents
    before, after = extents[:-1], extents[1:]
    continues = before["layer"] == after["layer"]
    continues &= (after["layer"] < 0) | (before["file_offset"] + before["length"] == after["file_offset"])
    if not continues.any():
        return extents
    heads = np.flatnonzero(np.concatenate(([True], ~continues)))
    result = picked(extents, heads)
    result["length"] = np.add.reduceat(extents["length"], heads)
    return result


def clipped(extents: Extents, start: int, end: int) -> Extents:
    """Return the parts of ``extents`` (sorted, without gaps) that lie in ``[start, end)``; a copy where cut."""
    # Not np.searchsorted: it would first copy the whole strided column.
    first = bisect_right(extents["start"], start) - 1
    last = bisect_left(extents["start"], end, lo=max(first, 0))
    result = copied(extents[max(first, 0) : last])
    if len(result) == 0:
        return result
    cut = start - int(result["start"][0])
    if cut > 0:
        result["start"][0] += cut
        result["length"][0] -= cut
        if result["layer"][0] >= 0:
            result["file_offset"][0] += cut
    overhang = int(result["start"][-1]) + int(result["length"][-1]) - end
    if overhang > 0:
        result["length"][-1] -= overhang
    return result
