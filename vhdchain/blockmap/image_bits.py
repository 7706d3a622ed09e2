"""Which sectors does one file claim in these rows?

The bitmaps of a file's blocks, put together to rows of 64-bit words as `bits` has them, whatever the size of its
blocks. Nothing of other files is asked; whoever wants a chain's answer takes `resolve`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap.bits import ALL_ONES, WORD_BITS, to_words
from vhdchain.source import fill_each, slots_of
from vhdchain.structures.bat import UNUSED
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vhdchain.blockmap.layers import SparseLayer


def bits_of_rows(layer: SparseLayer, row: NDArray[np.int64], sectors_per_row: int) -> NDArray[np.uint64]:
    """Return the bits of a file in the rows ``row``, shape (n, words of a row), read in the order of the file.

    Bits are as stored, also those behind the end of the disk.
    """
    blocks = row[:, np.newaxis] * (sectors_per_row // layer.block_sectors)
    blocks = (blocks + np.arange(sectors_per_row // layer.block_sectors)).reshape(-1)
    entries = entries_of(layer, blocks)
    used = np.flatnonzero(entries != UNUSED)
    used = used[np.argsort(entries[used], kind="stable")]
    length = layer.bitmap_bytes
    raw = np.empty((len(used), length), dtype=np.uint8)
    fill_each(layer.source, (entries[used] * SECTOR_SIZE).tolist(), slots_of(raw.data, length))
    if layer.block_sectors % 8 == 0:
        packed = np.zeros((len(blocks), length), dtype=np.uint8)
        packed[used] = raw
        return to_words(packed.reshape(len(row), -1))
    bits = np.zeros((len(blocks), layer.block_sectors), dtype=np.uint8)
    bits[used] = np.unpackbits(raw, axis=1, count=layer.block_sectors)
    return to_words(np.packbits(bits.reshape(len(row), -1), axis=1))


def entries_of(layer: SparseLayer, blocks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the BAT entries of ``blocks``, of any shape; `UNUSED` for blocks behind the disk."""
    entries = np.full(blocks.shape, UNUSED, dtype=np.int64)
    inside = blocks < len(layer.entries)
    entries[inside] = layer.entries[blocks[inside]]
    return entries


def first_bits(count: NDArray[np.int64], words: int) -> NDArray[np.uint64]:
    """Return rows of ``words`` words in which the first ``count`` bits are set; ``count``, shape (n,), may be any."""
    count = np.clip(count, 0, words * WORD_BITS)[:, np.newaxis]
    whole, rest = count // WORD_BITS, (count % WORD_BITS).astype(np.uint64)
    index = np.arange(words)
    return np.where(index < whole, ALL_ONES, np.where(index == whole, ~(ALL_ONES >> rest), np.uint64(0)))


def cut_behind(words: NDArray[np.uint64], row: NDArray[np.int64], end: int) -> NDArray[np.int64]:
    """Clear, in place, the bits of the sectors from ``end`` on; return which of the rows that may have changed."""
    per_row = words.shape[1] * WORD_BITS
    at = np.flatnonzero((row + 1) * per_row > end)
    if len(at):
        words[at] &= first_bits(end - row[at] * per_row, words.shape[1])
    return at


def count_bits(words: NDArray[np.uint64]) -> int:
    """Return how many bits are set."""
    return int(np.bitwise_count(words).sum(dtype=np.int64))


def blocks_in(words: NDArray[np.uint64], block_sectors: int) -> NDArray[np.bool_]:
    """Say of every block of ``block_sectors`` sectors whether a bit is set in it; shape (n, blocks in a row)."""
    shape = (len(words), words.shape[1] * WORD_BITS // block_sectors, -1)
    if not len(words):
        return np.zeros(shape[:2], dtype=np.bool_)
    if block_sectors >= WORD_BITS:
        return np.asarray(words.reshape(shape).any(axis=2))
    bits = np.unpackbits(words.astype(">u8").view(np.uint8), axis=1)
    return np.asarray(bits.reshape(shape).any(axis=2))
