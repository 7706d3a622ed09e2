"""In which sectors do two disks really differ?

Metadata say which ranges may differ (`vhdchain.blockmap.may_differ`); here those, and nothing else, are read from both
disks and compared, sector by sector.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap import union
from vhdchain.progress import check_cancel
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vhdchain.blockmap import Ranges
    from vhdchain.progress import Cancel, Progress
    from vhdchain.read.reader import DiskReader

_CHUNK = 4 << 20


def differing(
    older: DiskReader,
    newer: DiskReader,
    ranges: Ranges,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Ranges:
    """Return the sectors of ``ranges`` that differ, as ranges.

    Args:
        older: One disk; behind its end it counts as zeros.
        newer: The other one; all of ``ranges`` lies inside of it.
        ranges: Where they may differ, in whole sectors.
        progress: Called with the bytes of ``ranges`` that were compared, and how many there are.
        cancel: Asked before every read.

    Raises:
        UnknownDataError: Part of a range is only in a missing parent.
        ShortReadError: A file was truncated after the chain was opened.
        CancelledError: ``cancel`` asked to stop.
    """
    total, done = int(ranges["length"].sum()), 0
    found: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    one, other = (np.empty(_CHUNK, dtype=np.uint8) for _ in range(2))
    for start, length in _pieces(ranges):
        check_cancel(cancel)
        newer.readinto(start, one[:length].data)
        known = max(0, min(length, older.size - start))
        older.readinto(start, other[:known].data)
        other[known:length] = 0
        found.append(_unequal(one[:length], other[:length], start))
        done += length
        if progress:
            progress(done, total)
    return union(found)


def _pieces(ranges: Ranges) -> Iterator[tuple[int, int]]:
    for start, length in ranges.tolist():
        for at in range(start, start + length, _CHUNK):
            yield at, min(_CHUNK, start + length - at)


def _unequal(
    one: NDArray[np.uint8], other: NDArray[np.uint8], start: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the sectors begin and end that are not equal; the last one may be cut short by the disk's end."""
    whole = len(one) - len(one) % SECTOR_SIZE
    shape = (-1, SECTOR_SIZE // 8)
    unlike = (one[:whole].view(np.uint64).reshape(shape) != other[:whole].view(np.uint64).reshape(shape)).any(axis=1)
    if whole < len(one):
        unlike = np.append(unlike, not np.array_equal(one[whole:], other[whole:]))
    starts = start + np.flatnonzero(unlike) * SECTOR_SIZE
    return starts, np.minimum(starts + SECTOR_SIZE, start + len(one))
