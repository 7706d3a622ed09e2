"""What lies in a sparse image around the end that its disk has, or shall have?

Before an end is moved, in either direction, it must be certain that no data of a guest becomes visible by that, or is
lost: entries of the BAT behind the end, and sectors behind it in the block in which it lies. Only that block is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.structures import parse_bitmap
from vhdchain.structures.entries import is_used
from vhdchain.units import blocks_for, bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from vhdchain.image import Image


def data_behind(image: Image, size: int) -> str | None:
    """Return why the disk of ``image`` holds something behind ``size`` bytes, as a clause; None where it holds nothing.

    Raises:
        ShortReadError: The file was truncated after it was scanned.
    """
    bat = image.bat
    assert bat is not None
    blocks = blocks_for(size, image.block_size)
    used = np.flatnonzero(is_used(bat.entries[blocks:]))
    if len(used):
        return f"block {blocks + int(used[0])} lies behind {size} bytes and is in use ({len(used)} such blocks)"
    inside = size - (blocks - 1) * image.block_size
    if inside == image.block_size or not blocks or not is_used(bat.entries[blocks - 1 : blocks])[0]:
        return None
    return _in_block(image, sectors_to_bytes(int(bat.entries[blocks - 1])), blocks - 1, inside)


def _in_block(image: Image, place: int, block: int, inside: int) -> str | None:
    source, length = image.source, image.bitmap_length
    if place + length > image.data_end:
        return f"block {block} lies behind the end of the file"
    is_set = parse_bitmap(source.read_at(place, length), image.block_size)
    end = min(image.block_size, image.data_end - place - length)  # a writer may cut the last block short
    for sector in np.flatnonzero(is_set[bytes_to_sectors(inside) :]) + bytes_to_sectors(inside):
        begin = sectors_to_bytes(int(sector))
        data = source.read_at(place + length + begin, max(0, min(sectors_to_bytes(1), end - begin)))
        if data.strip(b"\0"):
            return f"block {block} holds data in its sector {int(sector)}, behind the end"
    return None
