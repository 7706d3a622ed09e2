"""Does this GPT make its disk a dynamic one?

The header of sector 1 counts when its checksums fit, otherwise the backup in the last sector (UEFI specification,
chapter 5.3). All numbers of a header are the guest's: they are held against the disk and against
limits before anything is read by them.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.audit.backup.disks import GuestPartition, Unread, try_read
from vhdchain.structures.identifiers import guid_text
from vhdchain.units import SECTOR_SIZE, bytes_to_sectors, ceil_div, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.audit.backup.disks import ReadGuest

LDM_TYPES = frozenset({"5808c8aa-7e8f-42e0-85d2-e1e90434cfb3", "af9b60a0-1431-4f62-bc68-3311714a69ad"})
"""Partition types of the Logical Disk Manager, Windows' dynamic disks: its database, and its data."""

_MEANINGS = {
    "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3": "LDM metadata of a dynamic disk",
    "af9b60a0-1431-4f62-bc68-3311714a69ad": "LDM data of a dynamic disk",
    "c12a7328-f81f-11d2-ba4b-00a0c93ec93b": "EFI system",
    "e3c9e316-0b5c-4db8-817d-f92df00215ae": "Microsoft reserved",
    "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7": "basic data",
    "de94bba4-06d1-4d40-a16a-bfd50179d6ac": "Windows recovery",
    "e75caf8f-f680-4cee-afa3-b001e56efc2d": "storage spaces",
    "0fc63daf-8483-4772-8e79-3d69d8477de4": "Linux data",
    "e6d6d379-f507-44c2-a23c-238f2a3df928": "Linux LVM",
}

# Signature, revision, header size, CRC, reserved, own sector, other header's, first and last usable, disk GUID,
# first sector of the entries, their number, the size of each, the CRC of all.
_HEADER = struct.Struct("<8sIIIIQQQQ16sQIII")
_SIGNATURE = b"EFI PART"
_CRC_FIELD = slice(16, 20)
# Type, partition GUID, first sector, last sector, attributes.
_ENTRY = struct.Struct("<16s16sQQQ")
_SMALLEST_ENTRY = 128
_LONGEST_ENTRY = 4096
LONGEST_TABLE = 1 << 20
"""Bytes of entries that are read at most; Windows makes 16 KiB of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpt:
    """A GPT whose checksums fit.

    Attributes:
        sector: Where the header lies that counts.
        partitions: The used entries.
        notes: What is wrong with the other header, where that had to be looked at.
    """

    sector: int
    partitions: tuple[GuestPartition, ...]
    notes: tuple[str, ...] = ()


def read_gpt(read: ReadGuest, size: int) -> Gpt | Unread:
    """Return the GPT of a disk of ``size`` bytes, or what is wrong with both of its headers.

    Raises:
        CancelledError: ``read`` was asked to stop.
    """
    faults: list[str] = []
    last = bytes_to_sectors(size) - 1
    for sector, called in ((1, "sector 1"), (last, f"the last sector ({last})")):
        table = _read_table(read, sector, size)
        if isinstance(table, tuple):
            return Gpt(sector=sector, partitions=table, notes=tuple(faults))
        faults.append(f"the GPT header in {called} {table.reason}")
    return Unread(reason="; ".join(faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entries:
    """Where the entries lie; ``offset`` and lengths in bytes."""

    offset: int
    count: int
    entry_size: int
    crc: int

    @property
    def length(self) -> int:
        return self.count * self.entry_size


def _read_table(read: ReadGuest, sector: int, size: int) -> tuple[GuestPartition, ...] | Unread:
    if sectors_to_bytes(sector + 1) > size:
        return Unread(reason="lies behind the end of the disk")
    header = try_read(read, sectors_to_bytes(sector), SECTOR_SIZE)
    if isinstance(header, Unread):
        return header
    place = _entries_of(header, sector, size)
    if isinstance(place, Unread):
        return place
    entries = try_read(read, place.offset, place.length)
    if isinstance(entries, Unread):
        return Unread(reason=f"is whole, but its entries at offset 0x{place.offset:X} {entries.reason}")
    if (found := zlib.crc32(entries)) != place.crc:
        return Unread(reason=f"stores checksum 0x{place.crc:08X} for its entries, which have 0x{found:08X}")
    return tuple(_partitions(entries, place.entry_size))


def _entries_of(header: bytes, sector: int, size: int) -> _Entries | Unread:
    """Return where the entries of a whole header lie; its checksum is looked at before any other number counts."""
    signature, _, header_size, crc, _, own, *_, first, count, entry_size, entries_crc = _HEADER.unpack_from(header)
    if signature != _SIGNATURE:
        return Unread(reason=f"begins with {signature.hex(' ')}, not with 'EFI PART'")
    if not _HEADER.size <= header_size <= SECTOR_SIZE:
        return Unread(reason=f"says that it is {header_size} bytes long; {_HEADER.size} to {SECTOR_SIZE} are possible")
    summed = bytearray(header[:header_size])
    summed[_CRC_FIELD] = bytes(4)
    if (found := zlib.crc32(summed)) != crc:
        return Unread(reason=f"stores checksum 0x{crc:08X}, its bytes have 0x{found:08X}")
    if own != sector:
        return Unread(reason=f"says that it lies in sector {own}")
    if not count or entry_size not in _ENTRY_SIZES or count * entry_size > LONGEST_TABLE:
        return Unread(reason=f"has {count} entries of {entry_size} bytes, which is not sensible")
    behind = first + ceil_div(count * entry_size, SECTOR_SIZE)
    if first <= 1 or sectors_to_bytes(behind) > size or first <= sector < behind:
        return Unread(reason=f"puts its entries into sectors {first} to {behind - 1}, where they cannot be")
    return _Entries(offset=sectors_to_bytes(first), count=count, entry_size=entry_size, crc=entries_crc)


# The specification allows 128 times a power of two.
_ENTRY_SIZES = frozenset(_SMALLEST_ENTRY << power for power in range((_LONGEST_ENTRY // _SMALLEST_ENTRY).bit_length()))


def _partitions(entries: bytes, entry_size: int) -> Iterator[GuestPartition]:
    for number, offset in enumerate(range(0, len(entries), entry_size), 1):
        kind, _, first, last, _ = _ENTRY.unpack_from(entries, offset)
        if not any(kind):
            continue
        guid = guid_text(kind)
        yield GuestPartition(
            number=number,
            type=guid,
            meaning=_MEANINGS.get(guid),
            start=sectors_to_bytes(first),
            length=sectors_to_bytes(max(0, last - first + 1)),
        )
