"""Which layer supplies which sectors, row by row?

For the rows of a chunk that any layer has blocks in, the layers are asked in rounds: in each round every row that is
still open reads the bitmap of the next layer down that has a block there, takes the sectors that nobody above took, and
is done when all its sectors are taken or nobody is left. Bitmaps are read only for open rows, each round in file order.
Whatever no bitmap claims is for the caller to fill: the base where it is fixed or raw, zeros, or the unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap.bits import ALL_ONES, WORD_BITS, set_runs, to_words
from vhdchain.blockmap.layers import WINDOW_ROWS, Claims, SparseLayer, claims_of_window
from vhdchain.source import read_each
from vhdchain.structures.bat import UNUSED
from vhdchain.units import SECTOR_SIZE, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

CHUNK_BITMAP_BYTES = 384 * 1024
"""Bitmap bytes that one chunk of rows takes in memory; with the runs of random bitmaps 150 times that."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Owned:
    """Runs of sectors that bitmaps claim, sorted and disjoint; arrays of shape (n,), all in sectors.

    Attributes:
        end: First sector behind the rows that were resolved: between the previous chunk's end and this one, all that
            is not in ``start`` is claimed by no bitmap.
    """

    start: NDArray[np.int64]
    length: NDArray[np.int64]
    layer: NDArray[np.int64]
    file_sector: NDArray[np.int64]
    end: int


