"""Which partition table does a guest's disk begin with?

A master boot record or a GUID partition table with one partition over the rest of the disk, as a basic disk or as one
of a Windows dynamic disk (whose database is left out: the table alone tells the two apart).
"""

from __future__ import annotations

import struct
import uuid
import zlib
from enum import StrEnum

from vhdchain.units import SECTOR_SIZE, bytes_to_sectors, sectors_to_bytes

_FIRST_SECTOR = 8
_MBR_SIGNATURE = b"\x55\xaa"
_NTFS, _LDM, _PROTECTIVE = 0x07, 0x42, 0xEE
_GPT_BASIC = uuid.UUID("EBD0A0A2-B9E5-4433-87C0-68B6B72699C7")
_GPT_LDM_METADATA = uuid.UUID("5808C8AA-7E8F-42E0-85D2-E1E90434CFB3")
_GPT_LDM_DATA = uuid.UUID("AF9B60A0-1431-4F62-BC68-3311714A69AD")
_GPT_HEADER = struct.Struct("<8sIIII QQQQ 16s QIII")
_GPT_ENTRY = struct.Struct("<16s16sQQQ72s")
_GPT_ENTRIES, _GPT_TABLE_SECTORS = 128, 32
_FIRST_GPT_SECTOR = 2 + _GPT_TABLE_SECTORS


class Partitions(StrEnum):
    """How a guest's disk is divided."""

    BASIC = "MBR, basic disk"
    DYNAMIC = "MBR, dynamic disk"
    GPT_BASIC = "GPT, basic disk"
    GPT_DYNAMIC = "GPT, dynamic disk"
    NONE = "no partition table"


def partition_table(partitions: Partitions, size: int, *, signature: int = 0x1D0C5EED) -> list[tuple[int, bytes]]:
    """Return (offset, bytes) of what ``partitions`` needs on a disk of ``size`` bytes.

    Args:
        partitions: How the disk is divided.
        size: The disk's size in bytes, a multiple of 512.
        signature: The disk's signature, 32 bits; also the GUIDs of a GPT come from it.

    Raises:
        ValueError: The disk is too small.
    """
    sectors = bytes_to_sectors(size)
    if partitions is Partitions.NONE:
        return []
    if partitions in (Partitions.BASIC, Partitions.DYNAMIC):
        if sectors <= _FIRST_SECTOR:
            raise ValueError(f"a disk of {size} bytes has no room for a partition")
        kind = _NTFS if partitions is Partitions.BASIC else _LDM
        return [(0, _mbr(signature, kind, _FIRST_SECTOR, sectors - _FIRST_SECTOR))]
    if sectors <= 2 * _FIRST_GPT_SECTOR:
        raise ValueError(f"a disk of {size} bytes has no room for a GUID partition table")
    return _gpt(signature, sectors, dynamic=partitions is Partitions.GPT_DYNAMIC)


def _mbr(signature: int, kind: int, first: int, count: int) -> bytes:
    # Cylinders, heads and sectors at their limits: the sector numbers count.
    entry = struct.pack("<B3sB3sII", 0, b"\xfe\xff\xff", kind, b"\xfe\xff\xff", first, count)
    table = struct.pack("<IH", signature, 0) + entry + bytes(48) + _MBR_SIGNATURE
    return bytes(SECTOR_SIZE - len(table)) + table


def _gpt(signature: int, sectors: int, *, dynamic: bool) -> list[tuple[int, bytes]]:
    first, last = _FIRST_GPT_SECTOR, sectors - _FIRST_GPT_SECTOR
    kinds = [(_GPT_LDM_METADATA, first, first), (_GPT_LDM_DATA, first + 1, last)] if dynamic else []
    kinds = kinds or [(_GPT_BASIC, first, last)]
    entries = b"".join(
        _GPT_ENTRY.pack(kind.bytes_le, _guid(signature, number), start, end, 0, b"")
        for number, (kind, start, end) in enumerate(kinds, 1)
    ).ljust(_GPT_ENTRIES * _GPT_ENTRY.size, b"\0")
    backup = sectors - 1
    return [
        (0, _mbr(signature, _PROTECTIVE, 1, sectors - 1)),
        (sectors_to_bytes(1), _gpt_header(signature, entries, here=1, other=backup, table=2)),
        (sectors_to_bytes(2), entries),
        (sectors_to_bytes(backup - _GPT_TABLE_SECTORS), entries),
        (
            sectors_to_bytes(backup),
            _gpt_header(signature, entries, here=backup, other=1, table=backup - _GPT_TABLE_SECTORS),
        ),
    ]


def _gpt_header(signature: int, entries: bytes, *, here: int, other: int, table: int) -> bytes:
    backup = max(here, other)
    fields = (_FIRST_GPT_SECTOR, backup - _GPT_TABLE_SECTORS - 1, _guid(signature, 0), table)
    tail = (_GPT_ENTRIES, _GPT_ENTRY.size, zlib.crc32(entries))
    length = _GPT_HEADER.size
    plain = _GPT_HEADER.pack(b"EFI PART", 0x00010000, length, 0, 0, here, other, *fields, *tail)
    summed = _GPT_HEADER.pack(b"EFI PART", 0x00010000, length, zlib.crc32(plain), 0, here, other, *fields, *tail)
    return summed.ljust(SECTOR_SIZE, b"\0")


def _guid(signature: int, number: int) -> bytes:
    return uuid.UUID(int=(signature << 96) | number, version=4).bytes_le
