"""Edges of the footers' checks; that each code is found in a whole image is shown by the recipes of damages."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.structures.layouts import FOOTER_BYTES
from vhdchain.findings import Finding, Severity
from vhdchain.structures import Footer, Stored, build_footer, parse_footer, with_footer_checksum
from vhdchain.structures.check_footer import FootersOfFile, check_footers
from vhdchain.structures.check_footer_copy import differing_fields
from vhdchain.structures.footer import NO_DATA_OFFSET

SIZE = 1 << 20
DYNAMIC = dataclasses.replace(parse_footer(FOOTER_BYTES), disk_type_raw=3, reserved=bytes(427))
FIXED = dataclasses.replace(DYNAMIC, disk_type_raw=2, data_offset=NO_DATA_OFFSET, current_size=SIZE - 512)


def _stored(footer: Footer, offset: int, *, valid: bool = True, **fields: Any) -> Stored[Footer]:
    footer = with_footer_checksum(dataclasses.replace(footer, **fields))
    raw = build_footer(footer if valid else dataclasses.replace(footer, checksum=footer.checksum ^ 1))
    return Stored(offset=offset, raw=raw, record=parse_footer(raw))


def _end(footer: Footer = DYNAMIC, **fields: Any) -> Stored[Footer]:
    return _stored(footer, SIZE - 512, **fields)


def _copy(footer: Footer = DYNAMIC, **fields: Any) -> Stored[Footer]:
    return _stored(footer, 0, **fields)


def _check(
    end: Stored[Footer] | None, copy: Stored[Footer] | None, *, copy_counts: bool = False, size: int = SIZE
) -> dict[str, Finding]:
    file = FootersOfFile(path="x.vhd", file_size=size, end=end, copy=copy, copy_counts=copy_counts)
    return {item.code: item for item in check_footers(file)}


def test_two_equal_footers_are_in_order() -> None:
    assert _check(_end(), _copy()) == {}


def test_a_511_byte_footer_agrees_with_its_copy() -> None:
    short = _stored(DYNAMIC, SIZE - 511, reserved=bytes(426))
    assert len(short.raw) == 511
    assert _check(short, _copy()) == {}


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
    found = _check(_end(), _copy(**fields))
    assert found.keys() == codes
    assert found["VHD141"].severity is severity
    assert found["VHD141"].location.field == next(iter(fields)).removesuffix("_raw")


def test_differing_fields_have_the_specifications_names() -> None:
    other = dataclasses.replace(DYNAMIC, disk_type_raw=4, checksum=1, saved_state=0)
    assert differing_fields(DYNAMIC, other) == ("disk_type", "saved_state")


def test_a_damaged_footer_is_not_compared_but_says_where_it_differs() -> None:
    found = _check(_end(valid=False, current_size=512), _copy(), copy_counts=True)
    assert found.keys() == {"VHD106"}
    assert "(it differs from the other footer in current_size); the copy is used" in found["VHD106"].message
    assert _check(_end(), _copy(valid=False, unique_id=bytes(16))).keys() == {"VHD140"}


def test_a_damaged_copy_is_an_error_where_no_valid_footer_is_left() -> None:
    assert _check(_end(), _copy(valid=False))["VHD140"].severity is Severity.WARNING
    both = _check(_end(valid=False), _copy(valid=False))
    assert {code: item.severity for code, item in both.items()} == {
        "VHD106": Severity.ERROR,
        "VHD140": Severity.ERROR,
    }
    alone = _check(None, _copy(valid=False), copy_counts=True)
    assert {code: item.severity for code, item in alone.items()} == {
        "VHD102": Severity.ERROR,
        "VHD140": Severity.ERROR,
    }


def test_what_a_fixed_disk_holds_in_its_first_sector_is_the_guests() -> None:
    assert _check(_end(FIXED), None) == {}
    assert _check(_end(FIXED), _copy(valid=False)) == {}
    assert _check(_end(FIXED), _copy(unique_id=bytes(16))) == {}


def test_a_type_that_was_changed_in_one_footer_alone_is_found() -> None:
    found = _check(_end(FIXED), _copy(current_size=FIXED.current_size))
    assert {code: item.severity for code, item in found.items()} == {"VHD141": Severity.ERROR}
    assert found["VHD141"].location.field == "data_offset"
    assert _check(_end(FIXED), _copy(FIXED, time_stamp=3)) == {}
    # Two null identifiers do not make two disks one.
    assert _check(_end(FIXED, unique_id=bytes(16)), _copy(unique_id=bytes(16))) == {}


def test_a_disk_of_unknown_type_is_not_told_what_it_should_have() -> None:
    assert _check(_end(disk_type_raw=0), None).keys() == {"VHD114"}


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
    found = _check(_end(FIXED, current_size=current_size), None)
    told = [(item.code, item.severity, item.expected, item.found) for item in found.values()]
    assert told == ([("VHD144", severity, expected, SIZE)] if severity else [])


def test_a_fixed_disk_that_lacks_one_byte_lacks_data() -> None:
    found = _check(_stored(FIXED, SIZE - 513), None, size=SIZE - 1)
    assert {code: item.severity for code, item in found.items()} == {"VHD144": Severity.ERROR}


def test_a_fixed_disk_with_a_511_byte_footer_fills_its_file() -> None:
    short = _stored(FIXED, SIZE - 512, reserved=bytes(426))
    assert _check(short, None, size=SIZE - 1) == {}


@pytest.mark.parametrize(
    ("offset", "codes"),
    [
        (0, {"VHD116"}),
        (NO_DATA_OFFSET, {"VHD116"}),
        (SIZE - 512 - 1024, set()),
        (SIZE - 512 - 1023, {"VHD119"}),
        (SIZE, {"VHD119"}),
        (NO_DATA_OFFSET - 1, {"VHD119"}),
    ],
)
def test_a_header_must_lie_before_the_end_footer(offset: int, codes: set[str]) -> None:
    assert _check(_end(data_offset=offset), _copy(data_offset=offset)).keys() == codes


@pytest.mark.parametrize(
    ("version", "codes"),
    [(0x00010000, set()), (0x00010001, set()), (0x00020000, {"VHD109"}), (0x00040000, {"VHD109"}), (0, {"VHD109"})],
)
def test_only_the_major_version_counts(version: int, codes: set[str]) -> None:
    found = _check(_end(file_format_version=version), _copy(file_format_version=version))
    assert found.keys() == codes


@pytest.mark.parametrize(
    "fields",
    [{"features": 0}, {"features": 0x100}, {"reserved": b"\0" * 12 + b"x" * 415}, {"creator_host_os": bytes(4)}],
)
def test_what_other_checkers_take_for_damage_stays_quiet(fields: dict[str, Any]) -> None:
    assert _check(_end(**fields), _copy(**fields)) == {}


@pytest.mark.parametrize(("size", "code"), [(0, "VHD552"), (1, "VHD101"), (510, "VHD101"), (511, "VHD103")])
def test_a_file_without_any_footer_has_one_finding(size: int, code: str) -> None:
    assert _check(None, None, size=size).keys() == {code}


def test_places_are_offsets_in_the_file() -> None:
    found = _check(_end(current_size=100, file_format_version=0), _copy(current_size=100, file_format_version=0))
    assert found["VHD128"].location.offset == SIZE - 512 + 48
    assert found["VHD109"].location.offset == SIZE - 512 + 12
    found = _check(None, _copy(current_size=100), copy_counts=True)
    assert found["VHD128"].location.offset == 48
    assert found["VHD128"].location.structure == "footer copy"
