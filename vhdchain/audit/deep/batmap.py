"""Does blktap's batmap agree with the BAT and with the sector bitmaps?

One bit a block, set where every sector of the block is in this file. A coalesce copies such a block without a look at
its bitmap, so a bit too many copies sectors that are not the disk's; a bit too few costs time only. Bits whose checksum
does not fit are told elsewhere and not judged here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.audit.deep.tally import Tally
from vhdchain.findings import Finding, Location, finding
from vhdchain.structures.bat import UNUSED
from vhdchain.structures.batmap import batmap_checksum_fits, batmap_flags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vhdchain.audit.deep.blocks import Blocks
    from vhdchain.audit.deep.reading import Group
    from vhdchain.image import Image


class BatmapCheck:
    """Compares the batmap of one image with its blocks, group by group."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._whole = _flags(blocks.image)
        self._not_whole, self._missing = Tally(), Tally()

    def add(self, group: Group) -> None:
        """Take a group in."""
        if self._whole is None:
            return
        marked = self._whole[group.numbers]
        all_inside = (group.present == group.inside).all(axis=1)
        self._not_whole.add_blocks(group.numbers, marked & ~all_inside & group.read)
        # Of a block that the disk ends in blktap counts all bits, also those behind the end.
        bits = np.unpackbits(group.stored[:, : self._blocks.bit_bytes], axis=1, count=self._blocks.sectors)
        self._missing.add_blocks(group.numbers, ~marked & bits.all(axis=1))

    def findings(self) -> Iterator[Finding]:
        """Yield what was found."""
        if self._whole is None:
            return
        unused = self._marked_unused(self._whole)
        if unused.blocks:
            message = f"the batmap calls {unused.of_blocks} whole, and the BAT has nothing there"
            yield finding("VHD507", self._at(unused), message, found=unused.blocks)
        if self._not_whole.blocks:
            message = (
                f"the batmap calls {self._not_whole.of_blocks} whole, and the bitmap has clear bits: blktap's coalesce "
                "would copy what lies under them"
            )
            yield finding("VHD508", self._at(self._not_whole), message, found=self._not_whole.blocks)
        if self._missing.blocks:
            message = f"all bits of {self._missing.of_blocks} are set, and the batmap does not call that whole"
            yield finding("VHD509", self._at(self._missing), message, found=self._missing.blocks)

    def _marked_unused(self, whole: NDArray[np.bool_]) -> Tally:
        unused = Tally()
        if self._blocks.image.bat is not None:
            marked = np.flatnonzero(whole).astype(np.int64)
            unused.add_blocks(marked, self._blocks.image.bat.entries[marked] == UNUSED)
        return unused

    def _at(self, tally: Tally) -> Location:
        image, block = self._blocks.image, tally.listed[0]
        offset = None if image.batmap is None else image.batmap.record.batmap_offset + block // 8
        return Location(path=image.name, structure="batmap", offset=offset, block=block)


def _flags(image: Image) -> NDArray[np.bool_] | None:
    """Return which blocks the batmap calls whole; None where there is no batmap that can be trusted."""
    if image.batmap is None or image.batmap_bits is None or image.bat is None:
        return None
    if not batmap_checksum_fits(image.batmap.record, image.batmap_bits):
        return None
    return batmap_flags(image.batmap_bits, len(image.bat.entries))
