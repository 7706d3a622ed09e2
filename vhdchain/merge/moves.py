"""Which sectors does a merge move, from which file, and where to?

The map of the layers above the destination alone says from which file each sector comes, so that each is moved once,
however many layers there are. It is made a chunk of rows at a time, again and again in the same order: nothing of it is
kept, and a merge that was stopped finds it as it was. Where new blocks lie follows from the destination as it was, too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap.bits import positions, run_edges
from vhdchain.blockmap.image_bits import bits_of_rows, cut_behind
from vhdchain.blockmap.layers import row_sectors, sparse_layers
from vhdchain.blockmap.resolve import Resolver
from vhdchain.chain import Chain, Layer
from vhdchain.image.checks import layout_facts
from vhdchain.structures.appending import NewPlaces, new_places
from vhdchain.structures.bat import UNUSED
from vhdchain.structures.layout import layout_of
from vhdchain.units import SECTOR_SIZE, bytes_to_sectors, ceil_div

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from vhdchain.blockmap.layers import SparseLayer
    from vhdchain.image import Image


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moves:
    """Runs of sectors that are moved, in the order of the disk; arrays of shape (n,), in sectors unless they say else.

    Attributes:
        start: Where in the disk. No run crosses the border of a block of the destination.
        length: How many.
        layer: From which file: 1 for the lowest one that is merged.
        source: Where they lie in that file.
        block: In which block of the destination; 0 where it has none.
        is_new: Whether the destination gets this block.
    """

    start: NDArray[np.int64]
    length: NDArray[np.int64]
    layer: NDArray[np.int64]
    source: NDArray[np.int64]
    block: NDArray[np.int64]
    is_new: NDArray[np.bool_]

    def picked(self, which: NDArray[np.bool_] | slice) -> Moves:
        """Return some of the runs."""
        return Moves(
            start=self.start[which],
            length=self.length[which],
            layer=self.layer[which],
            source=self.source[which],
            block=self.block[which],
            is_new=self.is_new[which],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """What a merge comes to.

    Attributes:
        sectors: Sectors that are moved.
        inside: Those of them that go to blocks which the destination has.
        runs_inside: In how many runs these come.
        overwritten: Sectors that the destination's disk held in their place.
        behind: Sectors that lie behind the end of the destination's disk, and have no place in it.
        kept_blocks: Blocks of the destination that it has, and that are written to.
        chunks: In how many chunks the runs come.
        new_blocks: The blocks that it gets, ascending.
        by_layer: Sectors that come from each layer, the lowest one first.
    """

    sectors: int
    inside: int
    runs_inside: int
    overwritten: int
    behind: int
    kept_blocks: int
    chunks: int
    new_blocks: NDArray[np.int64] = field(repr=False)
    by_layer: tuple[int, ...]


class MergeMap:
    """The moves of one merge.

    Attributes:
        destination: The image that takes the sectors up, as it was before.
        layers: Those that are merged into it, from the lowest to the highest.
        sectors_per_row: How many sectors a row has: the largest block.
        rows: How many rows the disk has.
        places: Where new blocks of the destination lie; None where it has no blocks.
    """

    def __init__(self, destination: Image, layers: Sequence[Image]) -> None:
        images = (destination, *layers)
        chain = Chain(layers=tuple(Layer(index=index, image=image) for index, image in enumerate(images)))
        self.destination = destination
        self.layers = tuple(layers)
        self.sectors_per_row = row_sectors(chain)
        self.rows = ceil_div(bytes_to_sectors(chain.virtual_size), self.sectors_per_row)
        described = sparse_layers(chain, self.sectors_per_row)
        self._resolver = Resolver([layer for layer in described if layer.index], self.sectors_per_row)
        self._own: SparseLayer | None = next((layer for layer in described if not layer.index), None)
        facts = layout_facts(destination) if destination.is_sparse else None
        self.places: NewPlaces | None = None if facts is None else new_places(layout_of(facts))
        self._end = bytes_to_sectors(destination.virtual_size)

    @property
    def block_sectors(self) -> int:
        """How many sectors a block of the destination has; 0 where it has none."""
        return 0 if self._own is None else self._own.block_sectors

    def chunks(self, first_row: int = 0) -> Iterator[tuple[int, Moves]]:
        """Yield the moves from ``first_row`` on, each chunk with the first row behind it; none of them empty."""
        for owned in self._resolver.owned(first_row, self.rows):
            if len(owned.start):
                moves = self._moves(owned.start, owned.length, owned.layer, owned.file_sector)
                yield ceil_div(owned.end, self.sectors_per_row), moves

    def _moves(
        self,
        start: NDArray[np.int64],
        length: NDArray[np.int64],
        layer: NDArray[np.int64],
        source: NDArray[np.int64],
    ) -> Moves:
        own = self._own
        if own is None:
            nothing = np.zeros(len(start), dtype=np.int64)
            return Moves(
                start=start, length=length, layer=layer, source=source, block=nothing, is_new=nothing.astype(np.bool_)
            )
        if own.block_sectors < self.sectors_per_row:
            start, length, layer, source = _split(start, length, layer, source, own.block_sectors)
        block = start // own.block_sectors
        return Moves(
            start=start, length=length, layer=layer, source=source, block=block, is_new=self._entries(block) == UNUSED
        )

    def _entries(self, block: NDArray[np.int64]) -> NDArray[np.int64]:
        assert self._own is not None
        entries = np.full(block.shape, UNUSED, dtype=np.int64)
        inside = block < len(self._own.entries)
        entries[inside] = self._own.entries[block[inside]]
        return entries

    def bitmap_places(self, block: NDArray[np.int64], new_blocks: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where the bitmaps of ``block`` lie in the destination's file, in bytes; ``new_blocks`` ascending."""
        assert self.places is not None
        old = self._entries(block) * SECTOR_SIZE
        number = np.searchsorted(new_blocks, block)
        return np.where(old == UNUSED * SECTOR_SIZE, self.places.first + number * self.places.stride, old)

    def targets(self, moves: Moves, new_blocks: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where the runs go in the destination's file, in bytes."""
        if self._own is None:
            return moves.start * SECTOR_SIZE
        within = moves.start - moves.block * self._own.block_sectors + self._own.bitmap_sectors
        return self.bitmap_places(moves.block, new_blocks) + within * SECTOR_SIZE

    def measure(self) -> Measured:
        """Return what the merge comes to; reads every bitmap that matters once.

        Raises:
            ShortReadError: A file was truncated after it was scanned.
        """
        sectors = inside = runs = overwritten = behind = kept = chunks = 0
        by_layer = np.zeros(len(self.layers) + 1, dtype=np.int64)
        new = [np.empty(0, dtype=np.int64)]
        for _, moves in self.chunks():
            chunks += 1
            kept_runs = ~moves.is_new
            sectors += int(moves.length.sum())
            inside += int(moves.length[kept_runs].sum())
            runs += int(np.count_nonzero(kept_runs))
            overwritten += self._held(moves)
            behind += int(np.clip(moves.start + moves.length - self._end, 0, moves.length).sum())
            kept += len(np.unique(moves.block[kept_runs])) if self._own is not None else 0
            by_layer += np.bincount(moves.layer, weights=moves.length, minlength=len(by_layer)).astype(np.int64)
            new.append(np.unique(moves.block[moves.is_new]))
        return Measured(
            sectors=sectors,
            inside=inside,
            runs_inside=runs,
            overwritten=overwritten,
            behind=behind,
            kept_blocks=kept,
            chunks=chunks,
            new_blocks=np.concatenate(new),
            by_layer=tuple(by_layer[1:].tolist()),
        )

    def _held(self, moves: Moves) -> int:
        """Return how many of the sectors the destination's disk holds already."""
        own = self._own
        if own is None:
            return int(np.clip(self._end - moves.start, 0, moves.length).sum())
        kept = moves.picked(~moves.is_new)
        if not len(kept.start):
            return 0
        per_row = self.sectors_per_row
        rows = np.unique(kept.start // per_row)
        words = bits_of_rows(own, rows, per_row)
        cut_behind(words, rows, self._end)
        held_start, held_last = map(positions, run_edges(words))
        held_length = held_last - held_start + 1
        # Both sides in the rows that matter, one behind the other.
        start = np.searchsorted(rows, kept.start // per_row) * per_row + kept.start % per_row
        return int(
            (_below(start + kept.length, held_start, held_length) - _below(start, held_start, held_length)).sum()
        )


def _below(place: NDArray[np.int64], start: NDArray[np.int64], length: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many sectors of the disjoint, ascending runs lie before each ``place``."""
    if not len(start):
        return np.zeros(len(place), dtype=np.int64)
    behind = np.concatenate(([0], np.cumsum(length)))
    at = np.searchsorted(start, place, side="right") - 1
    known = np.maximum(at, 0)
    return np.where(at < 0, 0, behind[known] + np.clip(place - start[known], 0, length[known]))


def _split(
    start: NDArray[np.int64],
    length: NDArray[np.int64],
    layer: NDArray[np.int64],
    source: NDArray[np.int64],
    block: int,
) -> tuple[NDArray[np.int64], ...]:
    """Return the runs cut at the borders of blocks of ``block`` sectors."""
    first = start // block
    parts = (start + length - 1) // block - first + 1
    if not (parts > 1).any():
        return start, length, layer, source
    of = np.repeat(np.arange(len(start)), parts)
    number = np.arange(len(of)) - np.repeat(np.cumsum(parts) - parts, parts)
    begin = np.maximum(start[of], (first[of] + number) * block)
    end = np.minimum(start[of] + length[of], (first[of] + number + 1) * block)
    return begin, end - begin, layer[of], source[of] + begin - start[of]


def bitmaps_with(moves: Moves, bitmaps: NDArray[np.uint8], blocks: NDArray[np.int64], block_sectors: int) -> None:
    """Set, in place, the bits of the moved sectors.

    Args:
        moves: Runs in ``blocks``.
        bitmaps: Stored bitmaps, shape (n, bytes of a bitmap in the file).
        blocks: Whose they are, ascending; shape (n,).
        block_sectors: Sectors in a block.
    """
    bits = np.zeros((len(blocks), bitmaps.shape[1] * 8 + 1), dtype=np.int8)
    row = np.searchsorted(blocks, moves.block)
    first = moves.start - moves.block * block_sectors
    # A run begins with one and ends with minus one; runs that touch cancel out where they meet.
    np.add.at(bits, (row, first), 1)
    np.add.at(bits, (row, first + moves.length), -1)
    np.cumsum(bits, axis=1, out=bits)
    bitmaps |= np.packbits(bits[:, :-1].astype(np.bool_), axis=1)


def grown_file(destination: Image, places: NewPlaces | None, count: int) -> int:
    """Return how long the destination's file is with ``count`` new blocks, its footer at the end."""
    if places is None or not count or destination.footer_end is None:
        return destination.file_size
    return places.end(count) + len(destination.footer_end.raw)