class Resolver:
    """The sparse layers of one chain, top first, ready to be asked; holds no state between calls."""

    __slots__ = ("_data_sector", "_indices", "_small", "_visible", "layers", "sectors_per_row")

    def __init__(self, layers: list[SparseLayer], sectors_per_row: int) -> None:
        self.layers = layers
        self.sectors_per_row = sectors_per_row
        self._indices = np.array([layer.index for layer in layers], dtype=np.int64)
        self._data_sector = np.array([layer.bitmap_sectors for layer in layers], dtype=np.int64)
        self._visible = np.array([layer.visible for layer in layers], dtype=np.int64)
        self._small = np.array([layer.breaks is not None for layer in layers], dtype=np.bool_)

    @property
    def words_per_row(self) -> int:
        """How many 64-bit words hold the bits of a row."""
        return self.sectors_per_row // WORD_BITS

    def owned(self, first_row: int, end_row: int) -> Iterator[Owned]:
        """Yield what the layers claim in rows ``first_row`` to ``end_row``, in chunks of bounded size, in order."""
        rows_per_chunk = max(1, CHUNK_BITMAP_BYTES // (self.words_per_row * 8))
        for window in range(first_row, end_row, WINDOW_ROWS):
            rows = min(WINDOW_ROWS, end_row - window)
            claims = claims_of_window(self.layers, window, rows, self.sectors_per_row)
            heads = np.flatnonzero(np.diff(claims.row, prepend=-1))
            for chunk in range(0, len(heads), rows_per_chunk):
                picked = heads[chunk : chunk + rows_per_chunk]
                behind = int(heads[chunk + rows_per_chunk]) if chunk + rows_per_chunk < len(heads) else len(claims.row)
                yield self._resolve(claims, picked, behind, window)

    def _resolve(self, claims: Claims, heads: NDArray[np.int64], behind: int, window: int) -> Owned:
        """Resolve the rows whose claims begin at ``heads``; the last row's claims end before ``behind``."""
        cursor = heads.copy()
        left = np.diff(heads, append=behind)
        covered = np.zeros((len(heads), self.words_per_row), dtype=np.uint64)
        parts: list[tuple[NDArray[np.int64], ...]] = []
        while len(cursor):
            row, layer, entry = claims.row[cursor] + window, claims.layer[cursor], claims.entry[cursor]
            words = self._bitmaps(row, layer, entry, covered)
            words &= ~covered
            parts.extend(self._runs(words, row, layer, entry))
            covered |= words
            open_rows = np.flatnonzero((left > 1) & ~(covered == ALL_ONES).all(axis=1))
            cursor, left, covered = cursor[open_rows] + 1, left[open_rows] - 1, covered[open_rows]
        end = (window + int(claims.row[behind - 1]) + 1) * self.sectors_per_row
        parts = [part for part in parts if len(part[0])] or parts[:1]
        if len(parts) == 1:  # sorted already, as the rows are
            start, length, owner, file_sector = parts[0]
            return Owned(start=start, length=length, layer=owner, file_sector=file_sector, end=end)
        start, length, owner, file_sector = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(start, kind="stable")
        return Owned(
            start=start[order], length=length[order], layer=owner[order], file_sector=file_sector[order], end=end
        )

    def _bitmaps(
        self,
        row: NDArray[np.int64],
        layer: NDArray[np.int64],
        entry: NDArray[np.int64],
        covered: NDArray[np.uint64],
    ) -> NDArray[np.uint64]:
        """Return the bitmap of each (row, layer), shape (n, words_per_row), without bits behind what is visible."""
        rows = np.zeros((len(row), self.words_per_row * 8), dtype=np.uint8)
        small = self._small[layer]
        whole = np.flatnonzero(~small)
        whole = whole[np.lexsort((entry[whole], layer[whole]))]
        for same in np.split(whole, np.flatnonzero(np.diff(layer[whole])) + 1) if len(whole) else ():
            places = (entry[same] * SECTOR_SIZE).tolist()
            raw = read_each(self.layers[layer[same[0]]].source, places, rows.shape[1])
            rows[same] = np.frombuffer(raw, dtype=np.uint8).reshape(len(same), -1)
        for position in np.unique(layer[small]).tolist():
            at_small = np.flatnonzero(layer == position)
            rows[at_small] = self._assembled(self.layers[position], row[at_small], covered[at_small])
        words = to_words(rows)
        over = (row + 1) * self.sectors_per_row - self._visible[layer]
        for at in np.flatnonzero(over > 0).tolist():
            _clear_tail(words[at], int(over[at]))
        return words

    def _assembled(self, layer: SparseLayer, row: NDArray[np.int64], covered: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """Return rows put together from the bitmaps of the smaller blocks of ``layer``, shape (n, bytes of a row)."""
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
        return np.packbits(bits.reshape(len(row), -1), axis=1)

    def _runs(
        self,
        words: NDArray[np.uint64],
        row: NDArray[np.int64],
        layer: NDArray[np.int64],
        entry: NDArray[np.int64],
    ) -> Iterator[tuple[NDArray[np.int64], ...]]:
        """Yield (start, length, layer index, file sector) of what the rows claim, one tuple a kind of layer."""
        small = self._small[layer]
        full = (words == ALL_ONES).all(axis=1) & ~small
        at = np.flatnonzero(full)
        if len(at):
            length = np.full(len(at), self.sectors_per_row, dtype=np.int64)
            data = entry[at] + self._data_sector[layer[at]]
            yield row[at] * self.sectors_per_row, length, self._indices[layer[at]], data
        at = np.flatnonzero(~full & ~small)
        start, length = set_runs(words[at])
        # Runs come row by row, so that what is said of a row is repeated for its runs instead of looked up for each.
        firsts = np.arange(len(at) + 1) * self.sectors_per_row
        runs = np.diff(np.searchsorted(start, firsts))
        on_disk = row[at] * self.sectors_per_row - firsts[:-1]
        in_file = entry[at] + self._data_sector[layer[at]] - firsts[:-1]
        owner = self._indices[layer[at]]
        yield start + np.repeat(on_disk, runs), length, np.repeat(owner, runs), start + np.repeat(in_file, runs)
        for position in np.unique(layer[small]).tolist():
            yield self._small_runs(self.layers[position], words[layer == position], row[layer == position])

    def _small_runs(
        self, layer: SparseLayer, words: NDArray[np.uint64], row: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], ...]:
        within, length = set_runs(words, layer.breaks)
        start = row[within // self.sectors_per_row] * self.sectors_per_row + within % self.sectors_per_row
        block, in_block = np.divmod(start, layer.block_sectors)
        data = layer.entries[block].astype(np.int64) + layer.bitmap_sectors + in_block
        return start, length, np.full(len(start), layer.index, dtype=np.int64), data


def _clear_tail(words: NDArray[np.uint64], bits: int) -> None:
    """Clear the last ``bits`` bits of a row in place."""
    whole, rest = divmod(bits, WORD_BITS)
    if whole:
        words[-whole:] = 0
    if rest:
        words[-whole - 1] &= ALL_ONES << np.uint64(rest)
