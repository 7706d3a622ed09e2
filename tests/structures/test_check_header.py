"""Edges of the header's checks; that each code is found in a whole image is shown by the recipes of damages."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pytest

from vhdchain.findings import Finding, Severity
from vhdchain.structures import UNUSED, DynamicHeader, Stored, build_header, parse_bat, with_header_checksum
from vhdchain.structures.check_header import HeaderOfFile, check_header
from vhdchain.structures.check_header_fields import check_entries_behind
from vhdchain.structures.header_chain import header_chain_end
from vhdchain.structures.layout import layout_of
from vhdchain.structures.layout_facts import LayoutOfFile

BLOCK = 0x200000
DATA_END = 1 << 20
HEADER = DynamicHeader(table_offset=1536, max_table_entries=4, block_size=BLOCK)


def _check(*, size: int = 4 * BLOCK, valid: bool = True, **fields: Any) -> dict[str, Finding]:
    header = with_header_checksum(dataclasses.replace(HEADER, **fields))
    if not valid:
        header = dataclasses.replace(header, checksum=header.checksum ^ 1)
    stored = Stored(offset=512, raw=build_header(header), record=header)
    file = HeaderOfFile(path="x.vhd", header=stored, virtual_size=size, data_end=DATA_END)
    return {item.code: item for item in check_header(file)}


def test_a_plain_header_is_in_order() -> None:
    assert _check() == {}


def test_one_mark_of_a_header_is_enough_to_judge_the_rest() -> None:
    assert _check(cookie=b"cxsparsE", block_size=0).keys() == {"VHD201", "VHD210"}
    assert _check(valid=False, block_size=0).keys() == {"VHD202", "VHD210"}


def test_without_both_marks_nothing_else_is_judged_and_that_is_told() -> None:
    found = _check(cookie=b"cxsparsE", valid=False, block_size=0, table_offset=0)
    assert {code: item.severity for code, item in found.items()} == {
        "VHD201": Severity.ERROR,
        "VHD202": Severity.ERROR,
        "VHD002": Severity.NOTE,
    }


@pytest.mark.parametrize(
    ("version", "severity"), [(0x00020000, Severity.ERROR), (0, Severity.ERROR), (0x00010001, Severity.WARNING)]
)
def test_a_minor_version_is_a_warning(version: int, severity: Severity) -> None:
    assert [(item.code, item.severity) for item in _check(header_version=version).values()] == [("VHD203", severity)]


@pytest.mark.parametrize(
    ("size", "code", "severity"),
    [
        (0, "VHD210", Severity.ERROR),
        (1, "VHD213", Severity.ERROR),
        (256, "VHD213", Severity.ERROR),
        (300, "VHD210", Severity.ERROR),
        (512, "VHD212", Severity.NOTE),
        (4096, "VHD212", Severity.NOTE),
        (BLOCK // 8, "VHD212", Severity.NOTE),
        (BLOCK // 4, None, None),
        (BLOCK // 2, "VHD212", Severity.NOTE),
        (BLOCK, None, None),
        (BLOCK + 512, "VHD210", Severity.ERROR),
        (2 * BLOCK, "VHD211", Severity.WARNING),
        (0x10000000, "VHD211", Severity.WARNING),
        (0x20000000, "VHD005", Severity.ERROR),
        (0x80000000, "VHD005", Severity.ERROR),
        (0xFFFFFFFF, "VHD210", Severity.ERROR),
    ],
)
def test_block_sizes_are_powers_of_two_from_a_sector_to_256_mib(
    size: int, code: str | None, severity: Severity | None
) -> None:
    found = _check(block_size=size, size=4 * size)
    assert found.keys() == ({code} if code else set())
    # Of blocks whose size is impossible nobody can say how many the table lacks.
    if code in ("VHD005", "VHD210", "VHD213"):
        assert _check(block_size=size, size=1 << 40).keys() == {code}
    assert all(item.severity is severity and item.location.offset == 512 + 32 for item in found.values())
    assert all(item.found == size for item in found.values())


@pytest.mark.parametrize(
    ("offset", "entries", "codes"),
    [
        (1536, 4, set()),
        (1536, 0xFFFFFFFF, {"VHD209"}),
        (1538, 4, {"VHD207"}),
        (0, 4, {"VHD207", "VHD208"}),
        (512, 4, {"VHD208"}),
        (1024, 4, {"VHD208"}),
        (DATA_END - 512, 128, {"VHD215"}),
        (DATA_END - 512, 129, {"VHD209"}),
        (0xFFFFFFFF_FFFFFE00, 4, {"VHD209"}),
        (1536, 3, {"VHD214"}),
        (1536, 5, {"VHD215"}),
        ((DATA_END - 4) // 512 * 512, 5, {"VHD215"}),
        (1536, 0, {"VHD214"}),
    ],
)
def test_the_table_lies_in_the_file_and_covers_the_disk(offset: int, entries: int, codes: set[str]) -> None:
    assert _check(table_offset=offset, max_table_entries=entries).keys() == codes


def test_a_table_before_the_header_must_end_there() -> None:
    header = with_header_checksum(dataclasses.replace(HEADER, table_offset=512, max_table_entries=128))
    for offset, codes in ((1024, {"VHD215"}), (1023, {"VHD208", "VHD215"})):
        stored = Stored(offset=offset, raw=build_header(header), record=header)
        file = HeaderOfFile(path="x.vhd", header=stored, virtual_size=BLOCK, data_end=DATA_END)
        assert {item.code for item in check_header(file)} == codes


@pytest.mark.parametrize(("size", "short"), [(4 * BLOCK, False), (4 * BLOCK + 512, True), (1 << 62, True)])
def test_a_partial_block_needs_an_entry(size: int, short: bool) -> None:
    assert _check(size=size).keys() == ({"VHD214"} if short else set())


def test_a_longer_table_is_a_note_with_both_numbers() -> None:
    item = _check(max_table_entries=1000)["VHD215"]
    assert (item.severity, item.expected, item.found) == (Severity.NOTE, 4, 1000)
    assert (item.location.field, item.location.offset) == ("max_table_entries", 512 + 28)


@pytest.mark.parametrize(
    "damage", [{"size": 0}, {"block_size": 3 * BLOCK}, {"block_size": 0x20000000}, {"max_table_entries": 1 << 20}]
)
def test_a_longer_table_is_not_told_where_its_number_means_nothing(damage: dict[str, Any]) -> None:
    assert "VHD215" not in _check(**damage)


# ------------------------------------------------------------------------------------------------------------- fields


def _stored(offset: int, **fields: Any) -> Stored[DynamicHeader]:
    header = with_header_checksum(dataclasses.replace(HEADER, **fields))
    return Stored(offset=offset, raw=build_header(header), record=header)


def _chain(*headers: Stored[DynamicHeader], size: int = DATA_END) -> list[Finding]:
    """Return what is said of the way that the headers lead, read as the scan reads them."""
    end = header_chain_end(headers, size)
    file = HeaderOfFile(
        path="x.vhd",
        header=headers[0],
        virtual_size=4 * BLOCK,
        data_end=DATA_END,
        further=headers[1:],
        chain_end=end,
    )
    return list(check_header(file))


def test_all_ones_end_the_chain_and_nothing_else_is_quiet() -> None:
    assert _chain(_stored(512)) == []
    assert _chain(_stored(512, data_offset=0xFFFFFFFFFFFFFFFE))[0].code == "VHD204"


@pytest.mark.parametrize("offset", [0, 1, 0xFFFFFFFF, 4100, DATA_END - 512, DATA_END, 0xFFFFFFFFFFFFFE00])
def test_an_offset_where_nothing_can_stand_is_a_warning(offset: int) -> None:
    (item,) = _chain(_stored(512, data_offset=offset))
    assert (item.code, item.severity) == ("VHD204", Severity.WARNING)
    assert (item.expected, item.found) == ("0xFFFFFFFFFFFFFFFF", f"0x{offset:X}")
    assert (item.location.field, item.location.offset) == ("data_offset", 512 + 8)


def test_an_offset_that_leads_to_bytes_without_a_cookie_is_the_same_warning() -> None:
    for cookie in (bytes(8), b"\xff" * 8, b"cxspars\0"):
        assert [item.code for item in _chain(_stored(512, data_offset=4096), _stored(4096, cookie=cookie))] == [
            "VHD204"
        ]


def test_a_second_header_or_another_structure_is_told_instead() -> None:
    for cookie in (b"cxsparse", b"cxfuture", b"tdbatmap", b"conectix"):
        (item,) = _chain(_stored(512, data_offset=4096), _stored(4096, cookie=cookie))
        assert (item.code, item.severity, item.found) == ("VHD206", Severity.WARNING, "0x1000")
        assert item.location.offset == 512 + 8


def test_a_second_header_may_itself_lead_nowhere_or_to_no_structure() -> None:
    second = _stored(4096, data_offset=7)
    assert [item.code for item in _chain(_stored(512, data_offset=4096), second)] == ["VHD206"]
    second = _stored(4096, data_offset=8192)
    assert [item.code for item in _chain(_stored(512, data_offset=4096), second, _stored(8192, cookie=bytes(8)))] == [
        "VHD206"
    ]


@pytest.mark.parametrize(
    "offsets",
    [(512, 512), (4096, 512), (512, 4096, 512), (512, 4096, 4096), (512, 8192, 4096), (512, 1024, 2048, 1024)],
)
def test_a_way_back_is_an_error_instead_of_both(offsets: tuple[int, ...]) -> None:
    headers = [_stored(here, data_offset=there) for here, there in itertools.pairwise(offsets)]
    (item,) = _chain(*headers)
    assert (item.code, item.severity) == ("VHD205", Severity.ERROR)
    assert all(str(offset) in item.message for offset in offsets)
    assert item.location.offset == offsets[0] + 8


@pytest.mark.parametrize(
    ("fields", "name", "offset", "count"),
    [
        ({"reserved_1": b"\0\0\0\7"}, "reserved_1", 512 + 60 + 3, 1),
        ({"reserved_2": bytes(255) + b"\7"}, "reserved_2", 512 + 768 + 255, 1),
        ({"reserved_1": b"\7\0\0\1", "reserved_2": b"\xff" * 256}, "reserved_1", 512 + 60, 258),
    ],
)
def test_reserved_bytes_are_counted_and_the_first_is_shown(
    fields: dict[str, Any], name: str, offset: int, count: int
) -> None:
    item = _check(**fields).pop("VHD217")
    assert (item.severity, item.location.field, item.location.offset) == (Severity.WARNING, name, offset)
    assert item.message.startswith(f"{count} reserved byte")
    assert item.found == 7


# ---------------------------------------------------------------------------------------- entries behind the disk's end


def _behind(entries: list[int], *, blocks: int = 20, sectors: int = 10_000) -> list[Finding]:
    """Return what is said of a table of ``entries`` in a file of ``sectors`` whose disk has ``blocks`` of 4 KiB."""
    raw = b"".join(entry.to_bytes(4, "big") for entry in entries)
    file = LayoutOfFile(
        path="x.vhd",
        bat=parse_bat(raw, offset=1536, declared=len(entries)),
        header_offset=512,
        block_size=4096,
        virtual_size=blocks * 4096,
        data_end=sectors * 512,
        file_size=sectors * 512 + 512,
    )
    return list(check_entries_behind(layout_of(file)))


def _places(count: int, first: int = 100) -> list[int]:
    return [first + 9 * number for number in range(count)]


def test_entries_behind_the_disk_are_counted_and_the_first_eight_listed() -> None:
    (item,) = _behind(_places(40))
    assert (item.code, item.severity, item.found, item.expected) == ("VHD216", Severity.WARNING, 20, 0)
    assert (item.location.block, item.location.offset) == (20, 1536 + 80)
    assert "(20, 21, 22, 23, 24, 25, 26, 27, …)" in item.message
    (item,) = _behind([*_places(20), UNUSED, UNUSED, UNUSED, 1000, UNUSED])
    assert (item.found, item.location.block) == (1, 23)
    assert "(23)" in item.message


def test_unused_entries_behind_the_disk_and_a_disk_of_no_size_are_quiet() -> None:
    assert _behind([*_places(20), *[UNUSED] * 100]) == []
    assert _behind([*_places(20), *[0] * 100]) == []  # filling of some writers
    assert _behind(_places(20)) == []
    assert _behind(_places(40), blocks=0) == []


@pytest.mark.parametrize("place", [1, 3, 9_992, 10_000, UNUSED - 1, 100, 108, 92])
def test_an_entry_that_cannot_be_a_block_of_its_own_is_another_finding(place: int) -> None:
    assert _behind([*_places(20), place]) == []


@pytest.mark.parametrize("place", [4, 91, 280, 9_991])
def test_an_entry_right_beside_other_things_is_a_block(place: int) -> None:
    assert [item.found for item in _behind([*_places(20), place])] == [1]
