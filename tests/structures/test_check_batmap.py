"""Edges of the batmap's checks; that each code is found in a whole image is shown by the recipes of damages."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from tests.structures.layouts import FOOTER_BYTES
from vhdchain import open_image
from vhdchain.findings import Finding, Severity
from vhdchain.image import FaultKind, Limits, check_image, scan_image
from vhdchain.source import BytesSource
from vhdchain.structures import (
    BatmapHeader,
    DiskType,
    Stored,
    batmap_checksum,
    build_bat,
    build_batmap_header,
    parse_bat,
    parse_footer,
)
from vhdchain.structures.batmap import batmap_checksum_fits, batmap_flags
from vhdchain.structures.check_batmap import BatmapOfFile, check_batmap
from vhdchain.testing.damage.batmap import edit_batmap, with_batmap
from vhdchain.testing.dialects import BLKTAP

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

FOOTER = dataclasses.replace(
    parse_footer(FOOTER_BYTES), creator_application=b"tap\0", creator_version=0x00010003, creator_host_os=bytes(4)
)
TABLE = 1536
SIZE = 1 << 20
BITS = b"\xf0\x80" + bytes(510)
# The place of the batmap's header behind a BAT of up to 128 entries.
PLACE = TABLE + 512


def _header(**fields: Any) -> BatmapHeader:
    header = BatmapHeader(batmap_offset=PLACE + 512, batmap_sectors=1, checksum=batmap_checksum(BITS))
    return dataclasses.replace(header, **fields)


def _check(
    header: BatmapHeader | None = None,
    *,
    bits: bytes | None = BITS,
    entries: int = 100,
    version: int = 0x00010003,
    creator: bytes = b"tap\0",
    table: int = TABLE,
    data_end: int = SIZE,
) -> dict[str, Finding]:
    stored = None if header is None else Stored(offset=PLACE, raw=build_batmap_header(header), record=header)
    file = BatmapOfFile(
        path="x.vhd",
        footer=dataclasses.replace(FOOTER, creator_application=creator, creator_version=version),
        header_offset=512,
        bat=parse_bat(build_bat(_unused(entries)), offset=table, declared=entries),
        batmap=stored,
        bits=bits,
        data_end=data_end,
    )
    return {item.code: item for item in check_batmap(file)}


def _unused(count: int) -> NDArray[np.uint32]:
    return parse_bat(b"\xff" * 4 * count, offset=0, declared=count).entries


def test_a_batmap_as_blktap_writes_it_is_in_order() -> None:
    assert _check(_header()) == {}
    assert _check(_header(), creator=b"qemu", version=0x00050003) == {}


@pytest.mark.parametrize(
    ("creator", "version", "codes"),
    [
        (b"tap\0", 0x00010003, {"VHD501"}),
        (b"tap\0", 0x00010002, {"VHD501"}),
        (b"tap\0", 0x00010001, set()),  # updated from 0.1 it has none
        (b"tap\0", 0x00000001, set()),
        (b"tap\0", 0x00010004, set()),  # nothing is known of it
        (b"CTXS", 0x00010003, set()),  # blktap looks at its own creator alone
        (b"win ", 0x00010003, set()),
    ],
)
def test_a_batmap_is_expected_of_two_versions_of_blktap(creator: bytes, version: int, codes: set[str]) -> None:
    assert _check(creator=creator, version=version).keys() == codes


def test_a_batmap_that_is_not_there_is_told_where_it_should_be() -> None:
    missing = _check()["VHD501"]
    assert (missing.location.offset, missing.location.field) == (PLACE, "cookie")
    assert (missing.expected, missing.severity) == ("tdbatmap", Severity.WARNING)
    assert _check(entries=129)["VHD501"].location.offset == PLACE + 512


@pytest.mark.parametrize(
    ("table", "data_end"),
    [(TABLE + 4, SIZE), (1024, SIZE), (TABLE, PLACE + 511)],
)
def test_nothing_is_missed_behind_a_bat_that_is_not_at_its_place(table: int, data_end: int) -> None:
    assert _check(table=table, data_end=data_end) == {}


@pytest.mark.parametrize(("version", "fits"), [(0x00010001, True), (0x00010002, False)])
def test_bytes_count_as_signed_in_version_1_1_alone(version: int, *, fits: bool) -> None:
    header = _header(batmap_version=version, checksum=batmap_checksum(BITS, signed=True))
    assert batmap_checksum(BITS, signed=True) == 0x8F
    assert batmap_checksum_fits(header, BITS) is fits
    assert _check(header).keys() == (set() if fits else {"VHD503"})
    # A char is unsigned on some machines.
    assert _check(_header(batmap_version=version)) == {}


def test_a_wrong_checksum_is_told_with_both_values() -> None:
    found = _check(_header(checksum=0xFFFFFE8E))["VHD503"]
    assert (found.expected, found.found) == ("0xFFFFFE8F", "0xFFFFFE8E")
    assert found.location.offset == PLACE + 24


def test_bits_of_an_unknown_version_or_that_were_not_read_have_no_checksum_to_judge() -> None:
    assert _check(_header(batmap_version=0x00020000, checksum=1)).keys() == {"VHD502"}
    assert _check(_header(checksum=1), bits=None) == {}


@pytest.mark.parametrize(
    ("entries", "sectors", "expected"),
    [(4096, 1, None), (4097, 1, 2), (4097, 2, None), (100, 0, 1), (0, 0, 0), (8193, 2, 3)],
)
def test_a_batmap_has_a_bit_for_each_entry_of_the_bat(entries: int, sectors: int, expected: int | None) -> None:
    found = _check(_header(batmap_sectors=sectors), bits=None, entries=entries)
    assert [(item.code, item.expected, item.found) for item in found.values()] == (
        [] if expected is None else [("VHD504", expected, sectors)]
    )


@pytest.mark.parametrize(
    ("offset", "codes"),
    [
        (0, {"VHD505"}),
        (PLACE + 513, {"VHD505"}),
        (SIZE - 512, set()),
        (SIZE, {"VHD506"}),
        ((1 << 64) - 512, {"VHD506"}),
        ((1 << 64) - 1, {"VHD505"}),
    ],
)
def test_a_batmap_lies_at_a_sector_inside_the_data(offset: int, codes: set[str]) -> None:
    found = _check(_header(batmap_offset=offset), bits=None)
    assert found.keys() == codes
    assert all(item.location.offset == PLACE + 8 for item in found.values())


def test_a_key_is_set_by_a_one_alone() -> None:
    hashed = b"\1" + bytes(range(32)) + bytes(range(32, 64)) + bytes(418)
    found = _check(_header(reserved=hashed))["VHD512"]
    assert found.found == bytes(range(32, 64)).hex()
    assert found.location.offset == PLACE + 29
    assert _check(_header(reserved=b"\2" + hashed[1:])) == {}
    assert _check(_header(reserved=b"\0" + hashed[1:])) == {}


def test_bits_are_read_most_significant_first_and_only_as_far_as_there_are_any() -> None:
    assert batmap_flags(BITS, 10).tolist() == [True] * 4 + [False] * 4 + [True, False]
    assert batmap_flags(b"\xff", 10).tolist() == [True] * 8 + [False] * 2
    assert batmap_flags(b"", 2).tolist() == [False, False]
    assert batmap_flags(b"\xff", 3).tolist() == [True] * 3


@pytest.mark.parametrize(
    "fields",
    [
        {"batmap_offset": 0},
        {"batmap_offset": 513},
        {"batmap_sectors": 0},
        {"batmap_sectors": 0xFFFFFFFF},
        {"batmap_offset": (1 << 64) - 512},
    ],
)
def test_bits_whose_place_cannot_be_right_are_not_read(fields: dict[str, int]) -> None:
    image = scan_image(BytesSource(edit_batmap(with_batmap(DiskType.DYNAMIC, BLKTAP), **fields)))
    assert image.batmap is not None
    assert (image.batmap_bits, image.faults) == (None, ())


def test_the_end_footer_is_not_taken_for_bits() -> None:
    raw = with_batmap(DiskType.DYNAMIC, BLKTAP)
    last = edit_batmap(raw, batmap_offset=len(raw) - 1024)
    assert scan_image(BytesSource(last)).batmap_bits == raw[-1024:-512]
    assert scan_image(BytesSource(edit_batmap(raw, batmap_offset=len(raw) - 512))).batmap_bits is None


def test_more_bits_than_the_limit_are_left_out_with_a_warning() -> None:
    raw = edit_batmap(with_batmap(DiskType.DYNAMIC, BLKTAP), batmap_sectors=2)
    limits = Limits(max_bat_entries=4096)
    image = scan_image(BytesSource(raw), limits=limits)
    assert image.batmap_bits is None
    assert [(fault.kind, fault.structure, fault.length) for fault in image.faults] == [
        (FaultKind.LIMIT, "batmap bits", 1024)
    ]
    told = [(item.code, item.severity) for item in check_image(image) if item.severity is not Severity.NOTE]
    assert told == [("VHD005", Severity.WARNING)]


@pytest.mark.corpus
def test_the_batmap_of_a_real_xenserver_is_read_and_in_order(corpus: Path) -> None:
    with open_image(corpus / "single" / "govhd_xapi.vhd") as image:
        assert image.batmap is not None
        assert image.batmap_bits is not None
        assert len(image.batmap_bits) == 512
        assert batmap_checksum_fits(image.batmap.record, image.batmap_bits)
        assert [item.code for item in check_image(image) if item.code.startswith("VHD5")] == []
