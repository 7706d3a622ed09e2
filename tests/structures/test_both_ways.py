"""One table of (record, stored bytes), run both ways; and any bytes at all: record and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.structures import layouts
from vhdchain.structures import (
    BatmapHeader,
    DynamicHeader,
    Footer,
    Geometry,
    ParentLocator,
    build_bat,
    build_batmap_header,
    build_footer,
    build_header,
    parse_bat,
    parse_batmap_header,
    parse_footer,
    parse_header,
)
from vhdchain.structures import _declarations as declarations

FOOTER = Footer(
    features=2,
    data_offset=512,
    time_stamp=0x1A2B3C4D,
    creator_application=b"win ",
    creator_version=0x000A0000,
    creator_host_os=b"Wi2k",
    original_size=4194304,
    current_size=4194816,
    geometry=Geometry(cylinders=120, heads=4, sectors_per_track=17),
    disk_type_raw=4,
    checksum=0xFFFFE89A,
    unique_id=layouts.SOME_ID,
    saved_state=1,
    reserved=b"\x01" + bytes(425) + b"\x5a",
)
LOCATORS = (
    ParentLocator(
        platform_code=b"W2ku", platform_data_space_raw=4096, platform_data_length=84, platform_data_offset=4096
    ),
    ParentLocator(
        platform_code=b"W2ru", platform_data_space_raw=65536, platform_data_length=32, platform_data_offset=12288
    ),
    ParentLocator(
        platform_code=b"MacX",
        platform_data_space_raw=1,
        platform_data_length=20,
        reserved=7,
        platform_data_offset=0x1_0000_0000,
    ),
    *[ParentLocator()] * 5,
)
HEADER = DynamicHeader(
    table_offset=1536,
    max_table_entries=3,
    checksum=0xFFFFE0E0,
    parent_unique_id=layouts.SOME_ID,
    parent_time_stamp=0x0BADCAFE,
    reserved_1=b"\1\2\3\4",
    parent_unicode_name_raw=layouts.PARENT_NAME,
    locators=LOCATORS,
    reserved_2=bytes(255) + b"\x77",
)
BATMAP = BatmapHeader(
    batmap_offset=2560, batmap_sectors=1, checksum=0xFFFFFF7F, marker=1, reserved=bytes(482) + b"\x99"
)

Parse = Callable[[bytes], Any]
Build = Callable[[Any], bytes]

# record, stored bytes, parse, build
TABLE: tuple[tuple[object, bytes, Parse, Build], ...] = (
    (FOOTER, layouts.FOOTER_BYTES, parse_footer, build_footer),
    (
        dataclasses.replace(FOOTER, reserved=b"\x01" + bytes(425)),
        layouts.FOOTER_BYTES[:511],
        parse_footer,
        build_footer,
    ),
    (HEADER, layouts.HEADER_BYTES, parse_header, build_header),
    (BATMAP, layouts.BATMAP_BYTES, parse_batmap_header, build_batmap_header),
)
NAMES = ["footer", "511-byte footer", "dynamic header", "batmap header"]


@pytest.mark.parametrize(("record", "raw", "parse", "build"), TABLE, ids=NAMES)
def test_bytes_mean_the_record(record: object, raw: bytes, parse: Parse, build: Build) -> None:
    assert parse(raw) == record


@pytest.mark.parametrize(("record", "raw", "parse", "build"), TABLE, ids=NAMES)
def test_the_record_is_stored_as_the_bytes(record: object, raw: bytes, parse: Parse, build: Build) -> None:
    assert build(record) == raw


@given(st.binary(min_size=512, max_size=512))
def test_any_512_bytes_are_a_footer_and_come_back(raw: bytes) -> None:
    assert build_footer(parse_footer(raw)) == raw


@given(st.binary(min_size=511, max_size=511))
def test_any_511_bytes_are_a_footer_and_come_back(raw: bytes) -> None:
    assert build_footer(parse_footer(raw)) == raw


@given(st.binary(min_size=1024, max_size=1024))
def test_any_1024_bytes_are_a_header_and_come_back(raw: bytes) -> None:
    assert build_header(parse_header(raw)) == raw


@given(st.binary(min_size=512, max_size=512))
def test_any_512_bytes_are_a_batmap_header_and_come_back(raw: bytes) -> None:
    assert build_batmap_header(parse_batmap_header(raw)) == raw


@given(st.binary(min_size=1024, max_size=1024))
def test_structures_are_taken_apart_as_construct_interprets_their_declarations(raw: bytes) -> None:
    for declaration, parse in (
        (declarations.FOOTER, declarations.parse_footer_fields),
        (declarations.HEADER, declarations.parse_header_fields),
        (declarations.BATMAP_HEADER, declarations.parse_batmap_fields),
        (declarations.JOURNAL, declarations.parse_journal_fields),
    ):
        stored = raw[: declaration.sizeof()]
        assert parse(stored) == plain(declaration.parse(stored))


def plain(value: object) -> object:
    """Return what construct gives without its own types."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key != "_io"}
    return [plain(item) for item in value] if isinstance(value, list) else value


@given(st.lists(st.integers(0, 0xFFFFFFFF), max_size=300))
def test_any_entries_are_a_table_and_come_back(entries: list[int]) -> None:
    stored = build_bat(np.array(entries, dtype=np.uint32))
    table = parse_bat(stored[: len(entries) * 4], offset=0, declared=len(entries))
    assert table.entries.tolist() == entries
    assert stored[: len(entries) * 4] == b"".join(entry.to_bytes(4, "big") for entry in entries)


@pytest.mark.parametrize(
    ("parse", "length"), [(parse_footer, 510), (parse_footer, 513), (parse_header, 1023), (parse_batmap_header, 511)]
)
def test_another_length_is_refused(parse: Parse, length: int) -> None:
    with pytest.raises(ValueError, match=f"not {length}"):
        parse(bytes(length))
