"""What does a guest see, told as one digest a chunk of its disk?

A chunk of zeros has no digest. A differencing disk has digests of its own only where its own file holds data;
elsewhere its parent's count. So a chunk is read once for every file that holds some of it, however many disks show it,
and nothing is read for what no file holds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap import BlockMap, gather
from vhdchain.chain import Chain, Layer
from vhdchain.progress import check_cancel
from vhdchain.units import ceil_div

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from vhdchain.blockmap import Extents
    from vhdchain.progress import Cancel
    from vhdchain.source import ByteSource

DEFAULT_CHUNK_SIZE = 4 << 20
DIGEST_LENGTH = 32
_SMALLEST_HOLE = 128 << 10  # below that, to ask for a hole costs as much as to read it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chunks:
    """Digests of some chunks of a disk.

    Attributes:
        numbers: Which ones, ascending, counted from 0: int64, shape (n,).
        digests: The SHA-256 of each: uint8, shape (n, 32). All zeros: the chunk is zeros, and hides what is below.
    """

    numbers: NDArray[np.int64] = field(repr=False)
    digests: NDArray[np.uint8] = field(repr=False)

    def above(self, below: Chunks | None, count: int) -> Chunks:
        """Return the whole view: these chunks over those ``below``, of a disk of ``count`` chunks, without zeros."""
        numbers, digests = self.numbers, self.digests
        if below is not None:
            shown = ~np.isin(below.numbers, numbers, assume_unique=True) & (below.numbers < count)
            numbers = np.concatenate((numbers, below.numbers[shown]))
            digests = np.concatenate((digests, below.digests[shown]))
            order = np.argsort(numbers)
            numbers, digests = numbers[order], digests[order]
        held = digests.any(axis=1)
        return Chunks(numbers=numbers[held], digests=digests[held])

    def unlike(self, other: Chunks) -> NDArray[np.int64]:
        """Return the numbers of the chunks in which two views differ, ascending."""
        _, mine, theirs = np.intersect1d(self.numbers, other.numbers, assume_unique=True, return_indices=True)
        unequal = (self.digests[mine] != other.digests[theirs]).any(axis=1)
        alone = np.setxor1d(self.numbers, other.numbers, assume_unique=True)
        return np.sort(np.concatenate((alone, self.numbers[mine][unequal])))


def chunk_count(virtual_size: int, chunk_size: int) -> int:
    """Return how many chunks a disk has; the last one may be shorter."""
    return ceil_div(virtual_size, chunk_size)


def view_sha256(view: Chunks, *, virtual_size: int, chunk_size: int) -> str:
    """Return one digest of a whole view, in hex.

    SHA-256 over the size of the disk, that of a chunk, and for every chunk that is not zeros, in order, its number and
    its digest; numbers in 8 bytes, most significant first.
    """
    rows = np.empty((len(view.numbers), 8 + DIGEST_LENGTH), dtype=np.uint8)
    rows[:, :8] = view.numbers.astype(">i8").view(np.uint8).reshape(-1, 8)
    rows[:, 8:] = view.digests
    digest = hashlib.sha256(virtual_size.to_bytes(8) + chunk_size.to_bytes(8))
    digest.update(rows.tobytes())
    return digest.hexdigest()


def own_chunks(chain: Chain, chunk_size: int, *, cancel: Cancel | None = None) -> NDArray[np.int64]:
    """Return the chunks in which the leaf of ``chain`` may look different from its parent's disk, ascending.

    Only bitmaps are read. Of a base these are the chunks in which its file holds data, holes of the file left out.

    Raises:
        ShortReadError: The file was truncated after it was opened.
        CancelledError: ``cancel`` asked to stop.
    """
    leaf = chain.leaf
    alone = Chain(layers=(Layer(index=0, image=leaf),), complete=not leaf.is_differencing)
    found = [np.empty(0, dtype=np.int64)]
    for extents in BlockMap(alone).chunks(cancel=cancel):
        for start, end in _stretches(extents, None if leaf.is_differencing else leaf.source):
            found.append(_numbers(start // chunk_size, (end - 1) // chunk_size))
    if len(chain.layers) > 1:
        # Where two disks of different sizes end in a chunk, it is shorter in one of them.
        both = min(leaf.virtual_size, chain.layers[-2].image.virtual_size)
        if leaf.virtual_size != chain.layers[-2].image.virtual_size and both % chunk_size:
            found.append(np.array([both // chunk_size]))
    return np.unique(np.concatenate(found))


def hash_chunks(
    chain: Chain,
    numbers: NDArray[np.int64],
    chunk_size: int,
    *,
    told: Callable[[int], None] = lambda _: None,
    cancel: Cancel | None = None,
) -> Chunks:
    """Return the digests of some chunks of the disk of ``chain``.

    Args:
        chain: A complete chain.
        numbers: Which chunks, ascending.
        chunk_size: Bytes in a chunk.
        told: Called with the bytes of the disk that were hashed since the last call.
        cancel: Asked before every chunk.

    Raises:
        ShortReadError: A file was truncated after the chain was opened.
        CancelledError: ``cancel`` asked to stop.
        OSError: A file could not be read.
    """
    block_map, sources = BlockMap(chain), [layer.image.source for layer in chain.layers]
    digests = np.zeros((len(numbers), DIGEST_LENGTH), dtype=np.uint8)
    # The zeros behind a short chunk make its words whole.
    buffer = np.zeros(min(chunk_size, chain.virtual_size) + 8, dtype=np.uint8)
    for row, number in enumerate(numbers.tolist()):
        check_cancel(cancel)
        start = number * chunk_size
        length = min(chunk_size, chain.virtual_size - start)
        gather.fill(block_map.slice(start, length), sources, start, buffer[:length].data)
        buffer[length : length + 8] = 0
        if buffer[: ceil_div(length, 8) * 8].view(np.uint64).any():
            digests[row] = np.frombuffer(hashlib.sha256(buffer[:length].data).digest(), dtype=np.uint8)
        told(length)
    return Chunks(numbers=numbers, digests=digests)


def _numbers(firsts: NDArray[np.int64], lasts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return every number of the ranges from ``firsts`` to ``lasts``, both included."""
    counts = lasts - firsts + 1
    behind = np.cumsum(counts)
    offsets = np.repeat(firsts - (behind - counts), counts)
    return np.unique(np.arange(len(offsets)) + offsets)


def _stretches(extents: Extents, sparse: ByteSource | None) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield (starts, ends) of what layer 0 holds, without the holes of the file ``sparse``."""
    own = extents["layer"] == 0
    starts, lengths, offsets = (extents[name][own] for name in ("start", "length", "file_offset"))
    hole_in = getattr(sparse, "hole_in", lambda _start, _end: None)  # a source in memory has none
    large = lengths >= _SMALLEST_HOLE
    yield starts[~large], (starts + lengths)[~large]
    for at in np.flatnonzero(large).tolist():
        start, offset, end = int(starts[at]), int(offsets[at]), int(offsets[at] + lengths[at])
        parts = np.array(list(_data_between(hole_in, offset, end)), dtype=np.int64).reshape(-1, 2)
        yield parts[:, 0] + (start - offset), parts[:, 1] + (start - offset)


def _data_between(
    hole_in: Callable[[int, int], tuple[int, int] | None], start: int, end: int
) -> Iterator[tuple[int, int]]:
    """Yield the ranges of ``[start, end)`` of a file that are no holes."""
    while start < end:
        hole = hole_in(start, end)
        if hole is None:
            yield start, end
            return
        if hole[0] > start:
            yield start, hole[0]
        start = hole[1]
