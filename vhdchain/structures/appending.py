"""Where do new blocks of a sparse file lie, and how long is the file then?

They follow everything that the file holds, also what belongs to nothing, one behind the other and aligned like the
blocks that are there. So where each lies, and where the footer is put behind them, is known beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.structures.free_space import tail
from vhdchain.structures.layout import LARGEST_ALIGNMENT
from vhdchain.units import SECTOR_SIZE, bitmap_length, ceil_div, round_up_to_sector

if TYPE_CHECKING:
    from vhdchain.structures.layout import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlaces:
    """The places of new blocks; in bytes of the file.

    Attributes:
        free: Where what the file holds now ends, without its end footer.
        first: Where the bitmap of the first new block begins.
        stride: From one new block's bitmap to the next one's.
        length: What a block takes: bitmap and data.
    """

    free: int
    first: int
    stride: int
    length: int

    def end(self, count: int) -> int:
        """Return where the footer begins behind ``count`` new blocks; without any it stays where it is."""
        return self.first + (count - 1) * self.stride + self.length if count else self.free


def new_places(layout: Layout) -> NewPlaces:
    """Return where new blocks of a file lie whose structures are sound."""
    file = layout.file
    begin, footer = tail(layout)
    bitmap = bitmap_length(file.block_size)
    length = bitmap + file.block_size
    # One block alone may lie on a multiple of 1 or 2 KiB by chance; nobody aligns to that.
    is_meant = len(layout.places) > 1 or layout.alignment == LARGEST_ALIGNMENT
    unit = layout.alignment if is_meant else SECTOR_SIZE
    # A last block that ends with the disk is completed, or the next one would lie over the rest of it.
    first = ceil_div(max(begin, round_up_to_sector(footer)) + bitmap, unit) * unit - bitmap
    return NewPlaces(free=footer, first=first, stride=ceil_div(length, unit) * unit, length=length)
