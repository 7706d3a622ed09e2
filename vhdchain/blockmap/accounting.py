"""Who sees the sectors that the files of a family hold, and what would they come to when merged?

A family is a tree of images over one base. A *view* is a disk that somebody may want to see: a leaf, or one that a
configuration names, because a snapshot's disk is worth keeping though others build on it. A sector that a file holds is
*exclusive* where exactly one view shows it, *shared* where several do, *dead* where none does: it is hidden by the
files above in every view, or lies behind the end of a disk on the way.

The disk is walked in chunks of rows, all files together: from the leaves down goes how many views fall through to each
sector, from the base up what is held at all. Both are planes of bits, changed in place only in the rows that a file
has blocks in, so that the work is bounded by the bitmaps, each of which is read once, and the memory by a chunk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap.bits import ALL_ONES
from vhdchain.blockmap.family import flat_block
from vhdchain.blockmap.family_rows import chunks_of
from vhdchain.blockmap.file_parts import FileParts, parts_of
from vhdchain.blockmap.image_bits import blocks_in, count_bits, cut_behind, entries_of, first_bits
from vhdchain.blockmap.predictions import MergePrediction, flattened_size, merge_prediction
from vhdchain.progress import check_cancel
from vhdchain.structures.bat import UNUSED
from vhdchain.units import bytes_to_sectors, ceil_div, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vhdchain.blockmap.family import Family
    from vhdchain.blockmap.family_rows import Chunk
    from vhdchain.progress import Cancel, Progress

    Run = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectorUsage:
    """The data of one file by who sees it, in bytes; together the data of its blocks (`FileParts.data`).

    Attributes:
        exclusive: Sectors that exactly one view shows.
        shared: Sectors that several views show.
        dead: Sectors that are held and that no view shows.
        clear: Sectors of its blocks that it does not hold: their bit is not set.
    """

    exclusive: int
    shared: int
    dead: int
    clear: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyAccount:
    """The account of a family; sequences are in the order of its images.

    Attributes:
        parts: What each file consists of.
        sectors: Its data by who sees it.
        flattened: The size of each disk as one dynamic image without gaps: of its block size, with the blocks that hold
            anything. None where a parent is missing.
        merges: One for every run that was asked for.
    """

    parts: tuple[FileParts, ...]
    sectors: tuple[SectorUsage, ...]
    flattened: tuple[int | None, ...]
    merges: tuple[MergePrediction, ...]


def account(
    family: Family, runs: Sequence[Run] = (), *, progress: Progress | None = None, cancel: Cancel | None = None
) -> FamilyAccount:
    """Return what the files of ``family`` hold, and for whom.

    Args:
        family: Sound images; every bitmap is read once.
        runs: Merges to predict, as numbers of images: one that takes the others up, then those, each the parent of the
            next.
        progress: Called with the bytes of the disk that are done, and its size.
        cancel: Asked before every chunk.

    Raises:
        ShortReadError: A file was truncated after it was opened.
        CancelledError: ``cancel`` asked to stop.
    """
    walk = _Walk(family, runs)
    size = max(image.virtual_size for image in family.images)
    for chunk in chunks_of(family):
        check_cancel(cancel)
        walk.classify(chunk)
        walk.hold(chunk)
        walk.merge(chunk)
        if progress:
            progress(min(sectors_to_bytes((int(chunk.rows[-1]) + 1) * family.sectors_per_row), size), size)
    if progress:
        progress(size, size)
    return walk.result()


class _Walk:
    """The sums so far, in sectors and blocks."""

    def __init__(self, family: Family, runs: Sequence[Run]) -> None:
        self.family = family
        self.runs = runs
        self.parts = tuple(map(parts_of, family.images))
        count = len(family.images)
        self.seen = np.zeros((count, 3), dtype=np.int64)  # by none, by one, by several
        self.blocks = np.zeros(count, dtype=np.int64)
        self.grown = [0] * len(runs)
        self._block = [flat_block(image) for image in family.images]
        self._untouched()

    # ------------------------------------------------------------------------------- where no file has a block

    def _untouched(self) -> None:
        """Count a fixed or raw base as if nothing stood above it; rows with blocks are put right one by one."""
        base = self.family.images[0]
        if base.is_sparse:
            return
        self.seen[0] = self._base_seen(0, self.family.sizes[0])
        for number, visible in enumerate(self.family.base_visible):
            self.blocks[number] = ceil_div(visible, bytes_to_sectors(self._block[number]))

    def _base_seen(self, start: int, end: int) -> NDArray[np.int64]:
        first, second = self.family.reaches
        several, one = (min(max(border, start), end) - start for border in (second, first))
        return np.array([end - start - one, one - several, several], dtype=np.int64)

    # ----------------------------------------------------------------------------------------- from the leaves down

    def classify(self, chunk: Chunk) -> None:
        """Count who sees what is held in these rows."""
        family = self.family
        pending: dict[int, _Planes] = {}
        for number in family.leaves_first:
            planes = pending.pop(number, None) or _Planes(chunk.rows, family.words_per_row)
            if family.views[number]:
                planes.add_view()
            if number == 0 and not family.images[0].is_sparse:
                self._count_base(chunk, planes)
            elif number in chunk.claims:
                self._count(number, chunk, planes)
            parent = family.parents[number]
            if parent is None:
                continue
            planes.cut_behind(family.sizes[number])
            if parent in pending:
                pending[parent].join(planes)
            else:
                pending[parent] = planes

    def _count(self, number: int, chunk: Chunk, planes: _Planes) -> None:
        """Count the sectors of a file, and let nobody look through them."""
        at, words = chunk.claims[number]
        one, two = planes.one[at], planes.two[at]
        several, any_view = count_bits(words & two), count_bits(words & one)
        hidden = count_bits(words) - any_view + chunk.behind.get(number, 0)
        self.seen[number] += (hidden, any_view - several, several)
        planes.one[at] = one & ~words
        planes.two[at] = two & ~words

    def _count_base(self, chunk: Chunk, planes: _Planes) -> None:
        size = self.family.sizes[0]
        per_row = self.family.sectors_per_row
        start = np.minimum(chunk.rows * per_row, size)
        end = np.minimum(start + per_row, size)
        for first, last in _stretches(start, end):
            self.seen[0] -= self._base_seen(first, last)
        planes.cut_behind(size)
        several, any_view = count_bits(planes.two), count_bits(planes.one)
        self.seen[0] += (int((end - start).sum()) - any_view, any_view - several, several)

    # ------------------------------------------------------------------------------------------ from the base up

    def hold(self, chunk: Chunk) -> None:
        """Count for every disk the blocks in which anything is held."""
        family = self.family
        if not family.complete:
            return
        plane = np.zeros((len(chunk.rows), family.words_per_row), dtype=np.uint64)
        if not family.images[0].is_sparse:
            plane |= first_bits(family.sizes[0] - chunk.rows * family.sectors_per_row, family.words_per_row)
            self._take_back(chunk)
        pending = [(0, plane, 0, 0, True)]
        while pending:
            number, plane, counted, block, last = pending.pop()
            plane = plane if last else plane.copy()
            own = bytes_to_sectors(self._block[number])
            if own != block:
                counted = self._blocks(number, plane)
            change = self._changed(number, chunk, plane, own)
            counted += change
            self.blocks[number] += counted
            # The largest branch stands first, and is taken last: the plane is its own then.
            for place, child in enumerate(family.children[number]):
                pending.append((child, plane, counted, own, place == 0))

    def _take_back(self, chunk: Chunk) -> None:
        """Uncount the blocks of a base without a BAT that lie in these rows."""
        for number, visible in enumerate(self.family.base_visible):
            shown = first_bits(visible - chunk.rows * self.family.sectors_per_row, self.family.words_per_row)
            self.blocks[number] -= int(blocks_in(shown, bytes_to_sectors(self._block[number])).sum())

    def _blocks(self, number: int, plane: NDArray[np.uint64]) -> int:
        return int(blocks_in(plane, bytes_to_sectors(self._block[number])).sum())

    def _changed(self, number: int, chunk: Chunk, plane: NDArray[np.uint64], block: int) -> int:
        """Let the file ``number`` change ``plane``; return how many more blocks hold something."""
        size = self.family.sizes[number]
        over = np.flatnonzero((chunk.rows + 1) * self.family.sectors_per_row > size)
        at, words = chunk.claims.get(number, (over[:0], plane[:0]))
        rows = np.union1d(at, over)
        before = int(blocks_in(plane[rows], block).sum())
        cut_behind(plane, chunk.rows, size)
        plane[at] |= words
        return int(blocks_in(plane[rows], block).sum()) - before

    # ---------------------------------------------------------------------------------------------------------- merges

    def merge(self, chunk: Chunk) -> None:
        """Count the blocks that a file gets in each merge."""
        for position, (into, *others) in enumerate(self.runs):
            layer = self.family.layers.get(into)
            held = [number for number in others if number in chunk.claims]
            if layer is None or not held:
                continue
            at = np.unique(np.concatenate([chunk.claims[number][0] for number in held]))
            words = np.zeros((len(at), self.family.words_per_row), dtype=np.uint64)
            for number in others:
                cut_behind(words, chunk.rows[at], self.family.sizes[number])
                if number in chunk.claims:
                    own, claimed = chunk.claims[number]
                    words[np.searchsorted(at, own)] |= claimed
            needed = blocks_in(words, layer.block_sectors)
            blocks = chunk.rows[at][:, np.newaxis] * needed.shape[1] + np.arange(needed.shape[1])
            self.grown[position] += int((needed & (entries_of(layer, blocks) == UNUSED)).sum())

    # ---------------------------------------------------------------------------------------------------------- results

    def result(self) -> FamilyAccount:
        images = self.family.images
        sectors = []
        for seen, parts in zip(self.seen.tolist(), self.parts, strict=True):
            dead, exclusive, shared = map(sectors_to_bytes, seen)
            clear = parts.data - dead - exclusive - shared
            sectors.append(SectorUsage(exclusive=exclusive, shared=shared, dead=dead, clear=clear))
        return FamilyAccount(
            parts=self.parts,
            sectors=tuple(sectors),
            flattened=tuple(
                flattened_size(image, blocks) if self.family.complete else None
                for image, blocks in zip(images, self.blocks.tolist(), strict=True)
            ),
            merges=tuple(
                merge_prediction([images[number] for number in run], blocks)
                for run, blocks in zip(self.runs, self.grown, strict=True)
            ),
        )


class _Planes:
    """For every sector of some rows: whether one view, and whether several, look through to it."""

    __slots__ = ("one", "rows", "two")

    def __init__(self, rows: NDArray[np.int64], words: int) -> None:
        self.rows = rows
        self.one = np.zeros((len(rows), words), dtype=np.uint64)
        self.two = np.zeros((len(rows), words), dtype=np.uint64)

    def add_view(self) -> None:
        self.two |= self.one
        self.one[:] = ALL_ONES

    def join(self, other: _Planes) -> None:
        self.two |= other.two | (self.one & other.one)
        self.one |= other.one

    def cut_behind(self, end: int) -> None:
        cut_behind(self.one, self.rows, end)
        cut_behind(self.two, self.rows, end)


def _stretches(start: NDArray[np.int64], end: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return neighbouring ranges joined."""
    if not len(start):
        return []
    heads = np.flatnonzero(np.concatenate(([True], start[1:] != end[:-1])))
    tails = np.append(heads[1:] - 1, len(start) - 1)
    return list(zip(start[heads].tolist(), end[tails].tolist(), strict=True))
