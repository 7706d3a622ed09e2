"""A footer with bytes behind it is found where there is no doubt that it is one, and nothing else is taken for it."""

from __future__ import annotations

from functools import cache

import pytest

from vhdchain.image import FaultKind, FooterPolicy, scan_image
from vhdchain.shell.opening import chain_from_sources
from vhdchain.source import BytesSource
from vhdchain.structures import DiskType
from vhdchain.testing.edits import BLOCK_SIZE, edit_entry, edit_footer, edit_header, healthy, overwrite
from vhdchain.testing.shrinking import ShrunkSource

_healthy = cache(healthy)
SPARSE = _healthy(DiskType.DYNAMIC)
FIXED = _healthy(DiskType.FIXED)
KEPT = bytes(50) + b"kept" + bytes(373)
MIB = 1 << 20
TAIL = b"\xa5" * 700
KINDS = (DiskType.FIXED, DiskType.DYNAMIC, DiskType.DIFFERENCING)


class Recording(BytesSource):
    """Keeps the ranges that were read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.ranges: list[tuple[int, int]] = []

    def read_at(self, offset: int, length: int) -> bytes:
        self.ranges.append((offset, length))
        return super().read_at(offset, length)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "behind", [b"\0", bytes(511), bytes(512), TAIL, b"conectix" * 200 + TAIL, bytes(MIB - 512)], ids=len
)
def test_a_footer_with_bytes_behind_it_is_the_end_footer(kind: DiskType, behind: bytes) -> None:
    raw = _healthy(kind)
    image, healthy_image = scan_image(BytesSource(raw + behind)), scan_image(BytesSource(raw))
    assert image.footer_end == healthy_image.footer_end
    assert image.footer_copy == healthy_image.footer_copy
    assert (image.footer_source, image.disk_type, image.faults) == (FooterPolicy.END, kind, ())
    assert (image.data_end, image.virtual_size) == (len(raw) - 512, healthy_image.virtual_size)
    assert image.file_size == len(raw) + len(behind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_disk_reads_the_same_with_bytes_behind_its_footer(kind: DiskType) -> None:
    below = [] if kind is not DiskType.DIFFERENCING else [FIXED]
    disks = []
    for behind in (b"", TAIL):
        with chain_from_sources([BytesSource(file) for file in (*below, _healthy(kind) + behind)]) as chain:
            disks.append((chain.virtual_size, chain.read(0, chain.virtual_size), chain.block_map().extents.tolist()))
    assert disks[0] == disks[1]


def test_the_policy_chooses_also_where_the_footer_lies_earlier() -> None:
    raw = edit_footer(SPARSE, end=False, time_stamp=500_000_000) + TAIL
    for policy, chosen in (
        (FooterPolicy.AUTO, FooterPolicy.END),
        (FooterPolicy.END, FooterPolicy.END),
        (FooterPolicy.COPY, FooterPolicy.COPY),
    ):
        image = scan_image(BytesSource(raw), footer=policy)
        assert image.footer_source is chosen
        assert image.data_end == len(SPARSE) - 512


FOOTER = SPARSE[-512:]


@pytest.mark.parametrize(
    "raw",
    [
        SPARSE[:-512] + overwrite(FOOTER, 27, b"\x77") + TAIL,
        edit_footer(SPARSE, copy=False, unique_id=bytes(16)) + TAIL,
        edit_footer(SPARSE, copy=False, current_size=512) + TAIL,
        edit_footer(SPARSE, copy=False, disk_type_raw=4) + TAIL,
        edit_footer(SPARSE, copy=False, data_offset=1024) + TAIL,
        edit_footer(SPARSE, copy=False, checksum=False, reserved=KEPT) + TAIL,
        SPARSE[:-512] + b"\0" + FOOTER + TAIL,
        SPARSE[:-512] + bytes(MIB) + FOOTER + TAIL,
        edit_entry(SPARSE, 0, len(SPARSE) // 512) + bytes(512 + BLOCK_SIZE),
        edit_header(SPARSE, block_size=0) + TAIL,
        edit_header(SPARSE, table_offset=1 << 40) + TAIL,
        edit_header(SPARSE, max_table_entries=10) + TAIL,
    ],
    ids=[
        "checksum",
        "another disk",
        "another size",
        "another type",
        "another header",
        "checksum without reserved bytes",
        "within a sector",
        "too far behind the last block",
        "a block lies behind it",
        "no blocks",
        "no BAT",
        "not all entries",
    ],
)
def test_a_doubtful_footer_is_not_taken_in_a_sparse_image(raw: bytes) -> None:
    image = scan_image(BytesSource(raw))
    assert image.footer_end is None
    assert (image.footer_source, image.data_end) == (FooterPolicy.COPY, len(raw))


def test_a_footer_just_less_than_a_mebibyte_behind_the_last_block_is_taken() -> None:
    raw = SPARSE[:-512] + bytes(MIB - 512) + FOOTER
    assert scan_image(BytesSource(raw + TAIL)).data_end == len(raw) - 512


def test_an_empty_sparse_image_ends_behind_its_table() -> None:
    raw = SPARSE[:1536] + b"\xff" * 512 + FOOTER + TAIL
    assert scan_image(BytesSource(raw)).data_end == 2048


def test_an_entry_behind_the_disk_is_none_of_its_blocks() -> None:
    raw = edit_header(overwrite(SPARSE, 1536 + 4 * 11, b"\0\1\0\0"), max_table_entries=12)
    assert scan_image(BytesSource(raw + TAIL)).data_end == len(SPARSE) - 512


FIXED_FOOTER = FIXED[-512:]


@pytest.mark.parametrize(
    "raw",
    [
        FIXED[:-512] + overwrite(FIXED_FOOTER, 27, b"\x77") + TAIL,
        FIXED[:-512] + bytes(512) + FIXED_FOOTER + TAIL,
        FIXED[512:] + TAIL,
        edit_footer(FIXED, checksum=False, reserved=KEPT) + TAIL,
        FIXED + bytes(MIB - 511),
        edit_footer(FIXED, disk_type_raw=5) + TAIL,
        edit_footer(FIXED, current_size=0)[-512:] + TAIL + bytes(512),
    ],
    ids=["checksum", "disk shorter", "disk longer", "without reserved", "too far from the end", "type", "no disk"],
)
def test_a_doubtful_footer_is_not_taken_in_a_fixed_disk(raw: bytes) -> None:
    assert scan_image(BytesSource(raw)).footer_end is None


def test_a_damaged_copy_does_not_keep_a_fixed_disk_from_being_found() -> None:
    guest = edit_footer(SPARSE, end=False, checksum=False, time_stamp=9)[:512]
    image = scan_image(BytesSource(guest + FIXED[512:] + TAIL))
    assert (image.footer_source, image.disk_type, image.header) == (FooterPolicy.END, DiskType.FIXED, None)


def test_of_two_fixed_disks_the_one_that_ends_last_counts() -> None:
    longer = edit_footer(FIXED, current_size=len(FIXED), original_size=len(FIXED))[-512:]
    image = scan_image(BytesSource(FIXED + longer + TAIL))
    assert (image.virtual_size, image.data_end) == (len(FIXED), len(FIXED))


@pytest.mark.parametrize("raw", [bytes(5 * MIB), SPARSE[:-512] + bytes(5 * MIB)], ids=["no footer", "only a copy"])
def test_looking_for_a_footer_reads_a_mebibyte_in_pieces(raw: bytes) -> None:
    source = Recording(raw)
    assert scan_image(source).footer_end is None
    assert max(length for _, length in source.ranges) <= 1 << 16
    assert sum(length for _, length in source.ranges) < MIB + 8192


@pytest.mark.parametrize("kind", KINDS)
def test_a_footer_at_the_end_is_not_looked_for_elsewhere(kind: DiskType) -> None:
    source = Recording(_healthy(kind))
    scan_image(source)
    assert sum(length for _, length in source.ranges) < 8192


def test_a_file_that_shrinks_while_a_footer_is_looked_for_is_on_record() -> None:
    image = scan_image(ShrunkSource(BytesSource(bytes(2 * MIB)), left=MIB + 100))
    assert image.footer_end is None
    assert (FaultKind.SHORT_READ, "footer") in [(fault.kind, fault.structure) for fault in image.faults]
