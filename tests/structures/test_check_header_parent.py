"""What a header says of a parent: severities, boundaries and the cases that are in order."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from vhdchain.findings import Finding, Severity
from vhdchain.structures import (
    DiskType,
    DynamicHeader,
    ParentLocator,
    Stored,
    build_header,
    encode_parent_name,
    with_header_checksum,
)
from vhdchain.structures.check_header import HeaderOfFile, check_header
from vhdchain.structures.dynamic_header import NO_LOCATORS
from vhdchain.testing.edits import end_footer, healthy

NOW = 400_000_000
HOUR = 3600
BLOCK = 0x200000
OWN, PARENT = b"\1" * 16, b"\2" * 16
FOOTER = dataclasses.replace(
    end_footer(healthy(DiskType.DIFFERENCING)), unique_id=OWN, time_stamp=NOW - 1000 * HOUR, current_size=4 * BLOCK
)
CHILD = DynamicHeader(
    table_offset=1536,
    max_table_entries=4,
    block_size=BLOCK,
    parent_unique_id=PARENT,
    parent_unicode_name_raw=encode_parent_name("base.vhd"),
    parent_time_stamp=FOOTER.time_stamp - HOUR,
)
PLAIN = DynamicHeader(table_offset=1536, max_table_entries=4, block_size=BLOCK)
NAME_AT = 512 + 64


def _findings(header: DynamicHeader, kind: int, now: int | None, footer: dict[str, Any]) -> list[Finding]:
    header = with_header_checksum(header)
    file = HeaderOfFile(
        path="x.avhd",
        header=Stored(offset=512, raw=build_header(header), record=header),
        virtual_size=4 * BLOCK,
        data_end=1 << 20,
        footer=dataclasses.replace(FOOTER, disk_type_raw=kind, **footer),
        now=now,
    )
    return list(check_header(file))


def _child(*, now: int | None = NOW, footer: dict[str, Any] | None = None, **fields: Any) -> list[Finding]:
    return _findings(dataclasses.replace(CHILD, **fields), 4, now, footer or {})


def _named(raw: bytes) -> list[Finding]:
    return _child(parent_unicode_name_raw=raw.ljust(512, b"\0"))


def _dynamic(**fields: Any) -> list[Finding]:
    return _findings(dataclasses.replace(PLAIN, **fields), 3, NOW, {})


def _codes(findings: list[Finding]) -> list[tuple[str, Severity]]:
    return [(item.code, item.severity) for item in findings]


def test_a_child_that_names_its_parent_is_in_order() -> None:
    assert _child() == []


# ------------------------------------------------------------------------------------------------ leftovers of a parent


def test_a_dynamic_disk_without_a_parent_is_in_order() -> None:
    assert _dynamic() == []
    # An entry without a platform code is no locator, and what stands behind the name's NUL is no name.
    fields = ParentLocator(platform_data_length=20)
    assert _dynamic(locators=(fields, *NO_LOCATORS[1:]), parent_unicode_name_raw=bytes(2) + b"x" * 510) == []


@pytest.mark.parametrize(
    ("fields", "found", "offset"),
    [
        ({"parent_unique_id": PARENT}, "parent_unique_id", 40),
        ({"parent_time_stamp": 1}, "parent_time_stamp", 56),
        ({"parent_unicode_name_raw": encode_parent_name("b")}, "parent_unicode_name", 64),
        ({"locators": (*NO_LOCATORS[1:], ParentLocator(platform_code=b"????"))}, "locators", 576),
        (
            {"parent_time_stamp": 9, "locators": (ParentLocator(platform_code=b"W2ku"),) * 8},
            "parent_time_stamp, locators",
            56,
        ),
    ],
)
def test_what_a_parent_left_is_listed(fields: dict[str, Any], found: str, offset: int) -> None:
    (item,) = _dynamic(**fields)
    assert (item.code, item.severity, item.found) == ("VHD218", Severity.WARNING, found)
    assert (item.location.field, item.location.offset) == (found.split(",", maxsplit=1)[0], 512 + offset)
    assert "locator" not in found or ("8 locators" if "stamp" in found else "1 locator") in item.message


# --------------------------------------------------------------------------------------------------------- identifier


@pytest.mark.parametrize(
    ("creator", "severity"),
    [
        (b"win ", Severity.WARNING),
        (b"vbox", Severity.WARNING),
        (b"tap\0", Severity.NOTE),
        (b"CTXS", Severity.NOTE),
    ],
)
def test_a_null_identifier_is_a_note_where_it_means_a_raw_parent(creator: bytes, severity: Severity) -> None:
    found = _child(parent_unique_id=bytes(16), footer={"creator_application": creator})
    assert _codes(found) == [("VHD219", severity)]
    assert (found[0].found, found[0].location.offset) == ("0" * 32, 512 + 40)


def test_the_own_identifier_is_an_error() -> None:
    found = _child(parent_unique_id=OWN)
    assert _codes(found) == [("VHD220", Severity.ERROR)]
    assert found[0].found == OWN.hex()


def test_two_null_identifiers_are_not_called_the_same() -> None:
    assert _codes(_child(parent_unique_id=bytes(16), footer={"unique_id": bytes(16)})) == [("VHD219", Severity.WARNING)]


# --------------------------------------------------------------------------------------------------------------- name


@pytest.mark.parametrize(
    "name",
    [
        "b",
        r"C:\VMs\base.vhd",
        "x" * 255,
        "日本語のディスク.vhd",
        "\U0001f4be.vhd",  # a whole surrogate pair
        "\u6261\u6573",  # two ideographs that read as letters when swapped, but too few to be a path
    ],
)
def test_names_that_are_in_order(name: str) -> None:
    assert _named(name.encode("utf-16-be")) == []


def test_leftover_bytes_behind_the_end_of_a_name_are_none_of_it() -> None:
    for rest in (b"\xff" * 500, b"\xd8\x00" * 250, "rest of a longer name".encode("utf-16-be") * 11):
        assert _named(("b.vhd\0".encode("utf-16-be") + rest)[:512].ljust(512, b"\xff")) == []


def test_an_empty_name_is_told_also_where_leftover_bytes_follow() -> None:
    for raw in (b"", b"\0\0" + b"x" * 510):
        found = _named(raw)
        assert _codes(found) == [("VHD221", Severity.WARNING)]
        assert (found[0].location.field, found[0].location.offset) == ("parent_unicode_name", NAME_AT)


def test_a_name_of_all_units_has_no_end() -> None:
    found = _named(("x" * 252 + ".vhd").encode("utf-16-be"))
    assert _codes(found) == [("VHD222", Severity.NOTE)]
    assert found[0].found == 256
    # Zero bytes that are no unit end nothing: U+0100 and U+0001 side by side.
    assert _codes(_named("\u0100\u0001".encode("utf-16-be") * 128)) == [("VHD222", Severity.NOTE)]


@pytest.mark.parametrize(
    ("raw", "offset", "unit"),
    [
        (b"\xd8\x3d" + "base".encode("utf-16-be"), 0, "0xD83D"),
        ("base".encode("utf-16-be") + b"\xde\x00", 8, "0xDE00"),
        ("base".encode("utf-16-be") + b"\xd8\x3d", 8, "0xD83D"),
        (b"\xd8\x3d\xde\x00" + b"\xde\x00\0x", 4, "0xDE00"),
    ],
)
def test_half_of_a_pair_is_shown_where_it_stands(raw: bytes, offset: int, unit: str) -> None:
    found = _named(raw)
    assert _codes(found) == [("VHD223", Severity.WARNING)]
    assert (found[0].found, found[0].location.offset) == (unit, NAME_AT + offset)


def test_half_of_a_pair_in_the_last_unit() -> None:
    found = _named("x".encode("utf-16-be") * 255 + b"\xd8\x00")
    assert _codes(found) == [("VHD223", Severity.WARNING), ("VHD222", Severity.NOTE)]
    assert found[0].location.offset == NAME_AT + 510


def test_a_swapped_name_is_read_and_told() -> None:
    found = _named("base.vhd".encode("utf-16-le"))
    assert _codes(found) == [("VHD224", Severity.WARNING)]
    assert (found[0].expected, found[0].found) == ("utf-16-be", "utf-16-le")


# --------------------------------------------------------------------------------------------------------------- time


@pytest.mark.parametrize("after", [0, 1, 14 * HOUR])
def test_a_parent_may_be_as_late_as_local_time_makes_it(after: int) -> None:
    assert _child(parent_time_stamp=FOOTER.time_stamp + after) == []
    assert _child(parent_time_stamp=NOW + after, footer={"time_stamp": NOW}) == []


def test_a_parent_that_is_later_than_its_child() -> None:
    found = _child(parent_time_stamp=FOOTER.time_stamp + 14 * HOUR + 1)
    assert _codes(found) == [("VHD230", Severity.NOTE)]
    assert (found[0].location.field, found[0].location.offset) == ("parent_time_stamp", 512 + 56)


def test_a_parent_in_the_future_is_that_and_no_more() -> None:
    stamp = NOW + 14 * HOUR + 1
    assert _codes(_child(parent_time_stamp=stamp)) == [("VHD229", Severity.WARNING)]
    assert _codes(_child(parent_time_stamp=stamp, footer={"time_stamp": stamp})) == [("VHD229", Severity.WARNING)]
    assert _codes(_child(parent_time_stamp=0xFFFFFFFF)) == [("VHD229", Severity.WARNING)]


def test_without_a_clock_nothing_is_in_the_future() -> None:
    assert _codes(_child(parent_time_stamp=0xFFFFFFFF, now=None)) == [("VHD230", Severity.NOTE)]
    assert _child(parent_time_stamp=0xFFFFFFFF, now=None, footer={"time_stamp": 0xFFFFFFFF}) == []


def test_times_that_were_not_recorded_are_not_compared() -> None:
    assert _child(parent_time_stamp=0) == []
    assert _child(footer={"time_stamp": 0}) == []
    assert _child(parent_time_stamp=0, footer={"time_stamp": 0}) == []
