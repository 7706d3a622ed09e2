"""How does a guest write to a disk whose file lies in a folder already?

Whole sectors go into the file as a hypervisor puts them there: a block that has no place gets one where the footer
stands, which moves behind it; the bits of what was written are set. Made for tests: of the package's readers and
writers it uses none but the records of footer and header.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

from vhdchain.structures import DiskType, parse_footer, parse_header
from vhdchain.structures.bat import ENTRY_LENGTH, UNUSED
from vhdchain.structures.dynamic_header import HEADER_LENGTH
from vhdchain.structures.footer import FOOTER_LENGTH
from vhdchain.units import SECTOR_SIZE, bitmap_length, bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.structures import DynamicHeader

_ENTRY = struct.Struct(">I")


def write_sectors(path: Path, first: int, data: bytes) -> None:
    """Write ``data`` to the disk of the image at ``path``, from the sector ``first`` on.

    Raises:
        ValueError: ``data`` is no whole number of sectors, or the file is no image.
    """
    if len(data) % SECTOR_SIZE:
        raise ValueError(f"{len(data)} bytes are no whole number of sectors")
    with path.open("r+b") as file:
        footer = parse_footer(_read(file, file.seek(0, 2) - FOOTER_LENGTH, FOOTER_LENGTH))
        if footer.disk_type is DiskType.FIXED:
            _write(file, sectors_to_bytes(first), data)
            return
        header = parse_header(_read(file, footer.data_offset, HEADER_LENGTH))
        for number in range(bytes_to_sectors(len(data))):
            start = sectors_to_bytes(number)
            _write_sector(file, header, first + number, data[start : start + SECTOR_SIZE])


def _write_sector(file: BinaryIO, header: DynamicHeader, sector: int, data: bytes) -> None:
    block, inside = divmod(sector, bytes_to_sectors(header.block_size))
    entry = header.table_offset + block * ENTRY_LENGTH
    (place,) = _ENTRY.unpack(_read(file, entry, ENTRY_LENGTH))
    if place == UNUSED:
        place = _with_new_block(file, header)
        _write(file, entry, _ENTRY.pack(place))
    at = sectors_to_bytes(place)
    (bits,) = _read(file, at + inside // 8, 1)
    _write(file, at + inside // 8, bytes([bits | 0x80 >> inside % 8]))
    _write(file, at + bitmap_length(header.block_size) + sectors_to_bytes(inside), data)


def _with_new_block(file: BinaryIO, header: DynamicHeader) -> int:
    """Make an empty block, move the footer behind it, and return the block's place in sectors."""
    at = file.seek(0, 2) - FOOTER_LENGTH
    footer = _read(file, at, FOOTER_LENGTH)
    _write(file, at, bytes(bitmap_length(header.block_size) + header.block_size) + footer)
    return bytes_to_sectors(at)


def _read(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)


def _write(file: BinaryIO, offset: int, data: bytes) -> None:
    file.seek(offset)
    file.write(data)
