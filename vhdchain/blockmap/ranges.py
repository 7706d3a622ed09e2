"""How are ranges of a disk joined, widened and counted?

Ranges are an array of starts and lengths in bytes, sorted, disjoint and maximal: what differs between two disks, what a
backup must read. They say nothing of where the bytes come from; extents do. A disk may have many millions of them, so
that they travel in pieces: arrays one behind the other, in the order of the disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vhdchain.blockmap.extents import clipped, picked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.blockmap.extents import Extents

RANGE_DTYPE = np.dtype([("start", "<i8"), ("length", "<i8")])
"""One range of a disk, in bytes."""

Ranges: TypeAlias = NDArray[np.void]


def make_ranges(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Ranges:
    """Return ranges from their starts and the bytes behind their ends, arrays of shape (n,)."""
    ranges = np.empty(len(starts), dtype=RANGE_DTYPE)
    ranges["start"] = starts
    ranges["length"] = ends - starts
    return ranges


def ends_of(ranges: Ranges) -> NDArray[np.int64]:
    """Return the bytes behind the ends, shape (n,)."""
    ends: NDArray[np.int64] = ranges["start"] + ranges["length"]
    return ends


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
    heads = np.flatnonzero(np.concatenate(([True], starts[1:] - ends[:-1] > gap)))
    return make_ranges(starts[heads], ends[np.append(heads[1:], len(ends)) - 1])


def clipped_ranges(ranges: Ranges, start: int, end: int) -> Ranges:
    """Return the parts of ``ranges`` that lie in ``[start, end)``, as new ranges."""
    starts, ends = np.maximum(ranges["start"], start), np.minimum(ends_of(ranges), end)
    kept = ends > starts
    return make_ranges(starts[kept], ends[kept])


def within_ranges(extents: Extents, ranges: Ranges) -> Extents:
    """Return the parts of ``extents`` (sorted, without gaps, at least one) that lie in ``ranges``."""
    if len(ranges) == 1:
        return clipped(extents, int(ranges["start"][0]), int(ends_of(ranges)[0]))
    ends = ends_of(ranges)
    edges = np.unique(np.concatenate([extents["start"], ranges["start"], ends]))
    starts, behind = edges[:-1], np.minimum(edges[1:], extents["start"][-1] + extents["length"][-1])
    owner = np.searchsorted(ranges["start"], starts, side="right") - 1
    kept = (owner >= 0) & (starts < ends[owner]) & (starts < behind)
    starts, behind = starts[kept], behind[kept]
    result = picked(extents, np.searchsorted(extents["start"], starts, side="right") - 1)
    result["file_offset"] += np.where(result["layer"] >= 0, starts - result["start"], 0)
    result["start"], result["length"] = starts, behind - starts
    return result


def joined_pieces(pieces: Iterable[Ranges], *, gap: int = 0) -> Iterator[Ranges]:
    """Yield ranges that are maximal across the borders of pieces, too, none of the arrays empty.

    Args:
        pieces: In the order of the disk; each may begin in the last range of the one before it.
        gap: Ranges that are no more than this many bytes apart become one.
    """
    held = np.empty(0, dtype=RANGE_DTYPE)  # the last range, which may go on in the next piece
    for piece in pieces:
        if not len(piece):
            continue
        known = union([(each["start"], ends_of(each)) for each in (held, piece)], gap=gap)
        if len(known) > 1:
            yield known[:-1]
        held = known[-1:].copy()
    if len(held):
        yield held


def widened(pieces: Iterable[Ranges], *, block_size: int, gap: int, size: int) -> Iterator[Ranges]:
    """Yield ranges that begin and end at multiples of ``block_size``, near ones joined; none reaches beyond ``size``.

    Args:
        pieces: In the order of the disk.
        block_size: In bytes.
        gap: Ranges that are no more than this many bytes apart become one.
        size: Of the disk, in bytes.

    Raises:
        ValueError: ``block_size`` is not positive, or ``gap`` is negative; at once, not at the first piece.
    """
    if block_size <= 0 or gap < 0:
        raise ValueError(f"blocks of {block_size} bytes, gaps of {gap}: a size is positive, a gap is not negative")
    # Beyond the disk they change nothing, and there might not fit into 64 bits.
    block, apart = min(block_size, max(size, 1)), min(gap, size)
    if block == 1:
        return joined_pieces(pieces, gap=apart)
    return joined_pieces((_in_blocks(piece, block, size) for piece in pieces), gap=apart)


def _in_blocks(ranges: Ranges, block: int, size: int) -> Ranges:
    starts = ranges["start"] // block * block
    return union([(starts, np.minimum(-(-ends_of(ranges) // block) * block, size))])


def gathered_ranges(pieces: Iterable[Ranges]) -> Ranges:
    """Return all pieces as one array."""
    return np.concatenate([np.empty(0, dtype=RANGE_DTYPE), *pieces])
