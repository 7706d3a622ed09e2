"""Which sectors does each of these (row, layer) claim, as the files have it?

Bitmaps are read in the order of the files, and stand in the order of the rows afterwards. Where a layer has several
blocks in a row, the row is put together from those whose sectors are not all taken. Bits behind the end of what can be
seen of a layer are clear.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap.bits import ALL_ONES, WORD_BITS, to_words
from vhdchain.source import fill_each, slots_of
from vhdchain.structures.bat import UNUSED
from vhdchain.units import SECTOR_SIZE, sectors_to_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vhdchain.blockmap.layers import Claims, SparseLayer


class Workspace:
    """Memory for the bits of a chunk of rows, taken once for all chunks: the system hands it out page by page.

    Attributes:
        words: What was read last, shape (rows, words of a row).
        slots: Its rows as `fill_each` wants them.
    """

    __slots__ = ("_edges", "slots", "words")

    def __init__(self, rows: int, words_per_row: int) -> None:
        self.words, *self._edges = np.empty((4, rows, words_per_row), dtype=np.uint64)
        self.slots = slots_of(self.words.data, words_per_row * 8)

    def edges_of(self, rows: int) -> list[NDArray[np.uint64]]:
        """Return memory for the edges of that many rows, as `bits.run_edges` wants it."""
        return [memory[:rows] for memory in self._edges]


class StoredBits:
    """The bitmaps of some layers, top first."""

    __slots__ = ("_layers", "_small", "_visible", "sectors_per_row")

    def __init__(self, layers: list[SparseLayer], sectors_per_row: int) -> None:
        self._layers = layers
        self.sectors_per_row = sectors_per_row
        self._visible = np.array([layer.visible for layer in layers], dtype=np.int64)
        self._small = np.array([layer.breaks is not None for layer in layers], dtype=np.bool_)

    def read(self, claims: Claims, covered: NDArray[np.uint64] | None, space: Workspace) -> NDArray[np.uint64]:
        """Return the bits of each claim, shape (n, words of a row): a view of what ``space`` holds now.

        Args:
            claims: At most one of each row; as many as ``space`` has room for.
            covered: Which sectors of the rows are taken; what is said of these means nothing. None: none is.
            space: Where to.

        Raises:
            ShortReadError: A file was truncated after the chain was opened.
        """
        words = space.words[: len(claims.row)]
        small = self._small[claims.layer]
        if small.any():
            self._fill_mixed(words, claims, covered, small, space)
        else:
            self._fill(claims, space.slots)
            if sys.byteorder == "little":
                words.byteswap(inplace=True)
        over = (claims.row + 1) * self.sectors_per_row - self._visible[claims.layer]
        for at in np.flatnonzero(over > 0).tolist():
            _clear_tail(words[at], int(over[at]))
        return words

    def _fill(self, claims: Claims, slots: list[list[memoryview]]) -> None:
        """Read the stored bitmaps of rows that are one block each into ``slots``, in the order of the files."""
        order = np.argsort(claims.layer << 32 | claims.entry)
        layer = claims.layer[order]
        places = (claims.entry[order] * SECTOR_SIZE).tolist()
        buffers = [slots[at] for at in order.tolist()]
        cuts = [0, *(np.flatnonzero(layer[1:] != layer[:-1]) + 1).tolist(), len(places)]
        for position, (first, behind) in zip(layer[cuts[:-1]].tolist(), pairwise(cuts), strict=True):
            fill_each(self._layers[position].source, places[first:behind], buffers[first:behind])

    def _fill_mixed(
        self,
        words: NDArray[np.uint64],
        claims: Claims,
        covered: NDArray[np.uint64] | None,
        small: NDArray[np.bool_],
        space: Workspace,
    ) -> None:
        """Fill ``words`` where some of the rows are several blocks."""
        at = np.flatnonzero(~small)
        if len(at):
            self._fill(claims.picked(at), [space.slots[each] for each in at.tolist()])
            words[at] = words[at].byteswap() if sys.byteorder == "little" else words[at]
        if covered is None:
            covered = np.zeros_like(words)
        for position in np.unique(claims.layer[small]).tolist():
            at = np.flatnonzero(claims.layer == position)
            words[at] = self._assembled(self._layers[position], claims.row[at], covered[at])

    def _assembled(self, layer: SparseLayer, row: NDArray[np.int64], covered: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return rows put together from the bitmaps of the smaller blocks of ``layer``."""
        per_row = self.sectors_per_row // layer.block_sectors
        bits = np.zeros((len(row), per_row, layer.block_sectors), dtype=np.uint8)
        taken = np.unpackbits(covered.astype(">u8").view(np.uint8), axis=1).reshape(bits.shape)
        blocks = row[:, np.newaxis] * per_row + np.arange(per_row)
        inside = blocks < len(layer.entries)
        entries = np.where(inside, layer.entries[np.where(inside, blocks, 0)], UNUSED).astype(np.int64)
        wanted = np.argwhere((entries != UNUSED) & ~taken.all(axis=2))
        raw = np.empty(layer.bitmap_bytes, dtype=np.uint8)
        for at, block in wanted[np.argsort(entries[wanted[:, 0], wanted[:, 1]])].tolist():
            layer.source.readinto_at(sectors_to_bytes(int(entries[at, block])), raw.data)
            bits[at, block] = np.unpackbits(raw, count=layer.block_sectors)
        return to_words(np.packbits(bits.reshape(len(row), -1), axis=1))


def _clear_tail(words: NDArray[np.uint64], bits: int) -> None:
    """Clear the last ``bits`` bits of a row in place."""
    whole, rest = divmod(bits, WORD_BITS)
    if whole:
        words[-whole:] = 0
    if rest:
        words[-whole - 1] &= ALL_ONES << np.uint64(rest)
