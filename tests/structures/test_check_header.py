"""Edges of the header's checks; that each code is found in a whole image is shown by the recipes of damages."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from vhdchain.findings import Finding, Severity
from vhdchain.structures import DynamicHeader, Stored, build_header, with_header_checksum
from vhdchain.structures.check_header import HeaderOfFile, check_header

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
    ("size", "code"),
    [
        (0, "VHD210"),
        (1, "VHD213"),
        (256, "VHD213"),
        (300, "VHD210"),
        (512, None),
        (4096, None),
        (BLOCK, None),
        (BLOCK + 512, "VHD210"),
        (0x10000000, None),
        (0x20000000, "VHD005"),
        (0x80000000, "VHD005"),
        (0xFFFFFFFF, "VHD210"),
    ],
)
def test_block_sizes_are_powers_of_two_from_a_sector_to_256_mib(size: int, code: str | None) -> None:
    found = _check(block_size=size, size=min(size, 512) * 4)
    assert found.keys() == ({code} if code else set())
    assert all(item.severity is Severity.ERROR and item.location.offset == 512 + 32 for item in found.values())


@pytest.mark.parametrize(
    ("offset", "entries", "codes"),
    [
        (1536, 4, set()),
        (1536, 0xFFFFFFFF, {"VHD209"}),
        (1538, 4, {"VHD207"}),
        (0, 4, {"VHD207", "VHD208"}),
        (512, 4, {"VHD208"}),
        (1024, 4, {"VHD208"}),
        (DATA_END - 512, 128, set()),
        (DATA_END - 512, 129, {"VHD209"}),
        (0xFFFFFFFF_FFFFFE00, 4, {"VHD209"}),
        (1536, 3, {"VHD214"}),
        (1536, 5, set()),
        (1536, 0, {"VHD214"}),
    ],
)
def test_the_table_lies_in_the_file_and_covers_the_disk(offset: int, entries: int, codes: set[str]) -> None:
    assert _check(table_offset=offset, max_table_entries=entries).keys() == codes


def test_a_table_before_the_header_must_end_there() -> None:
    header = with_header_checksum(dataclasses.replace(HEADER, table_offset=512, max_table_entries=128))
    for offset, codes in ((1024, set()), (1023, {"VHD208"})):
        stored = Stored(offset=offset, raw=build_header(header), record=header)
        file = HeaderOfFile(path="x.vhd", header=stored, virtual_size=BLOCK, data_end=DATA_END)
        assert {item.code for item in check_header(file)} == codes


@pytest.mark.parametrize(("size", "short"), [(4 * BLOCK, False), (4 * BLOCK + 512, True), (1 << 62, True)])
def test_a_partial_block_needs_an_entry(size: int, short: bool) -> None:
    assert _check(size=size).keys() == ({"VHD214"} if short else set())
