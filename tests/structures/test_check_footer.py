"""Edges of the footers' checks: which footers there are, where, and how their checksums fit.

That each code is found in a whole image is shown by the recipes of damages.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.structures.footers import DYNAMIC, FIXED, SIZE, check, check_both, copy, end, stored, stored_as_it_is
from vhdchain.findings import Severity
from vhdchain.structures import with_footer_checksum
from vhdchain.structures.footer import footer_checksum

KEPT = bytes(100) + b"kept" + bytes(323)


def test_two_equal_footers_are_in_order() -> None:
    assert check(end(), copy()) == {}


def test_a_511_byte_footer_is_a_note_and_agrees_with_its_copy() -> None:
    short = stored(DYNAMIC, SIZE - 511, reserved=bytes(426))
    assert len(short.raw) == 511
    found = check(short, copy())
    assert found.keys() == {"VHD104"}
    item = found["VHD104"]
    assert (item.severity, item.expected, item.found) == (Severity.NOTE, 512, 511)
    assert (item.location.structure, item.location.offset) == ("footer", SIZE - 511)


@pytest.mark.parametrize("behind", [1, 512, 4096])
def test_bytes_behind_the_footer_are_a_warning(behind: int) -> None:
    found = check(end(), copy(), size=SIZE + behind)
    assert found.keys() == {"VHD105"}
    item = found["VHD105"]
    assert (item.severity, item.location.offset) == (Severity.WARNING, SIZE - 512)
    assert (item.expected, item.found) == (SIZE + behind - 512, SIZE - 512)


def test_a_fixed_disk_with_bytes_behind_its_footer_has_its_size() -> None:
    assert check(end(FIXED), None, size=SIZE + 512).keys() == {"VHD105"}
    assert check(end(FIXED), None, size=SIZE).keys() == set()


def test_a_damaged_footer_is_not_compared_but_says_where_it_differs() -> None:
    found = check(end(valid=False, current_size=512), copy(), copy_counts=True)
    assert found.keys() == {"VHD106"}
    assert found["VHD106"].message.endswith("; the copy is used; it differs from the other footer in current_size")
    assert found["VHD106"].details == ("current_size @0x30: 512 here, 4194816 in the other",)
    found = check(end(), copy(valid=False, unique_id=bytes(16)))
    assert found.keys() == {"VHD140"}
    own = f"unique_id @0x44: {'0' * 32} here, {DYNAMIC.unique_id.hex()} in the other"
    assert found["VHD140"].details == (own,)


def test_a_damaged_footer_without_another_one_has_no_difference() -> None:
    assert check(end(FIXED, valid=False), None)["VHD106"].details == ()
    assert check(end(valid=False), copy(), copy_counts=True)["VHD106"].details == ()


def test_a_damaged_copy_is_an_error_where_no_valid_footer_is_left() -> None:
    assert check(end(), copy(valid=False))["VHD140"].severity is Severity.WARNING
    both = check(end(valid=False), copy(valid=False))
    assert {code: item.severity for code, item in both.items()} == {
        "VHD106": Severity.ERROR,
        "VHD140": Severity.ERROR,
    }
    alone = check(None, copy(valid=False), copy_counts=True)
    assert {code: item.severity for code, item in alone.items()} == {
        "VHD102": Severity.ERROR,
        "VHD140": Severity.ERROR,
    }


@pytest.mark.parametrize(
    ("reserved", "code", "severity"),
    [
        (b"\1" + bytes(426), "VHD107", Severity.NOTE),
        (KEPT, "VHD108", Severity.WARNING),
        (b"\1" + KEPT[1:], "VHD108", Severity.WARNING),
    ],
)
def test_a_checksum_in_some_writers_manner_is_told_once_for_both_footers(
    reserved: bytes, code: str, severity: Severity
) -> None:
    footer = dataclasses.replace(with_footer_checksum(DYNAMIC), reserved=reserved)
    last, first = stored_as_it_is(footer, SIZE - 512), stored_as_it_is(footer, 0)
    for found, structure, offset in (
        (check(last, first), "footer", SIZE - 512 + 64),
        (check(end(), first), "footer copy", 64),
        (check(last, copy()), "footer", SIZE - 512 + 64),
        (check(None, first, copy_counts=True), "footer copy", 64),
    ):
        item = found[code]
        assert (item.severity, item.location.structure, item.location.offset) == (severity, structure, offset)
        assert "VHD106" not in found
        assert "VHD140" not in found
    assert check(last, first).keys() == {code}


def test_the_checksum_that_the_stored_bytes_demand_is_told() -> None:
    footer = dataclasses.replace(with_footer_checksum(FIXED), reserved=KEPT)
    last = stored_as_it_is(footer, SIZE - 512)
    item = check(last, None)["VHD108"]
    assert (item.expected, item.found) == (f"0x{footer_checksum(last.raw):08X}", f"0x{footer.checksum:08X}")


def test_what_a_guest_keeps_in_its_first_sector_has_no_manner() -> None:
    footer = dataclasses.replace(with_footer_checksum(DYNAMIC), unique_id=bytes(range(16)), reserved=KEPT)
    assert check(end(FIXED), stored_as_it_is(footer, 0)) == {}


@pytest.mark.parametrize(
    ("current_size", "severity", "expected"),
    [
        (SIZE - 512, None, None),
        (SIZE - 1024, Severity.WARNING, SIZE - 512),
        (SIZE, Severity.ERROR, SIZE + 512),
        (1 << 62, Severity.ERROR, (1 << 62) + 512),
    ],
)
def test_a_fixed_disk_fills_its_file(current_size: int, severity: Severity | None, expected: int | None) -> None:
    found = check(end(FIXED, current_size=current_size, original_size=current_size), None)
    told = [(item.code, item.severity, item.expected, item.found) for item in found.values()]
    assert told == ([("VHD144", severity, expected, SIZE)] if severity else [])


def test_a_fixed_disk_that_lacks_one_byte_lacks_data() -> None:
    found = check(stored(FIXED, SIZE - 513), None, size=SIZE - 1)
    assert {code: item.severity for code, item in found.items()} == {"VHD144": Severity.ERROR}


def test_a_fixed_disk_with_a_511_byte_footer_fills_its_file() -> None:
    short = stored(FIXED, SIZE - 512, reserved=bytes(426))
    assert check(short, None, size=SIZE - 1).keys() == {"VHD104"}


@pytest.mark.parametrize(("size", "code"), [(0, "VHD552"), (1, "VHD101"), (510, "VHD101"), (511, "VHD103")])
def test_a_file_without_any_footer_has_one_finding(size: int, code: str) -> None:
    assert check(None, None, size=size).keys() == {code}


def test_places_are_offsets_in_the_file() -> None:
    fields: dict[str, Any] = {"current_size": 100, "file_format_version": 0}
    found = check_both(**fields)
    assert found["VHD128"].location.offset == SIZE - 512 + 48
    assert found["VHD109"].location.offset == SIZE - 512 + 12
    found = check(None, copy(current_size=100), copy_counts=True)
    assert found["VHD128"].location.offset == 48
    assert found["VHD128"].location.structure == "footer copy"


@pytest.mark.parametrize(("size", "offset"), [(511, 0), (512, 0), (513, 1), (SIZE, SIZE - 512)])
def test_a_footer_that_is_missing_is_missing_before_the_end(size: int, offset: int) -> None:
    place = check(None, None, size=size)["VHD103"].location
    assert (place.structure, place.field, place.offset) == ("footer", "cookie", offset)
    place = check(None, copy(), size=size, copy_counts=True)["VHD102"].location
    assert (place.structure, place.field, place.offset) == ("footer", "cookie", offset)
