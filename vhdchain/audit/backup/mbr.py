"""Is sector 0 a partition table, and what does it hold?

An MBR and the boot sector of a file system both end with 55 AA. What tells them apart is that every entry of a table
begins with 00 or 80, where a boot sector mostly has code, and the name that a file system writes near its beginning.
"""

from __future__ import annotations

import struct

from vhdchain.audit.backup.disks import GuestPartition, Unread
from vhdchain.units import sectors_to_bytes

LDM_TYPE = 0x42
"""A partition of the Logical Disk Manager: all of a dynamic disk's entries have this type."""

PROTECTIVE_TYPE = 0xEE
"""A disk with a GPT."""

EXTENDED_TYPES = frozenset({0x05, 0x0F})
"""Partitions that hold further tables. They are not followed: a dynamic disk has no logical drives, and what makes it
one stands in the four primary entries."""

_MEANINGS = {
    0x01: "FAT12",
    0x04: "FAT16",
    0x05: "extended",
    0x06: "FAT16",
    0x07: "NTFS",
    0x0B: "FAT32",
    0x0C: "FAT32",
    0x0E: "FAT16",
    0x0F: "extended",
    0x27: "Windows recovery",
    0x42: "dynamic disk",
    0x82: "Linux swap",
    0x83: "Linux",
    0x8E: "Linux LVM",
    0xEE: "GPT protective",
    0xEF: "EFI system",
}

TABLE_OFFSET = 446
ENTRY_SIZE = 16
TYPE_FIELD = 4
_ENTRIES = 4
# Status, CHS of the first sector, type, CHS of the last sector, first sector, sectors.
_ENTRY = struct.Struct("<B3sB3sII")
_SIGNATURE = b"\x55\xaa"
_STATUS = frozenset({0x00, 0x80})
# Where in a boot sector a file system's name stands. Only looked at where all four entries are unused.
_FILE_SYSTEMS = (
    (3, b"NTFS    "),
    (3, b"EXFAT   "),
    (3, b"ReFS"),
    (3, b"-FVE-FS-"),
    (0x36, b"FAT"),
    (0x52, b"FAT32"),
)


def type_text(kind: int) -> str:
    """Return a type as it is commonly written: ``0x07``."""
    return f"0x{kind:02X}"


def parse_mbr(sector: bytes) -> tuple[GuestPartition, ...] | Unread:
    """Return the used entries of sector 0 (512 bytes), or why it is no partition table."""
    if sector[-len(_SIGNATURE) :] != _SIGNATURE:
        if not any(sector):
            return Unread(reason="holds zeros only")
        return Unread(reason=f"ends with {sector[-len(_SIGNATURE) :].hex(' ').upper()}, not with 55 AA")
    entries = [_ENTRY.unpack_from(sector, TABLE_OFFSET + ENTRY_SIZE * index) for index in range(_ENTRIES)]
    for number, (status, *_) in enumerate(entries, 1):
        if status not in _STATUS:
            return Unread(
                reason=f"ends with 55 AA, but entry {number} would begin with 0x{status:02X}, "
                f"where a partition table has 00 or 80{_called(sector)}"
            )
    used = tuple(
        GuestPartition(
            number=number,
            type=type_text(kind),
            meaning=_MEANINGS.get(kind),
            start=sectors_to_bytes(first),
            length=sectors_to_bytes(count),
        )
        for number, (_, _, kind, _, first, count) in enumerate(entries, 1)
        if kind
    )
    if not used and (called := _called(sector)):
        return Unread(reason=f"ends with 55 AA, but has no partitions{called}")
    return used


def _called(sector: bytes) -> str:
    """Return a clause that names the file system whose boot sector this is."""
    for offset, name in _FILE_SYSTEMS:
        if sector.startswith(name, offset):
            return f", and it is the boot sector of a file system: {name.decode('ascii').strip()!r} at offset {offset}"
    return ""
