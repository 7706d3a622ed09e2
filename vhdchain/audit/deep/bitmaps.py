"""Are the sector bitmaps whole, and what do their bits alone say?

Of a bitmap only the bits of the disk's sectors count. What fills the rest is a matter of the writer: zeros, ones, or,
in a partial last block, the ones of a block that was marked whole. Only what is none of these is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.audit.deep.tally import Tally, counted
from vhdchain.findings import Finding, finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vhdchain.audit.deep.blocks import Blocks
    from vhdchain.audit.deep.reading import Group


class BitmapCheck:
    """Judges the bitmaps of one image, group by group."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._unread, self._beyond, self._empty, self._partly, self._mixed = (Tally() for _ in range(5))
        self._reason = ""
        self._mixed_bytes = 0

    def add(self, group: Group) -> None:
        """Take a group in."""
        if not group.read.all():
            self._unread.add_blocks(group.numbers, ~group.read)
            self._reason = self._reason or next(iter(group.reasons))
        self._beyond.add_blocks(group.numbers, self._has_stray_bits(group))
        none = ~group.present.any(axis=1)
        self._empty.add_blocks(group.numbers, none & group.read)
        if self._blocks.image.is_differencing:
            mixed = (group.present != 0) & (group.present != group.inside)
            self._mixed_bytes += int(np.count_nonzero(mixed))
            self._mixed.add_blocks(group.numbers, mixed.any(axis=1))
        else:
            whole = (group.present == group.inside).all(axis=1)
            self._partly.add_blocks(group.numbers, ~none & ~whole)

    def _has_stray_bits(self, group: Group) -> NDArray[np.bool_]:
        bits, sectors = group.stored[:, : self._blocks.bit_bytes], self._blocks.sectors
        padding = group.stored[:, self._blocks.bit_bytes :]
        stray: NDArray[np.bool_] = ~((padding == 0).all(axis=1) | (padding == 0xFF).all(axis=1))
        of_block = np.uint8(0xFF)
        if sectors < 8:
            # So small a block has sectors for a part of its only byte.
            of_block = np.uint8(0xFF << 8 - sectors & 0xFF)
            rest = bits[:, -1] & ~of_block
            stray |= (rest != 0) & (rest != ~of_block)
        # Only a partial last block has bits of the block that no sector of the disk belongs to.
        behind = bits & of_block & ~group.inside
        at = np.flatnonzero(behind.any(axis=1))
        # qemu and Windows mark a whole block at once, also where the disk ends in it.
        stray[at] |= ((bits[at] & of_block) != of_block).any(axis=1)
        return stray

    def findings(self) -> Iterator[Finding]:
        """Yield what was found."""
        if self._unread.blocks:
            yield self._unreadable()
        if self._beyond.blocks:
            message = (
                f"the bitmap of {self._beyond.of_blocks} has bits for sectors that do not exist: behind the block's "
                "sectors or the disk's end, and neither all nor none of them"
            )
            yield finding("VHD453", self._beyond.at_bitmap(self._blocks), message, found=self._beyond.blocks)
        if self._empty.blocks:
            message = f"no bit is set in the bitmap of {self._empty.of_blocks}: the room is taken and holds no data"
            yield finding("VHD454", self._empty.at_bitmap(self._blocks), message, found=self._empty.blocks)
        if self._partly.blocks:
            message = (
                f"this dynamic disk has clear bits in the bitmap of {self._partly.of_blocks}: their sectors are "
                "zeros, but readers that ignore the bitmaps of dynamic disks show what lies there"
            )
            yield finding("VHD455", self._partly.at_bitmap(self._blocks), message, found=self._partly.blocks)
        if self._mixed.blocks:
            message = (
                f"{counted(self._mixed_bytes, 'byte')} in the bitmap of {self._mixed.of_blocks} hold set and clear "
                "bits: libvhdi takes such a byte for eight set bits, and hides the parent's sectors"
            )
            yield finding("VHD459", self._mixed.at_bitmap(self._blocks), message, found=self._mixed_bytes)

    def _unreadable(self) -> Finding:
        message = (
            f"the bitmap of {self._unread.of_blocks} cannot be read ({self._reason}), so nothing is known of their data"
        )
        return finding("VHD451", self._unread.at_bitmap(self._blocks), message, found=self._unread.blocks)
