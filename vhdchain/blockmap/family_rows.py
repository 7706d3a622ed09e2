"""What do the files of a family claim, some rows of the disk at a time?

Rows in which no file has a block are passed over. A chunk holds as many rows as keep the bitmaps of all files in them
below a bound, or one row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap.file_parts import parts_of
from vhdchain.blockmap.image_bits import bits_of_rows, count_bits, cut_behind, first_bits
from vhdchain.blockmap.layers import WINDOW_ROWS, claims_of_window
from vhdchain.units import bytes_to_sectors, ceil_div

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vhdchain.blockmap.family import Family

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chunk:
    """Some rows.

    Attributes:
        rows: Their numbers, ascending; shape (n,).
        claims: Of each file with blocks in them: where in ``rows`` (shape (k,)), and its bits inside of its disk (shape
            (k, words of a row)).
        behind: Of each file how many sectors behind the end of its disk are set, and lie in the file.
    """

    rows: NDArray[np.int64] = field(repr=False)
    claims: dict[int, tuple[NDArray[np.int64], NDArray[np.uint64]]] = field(repr=False)
    behind: dict[int, int]


def chunks_of(family: Family) -> Iterator[Chunk]:
    """Yield the rows in which any file has blocks, in order; raises `ShortReadError` as sources do."""
    numbers = list(family.layers)
    layers = list(family.layers.values())
    rows = max((ceil_div(layer.visible, family.sectors_per_row) for layer in layers), default=0)
    most = max(1, _CHUNK_BYTES // (family.words_per_row * 8))
    stored = _StoredEnds(family)
    for window in range(0, rows, WINDOW_ROWS):
        claims = claims_of_window(layers, window, min(WINDOW_ROWS, rows - window), family.sectors_per_row)
        first = 0
        while first < len(claims.row):
            behind = first + most
            if behind < len(claims.row):  # a row is never split
                behind = int(np.searchsorted(claims.row, claims.row[behind]))
                if behind == first:
                    behind = int(np.searchsorted(claims.row, claims.row[first], side="right"))
            yield _chunk(family, stored, numbers, claims.row[first:behind], claims.layer[first:behind])
            first = behind


def _chunk(
    family: Family,
    stored: _StoredEnds,
    numbers: list[int],
    row: NDArray[np.int64],
    layer: NDArray[np.int64],
) -> Chunk:
    rows = row[np.concatenate(([True], row[1:] != row[:-1]))]
    claims: dict[int, tuple[NDArray[np.int64], NDArray[np.uint64]]] = {}
    behind: dict[int, int] = {}
    order = np.argsort(layer, kind="stable")
    for same in np.split(order, np.flatnonzero(np.diff(layer[order])) + 1):
        number = numbers[int(layer[same[0]])]
        words = bits_of_rows(family.layers[number], row[same], family.sectors_per_row)
        if over := stored.cut(number, words, row[same]):
            behind[number] = over
        claims[number] = np.searchsorted(rows, row[same]), words
    return Chunk(rows=rows, claims=claims, behind=behind)


class _StoredEnds:
    """Up to which sector each file holds data: some end with the disk, others with its last block."""

    def __init__(self, family: Family) -> None:
        self._sizes = family.sizes
        self._ends: dict[int, int] = {}
        for number, layer in family.layers.items():
            image = family.images[number]
            last = parts_of(image).last_length or image.block_size
            self._ends[number] = (len(layer.entries) - 1) * layer.block_sectors + bytes_to_sectors(last)

    def cut(self, number: int, words: NDArray[np.uint64], row: NDArray[np.int64]) -> int:
        """Clear the bits behind the disk; return how many of them stand for sectors that lie in the file."""
        size, per_row = self._sizes[number], words.shape[1] * 64
        over = np.flatnonzero((row + 1) * per_row > size)
        if not len(over):
            return 0
        held = count_bits(words[over] & first_bits(self._ends[number] - row[over] * per_row, words.shape[1]))
        cut_behind(words, row, size)
        return held - count_bits(words[over])
