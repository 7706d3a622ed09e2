"""Names in headers, and the header's own checksum."""

from __future__ import annotations

import dataclasses

import pytest

from tests.structures.layouts import HEADER_BYTES, PARENT_NAME
from vhdchain.structures import build_header, encode_parent_name, header_checksum, parse_header, with_header_checksum
from vhdchain.structures.dynamic_header import header_field_offset
from vhdchain.structures.locator import locate_entry

HEADER = parse_header(HEADER_BYTES)


def _named(raw: bytes) -> tuple[str | None, str | None]:
    header = dataclasses.replace(HEADER, parent_unicode_name_raw=raw.ljust(512, b"\0"))
    return header.parent_name, header.parent_name_encoding


@pytest.mark.parametrize(
    "name",
    ["base.vhd", r"C:\VMs\base.vhd", "/vms/base.vhd", "b", "基础.vhd", "\N{GRINNING FACE}.vhd", "x" * 256, ""],
)
def test_a_name_is_big_endian_both_ways(name: str) -> None:
    stored = encode_parent_name(name)
    assert len(stored) == 512
    assert _named(stored) == (name, "utf-16-be")


def test_a_name_in_the_wrong_byte_order_is_read_and_told() -> None:
    assert _named("base.vhd".encode("utf-16-le")) == ("base.vhd", "utf-16-le")


def test_what_stands_behind_the_first_nul_does_not_count() -> None:
    assert _named("base.vhd".encode("utf-16-be") + b"\0\0" + b"\xd8\x00" * 3) == ("base.vhd", "utf-16-be")


def test_a_name_with_a_lone_surrogate_is_no_name() -> None:
    assert _named("a".encode("utf-16-be") + b"\xd8\x00") == (None, None)


def test_a_name_longer_than_the_field_is_refused() -> None:
    with pytest.raises(ValueError, match="not 257"):
        encode_parent_name("x" * 257)


def test_the_checksum_is_the_complement_of_the_sum_of_the_other_bytes() -> None:
    assert header_checksum(HEADER_BYTES) == 0xFFFFFFFF - sum(HEADER_BYTES[:36] + HEADER_BYTES[40:])
    fitting = with_header_checksum(HEADER)
    assert fitting.checksum == header_checksum(build_header(fitting)) == header_checksum(HEADER_BYTES)


def test_fields_and_locators_know_their_places() -> None:
    assert header_field_offset("parent_unicode_name_raw") == 64
    assert HEADER_BYTES[64:576] == PARENT_NAME
    assert [locate_entry(slot, 512) for slot in (0, 1, 7)] == [1088, 1112, 1256]
