"""What a footer's fields mean, and how its checksum fits."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.structures.layouts import FOOTER_BYTES
from vhdchain.structures import (
    ChecksumFit,
    DiskType,
    Stored,
    build_footer,
    checksum_fit,
    footer_checksum,
    from_timestamp,
    guid_text,
    id_text,
    parse_footer,
    to_timestamp,
    with_footer_checksum,
)
from vhdchain.structures.footer import footer_field_offset

if TYPE_CHECKING:
    from pathlib import Path

FOOTER = parse_footer(FOOTER_BYTES)


def _fit(raw: bytes) -> ChecksumFit:
    return checksum_fit(Stored(offset=0, raw=raw, record=parse_footer(raw)))


@pytest.mark.parametrize(
    ("number", "disk_type"),
    [
        (0, None),
        (1, None),
        (2, DiskType.FIXED),
        (3, DiskType.DYNAMIC),
        (4, DiskType.DIFFERENCING),
        (5, None),
        (6, None),
        (0xFFFFFFFF, None),
    ],
)
def test_only_three_types_exist(number: int, disk_type: DiskType | None) -> None:
    assert dataclasses.replace(FOOTER, disk_type_raw=number).disk_type is disk_type


@pytest.mark.parametrize(
    ("seconds", "time"),
    [
        (0, datetime(2000, 1, 1, tzinfo=UTC)),
        (1, datetime(2000, 1, 1, 0, 0, 1, tzinfo=UTC)),
        (0x15C3C71D, datetime(2011, 7, 28, 7, 7, 9, tzinfo=UTC)),
        (0xFFFFFFFF, datetime(2136, 2, 7, 6, 28, 15, tzinfo=UTC)),
    ],
)
def test_times_count_from_2000_both_ways(seconds: int, time: datetime) -> None:
    assert from_timestamp(seconds) == time
    assert to_timestamp(time) == seconds


def test_the_hidden_flag_is_the_byte_behind_the_saved_state() -> None:
    assert FOOTER.saved_state == FOOTER_BYTES[84] == 1
    assert FOOTER.hidden == FOOTER_BYTES[85] == 1


def test_the_checksum_is_the_complement_of_the_sum_of_the_other_bytes() -> None:
    rest = FOOTER_BYTES[:64] + FOOTER_BYTES[68:]
    assert footer_checksum(FOOTER_BYTES) == 0xFFFFFFFF - sum(rest)
    assert footer_checksum(bytes(512)) == 0xFFFFFFFF
    assert footer_checksum(b"\xff" * 512) == 0xFFFFFFFF - 508 * 255


@given(st.binary(min_size=512, max_size=512), st.binary(min_size=4, max_size=4))
def test_the_checksum_does_not_depend_on_its_own_field(raw: bytes, field: bytes) -> None:
    assert footer_checksum(raw[:64] + field + raw[68:]) == footer_checksum(raw)


@given(st.binary(min_size=511, max_size=511))
def test_a_missing_last_byte_counts_as_zero(raw: bytes) -> None:
    assert footer_checksum(raw) == footer_checksum(raw + b"\0")


@pytest.mark.parametrize("length", [511, 512])
def test_a_footer_gets_a_checksum_that_fits(length: int) -> None:
    raw = build_footer(with_footer_checksum(parse_footer(FOOTER_BYTES[:length])))
    assert len(raw) == length
    assert _fit(raw) is ChecksumFit.EXACT


@given(st.integers(0, 511), st.integers(1, 255))
def test_any_other_byte_does_not_fit(place: int, change: int) -> None:
    right = build_footer(with_footer_checksum(dataclasses.replace(FOOTER, reserved=bytes(427))))
    raw = right[:place] + bytes([right[place] ^ change]) + right[place + 1 :]
    # A changed flag in byte 85 is what early blktap leaves out; what lies behind it means nothing.
    reserved = {85: ChecksumFit.WITHOUT_HIDDEN} | dict.fromkeys(range(86, 512), ChecksumFit.WITHOUT_RESERVED)
    assert _fit(raw) is reserved.get(place, ChecksumFit.NONE)


def test_a_checksum_that_leaves_the_hidden_byte_out_is_told_apart() -> None:
    plain = with_footer_checksum(dataclasses.replace(FOOTER, reserved=bytes(427)))
    hidden = dataclasses.replace(plain, reserved=b"\1" + bytes(426))
    assert _fit(build_footer(hidden)) is ChecksumFit.WITHOUT_HIDDEN
    assert _fit(build_footer(with_footer_checksum(hidden))) is ChecksumFit.EXACT


def test_a_checksum_that_leaves_all_reserved_bytes_out_is_told_apart() -> None:
    plain = with_footer_checksum(dataclasses.replace(FOOTER, reserved=bytes(427)))
    kept = dataclasses.replace(plain, reserved=b"\1" + bytes(300) + b"kept" * 31 + b"\xff\xff")
    assert len(kept.reserved) == 427
    assert _fit(build_footer(kept)) is ChecksumFit.WITHOUT_RESERVED
    # One of the reserved bytes counted and another one not is no manner of any writer.
    half = dataclasses.replace(kept, checksum=plain.checksum - 1)
    assert _fit(build_footer(half)) is ChecksumFit.NONE


def test_identifiers_have_two_texts() -> None:
    assert id_text(FOOTER.unique_id) == "5fa21a55f394aa4d99581951a67d5540"
    assert guid_text(FOOTER.unique_id) == "551aa25f-94f3-4daa-9958-1951a67d5540"


@pytest.mark.parametrize(
    ("name", "offset"),
    [("cookie", 0), ("data_offset", 16), ("current_size", 48), ("disk_type_raw", 60), ("reserved", 85)],
)
def test_fields_know_their_places(name: str, offset: int) -> None:
    assert footer_field_offset(name) == offset


@pytest.mark.corpus
def test_real_footers_fit_and_come_back(corpus: Path) -> None:
    files = sorted(corpus.glob("*/*.vhd"))
    assert len(files) == 10
    for file in files:
        raw = file.read_bytes()[-512:]
        assert _fit(raw) is ChecksumFit.EXACT, file.name
        assert build_footer(parse_footer(raw)) == raw, file.name
