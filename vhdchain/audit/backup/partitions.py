"""Is the disk of a guest basic or dynamic?

Read from the partition table as the guest sees it, through the chain: type 0x42 in one of the four entries of the MBR,
or a partition type of the Logical Disk Manager in the GPT, make a dynamic disk. Everything read is the guest's and may
be forged. The database of a dynamic disk is not looked at, nor is what a guest without Windows makes of its disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.backup.disks import GuestDisk, GuestDiskKind, PartitionScheme, Unread, try_read
from vhdchain.audit.backup.gpt import LDM_TYPES, read_gpt
from vhdchain.audit.backup.mbr import (
    ENTRY_SIZE,
    EXTENDED_TYPES,
    LDM_TYPE,
    PROTECTIVE_TYPE,
    TABLE_OFFSET,
    TYPE_FIELD,
    parse_mbr,
    type_text,
)
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.audit.backup.disks import GuestPartition, ReadGuest

_TYPES_TOLD = 8


def guest_disk_kind(read: ReadGuest, size: int) -> GuestDisk:
    """Return whether a disk is basic or dynamic, and what that was seen by.

    Args:
        read: (offset, length) -> bytes of the disk, as `guest_reader` makes it. Called at most five times, for no more
            than 1 MiB at once. Where it fails the kind is `UNKNOWN`, unless the other header of a GPT is whole.
        size: The size of the disk in bytes.

    Raises:
        CancelledError: ``read`` was asked to stop.
    """
    if size < SECTOR_SIZE:
        return GuestDisk(kind=GuestDiskKind.UNPARTITIONED, evidence=(f"the disk has {size} bytes, less than a sector",))
    sector = try_read(read, 0, SECTOR_SIZE)
    if isinstance(sector, Unread):
        return GuestDisk(kind=GuestDiskKind.UNKNOWN, evidence=(f"sector 0 {sector.reason}",))
    primary = parse_mbr(sector)
    if isinstance(primary, Unread):
        return GuestDisk(kind=GuestDiskKind.UNPARTITIONED, evidence=(f"sector 0 {primary.reason}",))
    if not _of_types(primary, {LDM_TYPE}) and (protective := _of_types(primary, {PROTECTIVE_TYPE})):
        return _by_gpt(read, size, primary, protective[0])
    return _by_mbr(primary, size)


def _by_mbr(primary: tuple[GuestPartition, ...], size: int) -> GuestDisk:
    dynamic = _of_types(primary, {LDM_TYPE})
    return GuestDisk(
        kind=GuestDiskKind.DYNAMIC if dynamic else GuestDiskKind.BASIC,
        scheme=PartitionScheme.MBR,
        evidence=(
            f"{_entry_place(dynamic[0])}: type {type_text(LDM_TYPE)} marks a dynamic disk"
            if dynamic
            else f"the MBR in sector 0 has {_told_types(primary)}, none of type {type_text(LDM_TYPE)} (dynamic disk)",
            *_notes_on(primary, size),
        ),
        partitions=primary,
    )


def _by_gpt(read: ReadGuest, size: int, primary: tuple[GuestPartition, ...], protective: GuestPartition) -> GuestDisk:
    announced = f"{_entry_place(protective)}: type {protective.type} announces a GPT"
    gpt = read_gpt(read, size)
    if isinstance(gpt, Unread):
        return GuestDisk(kind=GuestDiskKind.UNKNOWN, evidence=(announced, gpt.reason), partitions=primary)
    dynamic = [partition for partition in gpt.partitions if partition.type in LDM_TYPES]
    told = (
        f"entry {dynamic[0].number} of the GPT in sector {gpt.sector}: type {dynamic[0].type} ({dynamic[0].meaning})"
        if dynamic
        else f"the GPT in sector {gpt.sector} has {_told_types(gpt.partitions)}, none of a dynamic disk's types"
    )
    return GuestDisk(
        kind=GuestDiskKind.DYNAMIC if dynamic else GuestDiskKind.BASIC,
        scheme=PartitionScheme.GPT,
        evidence=(announced, *gpt.notes, told, *_beyond(gpt.partitions, size)),
        partitions=gpt.partitions,
    )


def _of_types(partitions: Sequence[GuestPartition], types: set[int] | frozenset[int]) -> list[GuestPartition]:
    wanted = {type_text(kind) for kind in types}
    return [partition for partition in partitions if partition.type in wanted]


def _entry_place(partition: GuestPartition) -> str:
    """Return where the type of an entry of the MBR stands."""
    offset = TABLE_OFFSET + ENTRY_SIZE * (partition.number - 1) + TYPE_FIELD
    return f"entry {partition.number} of the MBR, offset 0x{offset:X} of sector 0"


def _told_types(partitions: Sequence[GuestPartition]) -> str:
    if not partitions:
        return "no partitions"
    types = list(dict.fromkeys(_told_type(partition) for partition in partitions))
    rest = f" and {len(types) - _TYPES_TOLD} more" if len(types) > _TYPES_TOLD else ""
    noun = "partition" if len(partitions) == 1 else "partitions"
    return f"{len(partitions)} {noun} ({', '.join(types[:_TYPES_TOLD])}{rest})"


def _told_type(partition: GuestPartition) -> str:
    return f"{partition.type} {partition.meaning}" if partition.meaning else partition.type


def _notes_on(primary: Sequence[GuestPartition], size: int) -> Iterator[str]:
    for partition in _of_types(primary, EXTENDED_TYPES):
        yield (
            f"entry {partition.number} is an extended partition, which is not followed: what marks a dynamic disk "
            "stands in the four entries of the MBR"
        )
    yield from _beyond(primary, size)


def _beyond(partitions: Sequence[GuestPartition], size: int) -> Iterator[str]:
    """Yield a clause where partitions do not lie inside the disk: the table may have been made for another one."""
    outside = [item.number for item in partitions if item.start + item.length > size]
    if outside:
        named = ", ".join(map(str, outside[:_TYPES_TOLD])) + (", …" if len(outside) > _TYPES_TOLD else "")
        yield f"not inside this disk of {size} bytes: partition {named}"
