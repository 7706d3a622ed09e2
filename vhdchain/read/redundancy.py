"""What does a file hold in vain?

A sector of a differencing file that repeats what the files below show could be left out, and nobody would see a
difference; so could zeros over zeros, in a dynamic file those over nothing. Only what the file itself holds is read,
and what stands below it in the same places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap import BlockMap, RedundantData
from vhdchain.chain import Chain, Layer
from vhdchain.progress import check_cancel
from vhdchain.read.reader import DiskReader
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from vhdchain.progress import Cancel

_CHUNK = 4 << 20


def redundant_data(
    chain: Chain, *, progress: Callable[[int], object] | None = None, cancel: Cancel | None = None
) -> RedundantData:
    """Return what the leaf of ``chain`` holds in vain.

    Args:
        chain: A complete chain. A fixed or raw disk holds everything, so that nothing in it is in vain.
        progress: Called with the bytes that were compared since the last call.
        cancel: Asked before every read.

    Raises:
        ShortReadError: A file was truncated after the chain was opened.
        CancelledError: ``cancel`` asked to stop.
    """
    repeated = zeros = 0
    if not chain.leaf.is_sparse:
        return RedundantData(repeated=0, zeros=0)
    below = DiskReader(Chain(layers=chain.layers[:-1])) if len(chain.layers) > 1 else None
    own, other = (np.zeros(_CHUNK, dtype=np.uint8) for _ in range(2))
    for start, length, offset in _held(chain):
        check_cancel(cancel)
        chain.leaf.source.readinto_at(offset, own[:length].data)
        known = 0 if below is None else max(0, min(length, below.size - start))
        if below is not None and known:
            below.readinto(start, other[:known].data)
        other[known:length] = 0
        same, empty = _compared(own[:length], other[:length])
        repeated += same
        zeros += empty
        if progress:
            progress(length)
    return RedundantData(repeated=repeated * SECTOR_SIZE, zeros=zeros * SECTOR_SIZE)


def _held(chain: Chain) -> Iterator[tuple[int, int, int]]:
    """Yield what the leaf itself holds: (start, length, file offset), in whole sectors."""
    alone = Chain(layers=(Layer(index=0, image=chain.leaf),), complete=not chain.leaf.is_differencing)
    for chunk in BlockMap(alone).chunks():
        for start, length, layer, offset in chunk.tolist():
            for at in range(0, length - length % SECTOR_SIZE if layer == 0 else 0, _CHUNK):
                yield start + at, min(_CHUNK, length - length % SECTOR_SIZE - at), offset + at


def _compared(own: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[int, int]:
    """Return how many sectors are the same and not only zeros, and how many are zeros in both."""
    shape = (-1, SECTOR_SIZE // 8)
    mine, theirs = own.view(np.uint64).reshape(shape), other.view(np.uint64).reshape(shape)
    same = (mine == theirs).all(axis=1)
    empty = int((same & ~mine.any(axis=1)).sum())
    return int(same.sum()) - empty, empty
