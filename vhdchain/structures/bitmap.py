"""Which sectors of a block are in this file?

A sector bitmap has one bit per sector, most significant bit first: sector s of the block is in this file when
``bitmap[s >> 3] & (0x80 >> (s & 7))`` is set. It is padded to a whole 512-byte sector; the padding means nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.units import bitmap_length, bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray


def parse_bitmap(raw: bytes | bytearray | memoryview, block_size: int) -> NDArray[np.bool_]:
    """Return which sectors are set: a bool array of shape (block_size / 512,)."""
    bits = np.unpackbits(np.frombuffer(raw, dtype=np.uint8), bitorder="big")
    sectors: NDArray[np.bool_] = bits[: bytes_to_sectors(block_size)].view(np.bool_)
    return sectors


def build_bitmap(sectors: NDArray[np.bool_]) -> bytes:
    """Return the stored form of a bool array of shape (block_size / 512,), padded with zeros to a whole sector."""
    raw = np.packbits(sectors, bitorder="big").tobytes()
    return raw.ljust(bitmap_length(sectors_to_bytes(len(sectors))), b"\0")


def sector_is_set(raw: bytes, sector: int) -> bool:
    """Say whether ``sector`` (within the block) is set in a stored bitmap."""
    return bool(raw[sector >> 3] & (0x80 >> (sector & 7)))
