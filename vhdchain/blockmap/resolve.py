"""Which layer supplies which sectors, row by row?

For the rows of a chunk that any layer has blocks in, the layers are asked in rounds: in each round every row that is
still open reads the bitmap of the next layer down that has a block there, takes the sectors that nobody above took, and
is done when all its sectors are taken or nobody is left. Bitmaps are read only for open rows, each round in file order.

Rounds are bits in, bits out: where runs begin and end is kept as bits, too, of all layers in one, since no two of them
claim one sector. Only at the end they become numbers, in the order of the disk, so that nothing has to be sorted.
Whatever no bitmap claims is for the caller to fill: the base where it is fixed or raw, zeros, or the unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vhdchain.blockmap.bits import ALL_ONES, WORD_BITS, positions, run_edges
from vhdchain.blockmap.layers import Claims, SparseLayer, claims_of_window, window_rows
from vhdchain.blockmap.stored_bits import StoredBits, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

CHUNK_BITMAP_BYTES = 512 * 1024
"""Bitmap bytes that one chunk of rows takes in memory: more reads in file order, but no more than caches hold."""

MOST_RUNS = 1 << 16
"""Runs that are made into numbers at once, unless one row has more."""


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


class _Chunk(NamedTuple):
    """Rows that are resolved together.

    Attributes:
        claims: Those of the window that the rows lie in.
        heads: The first claim of each row.
        behind: The one behind its last.
        space: Memory to work in.
    """

    claims: Claims
    heads: NDArray[np.int64]
    behind: NDArray[np.int64]
    space: Workspace


class _Round(NamedTuple):
    """What one more layer adds in the rows that were still open.

    Attributes:
        rows: Their places in the chunk, ascending.
        claims: The claim that was asked in each.
        starts: The first bits of the runs that it adds, shape (rows, words of a row).
        ends: Their last bits.
    """

    rows: NDArray[np.int64]
    claims: NDArray[np.int64]
    starts: NDArray[np.uint64]
    ends: NDArray[np.uint64]


class Resolver:
    """The sparse layers of one chain, top first, ready to be asked; holds no state between calls."""

    __slots__ = ("_data_sector", "_indices", "_small", "_stored", "layers", "sectors_per_row")

    def __init__(self, layers: list[SparseLayer], sectors_per_row: int) -> None:
        self.layers = layers
        self.sectors_per_row = sectors_per_row
        self._indices = np.array([layer.index for layer in layers], dtype=np.int64)
        self._data_sector = np.array([layer.bitmap_sectors for layer in layers], dtype=np.int64)
        self._small = [position for position, layer in enumerate(layers) if layer.breaks is not None]
        self._stored = StoredBits(layers, sectors_per_row)

    def owned(self, first_row: int, end_row: int) -> Iterator[Owned]:
        """Yield what the layers claim in rows ``first_row`` to ``end_row``, in chunks of bounded size, in order."""
        rows_per_chunk = max(1, CHUNK_BITMAP_BYTES * 8 // self.sectors_per_row)
        step = window_rows(len(self.layers))
        space = Workspace(min(rows_per_chunk, end_row - first_row), self.sectors_per_row // WORD_BITS)
        for window in range(first_row, end_row, step):
            claims = claims_of_window(self.layers, window, min(step, end_row - window), self.sectors_per_row)
            heads = np.flatnonzero(np.diff(claims.row, prepend=-1))
            behind = np.append(heads[1:], len(claims.row))
            for first in range(0, len(heads), rows_per_chunk):
                part = slice(first, first + rows_per_chunk)
                yield from self._resolve(_Chunk(claims, heads[part], behind[part], space))

    def _resolve(self, chunk: _Chunk) -> Iterator[Owned]:
        asked = chunk.claims.picked(chunk.heads)
        words = self._stored.read(asked, None, chunk.space)
        full = (words == ALL_ONES).all(axis=1)
        if full.all() and not np.isin(asked.layer, self._small).any():
            yield self._of_whole_rows(asked)
            return
        edges = self._edges(words, asked.layer, out=chunk.space.edges_of(len(words)))
        first = _Round(np.arange(len(words)), chunk.heads, *edges)
        later = list(self._rounds(chunk, words, full))
        for each in later:
            first.starts[each.rows] |= each.starts
            first.ends[each.rows] |= each.ends
        for rows in _parts(first.starts):
            yield self._numbered(chunk, first, later, rows)

    def _rounds(self, chunk: _Chunk, covered: NDArray[np.uint64], full: NDArray[np.bool_]) -> Iterator[_Round]:
        """Yield what the layers below the first ones add, which have taken ``covered``, in some rows all."""
        rows, cursor, behind = np.arange(len(full)), chunk.heads, chunk.behind
        while len(at := np.flatnonzero(~full & (cursor + 1 < behind))):
            rows, cursor, behind, covered = rows[at], cursor[at] + 1, behind[at], covered[at]
            asked = chunk.claims.picked(cursor)
            words = self._stored.read(asked, covered, chunk.space)
            words &= ~covered
            covered |= words
            yield _Round(rows, cursor, *self._edges(words, asked.layer))
            full = (covered == ALL_ONES).all(axis=1)

    def _of_whole_rows(self, claims: Claims) -> Owned:
        """Return rows that are one block each, all of its sectors claimed."""
        return Owned(
            start=claims.row * self.sectors_per_row,
            length=np.full(len(claims.row), self.sectors_per_row),
            layer=self._indices[claims.layer],
            file_sector=claims.entry + self._data_sector[claims.layer],
            end=(int(claims.row[-1]) + 1) * self.sectors_per_row,
        )

    def _numbered(self, chunk: _Chunk, first: _Round, later: list[_Round], rows: slice) -> Owned:
        """Return some rows of a chunk, whose edges are all in ``first``, as numbers."""
        claims, heads = chunk.claims, chunk.heads[rows]
        start = positions(first.starts[rows])
        length = positions(first.ends[rows])
        length -= start
        length += 1
        runs = _runs_of_rows(start, len(heads), self.sectors_per_row)
        claim = np.repeat(heads, runs)
        for each in later:
            self._hand_over(claim, start, each, rows)
        start += np.repeat((claims.row[heads] - np.arange(len(heads))) * self.sectors_per_row, runs)
        between = slice(int(heads[0]), int(chunk.behind[rows.stop - 1]))
        row, layer = claims.row[between], claims.layer[between]
        to_file = claims.entry[between] + self._data_sector[layer] - row * self.sectors_per_row
        claim -= between.start
        file_sector = start + to_file[claim]
        for position in self._small:
            at = np.flatnonzero(layer[claim] == position)
            file_sector[at] = _in_small_blocks(self.layers[position], start[at])
        return Owned(
            start=start,
            length=length,
            layer=self._indices[layer][claim],
            file_sector=file_sector,
            end=(int(row[-1]) + 1) * self.sectors_per_row,
        )

    def _edges(
        self, words: NDArray[np.uint64], layer: NDArray[np.int64], *, out: Sequence[NDArray[np.uint64]] | None = None
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """Return the first and the last bits of the runs in each row, which ``layer`` claims."""
        starts, ends = run_edges(words, out=out)
        for position in self._small:
            at = np.flatnonzero(layer == position)
            starts[at], ends[at] = run_edges(words[at], self.layers[position].breaks)
        return starts, ends

    def _hand_over(self, claim: NDArray[np.int64], start: NDArray[np.int64], later: _Round, rows: slice) -> None:
        """Write to ``claim``, which says of the runs that begin at ``start`` whose they are, what a round added."""
        low, high = np.searchsorted(later.rows, (rows.start, rows.stop)).tolist()
        added = positions(later.starts[low:high])
        runs = _runs_of_rows(added, high - low, self.sectors_per_row)
        added += np.repeat((later.rows[low:high] - rows.start - np.arange(high - low)) * self.sectors_per_row, runs)
        claim[np.searchsorted(start, added)] = np.repeat(later.claims[low:high], runs)


def _parts(starts: NDArray[np.uint64]) -> Iterator[slice]:
    """Yield the rows of a chunk in parts that have no more than `MOST_RUNS` runs, or one row."""
    counts = np.bitwise_count(starts)
    if int(counts.sum(dtype=np.int64)) <= MOST_RUNS:
        yield slice(0, len(starts))
        return
    reached = np.cumsum(counts.sum(axis=1, dtype=np.int64))
    first = done = 0
    while first < len(starts):
        behind = max(first + 1, int(np.searchsorted(reached, done + MOST_RUNS, side="right")))
        yield slice(first, behind)
        first, done = behind, int(reached[behind - 1])


def _runs_of_rows(start: NDArray[np.int64], rows: int, sectors_per_row: int) -> NDArray[np.int64]:
    """Return how many of the ascending ``start`` lie in each of ``rows`` rows that stand one behind the other."""
    runs: NDArray[np.int64] = np.diff(np.searchsorted(start, np.arange(rows + 1) * sectors_per_row))
    return runs


def _in_small_blocks(layer: SparseLayer, start: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where in the file of a layer that has several blocks in a row the sectors ``start`` lie."""
    block, in_block = np.divmod(start, layer.block_sectors)
    return layer.entries[block].astype(np.int64) + layer.bitmap_sectors + in_block
