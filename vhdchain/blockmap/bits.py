"""Where do the runs of set bits begin and end, in many packed bitmaps at once?

Bitmaps are rows of 64-bit words in which the most significant bit is the first sector. A run begins at a set bit whose
predecessor is clear and ends at a set bit whose successor is clear, so both kinds of edges fall out of a shift and a
mask over whole words; only words that hold an edge are then taken apart bit by bit. Runs never cross rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORD_BITS = 64
ALL_ONES = np.uint64(0xFFFFFFFFFFFFFFFF)

_ONE = np.uint64(1)
_LAST_BIT = np.uint64(63)
# From about this many edges a word on, unpacking every bit costs less than peeling the edges off one by one.
_DENSE_EDGES_PER_WORD = 2.5


def to_words(rows: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return stored bitmaps, shape (n, 8 w), as words of shape (n, w) whose first sector is the top bit."""
    words: NDArray[np.uint64] = rows.view(">u8").astype(np.uint64)
    return words


def set_runs(
    words: NDArray[np.uint64], breaks: NDArray[np.uint64] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the runs of set bits.

    Args:
        words: Shape (n, w).
        breaks: Shape (w,): bits at which a new run must begin even where the bit before is set.

    Returns:
        Start positions and lengths in bits, both of shape (runs,), in ascending order; bit b of row r has the
        position ``64 w r + b``.
    """
    starts = _positions(_run_starts(words, breaks))
    ends = _positions(_run_ends(words, breaks))
    return starts, ends - starts + 1


def block_breaks(bits_per_row: int, bits_per_block: int) -> NDArray[np.uint64]:
    """Return the ``breaks`` of a row that is made of blocks: a set bit at every block's first sector."""
    bits = np.zeros(bits_per_row, dtype=np.uint8)
    bits[::bits_per_block] = 1
    return to_words(np.packbits(bits).reshape(1, -1)).reshape(-1)


def _run_starts(words: NDArray[np.uint64], breaks: NDArray[np.uint64] | None) -> NDArray[np.uint64]:
    before = words >> _ONE
    before[:, 1:] |= words[:, :-1] << _LAST_BIT
    if breaks is not None:
        before &= ~breaks
    return words & ~before


def _run_ends(words: NDArray[np.uint64], breaks: NDArray[np.uint64] | None) -> NDArray[np.uint64]:
    after = words << _ONE
    after[:, :-1] |= words[:, 1:] >> _LAST_BIT
    if breaks is not None:
        last_of_block = breaks << _ONE
        last_of_block[:-1] |= breaks[1:] >> _LAST_BIT
        after &= ~last_of_block
    return words & ~after


def _positions(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the positions of all set bits of the flattened ``words``, in ascending order."""
    flat = words.reshape(-1)
    counts = np.bitwise_count(flat)
    total = int(counts.sum(dtype=np.int64))
    if total > _DENSE_EDGES_PER_WORD * len(flat):
        return np.flatnonzero(np.unpackbits(flat.astype(">u8").view(np.uint8)).view(np.bool_))
    at = np.flatnonzero(flat)
    left = flat[at]
    last_position = (at << 6) + 63
    # Bits come off from the last sector to the first, so each word fills its place in the result from the back.
    rank = np.cumsum(counts[at], dtype=np.int64) - 1
    positions = np.empty(total, dtype=np.int64)
    while len(left):
        below = left - _ONE
        positions[rank] = last_position - np.bitwise_count(below & ~left)
        left = left & below
        more = np.flatnonzero(left)
        left, last_position, rank = left[more], last_position[more], rank[more] - 1
    return positions
