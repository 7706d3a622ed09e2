"""In which sectors do two disks really differ?

Metadata say which ranges may differ (`vhdchain.blockmap.may_differ`); here those, and nothing else, are read from both
disks and compared, sector by sector: a cell of the disk at a time, however many ranges lie in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap import ends_of, joined_pieces, make_ranges
from vhdchain.progress import check_cancel
from vhdchain.units import SECTOR_SIZE, ceil_div

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from vhdchain.blockmap import Ranges
    from vhdchain.progress import Cancel, Progress
    from vhdchain.read.reader import DiskReader

_CELL = 4 << 20
_MANY_CELLS = 1 << 12  # a range of terabytes is not cut into a million cells at once


def differing(
    older: DiskReader | None,
    newer: DiskReader,
    pieces: Iterable[Ranges],
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Iterator[Ranges]:
    """Yield the sectors of some ranges in which two disks differ, as ranges, in bounded memory.

    Args:
        older: One disk; behind its end it counts as zeros. None: a disk of nothing but zeros.
        newer: The other one; all of the ranges lie inside of it.
        pieces: Where they may differ, in whole sectors (but for the disk's end), in the order of the disk.
        progress: Called with the bytes of the newer disk that are done, and its size.
        cancel: Asked before every read.

    Yields:
        Arrays as `vhdchain.blockmap.may_differ` has them.

    Raises:
        UnknownDataError: Part of a range is only in a missing parent.
        ShortReadError: A file was truncated after the chain was opened.
        CancelledError: ``cancel`` asked to stop.
    """
    return joined_pieces(_differing(older, newer, pieces, progress, cancel))


def _differing(
    older: DiskReader | None,
    newer: DiskReader,
    pieces: Iterable[Ranges],
    progress: Progress | None,
    cancel: Cancel | None,
) -> Iterator[Ranges]:
    buffers = np.zeros((2, _CELL), dtype=np.uint8)
    for ranges in _cells(pieces):
        check_cancel(cancel)
        start, end = int(ranges["start"][0]), int(ends_of(ranges)[-1])
        one, other = buffers[:, : end - start]
        if older is not None:
            older.readinto_ranges(ranges, start, one.data)
        newer.readinto_ranges(ranges, start, other.data)
        # What lies between the ranges is whatever was read last.
        unlike = _unequal(one, other) & _inside(ranges, start, end)
        edges = np.flatnonzero(np.diff(unlike, prepend=False, append=False))
        found = start + edges.reshape(-1, 2) * SECTOR_SIZE
        yield make_ranges(found[:, 0], np.minimum(found[:, 1], end))
        if progress:
            progress(end, newer.size)


def _cells(pieces: Iterable[Ranges]) -> Iterator[Ranges]:
    """Yield the parts of the ranges in each cell of the disk; no array is empty."""
    for piece in pieces:
        for part in filter(len, _shorter(piece)):
            first = part["start"] // _CELL
            count = (ends_of(part) - 1) // _CELL - first + 1
            number = np.repeat(np.arange(len(part)), count)
            cell = first[number] + np.arange(len(number)) - np.repeat(np.cumsum(count) - count, count)
            starts = np.maximum(part["start"][number], cell * _CELL)
            ends = np.minimum(ends_of(part)[number], (cell + 1) * _CELL)
            cuts = np.flatnonzero(np.diff(cell, prepend=-1)).tolist()
            ranges = make_ranges(starts, ends)
            for low, high in zip(cuts, [*cuts[1:], len(ranges)], strict=True):
                yield ranges[low:high]


def _shorter(ranges: Ranges) -> Iterator[Ranges]:
    """Yield ``ranges`` in order, long ones by themselves and in parts."""
    most = _MANY_CELLS * _CELL
    before = 0
    for at in np.flatnonzero(ranges["length"] > most).tolist():
        yield ranges[before:at]
        start, end = int(ranges["start"][at]), int(ends_of(ranges)[at])
        for low in range(start, end, most):
            yield make_ranges(np.array([low]), np.array([min(low + most, end)]))
        before = at + 1
    yield ranges[before:]


def _unequal(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return for each sector whether it differs; the last one may be cut short by the disk's end."""
    whole = len(one) - len(one) % SECTOR_SIZE
    shape = (-1, SECTOR_SIZE // 8)
    unlike: NDArray[np.bool_] = np.any(
        one[:whole].view(np.uint64).reshape(shape) != other[:whole].view(np.uint64).reshape(shape), axis=1
    )
    if whole < len(one):
        unlike = np.append(unlike, not np.array_equal(one[whole:], other[whole:]))
    return unlike


def _inside(ranges: Ranges, start: int, end: int) -> NDArray[np.bool_]:
    """Return for each sector from ``start`` to ``end`` whether it is in one of the ranges, which touch nowhere."""
    steps = np.zeros(ceil_div(end - start, SECTOR_SIZE) + 1, dtype=np.int8)
    steps[(ranges["start"] - start) // SECTOR_SIZE] = 1
    steps[-(-(ends_of(ranges) - start) // SECTOR_SIZE)] = -1
    inside: NDArray[np.bool_] = np.cumsum(steps[:-1], dtype=np.int8).view(np.bool_)
    return inside
