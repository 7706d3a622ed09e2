"""Which ranges of two disks may differ, as far as metadata say?

Two disks of one family have files in common, from the base up to their nearest common ancestor. A sector that no file
above that ancestor claims, in either chain, is supplied to both by the same file, and equal. So only the layers above
it are asked, all of them at once; nothing is read of the ancestor and what is below. A disk reads as zeros behind its
end; where one chain can see less of the ancestor than the other because a disk in between is shorter, that part may
differ.

The answer covers every sector that differs, and sectors that were written and hold the same. Which of them do, only
their contents tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap.layers import row_sectors, sparse_layers, visible_sizes
from vhdchain.blockmap.ranges import Ranges, union
from vhdchain.blockmap.resolve import Resolver
from vhdchain.progress import check_cancel
from vhdchain.source import identity_of
from vhdchain.units import SECTOR_SIZE, bytes_to_sectors, ceil_div

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vhdchain.chain import Chain, Layer
    from vhdchain.progress import Cancel, Progress

Piece = tuple["NDArray[np.int64]", "NDArray[np.int64]"]


def common_ancestor(one: Chain, other: Chain) -> Layer | None:
    """Return the highest layer of ``one`` whose file is in both chains with all below it; None where there is none."""
    shared = _shared(one, other)
    return one.layers[shared - 1] if shared else None


def may_differ(older: Chain, newer: Chain, *, progress: Progress | None = None, cancel: Cancel | None = None) -> Ranges:
    """Return the ranges of the disk of ``newer`` in which it may differ from that of ``older``.

    Args:
        older: The chain of a node; behind the end of its disk count zeros.
        newer: The chain of another node, of the same family or of none.
        progress: Called with the bytes of the disk that are done, and its size.
        cancel: Asked between chunks.

    Returns:
        An array of shape (n,) and dtype `RANGE_DTYPE`: sorted, disjoint, maximal.

    Raises:
        ShortReadError: A file was truncated after the chain was opened.
        CancelledError: ``cancel`` asked to stop.
    """
    size = newer.virtual_size
    pieces = [*_unlike_below(older, newer), *_written(older, newer, progress, cancel)]
    return union((np.minimum(starts, size), np.minimum(ends, size)) for starts, ends in pieces)


def _shared(one: Chain, other: Chain) -> int:
    """Return how many layers two chains have in common, from the base up."""
    shared = 0
    for left, right in zip(one.layers, other.layers, strict=False):
        if identity_of(left.image.source) != identity_of(right.image.source):
            break
        shared += 1
    # Two partial views that end at the same file miss the same parent; others miss who knows what.
    return shared if one.complete == other.complete else 0


def _unlike_below(older: Chain, newer: Chain) -> Iterator[Piece]:
    """Yield what may differ below the layers with a BAT: where one chain sees less, and disks without one."""
    shared = _shared(older, newer)
    if shared:
        seen = sorted(visible_sizes(chain)[shared - 1] for chain in (older, newer))
        yield np.array(seen[:1]), np.array(seen[1:])
        return
    for chain in (older, newer):
        if not chain.complete or not chain.base.is_sparse:
            end = visible_sizes(chain)[0] if chain.complete else chain.virtual_size
            yield np.array([0]), np.array([end])


def _written(older: Chain, newer: Chain, progress: Progress | None, cancel: Cancel | None) -> Iterator[Piece]:
    """Yield what the layers above the common ancestor claim, in either chain."""
    shared = _shared(older, newer)
    row = max(row_sectors(older), row_sectors(newer))
    layers = [layer for chain in (older, newer) for layer in sparse_layers(chain, row) if layer.index >= shared]
    size = newer.virtual_size
    rows = ceil_div(bytes_to_sectors(size), row)
    for owned in Resolver(layers, row).owned(0, rows):
        check_cancel(cancel)
        starts = owned.start * SECTOR_SIZE
        joined = union([(starts, starts + owned.length * SECTOR_SIZE)])
        yield joined["start"], joined["start"] + joined["length"]
        if progress:
            progress(min(owned.end * SECTOR_SIZE, size), size)
