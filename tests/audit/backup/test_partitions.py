"""Whether a disk is basic or dynamic: tables of every kind, what merely looks like one, and forged numbers."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audit.backup.tables import (
    BASIC_DATA,
    DISK,
    DISK_SECTORS,
    LDM_DATA,
    LDM_METADATA,
    PROTECTIVE,
    RESERVED,
    SECTOR,
    entries_of,
    gpt_disk,
    header_of,
    mbr,
    put,
)
from vhdchain.audit.backup import GuestDisk, GuestDiskKind, GuestPartition, PartitionScheme, guest_disk_kind
from vhdchain.audit.backup.gpt import LONGEST_TABLE
from vhdchain.errors import CancelledError, ShortReadError, UnknownDataError
from vhdchain.source import BytesSource

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BASIC, DYNAMIC, UNPARTITIONED, UNKNOWN = GuestDiskKind

LAST = DISK_SECTORS - 1


def judged(disk: bytes | bytearray) -> GuestDisk:
    return guest_disk_kind(BytesSource(disk).read_at, len(disk))


def with_sector_0(sector: bytes, size: int = DISK) -> bytes:
    return sector.ljust(size, b"\0")


# ------------------------------------------------------------------------------------------------------------ the MBR


def test_a_windows_disk_with_an_mbr_is_basic() -> None:
    disk = judged(with_sector_0(mbr((0x07, 2048, 100), (0x27, 2148, 8), status=0x80)))
    assert disk == GuestDisk(
        kind=BASIC,
        scheme=PartitionScheme.MBR,
        evidence=(
            "the MBR in sector 0 has 2 partitions (0x07 NTFS, 0x27 Windows recovery), none of type 0x42 (dynamic disk)",
        ),
        partitions=(
            GuestPartition(number=1, type="0x07", meaning="NTFS", start=2048 * 512, length=100 * 512),
            GuestPartition(number=2, type="0x27", meaning="Windows recovery", start=2148 * 512, length=8 * 512),
        ),
    )


@pytest.mark.parametrize(("entry", "offset"), [(1, "0x1C2"), (2, "0x1D2"), (3, "0x1E2"), (4, "0x1F2")])
def test_type_42_in_any_entry_makes_the_disk_dynamic(entry: int, offset: str) -> None:
    entries = [(0x07, 64 * number, 64) for number in range(1, 5)]
    entries[entry - 1] = (0x42, 64 * entry, 64)
    sector = mbr(*entries)
    assert sector[int(offset, 16)] == 0x42
    disk = judged(with_sector_0(sector))
    assert (disk.kind, disk.scheme) == (DYNAMIC, PartitionScheme.MBR)
    assert disk.evidence == (f"entry {entry} of the MBR, offset {offset} of sector 0: type 0x42 marks a dynamic disk",)
    assert disk.partitions[entry - 1].meaning == "dynamic disk"


def test_type_42_counts_whatever_else_its_entry_says() -> None:
    assert judged(with_sector_0(mbr((0x42, 0, 0)))).kind is DYNAMIC
    beyond = judged(with_sector_0(mbr((0x42, 0xFFFFFFFF, 0xFFFFFFFF))))
    assert beyond.kind is DYNAMIC
    assert beyond.evidence[1] == f"not inside this disk of {DISK} bytes: partition 1"


def test_an_initialised_disk_without_partitions_is_basic() -> None:
    disk = judged(with_sector_0(mbr()))
    assert (disk.kind, disk.scheme, disk.partitions) == (BASIC, PartitionScheme.MBR, ())
    assert disk.evidence == ("the MBR in sector 0 has no partitions, none of type 0x42 (dynamic disk)",)


@pytest.mark.parametrize("kind", [0x05, 0x0F])
def test_an_extended_partition_is_told_and_not_followed(kind: int) -> None:
    disk = bytearray(with_sector_0(mbr((0x07, 63, 100), (kind, 200, 100))))
    # What a logical drive says of itself does not make the disk dynamic.
    put(disk, 200, mbr((0x42, 1, 10)))
    found = judged(disk)
    assert found.kind is BASIC
    assert found.evidence[1].startswith("entry 2 is an extended partition, which is not followed")


def test_a_partition_ends_inside_a_disk_that_is_just_long_enough() -> None:
    sector = mbr((0x07, 8, 8), (0x07, 16, 9))
    assert judged(with_sector_0(sector, 25 * SECTOR)).evidence[1:] == ()
    assert judged(with_sector_0(sector, 24 * SECTOR)).evidence[1:] == (
        "not inside this disk of 12288 bytes: partition 2",
    )


# ------------------------------------------------------------------------------------------------- no partition table

BOOT_SECTOR = "sector 0 ends with 55 AA, but has no partitions, and it is the boot sector of a file system: "


@pytest.mark.parametrize(
    ("sector", "evidence"),
    [
        (bytes(SECTOR), "sector 0 holds zeros only"),
        (b"\1" + bytes(511), "sector 0 ends with 00 00, not with 55 AA"),
        (mbr((0x42, 63, 100))[:510] + b"\xaa\x55", "sector 0 ends with AA 55, not with 55 AA"),
        (
            mbr((0x42, 63, 100), status=0x7F),
            "sector 0 ends with 55 AA, but entry 1 would begin with 0x7F, where a partition table has 00 or 80",
        ),
        (
            mbr(code=b"\xeb\x52\x90NTFS    "),
            f"{BOOT_SECTOR}'NTFS' at offset 3",
        ),
        (
            mbr(code=b"\xeb\x58\x90mkfs.fat".ljust(0x52, b"\0") + b"FAT32   "),
            f"{BOOT_SECTOR}'FAT32' at offset 82",
        ),
    ],
)
def test_a_disk_without_a_table_is_neither_basic_nor_dynamic(sector: bytes, evidence: str) -> None:
    assert judged(with_sector_0(sector)) == GuestDisk(kind=UNPARTITIONED, evidence=(evidence,))


def test_a_table_with_partitions_counts_though_a_file_system_has_its_name_there() -> None:
    assert judged(with_sector_0(mbr((0x42, 63, 100), code=b"\xeb\x52\x90NTFS    "))).kind is DYNAMIC


@pytest.mark.parametrize("size", [0, 1, 511])
def test_a_disk_of_less_than_a_sector_has_no_table(size: int) -> None:
    assert judged(bytes(size)).evidence == (f"the disk has {size} bytes, less than a sector",)


# ------------------------------------------------------------------------------------------------------------ the GPT


def test_a_gpt_without_types_of_ldm_is_basic() -> None:
    disk = judged(gpt_disk(RESERVED, BASIC_DATA))
    assert (disk.kind, disk.scheme) == (BASIC, PartitionScheme.GPT)
    assert disk.partitions == (
        GuestPartition(
            number=1,
            type="e3c9e316-0b5c-4db8-817d-f92df00215ae",
            meaning="Microsoft reserved",
            start=40 * 512,
            length=8 * 512,
        ),
        GuestPartition(
            number=2,
            type="ebd0a0a2-b9e5-4433-87c0-68b6b72699c7",
            meaning="basic data",
            start=48 * 512,
            length=8 * 512,
        ),
    )
    told = [f"{item.type} {item.meaning}" for item in disk.partitions]
    assert disk.evidence == (
        "entry 1 of the MBR, offset 0x1C2 of sector 0: type 0xEE announces a GPT",
        f"the GPT in sector 1 has 2 partitions ({told[0]}, {told[1]}), none of a dynamic disk's types",
    )


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (LDM_METADATA, "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3 (LDM metadata of a dynamic disk)"),
        (LDM_DATA, "af9b60a0-1431-4f62-bc68-3311714a69ad (LDM data of a dynamic disk)"),
    ],
)
def test_each_type_of_ldm_in_a_gpt_makes_the_disk_dynamic(kind: bytes, told: str) -> None:
    disk = judged(gpt_disk(*[BASIC_DATA] * 127, kind))
    assert (disk.kind, disk.scheme, len(disk.partitions)) == (DYNAMIC, PartitionScheme.GPT, 128)
    assert disk.evidence[1] == f"entry 128 of the GPT in sector 1: type {told}"


def test_a_guid_in_plain_byte_order_is_another_type() -> None:
    assert judged(gpt_disk(bytes.fromhex("5808c8aa7e8f42e085d2e1e90434cfb3"))).kind is BASIC


def test_a_hybrid_mbr_is_dynamic_by_either_table() -> None:
    disk = gpt_disk(BASIC_DATA)
    disk[:SECTOR] = mbr((0x07, 40, 8), (0xEE, 1, 39))
    assert (judged(disk).kind, judged(disk).scheme) == (BASIC, PartitionScheme.GPT)
    disk[:SECTOR] = mbr((0x42, 40, 8), (0xEE, 1, 39))
    assert (judged(disk).kind, judged(disk).scheme) == (DYNAMIC, PartitionScheme.MBR)


@pytest.mark.parametrize("length", [92, 512])
def test_a_header_may_fill_its_sector(length: int) -> None:
    entries = entries_of(LDM_DATA)
    disk = gpt_disk(LDM_DATA)
    put(disk, 1, header_of(entries, header_size=length))
    assert judged(disk).evidence[1].startswith("entry 1 of the GPT in sector 1")


def test_entries_may_be_larger_and_lie_elsewhere() -> None:
    entries = entries_of(BASIC_DATA, LDM_DATA, count=16, size=4096)
    disk = gpt_disk()
    put(disk, 1000, entries)
    put(disk, 1, header_of(entries, at=1000, count=16, size=4096))
    assert judged(disk).kind is DYNAMIC
    assert judged(disk).partitions[1].number == 2


# What spoils the primary header or its entries, and what is told of that.
SPOILED: dict[str, tuple[Callable[[bytearray], None], str]] = {
    "signature": (lambda disk: put(disk, 1, b"EFI PARS"), "begins with 45 46 49 20 50 41 52 53, not with 'EFI PART'"),
    "zeros": (lambda disk: put(disk, 1, bytes(SECTOR)), "begins with 00 00 00 00 00 00 00 00, not with 'EFI PART'"),
    "crc": (lambda disk: put(disk, 1, header_of(entries_of(), crc=1)), "stores checksum 0x00000001, its bytes have"),
    "a byte": (lambda disk: disk.__setitem__(SECTOR + 60, 0x77), "stores checksum 0x"),
    "entry": (lambda disk: disk.__setitem__(2 * SECTOR + 5, 0x77), "for its entries, which have 0x"),
    "short header": (
        lambda disk: put(disk, 1, header_of(entries_of(), header_size=91)),
        "says that it is 91 bytes long; 92 to 512 are possible",
    ),
    "long header": (
        lambda disk: put(disk, 1, header_of(entries_of(), header_size=0xFFFFFFFF)),
        "says that it is 4294967295 bytes long",
    ),
    "place": (lambda disk: put(disk, 1, header_of(entries_of(), own=2)), "says that it lies in sector 2"),
    "no entries": (
        lambda disk: put(disk, 1, header_of(b"", count=0)),
        "has 0 entries of 128 bytes, which is not sensible",
    ),
    "many entries": (
        lambda disk: put(disk, 1, header_of(b"", count=LONGEST_TABLE // 128 + 1)),
        "has 8193 entries of 128 bytes, which is not sensible",
    ),
    "all entries": (
        lambda disk: put(disk, 1, header_of(b"", count=0xFFFFFFFF, size=0xFFFFFF80)),
        "has 4294967295 entries of 4294967168 bytes, which is not sensible",
    ),
    "odd entries": (
        lambda disk: put(disk, 1, header_of(b"", size=136)),
        "has 128 entries of 136 bytes, which is not sensible",
    ),
    "empty entries": (lambda disk: put(disk, 1, header_of(b"", size=0)), "has 128 entries of 0 bytes"),
    "over the MBR": (lambda disk: put(disk, 1, header_of(b"", at=0)), "puts its entries into sectors 0 to 31"),
    "over itself": (lambda disk: put(disk, 1, header_of(b"", at=1)), "puts its entries into sectors 1 to 32"),
    "over the end": (
        lambda disk: put(disk, 1, header_of(b"", at=DISK_SECTORS - 31)),
        "puts its entries into sectors 4065 to 4096, where they cannot be",
    ),
    "far away": (
        lambda disk: put(disk, 1, header_of(b"", at=2**64 - 1)),
        "puts its entries into sectors 18446744073709551615 to 18446744073709551646, where they cannot be",
    ),
}


@pytest.mark.parametrize("spoiled", SPOILED)
@pytest.mark.parametrize(("kind", "outcome"), [(LDM_METADATA, DYNAMIC), (BASIC_DATA, BASIC)])
def test_the_backup_counts_where_the_primary_is_bad(spoiled: str, kind: bytes, outcome: GuestDiskKind) -> None:
    spoil, told = SPOILED[spoiled]
    disk = gpt_disk(kind)
    spoil(disk)
    found = judged(disk)
    assert (found.kind, found.scheme) == (outcome, PartitionScheme.GPT)
    assert found.evidence[1].startswith("the GPT header in sector 1 ")
    assert told in found.evidence[1]
    assert f"in sector {LAST}" in found.evidence[2]


@pytest.mark.parametrize("spoiled", SPOILED)
def test_without_a_whole_header_nothing_is_known(spoiled: str) -> None:
    disk = gpt_disk(BASIC_DATA)
    SPOILED[spoiled][0](disk)
    put(disk, LAST, bytes(8))
    found = judged(disk)
    assert (found.kind, found.scheme) == (UNKNOWN, None)
    assert f"; the GPT header in the last sector ({LAST}) begins with 00" in found.evidence[1]


@pytest.mark.parametrize("at", [0, 1, LAST - 31, LAST])
def test_the_entries_of_a_backup_lie_outside_of_headers(at: int) -> None:
    disk = gpt_disk(BASIC_DATA)
    put(disk, 1, bytes(8))
    put(disk, LAST, header_of(b"", own=LAST, other=1, at=at))
    found = judged(disk)
    assert found.kind is UNKNOWN
    told = f"puts its entries into sectors {at} to {at + 31}, where they cannot be"
    assert found.evidence[1].endswith(f"({LAST}) {told}")


def test_a_primary_header_that_is_whole_needs_no_backup() -> None:
    disk = gpt_disk(LDM_DATA)
    put(disk, LAST, bytes(SECTOR))
    assert len(judged(disk).evidence) == 2


def test_the_backup_lies_in_the_last_whole_sector() -> None:
    disk = gpt_disk(LDM_DATA)
    put(disk, 1, bytes(SECTOR))
    assert judged(disk + bytes(100)).kind is DYNAMIC
    assert judged(disk + bytes(SECTOR)).kind is UNKNOWN


@pytest.mark.parametrize("sectors", [1, 2, 3, 33])
def test_a_protective_mbr_on_a_disk_without_room_for_a_gpt(sectors: int) -> None:
    disk = with_sector_0(PROTECTIVE, sectors * SECTOR)
    found = judged(disk)
    assert found.kind is UNKNOWN
    assert ("sector 1 lies behind the end of the disk" in found.evidence[1]) is (sectors == 1)
    assert judged((disk[:SECTOR] + header_of(entries_of()))[: sectors * SECTOR].ljust(len(disk), b"\0")).kind is UNKNOWN


# ------------------------------------------------------------------------------------------------------- failing reads


class Failing:
    """Reads a disk, except sectors that raise or give less."""

    def __init__(self, disk: bytes | bytearray, bad: dict[int, Exception | int]) -> None:
        self._disk = disk
        self._bad = bad
        self.lengths: list[int] = []

    def __call__(self, offset: int, length: int) -> bytes:
        assert 0 <= offset <= offset + length <= len(self._disk)
        self.lengths.append(length)
        fault = self._bad.get(offset // SECTOR)
        if isinstance(fault, Exception):
            raise fault
        return bytes(self._disk[offset : offset + (length if fault is None else fault)])


@pytest.mark.parametrize(
    ("fault", "evidence"),
    [
        (UnknownDataError("it is in the parent"), "sector 0 could not be read: it is in the parent"),
        (ShortReadError("cut off"), "sector 0 could not be read: cut off"),
        (OSError(5, "Input/output error"), "sector 0 could not be read: Input/output error"),
        (OSError(), "sector 0 could not be read: OSError"),
        (100, "sector 0 could not be read: 100 of 512 bytes came"),
    ],
)
def test_what_cannot_be_read_is_unknown(fault: Exception | int, evidence: str) -> None:
    disk = with_sector_0(mbr((0x07, 63, 100)))
    assert guest_disk_kind(Failing(disk, {0: fault}), DISK) == GuestDisk(kind=UNKNOWN, evidence=(evidence,))


@pytest.mark.parametrize("bad", [1, 2])
def test_the_backup_is_asked_where_the_primary_cannot_be_read(bad: int) -> None:
    disk = gpt_disk(LDM_DATA)
    found = guest_disk_kind(Failing(disk, {bad: ShortReadError("cut off")}), DISK)
    assert found.kind is DYNAMIC
    assert "could not be read: cut off" in found.evidence[1]
    both = guest_disk_kind(Failing(disk, {bad: ShortReadError("cut off"), LAST: ShortReadError("gone")}), DISK)
    assert both.kind is UNKNOWN
    assert "gone" in both.evidence[1]


def test_being_asked_to_stop_is_no_reason_for_an_answer() -> None:
    with pytest.raises(CancelledError):
        guest_disk_kind(Failing(bytes(DISK), {0: CancelledError("stopped")}), DISK)


# ------------------------------------------------------------------------------------------------------------- anything


@given(
    sector=st.binary(min_size=510, max_size=510),
    rest=st.binary(max_size=40 * SECTOR),
    signed=st.booleans(),
)
def test_any_sector_gets_an_answer(sector: bytes, rest: bytes, signed: bool) -> None:
    disk = sector + (b"\x55\xaa" if signed else sector[:2]) + rest
    read = Failing(disk, {})
    found = guest_disk_kind(read, len(disk))
    assert found.evidence
    assert len(read.lengths) <= 5


@given(
    numbers=st.tuples(*[st.integers(0, 2**64 - 1)] * 3),
    count=st.integers(0, 2**32 - 1),
    size=st.sampled_from([0, 127, 128, 256, 4096, 8192, 2**32 - 1]) | st.integers(0, 2**32 - 1),
    small=st.booleans(),
)
def test_whatever_a_header_says_reads_stay_inside_of_the_disk(
    numbers: tuple[int, int, int], count: int, size: int, small: bool
) -> None:
    own, other, at = numbers
    count, at, own = (count % 300, at % 5000, 1) if small else (count, at, own)
    disk = gpt_disk(BASIC_DATA)
    put(disk, 1, header_of(b"", own=own, other=other, at=at, count=count, size=size))
    read = Failing(disk, {})
    assert guest_disk_kind(read, DISK).kind is BASIC
    assert max(read.lengths) <= LONGEST_TABLE


@given(
    entries=st.lists(st.tuples(st.integers(0, 255), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)), max_size=4)
)
def test_an_mbr_is_dynamic_exactly_where_a_type_is_42(entries: list[tuple[int, int, int]]) -> None:
    types = {kind for kind, *_ in entries}
    expected = DYNAMIC if 0x42 in types else UNKNOWN if 0xEE in types else BASIC
    found = judged(with_sector_0(mbr(*entries)))
    assert found.kind is expected
    assert [item.number for item in found.partitions] == [n for n, (kind, *_) in enumerate(entries, 1) if kind]


# ------------------------------------------------------------------------------------------------------ another reader


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("disk", "types"),
    [
        (
            gpt_disk(RESERVED, LDM_METADATA, LDM_DATA, BASIC_DATA),
            ["Windows MSR", "Windows LDM Metadata", "Windows LDM Data", "Windows BDP"],
        ),
        (with_sector_0(mbr((0x42, 63, 2000), (0x07, 2100, 100), status=0x80)), ["66", "7"]),
    ],
)
def test_7zip_sees_the_same_partitions(
    seven_zip: str, tmp_path: Path, disk: bytes | bytearray, types: list[str]
) -> None:
    (tmp_path / "disk.img").write_bytes(disk)
    listed = subprocess.run([seven_zip, "l", "-slt", tmp_path / "disk.img"], capture_output=True, text=True, check=True)
    fields = {
        field: re.findall(rf"^{field} = (.+)$", listed.stdout.partition("-" * 10)[2], re.MULTILINE)
        for field in ("File System", "Offset", "Size")
    }
    found = judged(disk).partitions
    assert fields["File System"] == types
    # It lists what no partition covers as well.
    assert [int(offset) for offset in fields["Offset"]][: len(types)] == [item.start for item in found]
    assert [int(size) for size in fields["Size"]][: len(types)] == [item.length for item in found]
