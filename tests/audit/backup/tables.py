"""Partition tables of a guest's disk as bytes, written from the specifications and sharing no code with the readers."""

from __future__ import annotations

import struct
import zlib

SECTOR = 512
DISK_SECTORS = 4096
DISK = DISK_SECTORS * SECTOR

# As Windows prints them, and as they are stored: the first three groups are little-endian.
BASIC_DATA = bytes.fromhex("a2a0d0ebe5b9334487c068b6b72699c7")
RESERVED = bytes.fromhex("16e3c9e35c0bb84d817df92df00215ae")
LDM_METADATA = bytes.fromhex("aac808588f7ee04285d2e1e90434cfb3")
LDM_DATA = bytes.fromhex("a0609baf3114624fbc683311714a69ad")


def mbr(*entries: tuple[int, int, int], status: int = 0, code: bytes = b"") -> bytes:
    """Return sector 0 with up to four entries (type, first sector, sectors); CHS is not filled in."""
    table = b"".join(
        struct.pack("<B3xB3xII", status if not number else 0, kind, first, count)
        for number, (kind, first, count) in enumerate(entries)
    )
    return code.ljust(440, b"\0") + b"\xde\xad\xbe\xef\0\0" + table.ljust(64, b"\0") + b"\x55\xaa"


PROTECTIVE = mbr((0xEE, 1, DISK_SECTORS - 1))


def entries_of(*types: bytes, count: int = 128, size: int = 128) -> bytes:
    """Return an array of entries: partitions of 8 sectors, one behind the other from sector 40."""
    array = b"".join(
        struct.pack("<16s16sQQQ72s", kind, bytes([index + 1]) * 16, 40 + 8 * index, 47 + 8 * index, 0, b"").ljust(
            size, b"\0"
        )
        for index, kind in enumerate(types)
    )
    return array.ljust(count * size, b"\0")


def header_of(entries: bytes, *, own: int = 1, other: int = DISK_SECTORS - 1, at: int = 2, **fields: int) -> bytes:
    """Return the sector of a header; ``fields`` replaces count, size, header_size, array_crc or crc."""
    count, size = fields.get("count", 128), fields.get("size", 128)
    array_crc = fields.get("array_crc", zlib.crc32(entries))
    length = fields.get("header_size", 92)
    start = struct.pack("<8sII", b"EFI PART", 0x10000, length)
    rest = struct.pack("<QQQQ16sQIII", own, other, 34, DISK_SECTORS - 34, b"disk".ljust(16), at, count, size, array_crc)
    plain = (start + bytes(8) + rest).ljust(SECTOR, b"\0")
    crc = fields.get("crc", zlib.crc32(plain[:length]))
    return plain[:16] + struct.pack("<I", crc) + plain[20:]


def gpt_disk(*types: bytes, sectors: int = DISK_SECTORS) -> bytearray:
    """Return a whole disk with protective MBR, primary and backup GPT."""
    entries = entries_of(*types)
    last = sectors - 1
    disk = bytearray(sectors * SECTOR)
    disk[:SECTOR] = PROTECTIVE
    put(disk, 1, header_of(entries, other=last))
    put(disk, 2, entries)
    put(disk, last - 32, entries)
    put(disk, last, header_of(entries, own=last, other=1, at=last - 32))
    return disk


def put(disk: bytearray, sector: int, data: bytes) -> None:
    """Write ``data`` at ``sector``."""
    disk[sector * SECTOR : sector * SECTOR + len(data)] = data
