"""Edges of the comparison of a footer with its copy."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.structures.footers import DYNAMIC, FIXED, SIZE, check, copy, end, stored, stored_as_it_is
from vhdchain.findings import Severity
from vhdchain.structures import with_footer_checksum
from vhdchain.structures.footer_difference import differing_fields


@pytest.mark.parametrize(
    ("fields", "codes", "severity"),
    [
        ({"current_size": 512}, {"VHD141", "VHD142"}, Severity.ERROR),
        ({"unique_id": bytes(16)}, {"VHD141", "VHD142"}, Severity.ERROR),
        ({"disk_type_raw": 4}, {"VHD141"}, Severity.ERROR),
        ({"data_offset": 1024}, {"VHD141"}, Severity.ERROR),
        ({"time_stamp": 7}, {"VHD141", "VHD142"}, Severity.WARNING),
        ({"original_size": 512}, {"VHD141"}, Severity.WARNING),
        ({"saved_state": 0}, {"VHD141"}, Severity.WARNING),
        ({"reserved": bytes(426) + b"\1"}, {"VHD141"}, Severity.WARNING),
        ({"creator_application": b"tap\0"}, {"VHD141"}, Severity.WARNING),
    ],
)
def test_only_fields_that_decide_how_data_is_read_make_a_difference_an_error(
    fields: dict[str, Any], codes: set[str], severity: Severity
) -> None:
    found = check(end(), copy(**fields))
    assert found.keys() == codes
    assert found["VHD141"].severity is severity
    assert found["VHD141"].location.field == next(iter(fields)).removesuffix("_raw")


def test_differing_fields_have_the_specifications_names() -> None:
    other = dataclasses.replace(DYNAMIC, disk_type_raw=4, checksum=1, saved_state=0)
    assert differing_fields(DYNAMIC, other) == ("disk_type", "saved_state")


def _details(**fields: Any) -> tuple[str, ...]:
    return check(end(), copy(**fields))["VHD141"].details


@pytest.mark.parametrize(
    ("fields", "place", "values"),
    [
        ({"time_stamp": 7}, "time_stamp @0x18", (DYNAMIC.time_stamp, 7)),
        ({"creator_version": 0x00060001}, "creator_version @0x20", ("0x000A0000", "0x00060001")),
        ({"creator_application": b"tap\0"}, "creator_application @0x1C", ("'win '", r"'tap\x00'")),
        ({"disk_type_raw": 4}, "disk_type @0x3C", (3, 4)),
        ({"unique_id": bytes(16)}, "unique_id @0x44", (DYNAMIC.unique_id.hex(), "0" * 32)),
        ({"reserved": bytes(3) + b"\7" + bytes(423)}, "reserved @0x58", ("0x00", "0x07")),
    ],
)
def test_a_difference_is_told_with_its_offset_and_both_values(
    fields: dict[str, Any], place: str, values: tuple[object, object]
) -> None:
    assert _details(**fields) == (f"{place}: {values[0]} at the end, {values[1]} in the copy",)


def test_of_reserved_bytes_the_first_difference_is_told_and_their_number() -> None:
    all_of_them = "reserved @0x55: 0x00 at the end, 0x01 in the copy, the first of 427 such bytes"
    assert _details(reserved=b"\1" * 427) == (all_of_them,)


def test_deciding_differences_come_first() -> None:
    assert _details(features=3, current_size=512) == (
        f"current_size @0x30: {DYNAMIC.current_size} at the end, 512 in the copy",
        "features @0x8: 0x00000002 at the end, 0x00000003 in the copy",
    )


def test_of_many_differences_the_sentence_names_eight_and_the_details_all() -> None:
    other: dict[str, Any] = {
        "features": 3,
        "time_stamp": 200_000_000,
        "creator_application": b"vpc ",
        "creator_version": 1,
        "creator_host_os": b"Mac ",
        "original_size": 512,
        "saved_state": 0,
        "unique_id": bytes(range(16)),
        "reserved": b"\1" * 427,
        "disk_type_raw": 4,
    }
    assert len(_details(**other)) == 10
    assert check(end(), copy(**other))["VHD141"].message == (
        "footer and copy are both valid but differ in disk_type, unique_id, features, time_stamp, creator_application, "
        "creator_version, creator_host_os, original_size and 2 more; this decides how the data is read"
    )


def test_a_missing_last_byte_counts_as_zero() -> None:
    short = stored(DYNAMIC, SIZE - 511, reserved=bytes(425) + b"\2")
    assert check(short, copy(reserved=bytes(425) + b"\2\0")).keys() == {"VHD104"}
    found = check(short, copy(reserved=bytes(425) + b"\2\3"))
    assert found["VHD141"].details == ("reserved @0x1FF: 0x00 at the end, 0x03 in the copy",)


def test_which_footer_counts_is_said() -> None:
    kept = dataclasses.replace(with_footer_checksum(DYNAMIC), reserved=bytes(20) + b"kept" + bytes(403))
    found = check(stored_as_it_is(kept, SIZE - 512), copy(), copy_counts=True)
    assert {code: item.severity for code, item in found.items()} == {
        "VHD108": Severity.WARNING,
        "VHD141": Severity.WARNING,
    }
    assert found["VHD141"].message.endswith("the copy counts, the data is certain")
    assert check(end(), copy(features=3))["VHD141"].message.endswith("the end footer counts, the data is certain")


def test_what_a_fixed_disk_holds_in_its_first_sector_is_the_guests() -> None:
    assert check(end(FIXED), None) == {}
    assert check(end(FIXED), copy(valid=False)) == {}
    assert check(end(FIXED), copy(unique_id=bytes(16))) == {}


def test_a_type_that_was_changed_in_one_footer_alone_is_found() -> None:
    size = FIXED.current_size
    found = check(end(FIXED), copy(current_size=size, original_size=size))
    assert {code: item.severity for code, item in found.items()} == {"VHD141": Severity.ERROR}
    assert found["VHD141"].location.field == "data_offset"
    assert check(end(FIXED), copy(FIXED, time_stamp=3)) == {}
    # Two null identifiers do not make two disks one.
    assert "VHD141" not in check(end(FIXED, unique_id=bytes(16)), copy(unique_id=bytes(16)))


def test_a_disk_of_unknown_type_is_not_told_what_it_should_have() -> None:
    assert check(end(disk_type_raw=0), None).keys() == {"VHD114"}
