"""How are the bytes of extents read, and many small pieces of one file in few calls?

Zeros are cleared, and the pieces of each layer are read from its file. Where single sectors of a block come from one
layer and their neighbours from another, one read for every piece costs more than reading the whole stretch once and
picking the pieces out of it. Within a block of one layer the distance between an extent's place in the disk and in the
file is constant, so the pieces of a stretch are picked with one mask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap.extents import ZERO, picked
from vhdchain.units import SECTOR_SIZE, is_sector_aligned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from vhdchain.blockmap.extents import Extents
    from vhdchain.source import ByteSource

MIN_PIECES = 8
MAX_STRETCH = 8 << 20
_MAX_BYTES_READ_PER_PIECE = 32 << 10  # what a call costs, told as bytes that are read in its time
_MANY_ZEROS = 64  # from about here on, clearing a whole buffer costs less than clearing pieces of it


def fill(
    extents: Extents, sources: Sequence[ByteSource], offset: int, view: memoryview, *, zeroed: bool = False
) -> None:
    """Read ``extents``, none of them unknown, into ``view``, which begins at ``offset`` of the disk.

    Args:
        extents: As a block map gives them.
        sources: The files of its layers, base first.
        offset: Where ``view`` begins in the disk, in bytes.
        view: Covers at least the extents.
        zeroed: Whether it holds zeros already.

    Raises:
        ShortReadError: A file was truncated after the chain was opened.
    """
    layers = extents["layer"]
    # In ascending order: zeros come before data.
    for layer in np.unique(layers).tolist():
        chosen = extents if len(extents) == 1 else picked(extents, layers == layer)
        if layer >= 0:
            _fill_from(chosen, sources[layer], offset, view)
        elif layer == ZERO and not zeroed:
            _clear(chosen, offset, view)


def _clear(zeros: Extents, offset: int, view: memoryview) -> None:
    """Clear at least the extents ``zeros`` of ``view``; to be called before anything else is filled in."""
    target = np.frombuffer(view, dtype=np.uint8)
    if len(zeros) > _MANY_ZEROS:
        target[:] = 0
        return
    for start, length, _, _ in zeros.tolist():
        target[start - offset : start - offset + length] = 0


def _fill_from(extents: Extents, source: ByteSource, offset: int, view: memoryview) -> None:
    """Read ``extents``, all of one layer, from its ``source`` into ``view``."""
    for stretch in _stretches(extents):
        span = int(stretch["file_offset"][-1] + stretch["length"][-1] - stretch["file_offset"][0])
        if len(stretch) < MIN_PIECES or span > len(stretch) * _MAX_BYTES_READ_PER_PIECE or not _aligned(stretch):
            for start, length, _, file_offset in stretch.tolist():
                source.readinto_at(file_offset, view[start - offset : start - offset + length])
        else:
            _pick(stretch, source, view[int(stretch["start"][0]) - offset :][:span])


def _stretches(extents: Extents) -> Iterator[Extents]:
    """Yield the extents in groups that lie in the file as far apart as in the disk."""
    distance = extents["file_offset"] - extents["start"]
    cuts = np.flatnonzero(np.diff(distance)) + 1
    for group in np.split(extents, cuts) if len(cuts) else [extents]:
        first, behind = int(group["start"][0]), int(group["start"][-1] + group["length"][-1])
        if behind - first <= MAX_STRETCH:
            yield group
        else:
            # Of a fixed or raw base, whose distance is zero everywhere: bounded in memory, too.
            yield from np.split(group, np.flatnonzero(np.diff(group["start"] // MAX_STRETCH)) + 1)


def _aligned(extents: Extents) -> bool:
    return is_sector_aligned(int(extents["start"][0])) and is_sector_aligned(
        int(extents["start"][-1] + extents["length"][-1])
    )


def _pick(extents: Extents, source: ByteSource, view: memoryview) -> None:
    """Read the whole stretch and copy the sectors of ``extents`` into ``view``, which covers the stretch."""
    stretch = np.empty((len(view) // SECTOR_SIZE, SECTOR_SIZE), dtype=np.uint8)
    source.readinto_at(int(extents["file_offset"][0]), stretch.reshape(-1).data)
    target = np.frombuffer(view, dtype=np.uint8).reshape(stretch.shape)
    sectors = _sectors(extents)
    target[sectors] = stretch[sectors]


def _sectors(extents: Extents) -> NDArray[np.int64]:
    """Return the numbers of the sectors of ``extents``, counted from the first one's start."""
    first = (extents["start"] - extents["start"][0]) // SECTOR_SIZE
    count = extents["length"] // SECTOR_SIZE
    behind = np.cumsum(count)
    sectors: NDArray[np.int64] = np.arange(behind[-1]) + np.repeat(first - (behind - count), count)
    return sectors
