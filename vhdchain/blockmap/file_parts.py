"""What does a file consist of, as far as its metadata tell?

Every byte of a file is counted once: structures, sector bitmaps, data of blocks, and the rest, which belongs to nothing
(gaps, what alignment leaves, blocks behind the disk, bytes behind the footer). Nothing is read; a file whose structures
cannot be trusted has no answer here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.image.checks import layout_facts
from vhdchain.structures.bat import UNUSED
from vhdchain.units import sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from vhdchain.image import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class FileParts:
    """The parts of a file in bytes; together they are its size.

    Attributes:
        structures: Footer and copy, dynamic header, BAT, locators with the space that they claim, batmap.
        bitmaps: The sector bitmaps of the disk's blocks.
        data: The data of the disk's blocks, as far as it is stored: all of a fixed or raw disk.
        other: What belongs to none of these.
        blocks: How many of the disk's blocks are in the file; 0 for fixed and raw disks.
        last_length: Bytes of data that the disk's last block has in the file, where it may be cut short.
    """

    structures: int
    bitmaps: int
    data: int
    other: int
    blocks: int
    last_length: int

    @property
    def allocated(self) -> int:
        """Bytes that blocks take: bitmaps and data."""
        return self.bitmaps + self.data


def parts_of(image: Image) -> FileParts:
    """Return the parts of a sound image."""
    facts = layout_facts(image) if image.is_sparse else None
    footer = len(image.footer_end.raw) if image.footer_end is not None and not image.raw else 0
    if facts is None or image.bat is None:
        data = min(image.virtual_size, image.file_size - footer)
        rest = image.file_size - footer - data
        return FileParts(structures=footer, bitmaps=0, data=data, other=rest, blocks=0, last_length=0)
    entries = image.bat.entries[: facts.readable]
    used = entries[entries != UNUSED]
    regions = [(region.begin, min(region.end, image.data_end)) for region in facts.metadata()]
    last = _last_length(image, used, facts.last_entry, [begin for begin, _ in regions])
    data = len(used) * image.block_size - (image.block_size - last if facts.last_entry is not None else 0)
    bitmaps = len(used) * image.bitmap_length
    # A locator may claim more space than is left to it: what blocks take is theirs.
    structures = min(_united(regions) + footer, image.file_size - data - bitmaps)
    return FileParts(
        structures=structures,
        bitmaps=bitmaps,
        data=data,
        other=image.file_size - data - bitmaps - structures,
        blocks=len(used),
        last_length=last,
    )


def _last_length(image: Image, used: NDArray[np.uint32], entry: int | None, begins: Iterable[int]) -> int:
    """Return how much data of the disk's last block lies in the file: some writers end it where the disk ends."""
    if entry is None:
        return 0
    start = sectors_to_bytes(entry) + image.bitmap_length
    behind = used[used > entry]
    following = [image.data_end, *(begin for begin in begins if begin >= start)]
    if len(behind):
        following.append(sectors_to_bytes(int(behind.min())))
    return max(0, min(image.block_size, min(following) - start))


def _united(regions: list[tuple[int, int]]) -> int:
    """Return how many bytes the regions cover together."""
    covered = reached = 0
    for begin, end in sorted(regions):
        covered += max(0, end - max(begin, reached))
        reached = max(reached, end)
    return covered
