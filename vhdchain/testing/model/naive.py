"""What do these files say, read in the most stupid way?

Each file is parsed with ``struct``, by the numbers of the specification; for every sector of the disk the layers are
asked from the leaf down. This is the second opinion on what the builder wrote and what the package reads, and it shares
no code with either. It expects sound files: anything that lies outside a file is a ValueError.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from vhdchain.units import SECTOR_SIZE, bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNUSED = 0xFFFFFFFF
_FIXED, _DYNAMIC, _DIFFERENCING = 2, 3, 4


class NaiveImage:
    """One file. A file without a footer is taken for a raw disk.

    Attributes:
        size: The size of the disk in bytes: the footer's current size, or a raw file's length.
        kind: The footer's disk type; 0 for raw.
        block_size: In bytes; 0 where there are no blocks.
        entries: The BAT.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.kind = self.block_size = 0
        self.size = len(data)
        self.entries: tuple[int, ...] = ()
        footer = next((data[-n:] for n in (512, 511) if data[-n:][:8] == b"conectix"), None)
        if footer is None:
            return
        (header,) = struct.unpack_from(">Q", footer, 16)
        (self.size,) = struct.unpack_from(">Q", footer, 48)
        (self.kind,) = struct.unpack_from(">I", footer, 60)
        if self.kind == _FIXED:
            return
        if self.kind not in (_DYNAMIC, _DIFFERENCING) or data[header : header + 8] != b"cxsparse":
            raise ValueError(f"disk type {self.kind}, or no dynamic header at {header}")
        (table,) = struct.unpack_from(">Q", data, header + 16)
        (count,) = struct.unpack_from(">I", data, header + 28)
        (self.block_size,) = struct.unpack_from(">I", data, header + 32)
        self.entries = struct.unpack_from(f">{count}I", data, table)

    def offset_of(self, sector: int) -> int | None:
        """Return where in the file the 512 bytes of ``sector`` of the disk lie, or None where they are not in it.

        Raises:
            ValueError: They should be in the file, and are not.
        """
        if not self.block_size:
            return sectors_to_bytes(sector)
        block, within = divmod(sectors_to_bytes(sector), self.block_size)
        if self.entries[block] == _UNUSED:
            return None
        bitmap = sectors_to_bytes(self.entries[block])
        number = bytes_to_sectors(within)
        if not (self.data[bitmap + number // 8] >> (7 - number % 8)) & 1:
            return None
        sectors = bytes_to_sectors(self.block_size)
        bitmap_bytes = (sectors + 7) // 8
        while bitmap_bytes % SECTOR_SIZE:
            bitmap_bytes += 1
        offset = bitmap + bitmap_bytes + within
        if offset + SECTOR_SIZE > len(self.data):
            raise ValueError(f"sector {sector} would end behind the end of the file")
        return offset


def naive_map(files: Sequence[bytes]) -> list[tuple[int, int, int, int]]:
    """Return (start, length, layer, file offset) of the disk's extents, in bytes, each as long as it can be.

    Args:
        files: The chain's files, base first; the layer is the index in here, and it and the offset are -1 for zeros.
    """
    extents: list[tuple[int, int, int, int]] = []
    images = [NaiveImage(data) for data in files]
    for sector in range(bytes_to_sectors(images[-1].size)):
        layer, offset = _supplier(images, sector)
        if extents:
            start, length, last_layer, last_offset = extents[-1]
            if last_layer == layer and (layer == -1 or last_offset + length == offset):
                extents[-1] = (start, length + SECTOR_SIZE, layer, last_offset)
                continue
        extents.append((sectors_to_bytes(sector), SECTOR_SIZE, layer, offset))
    return extents


def naive_read(files: Sequence[bytes]) -> bytes:
    """Return the bytes of the disk whose chain is ``files``, base first."""
    images = [NaiveImage(data) for data in files]
    disk = bytearray()
    for sector in range(bytes_to_sectors(images[-1].size)):
        layer, offset = _supplier(images, sector)
        disk += bytes(SECTOR_SIZE) if layer < 0 else images[layer].data[offset : offset + SECTOR_SIZE]
    return bytes(disk)


def _supplier(images: Sequence[NaiveImage], sector: int) -> tuple[int, int]:
    for layer in range(len(images) - 1, -1, -1):
        image = images[layer]
        if sectors_to_bytes(sector) >= image.size:
            return -1, -1
        offset = image.offset_of(sector)
        if offset is not None:
            return layer, offset
        if image.kind != _DIFFERENCING:
            return -1, -1
    raise ValueError("the first file is a differencing disk: its parent is missing")
