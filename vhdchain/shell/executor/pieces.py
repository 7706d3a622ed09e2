"""How are many pieces of some files written to their places in another file, fast?

Long pieces are copied in the kernel, one by one. Short ones come by the thousand: those that lie close together are
read and written in one call, and picked apart in memory. What lies between the pieces of such a stretch is written as
it was: zeros where nothing was there before, otherwise what the file holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from vhdchain.shell.executor.layer import WritableFile
    from vhdchain.shell.files import FileSource

_LONG = 64 << 10
_READ_THROUGH = 8 << 10
"""Bytes between two pieces that cost less to read than a call costs."""

_WRITE_THROUGH = 4096
"""Bytes between two pieces below which they share a page, which is written as a whole anyway."""

_BATCH_BYTES = 4 << 20
_BATCH_PIECES = 4096


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """Pieces of files and where they go; arrays of shape (n,), in bytes, whole sectors each.

    Attributes:
        file: Which of the sources.
        source: Where in it.
        target: Where in the target. Pieces of one group ascend.
        length: How long.
        group: Only what lies between two pieces of one group may be written with them.
        is_fresh: Whether what lies between the pieces of the group is zeros, and needs not be looked at.
    """

    file: NDArray[np.int64]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    length: NDArray[np.int64]
    group: NDArray[np.int64]
    is_fresh: NDArray[np.bool_]

    def picked(self, which: NDArray[np.bool_] | slice) -> Pieces:
        """Return some of the pieces."""
        return Pieces(
            file=self.file[which],
            source=self.source[which],
            target=self.target[which],
            length=self.length[which],
            group=self.group[which],
            is_fresh=self.is_fresh[which],
        )


def copy_pieces(
    pieces: Pieces, sources: Sequence[FileSource], target: WritableFile, advance: Callable[[int], None]
) -> None:
    """Write ``pieces`` of ``sources`` to ``target``; ``advance`` is told the bytes as they are done, and may raise.

    Raises:
        ShortReadError: A source no longer holds these bytes.
        OSError: The operating system could not read or write.
    """
    is_long = pieces.length >= _LONG
    if is_long.any():
        long = pieces.picked(is_long)
        columns = (long.file.tolist(), long.source.tolist(), long.target.tolist(), long.length.tolist())
        for number, begin, place, length in zip(*columns, strict=True):
            target.copy_from(sources[number], begin, place, length)
            advance(length)
        pieces = pieces.picked(~is_long)
    for start, end in _batches(pieces.length):
        batch = pieces.picked(slice(start, end))
        _copy_batch(batch, sources, target)
        advance(int(batch.length.sum()))


def _batches(length: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return the ranges of pieces that are copied together."""
    behind = np.cumsum(length)
    batches, start = [], 0
    while start < len(length):
        done = int(behind[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(behind, done + _BATCH_BYTES, side="right")))
        end = min(end, start + _BATCH_PIECES)
        batches.append((start, end))
        start = end
    return batches


def _copy_batch(batch: Pieces, sources: Sequence[FileSource], target: WritableFile) -> None:
    held, at = _read(batch, sources)
    stretches = _stretches(batch.target, batch.length, _WRITE_THROUGH, batch.group)
    room = np.zeros((stretches.total // SECTOR_SIZE, SECTOR_SIZE), dtype=np.uint8)
    flat = room.reshape(-1).data
    full = np.add.reduceat(batch.length, stretches.heads) == stretches.length
    fresh = batch.is_fresh[stretches.heads] | full
    places = list(zip(stretches.begin.tolist(), stretches.length.tolist(), stretches.base.tolist(), strict=True))
    for (begin, length, base), known in zip(places, fresh.tolist(), strict=True):
        if not known:
            flat[base : base + length] = target.read_at(begin, length)
    room[_sectors(stretches.places(batch.target), batch.length)] = held[_sectors(at, batch.length)]
    for begin, length, base in places:
        target.write_at(begin, flat[base : base + length])


def _read(batch: Pieces, sources: Sequence[FileSource]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return what was read as sectors, shape (n, 512), and where in it each piece begins, in bytes."""
    order = np.lexsort((batch.source, batch.file))
    source, length, file = batch.source[order], batch.length[order], batch.file[order]
    stretches = _stretches(source, length, _READ_THROUGH, file)
    held = np.empty((stretches.total // SECTOR_SIZE, SECTOR_SIZE), dtype=np.uint8)
    flat = held.reshape(-1).data
    numbers = file[stretches.heads].tolist()
    columns = (numbers, stretches.begin.tolist(), stretches.length.tolist(), stretches.base.tolist())
    for number, begin, size, base in zip(*columns, strict=True):
        sources[number].readinto_at(begin, flat[base : base + size])
    at = np.empty(len(order), dtype=np.int64)
    at[order] = stretches.places(source)
    return held, at


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Stretches:
    """Pieces that lie close together, and a buffer in which the stretches lie one behind the other; in bytes."""

    heads: NDArray[np.int64]
    of: NDArray[np.int64]
    begin: NDArray[np.int64]
    length: NDArray[np.int64]
    base: NDArray[np.int64]

    @property
    def total(self) -> int:
        return int(self.length.sum())

    def places(self, offset: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where in the buffer each piece begins."""
        placed: NDArray[np.int64] = self.base[self.of] + offset - self.begin[self.of]
        return placed


def _stretches(offset: NDArray[np.int64], length: NDArray[np.int64], gap: int, group: NDArray[np.int64]) -> _Stretches:
    distance = offset[1:] - offset[:-1] - length[:-1]
    cuts = (distance < 0) | (distance >= gap) | (group[1:] != group[:-1])
    heads = np.flatnonzero(np.concatenate(([True], cuts)))
    tails = np.append(heads[1:], len(offset)) - 1
    begin = offset[heads]
    size = offset[tails] + length[tails] - begin
    of = np.repeat(np.arange(len(heads)), tails - heads + 1)
    return _Stretches(heads=heads, of=of, begin=begin, length=size, base=np.cumsum(size) - size)


def _sectors(place: NDArray[np.int64], length: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers of the sectors of pieces that begin at ``place`` of a buffer."""
    count = length // SECTOR_SIZE
    behind = np.cumsum(count)
    sectors: NDArray[np.int64] = np.arange(behind[-1]) + np.repeat(place // SECTOR_SIZE - behind + count, count)
    return sectors
