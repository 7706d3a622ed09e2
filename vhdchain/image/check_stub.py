"""Has anything been written to this differencing disk?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, finding
from vhdchain.structures.dynamic_header import HEADER_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.image.record import Image


def check_stub(image: Image) -> Iterator[Finding]:
    """Yield VHD558 where a differencing disk has no block, and no room in its file for one that the BAT has lost."""
    if not image.is_differencing or image.bat is None or image.header is None:
        return
    ends = [image.header.offset + HEADER_LENGTH, image.bat.offset + image.bat.length]
    ends += [item.entry.platform_data_offset + len(item.data) for item in image.locators if item.data is not None]
    has_room = image.data_end >= max(ends) + image.bitmap_length + image.block_size
    if not has_room and not image.bat.allocated:  # in this order: entries are many
        message = "no block is in this file: its disk is its parent's, nothing was written since it was made"
        place = Location(path=image.name, structure="BAT", offset=image.bat.offset)
        yield finding("VHD558", place, message, found=0)
