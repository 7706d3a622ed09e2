"""Which blocks of an image have bitmaps and data to read, and where do these lie?

A block is looked at where its BAT entry can be followed: it is used, leads neither into the metadata nor behind the
end of the data. What is wrong with the other entries is told by the checks of the BAT, and not again here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

from vhdchain.image.checks import layout_facts
from vhdchain.structures.bat import entry_offsets
from vhdchain.structures.entries import PIECE, is_used, starts_over, within
from vhdchain.units import bytes_to_sectors, ceil_div, sectors_for, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vhdchain.image import Image
    from vhdchain.structures.layout_facts import LayoutOfFile

_GROUP_BITMAP_BYTES = 1 << 20
# Blocks that do not overlap take no more room than the file has; a few that do are still read.
_TIMES_THE_FILE = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blocks:
    """The facts about the blocks of one sparse image; offsets and lengths in bytes unless they say sectors.

    Attributes:
        image: A sparse image with a header and a BAT.
        file: The facts about its layout.
        entries: The BAT, cut to the blocks that the disk has: uint32, shape (blocks,).
        sectors: Sectors in a block.
        data_end: The offset behind which no data may lie.
        metadata: The entries that lead into the footer copy, the dynamic header or the BAT: (first, behind) each.
    """

    image: Image
    file: LayoutOfFile
    entries: NDArray[np.uint32] = field(repr=False)
    sectors: int
    data_end: int
    metadata: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, image: Image) -> Self | None:
        """Return the blocks of ``image``; None where it has none that could be looked at."""
        file = layout_facts(image) if image.is_sparse else None
        if file is None:
            return None
        return cls(
            image=image,
            file=file,
            entries=file.bat.entries[: file.readable],
            sectors=bytes_to_sectors(image.block_size),
            data_end=image.data_end,
            metadata=tuple(starts_over(file, file.core())),
        )

    @property
    def bit_bytes(self) -> int:
        """Bytes of a stored bitmap that hold bits of sectors; the rest is padding."""
        return ceil_div(self.sectors, 8)

    def sectors_inside(self, block: int) -> int:
        """Return how many sectors of ``block`` belong to the disk: all of them but for a partial last block."""
        return min(self.sectors, sectors_for(self.image.virtual_size) - block * self.sectors)

    def disk_sector(self, block: int, sector: int = 0) -> int:
        """Return the number in the disk of a sector of ``block``."""
        return block * self.sectors + sector

    def bitmap_offset(self, block: int) -> int:
        """Return where the bitmap of a used block begins."""
        return sectors_to_bytes(int(self.entries[block]))

    def data_offset(self, block: int, sector: int = 0) -> int:
        """Return where a sector of a used block lies."""
        return self.bitmap_offset(block) + self.image.bitmap_length + sectors_to_bytes(sector)

    def groups(self) -> Iterator[NDArray[np.int64]]:
        """Yield the blocks that can be looked at in ascending order, as many at a time as fit into bounded memory."""
        size = max(1, _GROUP_BITMAP_BYTES // self.image.bitmap_length)
        held = np.empty(0, dtype=np.int64)
        for first in range(0, len(self.entries), PIECE):
            held = np.concatenate((held, self._readable(first)))
            while len(held) >= size:
                yield held[:size]
                held = held[size:]
        if len(held):
            yield held

    def stored_bytes(self) -> int:
        """Return how many bytes the blocks that `groups` yields take."""
        count = sum(len(self._readable(first)) for first in range(0, len(self.entries), PIECE))
        return count * self.file.stored_length

    @property
    def overlap_too_much(self) -> bool:
        """Whether a small file claims so many blocks at the same places that reading them has no bounds."""
        # The last block may end where the disk ends, and then takes less than it counts for here.
        return self.stored_bytes() > _TIMES_THE_FILE * self.image.file_size + self.file.stored_length

    def _readable(self, first: int) -> NDArray[np.int64]:
        entries = self.entries[first : first + PIECE]
        good = is_used(entries) & ~within(entries, self.metadata)
        good &= entry_offsets(entries) + self.image.bitmap_length <= self.data_end
        return np.flatnonzero(good).astype(np.int64) + first
