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

from vhdchain.blockmap.layers import MAX_LAYERS, row_sectors, sparse_layers, visible_sizes
from vhdchain.blockmap.ranges import clipped_ranges, ends_of, joined_pieces, union
from vhdchain.blockmap.resolve import Resolver
from vhdchain.errors import ChainError
from vhdchain.progress import check_cancel
from vhdchain.source import identity_of
from vhdchain.units import SECTOR_SIZE, bytes_to_sectors, ceil_div

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.blockmap.ranges import Ranges
    from vhdchain.blockmap.resolve import Owned
    from vhdchain.chain import Chain, Layer
    from vhdchain.image import Image
    from vhdchain.progress import Cancel, Progress


def common_ancestor(one: Chain, other: Chain) -> Layer | None:
    """Return the highest layer of ``one`` whose file is in both chains with all below it; None where there is none."""
    shared = _shared(one, other)
    return one.layers[shared - 1] if shared else None


def may_differ(
    older: Chain, newer: Chain, *, progress: Progress | None = None, cancel: Cancel | None = None
) -> Iterator[Ranges]:
    """Yield the ranges of the disk of ``newer`` in which it may differ from that of ``older``, in bounded memory.

    Args:
        older: The chain of a node; behind the end of its disk count zeros.
        newer: The chain of another node, of the same family or of none.
        progress: Called with the bytes of the disk that are done, and its size.
        cancel: Asked between chunks.

    Yields:
        Arrays of shape (n,) and dtype `RANGE_DTYPE`, none of them empty: in order, disjoint and maximal, also from one
        array to the next; in whole sectors, but for the end of the disk.

    Raises:
        ChainError: The two have more layers than can be numbered (65,536).
        ShortReadError: A file was truncated after the chain was opened.
        CancelledError: ``cancel`` asked to stop.
    """
    layers = len(older.layers) + len(newer.layers)
    if layers > MAX_LAYERS:
        raise ChainError(f"{newer.leaf.name}: {layers} layers in the two chains; at most {MAX_LAYERS} can be compared")
    return joined_pieces(_pieces(older, newer, progress, cancel))


def _shared(one: Chain, other: Chain) -> int:
    """Return how many layers two chains have in common, from the base up."""
    shared = 0
    for left, right in zip(one.layers, other.layers, strict=False):
        if not _is_same(left.image, right.image):
            break
        shared += 1
    # Two partial views that end at the same file miss the same parent; others miss who knows what.
    return shared if one.complete == other.complete else 0


def _is_same(one: Image, other: Image) -> bool:
    """Say whether two images are one file, and read in one way: a footer may be chosen, a disk be taken as raw."""
    if one is other:
        return True
    return identity_of(one.source) == identity_of(other.source) and (one.raw, one.footer, one.header) == (
        other.raw,
        other.footer,
        other.header,
    )


def _pieces(older: Chain, newer: Chain, progress: Progress | None, cancel: Cancel | None) -> Iterator[Ranges]:
    """Yield what may differ, in order; neighbours of two pieces may still be joined."""
    size, done = newer.virtual_size, 0
    below = _unlike_below(older, newer)
    for owned in _written(older, newer):
        check_cancel(cancel)
        behind = min(owned.end * SECTOR_SIZE, size)
        starts = owned.start * SECTOR_SIZE
        ends = np.minimum(starts + owned.length * SECTOR_SIZE, size)
        under = clipped_ranges(below, done, behind)
        yield union([(starts, ends), (under["start"], ends_of(under))])
        done = behind
        if progress:
            progress(done, size)
    check_cancel(cancel)
    yield clipped_ranges(below, done, size)
    if progress:
        progress(size, size)


def _unlike_below(older: Chain, newer: Chain) -> Ranges:
    """Return what may differ below the layers with a BAT: where one chain sees less, and disks without one."""
    shared = _shared(older, newer)
    if shared:
        seen = sorted(visible_sizes(chain)[shared - 1] for chain in (older, newer))
        return _whole_sectors([(seen[0], seen[1])], newer.virtual_size)
    parts = []
    for chain in (older, newer):
        if not chain.complete:
            parts.append((0, chain.virtual_size))
        elif not chain.base.is_sparse:
            parts.append((0, visible_sizes(chain)[0]))
    return _whole_sectors(parts, newer.virtual_size)


def _whole_sectors(parts: list[tuple[int, int]], size: int) -> Ranges:
    """Return ``parts`` (starts and ends in bytes) as ranges: a raw disk need not end with a sector."""
    pairs = np.array([part for part in parts if part[0] < part[1]], dtype=np.int64).reshape(-1, 2)
    starts = pairs[:, 0] // SECTOR_SIZE * SECTOR_SIZE
    return union([(starts, np.minimum(-(-pairs[:, 1] // SECTOR_SIZE) * SECTOR_SIZE, size))])


def _written(older: Chain, newer: Chain) -> Iterator[Owned]:
    """Yield what the layers above the common ancestor claim, in either chain."""
    shared = _shared(older, newer)
    row = max(row_sectors(older), row_sectors(newer))
    layers = [layer for chain in (older, newer) for layer in sparse_layers(chain, row) if layer.index >= shared]
    return Resolver(layers, row).owned(0, ceil_div(bytes_to_sectors(newer.virtual_size), row))
