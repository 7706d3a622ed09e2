"""How are ranges of a disk joined, widened and counted?

Ranges are an array of starts and lengths in bytes, sorted, disjoint and maximal: what differs between two disks, what a
backup must read. They say nothing of where the bytes come from; extents do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable

RANGE_DTYPE = np.dtype([("start", "<i8"), ("length", "<i8")])
"""One range of a disk, in bytes."""

Ranges: TypeAlias = NDArray[np.void]


def make_ranges(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Ranges:
    """Return ranges from their starts and the bytes behind their ends, arrays of shape (n,)."""
    ranges = np.empty(len(starts), dtype=RANGE_DTYPE)
    ranges["start"] = starts
    ranges["length"] = ends - starts
    return ranges


def union(parts: Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]], *, gap: int = 0) -> Ranges:
    """Return the ranges that cover all parts, in any order and overlapping as they may be.

    Args:
        parts: Starts, and the bytes behind the ends, of shape (n,) each; empty ones count for nothing.
        gap: Ranges that are no more than this many bytes apart become one.
    """
    held = list(parts)
    starts = np.concatenate([np.empty(0, dtype=np.int64), *(part[0] for part in held)])
    ends = np.concatenate([np.empty(0, dtype=np.int64), *(part[1] for part in held)])
    kept = ends > starts
    starts, ends = starts[kept], ends[kept]
    if not len(starts):
        return np.empty(0, dtype=RANGE_DTYPE)
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.maximum.accumulate(ends[order])
    heads = np.flatnonzero(np.concatenate(([True], starts[1:] > ends[:-1] + gap)))
    return make_ranges(starts[heads], ends[np.append(heads[1:], len(ends)) - 1])


def widened(ranges: Ranges, *, block_size: int, gap: int, size: int) -> Ranges:
    """Return ranges that begin and end at multiples of ``block_size``, near ones joined; none reaches beyond ``size``.

    Raises:
        ValueError: ``block_size`` is not positive, or ``gap`` is negative.
    """
    if block_size <= 0 or gap < 0:
        raise ValueError(f"blocks of {block_size} bytes, gaps of {gap}: a size is positive, a gap is not negative")
    starts = ranges["start"] // block_size * block_size
    ends = -(-(ranges["start"] + ranges["length"]) // block_size) * block_size
    return union([(starts, np.minimum(ends, size))], gap=gap)
