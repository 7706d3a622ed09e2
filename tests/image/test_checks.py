"""Healthy images have no findings; each planted damage has exactly the stated ones; nothing ever raises."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vhdchain.findings import CODES, Finding, Severity
from vhdchain.image import FooterPolicy, Image, Limits, check_image, raw_image, scan_image
from vhdchain.source import BytesSource
from vhdchain.structures import DiskType, ParentLocator
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.dialects import DIALECTS, Dialect, Layout, LocatorsAt, Order
from vhdchain.testing.edits import (
    BLOCK_SIZE,
    USED_BLOCKS,
    edit_entry,
    edit_footer,
    edit_header,
    edit_locator,
    end_footer,
    healthy,
    overwrite,
)
from vhdchain.testing.shrinking import ShrunkSource

if TYPE_CHECKING:
    from pathlib import Path

KINDS = (DiskType.FIXED, DiskType.DYNAMIC, DiskType.DIFFERENCING)
_healthy = cache(healthy)


def _check(raw: bytes) -> tuple[Finding, ...]:
    """Return what is wrong; notes are what healthy files have, and the matrix of the recipes looks after them."""
    findings = check_image(scan_image(BytesSource(raw, name="x.vhd")))
    return tuple(item for item in findings if item.severity is not Severity.NOTE or item.code in ("VHD002", "VHD107"))


def _serious(image: Image) -> list[Finding]:
    return [item for item in check_image(image) if item.severity is not Severity.NOTE]


def _codes(raw: bytes) -> set[str]:
    return {item.code for item in _check(raw)}


# ------------------------------------------------------------------------------------------------------------- healthy


@pytest.mark.parametrize("kind", KINDS)
def test_the_image_that_recipes_start_from_is_healthy(kind: DiskType) -> None:
    image = scan_image(BytesSource(_healthy(kind)))
    assert image.disk_type is kind
    # Its blocks are unusually small, for one: healthy files have notes.
    assert {item.severity for item in check_image(image)} <= {Severity.NOTE}


LAYOUTS = {
    "plain": Layout(),
    "longer BAT": Layout(spare_entries=1000),
    "BAT padded with zeros": Layout(bat_padding=0),
    "data at 4 KiB": Layout(data_alignment=4096),
    "gaps": Layout(gap=1536),
    "batmap": Layout(batmap=True),
    "511-byte footer": Layout(footer_length=511),
    "locators before the BAT": Layout(locators_at=LocatorsAt.BEFORE_BAT),
    "locators behind the data": Layout(locators_at=LocatorsAt.AFTER_DATA),
    "shuffled": Layout(order=Order.SHUFFLED),
    "header elsewhere": Layout(header_offset=4096),
    "BAT elsewhere": Layout(table_offset=65536),
    "junk under clear bits": Layout(junk=True, bitmap_padding=0xFF),
}


def _three(size: int, block_size: int, **options: Any) -> list[bytes]:
    tree = ChainBuilder(seed=f"{size}/{block_size}")
    fixed = tree.fixed("fixed.vhd", size=size, footer=options.get("footer", {}))
    dynamic = tree.dynamic("dynamic.vhd", size=size, block_size=block_size, **options)
    leaf = tree.snapshot(fixed, "leaf.avhd", block_size=block_size, **options)
    for image in (dynamic, leaf):
        for block in reversed(range(0, image.block_count, 2)):
            tree.write(image, block * block_size, b"data")
    return [bytes(tree.file(image).content) for image in (fixed, dynamic, leaf)]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize(("size", "block_size"), [(40 * 4096, 4096), (512, 4096), (9 * 512, 512), (5 << 19, 1 << 20)])
def test_every_legal_layout_has_no_finding(layout: Layout, size: int, block_size: int) -> None:
    assert [_check(raw) for raw in _three(size, block_size, layout=layout)] == [(), (), ()]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_what_known_programs_write_has_no_finding(dialect: Dialect) -> None:
    assert [_check(raw) for raw in _three(5 << 19, 1 << 19, dialect=dialect)] == [(), (), ()]


@pytest.mark.parametrize(
    "fields",
    [
        {"features": 0},
        {"features": 0x102},
        {"reserved": bytes(200) + b"x" * 227},
        {"time_stamp": 0},
    ],
    ids=", ".join,
)
def test_what_others_take_for_damage_has_no_finding(fields: dict[str, Any]) -> None:
    assert [_check(raw) for raw in _three(5 * 4096, 4096, footer=fields)] == [(), (), ()]


def test_a_size_that_was_changed_is_told_by_its_own_codes() -> None:
    shrunk = _three(5 * 4096, 4096, footer={"original_size": 1 << 30})
    assert [_codes(raw) for raw in shrunk] == [{"VHD126"}] * 3
    # An expanded disk is worth a note, and a warning only where it has a parent.
    expanded = _three(5 * 4096, 4096, footer={"original_size": 4096})
    assert [_codes(raw) for raw in expanded] == [set(), set(), {"VHD125"}]


def test_a_raw_disk_has_no_structure_to_judge() -> None:
    assert check_image(raw_image(BytesSource(b"conectix" * 100))) == ()


@pytest.mark.corpus
def test_real_files_have_no_finding(corpus: Path) -> None:
    files = sorted(corpus.glob("*/*.vhd"))
    assert len(files) == 10
    assert [file.name for file in files if _check(file.read_bytes())] == []


# ------------------------------------------------------------------------------------------------------------- damaged


SPARSE = _healthy(DiskType.DYNAMIC)
CHILD = _healthy(DiskType.DIFFERENCING)
SMALL_SPACE = edit_locator(CHILD, 0, platform_data_offset=len(CHILD) - 1024, platform_data_space_raw=2)


@pytest.mark.parametrize(
    ("raw", "code", "severity"),
    [
        (edit_footer(SPARSE, end=False, time_stamp=1), "VHD142", Severity.WARNING),
        (edit_footer(SPARSE, end=False, time_stamp=1), "VHD141", Severity.WARNING),
        (edit_footer(SPARSE, end=False, current_size=512), "VHD141", Severity.ERROR),
        (edit_header(SPARSE, header_version=0x00010001), "VHD203", Severity.WARNING),
        (_healthy(DiskType.FIXED)[:-512] + bytes(512) + _healthy(DiskType.FIXED)[-512:], "VHD144", Severity.WARNING),
        (edit_footer(SPARSE, copy=False, checksum=False, time_stamp=1), "VHD106", Severity.ERROR),
        (edit_footer(SPARSE[:-512], end=False, checksum=False, time_stamp=1), "VHD140", Severity.ERROR),
        (SMALL_SPACE, "VHD307", Severity.WARNING),
    ],
    ids=["times", "others", "sizes", "minor version", "longer file", "copy used", "no valid footer", "small space"],
)
def test_the_severity_follows_the_consequence(raw: bytes, code: str, severity: Severity) -> None:
    assert [item.severity for item in _check(raw) if item.code == code] == [severity]


def test_an_unused_locator_and_those_of_a_dynamic_disk_are_not_judged() -> None:
    leftovers = edit_header(SPARSE, locators=tuple(_leftover(slot) for slot in range(8)))
    assert _codes(leftovers) == {"VHD218"}  # that they are there at all
    assert _codes(edit_footer(leftovers, disk_type_raw=4)) >= {"VHD301", "VHD306", "VHD307"}


def _leftover(slot: int) -> ParentLocator:
    return ParentLocator(
        platform_code=b"\xff\0\0" + bytes([slot]), platform_data_space_raw=512, platform_data_length=1 << 31
    )


def test_all_problems_are_told_not_the_first() -> None:
    raw = edit_header(SPARSE, header_version=0x00020000, table_offset=header_table(SPARSE))
    raw = edit_entry(edit_entry(raw, USED_BLOCKS[0], 0), USED_BLOCKS[1], 1 << 20)
    raw = edit_footer(raw, file_format_version=0x00020000)
    assert _codes(raw) == {"VHD109", "VHD203", "VHD403", "VHD404"}


def header_table(raw: bytes) -> int:
    table = scan_image(BytesSource(raw)).bat
    assert table is not None
    return table.offset


def test_findings_come_worst_first_and_always_in_the_same_order() -> None:
    raw = edit_entry(edit_footer(SPARSE, end=False, creator_version=9), USED_BLOCKS[0], 0)
    raw = edit_header(raw, header_version=0x00010001)
    findings = _check(raw)
    assert [(item.code, item.severity) for item in findings] == [
        ("VHD403", Severity.ERROR),
        ("VHD141", Severity.WARNING),
        ("VHD203", Severity.WARNING),
    ]
    assert findings == _check(raw)


@pytest.mark.parametrize("left", [0, 512, 1000, 1560, len(SPARSE) - 1])
def test_a_file_that_shrinks_while_it_is_read_is_not_judged(left: int) -> None:
    source = ShrunkSource(BytesSource(SPARSE, name="x.vhd"), left=left)
    (item,) = check_image(scan_image(source))
    assert (item.code, item.severity, item.location.path) == ("VHD004", Severity.ERROR, "x.vhd")


def test_what_exceeds_a_limit_is_told() -> None:
    image = scan_image(BytesSource(SPARSE), limits=Limits(max_bat_entries=4))
    assert [(item.code, item.severity, item.location.structure) for item in _serious(image)] == [
        ("VHD005", Severity.ERROR, "BAT")
    ]
    image = scan_image(BytesSource(CHILD), limits=Limits(max_locator_bytes=20))
    assert {(item.code, item.severity) for item in _serious(image)} == {("VHD005", Severity.WARNING)}


def test_either_footer_can_be_looked_at() -> None:
    raw = edit_footer(SPARSE, end=False, current_size=0)
    for policy, places in ((FooterPolicy.END, []), (FooterPolicy.COPY, ["footer copy"])):
        findings = check_image(scan_image(BytesSource(raw), footer=policy))
        assert [item.location.structure for item in findings if item.code == "VHD127"] == places


def test_a_hostile_table_gives_one_finding_per_code() -> None:
    # A table of a million entries that lead to the same wrong place, all but the first: otherwise it was wiped.
    entries = 1 << 20
    header = edit_header(SPARSE, max_table_entries=entries, table_offset=1536)
    raw = edit_footer(
        header[:1536] + (4).to_bytes(4, "big") + (3).to_bytes(4, "big") * (entries - 1) + SPARSE[-512:],
        current_size=entries * BLOCK_SIZE,
    )
    assert sorted(item.code for item in _check(raw)) == ["VHD402", "VHD406", "VHD407"]


# --------------------------------------------------------------------------------------------------------- any bytes


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    raw = _healthy(draw(st.sampled_from(KINDS)))
    for _ in range(draw(st.integers(1, 6))):
        # Metadata is small; without this nearly every change would hit data.
        place = draw(
            st.one_of(st.integers(0, 2600), st.integers(len(raw) - 520, len(raw) - 1), st.integers(0, len(raw)))
        )
        raw = overwrite(raw, place, draw(st.binary(min_size=1, max_size=8)))[: len(raw)]
    if draw(st.booleans()):
        raw = edit_footer(edit_header(raw) if _has_header(raw) else raw)
    return raw[: draw(st.one_of(st.just(len(raw)), st.integers(0, len(raw))))]


def _has_header(raw: bytes) -> bool:
    return end_footer(raw).data_offset + 1024 <= len(raw)


@given(_mutated())
def test_mutated_bytes_are_judged_and_never_raise(raw: bytes) -> None:
    findings = _check(raw)
    assert {item.code for item in findings} <= set(CODES)
    assert findings == _check(raw)


@given(st.binary(max_size=3000))
def test_random_bytes_are_judged_and_never_raise(raw: bytes) -> None:
    assert _codes(raw) <= {"VHD552", "VHD101", "VHD103", "VHD145", "VHD510"}


@given(st.binary(max_size=2000), st.sampled_from([b"conectix", b""]), st.sampled_from([2, 3, 4, 0]))
def test_random_bytes_behind_a_cookie_are_judged_and_never_raise(raw: bytes, cookie: bytes, disk_type: int) -> None:
    footer = edit_footer(SPARSE, disk_type_raw=disk_type)[-512:]
    assert _check(cookie + raw + footer) is not None
    assert _codes(cookie + raw)
