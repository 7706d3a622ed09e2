"""Where do the runs of set bits begin and end, in many packed bitmaps at once?

Bitmaps are rows of 64-bit words in which the most significant bit is the first sector. A run begins at a set bit whose
predecessor is clear and ends at a set bit whose successor is clear, so both kinds of edges fall out of a shift and a
mask over whole words; only words that hold an edge are then taken apart bit by bit. Runs never cross rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WORD_BITS = 64
ALL_ONES = np.uint64(0xFFFFFFFFFFFFFFFF)

_ONE = np.uint64(1)
_LAST_BIT = np.uint64(63)
# From about this many edges a word on, unpacking all of its bits costs less than peeling the edges off one by one.
_DENSE_EDGES_PER_WORD = 4


def to_words(rows: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return stored bitmaps, shape (n, 8 w), as words of shape (n, w) whose first sector is the top bit."""
    words: NDArray[np.uint64] = rows.view(">u8").astype(np.uint64)
    return words


def block_breaks(bits_per_row: int, bits_per_block: int) -> NDArray[np.uint64]:
    """Return the ``breaks`` of a row that is made of blocks: a set bit at every block's first sector."""
    bits = np.zeros(bits_per_row, dtype=np.uint8)
    bits[::bits_per_block] = 1
    return to_words(np.packbits(bits).reshape(1, -1)).reshape(-1)


def run_edges(
    words: NDArray[np.uint64],
    breaks: NDArray[np.uint64] | None = None,
    *,
    out: Sequence[NDArray[np.uint64]] | None = None,
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the first bits, and the last bits, of the runs of set bits, of the shape of ``words``.

    Args:
        words: Shape (n, w).
        breaks: Shape (w,): bits at which a new run must begin even where the bit before is set.
        out: Memory to return and to work in, three arrays of that shape; new memory by default.
    """
    starts, ends, over = np.empty((3, *words.shape), dtype=np.uint64) if out is None else out
    width = words.shape[1]
    # What a word hands on to its neighbour, of all rows in one line: NumPy takes short rows one by one, at twice the
    # cost. The last word of a row has nobody to hand on to.
    line = over.reshape(-1)
    np.right_shift(words, _ONE, out=starts)
    np.left_shift(words, _LAST_BIT, out=over)
    line[width - 1 :: width] = 0
    starts.reshape(-1)[1:] |= line[:-1]
    np.left_shift(words, _ONE, out=ends)
    np.right_shift(words, _LAST_BIT, out=over)
    line[::width] = 0
    ends.reshape(-1)[:-1] |= line[1:]
    if breaks is not None:
        last_of_block = breaks << _ONE
        last_of_block[:-1] |= breaks[1:] >> _LAST_BIT
        starts &= ~breaks
        ends &= ~last_of_block
    for edges in (starts, ends):
        np.invert(edges, out=edges)
        np.bitwise_and(edges, words, out=edges)
    return starts, ends


def positions(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the positions of all set bits in ascending order: bit b of row r has the position ``64 w r + b``."""
    flat = words.reshape(-1)
    at = np.flatnonzero(flat != 0)  # of numbers NumPy finds those that are not 0 four times slower than of booleans
    left = flat[at]
    counts = np.bitwise_count(left)
    total = int(counts.sum(dtype=np.int64))
    if total > _DENSE_EDGES_PER_WORD * len(flat):
        return _unpacked(flat)
    at <<= 6
    at += 63
    if total == len(at):
        at -= np.bitwise_count(left - _ONE)
        return at
    # Bits come off from the last sector to the first, so each word fills its place in the result from the back; in the
    # end the words that are full of edges are left.
    rank = np.cumsum(counts, dtype=np.int64)
    rank -= 1
    found = np.empty(total, dtype=np.int64)
    while total <= _DENSE_EDGES_PER_WORD * len(left):
        below = left - _ONE
        found[rank] = at - np.bitwise_count(below & ~left)
        total -= len(left)
        if not total:
            return found
        left &= below
        more = np.flatnonzero(left != 0)
        left, at, rank = left[more], at[more], rank[more] - 1
    counts = np.bitwise_count(left).astype(np.int64)
    behind = np.cumsum(counts)
    to_place = np.repeat(rank + 1 - behind, counts)
    to_place += np.arange(total)
    found[to_place] = _unpacked(left) + np.repeat(at - 63 - (np.arange(len(at)) << 6), counts)
    return found


def _unpacked(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the positions of all set bits of ``words``, shape (n,)."""
    return np.flatnonzero(np.unpackbits(words.astype(">u8").view(np.uint8)).view(np.bool_))
