"""At which blocks and sectors does one condition hold? All are counted, the first ones are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.findings import Location

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vhdchain.audit.deep.blocks import Blocks

LISTED = 8


@dataclass(slots=True)
class Tally:
    """The blocks, and the sectors in them, at which one condition holds.

    Attributes:
        sectors: How many sectors.
        blocks: In how many blocks.
        listed: The first of these blocks.
        first: The first sector of the first block, counted within the block.
    """

    sectors: int = 0
    blocks: int = 0
    listed: list[int] = field(default_factory=list)
    first: int = 0

    def add_sectors(self, blocks: NDArray[np.int64], packed: NDArray[np.uint8]) -> None:
        """Add the sectors whose bits are set in ``packed``, a row for each of ``blocks``."""
        at = np.flatnonzero(packed.any(axis=1))
        if not len(at):
            return
        if not self.blocks:
            self.first = int(np.argmax(np.unpackbits(packed[at[0]])))
        self.sectors += int(np.bitwise_count(packed[at]).sum(dtype=np.int64))
        self._add(blocks[at])

    def add_blocks(self, blocks: NDArray[np.int64], holds: NDArray[np.bool_]) -> None:
        """Add whole blocks."""
        self._add(blocks[holds])

    def _add(self, blocks: NDArray[np.int64]) -> None:
        self.blocks += len(blocks)
        self.listed += blocks[: LISTED - len(self.listed)].tolist()

    @property
    def of_sectors(self) -> str:
        """The numbers as words: ``12 sectors in 3 blocks (4, 7, 9)``."""
        return f"{counted(self.sectors, 'sector')} in {self.of_blocks}"

    @property
    def of_blocks(self) -> str:
        """The blocks as words: ``block 4``, or ``3 blocks (4, 7, 9)``."""
        if self.blocks == 1:
            return f"block {self.listed[0]}"
        rest = "" if self.blocks == len(self.listed) else ", …"
        return f"{self.blocks} blocks ({', '.join(map(str, self.listed))}{rest})"

    def at_data(self, blocks: Blocks) -> Location:
        """Return the place of the first sector's data."""
        block = self.listed[0]
        return Location(
            path=blocks.image.name,
            structure="block data",
            offset=blocks.data_offset(block, self.first),
            block=block,
            sector=blocks.disk_sector(block, self.first),
        )

    def at_bitmap(self, blocks: Blocks) -> Location:
        """Return the place of the first block's bitmap."""
        block = self.listed[0]
        offset = blocks.bitmap_offset(block)
        return Location(path=blocks.image.name, structure="sector bitmap", offset=offset, block=block)


def counted(number: int, noun: str) -> str:
    """Return ``1 sector`` or ``2 sectors``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
