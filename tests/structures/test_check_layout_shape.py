"""The checks of the layout as a whole: where they begin to tell, how badly, and what keeps them quiet."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from tests.structures.layout_files import BLOCK, METADATA_END, STORED, TABLE, blocks, found_in, layout_file
from tests.structures.test_free_space import locator
from vhdchain.findings import Severity
from vhdchain.structures import UNUSED, Bat
from vhdchain.structures.check_layout import check_layout
from vhdchain.structures.check_layout_shape import check_layout_shape
from vhdchain.structures.layout import layout_of

NOTE, WARNING, ERROR = Severity.NOTE, Severity.WARNING, Severity.ERROR


SIDE_BY_SIDE = tuple(4 + 9 * number for number in range(12))
AT_PAGES = tuple(7 + 16 * number for number in range(12))


@pytest.mark.parametrize("entries", [SIDE_BY_SIDE, AT_PAGES, (4,), (4, UNUSED, 13), (UNUSED, 4)])
def test_blocks_in_order_are_nothing_to_tell(entries: tuple[int, ...]) -> None:
    assert found_in(blocks(*entries)) == {}


def test_an_empty_disk_whose_footer_follows_its_metadata_is_nothing_to_tell() -> None:
    assert found_in(layout_file([UNUSED] * 5, data_end=METADATA_END)) == {}


def test_a_disk_of_no_size_is_another_finding() -> None:
    assert found_in(layout_file([UNUSED, 4, 90], size=0)) == {}


# -------------------------------------------------------------------------------------------------- alignment


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        (tuple(7 + 16 * n for n in range(3)) + tuple(56 + 16 * n for n in range(3)), 3),
        (tuple(8 + 16 * n for n in range(3)) + tuple(55 + 16 * n for n in range(3)), 3),
        # One in eight blocks that lie side by side is on a page.
        (tuple(7 + 16 * n for n in range(3)) + tuple(48 + 9 * n for n in range(16)), 14),
        ((7, 23, 39, 56, 72), None),
        (tuple(7 + 16 * n for n in range(2)) + tuple(40 + 16 * n for n in range(9)), None),
        ((8, 24, 40, 55, 71, 87, 104, 120, 136), None),
        (tuple(7 + 9 * n for n in range(40)), None),
        (tuple(8 + 16 * n for n in range(12)), None),
        (AT_PAGES, None),
    ],
)
def test_blocks_of_two_alignments(entries: tuple[int, ...], told: int | None) -> None:
    found = found_in(blocks(*entries))
    assert set(found) - {"VHD412"} == ({"VHD411"} if told else set())
    assert told is None or (found["VHD411"].severity, found["VHD411"].found) == (NOTE, told)


def test_the_alignment_is_that_of_all_the_data() -> None:
    for entries, alignment in ((AT_PAGES, 4096), ((7, 16), 512), ((3 + 4, 3 + 8 + 2), 1024), ((9,), 1024), ((), 0)):
        assert layout_of(layout_file(list(entries) or [UNUSED])).alignment == alignment, entries
    for entries, alignment in (((5,), 512 * 2), ((4095,), 4096), ((11,), 2048)):
        assert layout_of(layout_file(list(entries))).alignment == alignment, entries


# -------------------------------------------------------------------------------------------------- gaps and tail


def test_a_gap_in_which_a_block_has_room() -> None:
    item = found_in(blocks(4, 22))["VHD412"]
    assert (item.severity, item.location.offset, item.found) == (NOTE, METADATA_END + STORED, STORED)
    assert found_in(blocks(4, 21)) == {}


def test_all_gaps_are_counted() -> None:
    item = found_in(blocks(*(4 + 18 * number for number in range(13))))["VHD412"]
    assert item.found == 12 * STORED
    assert item.message.startswith(f"12 gaps of {12 * STORED} bytes together, at {13 * 512}, {31 * 512}, ")
    assert "…" in item.message


def test_a_gap_before_the_first_block_counts() -> None:
    assert found_in(blocks(14)).keys() == {"VHD412"}
    assert found_in(blocks(12)) == {}


@pytest.mark.parametrize(
    ("length", "severity"),
    [(0, None), (511, None), (512, NOTE), (STORED - 512, NOTE), (STORED, WARNING), (4 * STORED, WARNING)],
)
def test_bytes_before_the_footer(length: int, severity: Severity | None) -> None:
    found = found_in(blocks(*SIDE_BY_SIDE, tail=length))
    assert {item.code: item.severity for item in found.values()} == ({"VHD414": severity} if severity else {})
    if severity:
        item = found["VHD414"]
        assert (item.location.offset, item.found) == ((SIDE_BY_SIDE[-1] + 9) * 512, length)


@pytest.mark.parametrize(
    ("length", "severity"),
    # Blocks end with a page here. Windows puts the footer at the end of the next page.
    [(0, None), (3584, None), (4096, None), (7680, None), (2048, None), (7168, NOTE), (5120, NOTE), (8192, WARNING)],
)
def test_pages_explain_bytes_before_the_footer(length: int, severity: Severity | None) -> None:
    found = found_in(blocks(*AT_PAGES, tail=length))
    assert {item.code: item.severity for item in found.values()} == ({"VHD414": severity} if severity else {})


@pytest.mark.parametrize("metadata_entries", [20, 512])
def test_empty_disks_as_windows_writes_them_are_quiet(metadata_entries: int) -> None:
    # Windows 8.1: the metadata ends at 2,048 or 3,584, the footer lies at 7,680, at the end of the second page.
    size = metadata_entries * 0x200000
    file = layout_file([UNUSED] * metadata_entries, size=size, data_end=7680, block_size=0x200000)
    assert found_in(file) == {}


def test_an_empty_differencing_disk_as_windows_writes_it_is_quiet() -> None:
    # Windows 10: the space of the locators ends at 77,824, the footer lies at 81,408.
    bat = Bat(offset=8192, declared=20, entries=np.full(20, UNUSED, dtype=np.uint32))
    one, two = locator(4096, space=4096, length=66), locator(12288, space=65536, length=20)
    facts: dict[str, Any] = {"bat": bat, "block_size": 0x200000, "locators": (one, two), "is_differencing": True}
    assert found_in(layout_file([UNUSED] * 20, data_end=81408, **facts)) == {}


def test_a_lost_footer_leaves_its_place() -> None:
    file = blocks(*SIDE_BY_SIDE, tail=512)
    lost = layout_file(list(SIDE_BY_SIDE), data_end=file.data_end, file_size=file.data_end)
    assert found_in(lost) == {}


def test_an_empty_disk_with_room_for_a_block() -> None:
    item = found_in(layout_file([UNUSED] * 20, data_end=METADATA_END + 10 * STORED))["VHD417"]
    assert (item.severity, item.location.offset, item.found) == (WARNING, METADATA_END, 10 * STORED)
    # Less room is not that of a block.
    found = found_in(layout_file([UNUSED] * 20, data_end=METADATA_END + STORED - 1024))
    assert {item.severity for item in found.values()} <= {NOTE}


def test_an_empty_disk_whose_block_lies_behind_its_end_is_not_empty() -> None:
    file = layout_file([UNUSED, 4], size=BLOCK, data_end=METADATA_END + STORED)
    assert found_in(file) == {}


@pytest.mark.parametrize(
    "further",
    [
        {"declared": 3},  # the limit ended the reading
        {"size": 3 * BLOCK},  # blocks without an entry
        {"header_offset": TABLE},  # the table is none
        {"header_offset": TABLE - 512},
    ],
)
def test_what_is_free_is_not_said_of_a_table_that_does_not_tell_all(further: dict[str, Any]) -> None:
    file = blocks(100, 4, tail=10 * STORED, **further)
    assert set(found_in(file)) <= {"VHD408"}


# -------------------------------------------------------------------------------------------------- wiped


@pytest.mark.parametrize(
    ("entries", "entry"),
    [([0, 0], 0), ([0] * 20, 0), ([9, 9, 9], 9), ([9, UNUSED, 9, 9], 9), ([0xF6F6F6F6] * 4, 0xF6F6F6F6)],
)
def test_a_table_that_was_wiped(entries: list[int], entry: int) -> None:
    file = layout_file(entries)
    item = found_in(file)["VHD416"]
    assert (item.severity, item.found, item.location.offset) == (ERROR, entry, TABLE)
    assert set(found_in(file)) == {"VHD416"}
    assert list(check_layout(layout_of(file))) == [], "told instead of the flood"


@pytest.mark.parametrize("entries", [[0], [0, UNUSED], [9, 9], [9, 9, 0, 9], [9, 9, 18], [9], [UNUSED, UNUSED], [0, 9]])
def test_a_table_with_single_damages_was_not_wiped(entries: list[int]) -> None:
    assert "VHD416" not in found_in(layout_file(entries))


# -------------------------------------------------------------------------------------------------- size and order


@pytest.mark.parametrize(("rest", "told"), [(0, False), (511, False), (1, True), (100, True), (510, True)])
def test_a_file_of_no_whole_sectors(rest: int, told: bool) -> None:
    size = METADATA_END + STORED + (0 if rest == 511 else 512) + rest
    file = layout_file([4], data_end=size - (511 if rest == 511 else 512), file_size=size)
    found = found_in(file)
    assert ("VHD418" in found) is told
    if told:
        assert (found["VHD418"].severity, found["VHD418"].found) == (WARNING, size)


def test_bytes_behind_the_footer_are_another_finding() -> None:
    assert found_in(layout_file([4], data_end=METADATA_END + STORED, file_size=METADATA_END + STORED + 612)) == {}


@pytest.mark.parametrize(
    ("entries", "share"),
    [
        (SIDE_BY_SIDE[::-1], 100),
        ((13, 4), 100),
        ((4, 22, 13), 100),
        ((4, 13, 31, 22), 66),
        ((4, UNUSED, 13, UNUSED, 31, 22), 66),
        ((*range(4, 4 + 9 * 300, 9), 4 + 9 * 301, 4 + 9 * 300), 1),
        ((4, 40), None),
        ((4, 30, 90, 200), None),
        ((4, 4, 13), None),
    ],
)
def test_the_share_of_blocks_out_of_order(entries: tuple[int, ...], share: int | None) -> None:
    found = found_in(blocks(*entries))
    assert ("VHD419" in found) is (share is not None)
    if share is not None:
        assert (found["VHD419"].severity, found["VHD419"].found) == (NOTE, share)


def test_a_file_larger_than_all_its_blocks_need() -> None:
    # Metadata and footer, the block with a page for its alignment, and two pages more.
    most = METADATA_END + 512 + STORED + 4096 + 8192
    assert "VHD420" not in found_in(layout_file([4], data_end=most - 512))
    item = found_in(layout_file([4], data_end=most))["VHD420"]
    assert (item.severity, item.expected, item.found) == (WARNING, most, most + 512)
    # What follows the footer is another finding.
    assert "VHD420" not in found_in(layout_file([4], data_end=most - 512, file_size=1 << 30))


def test_what_the_metadata_takes_is_not_held_against_the_blocks() -> None:
    behind = locator(14 * 512, space=65536, length=20)
    assert found_in(blocks(4, tail=512 + 65536, locators=(behind,))) == {}
    assert found_in(blocks(4, tail=512 + 65536)).keys() == {"VHD414", "VHD420"}


def test_a_block_of_a_shrunk_disk_takes_its_room() -> None:
    entries = [4 + 9 * number for number in range(20)]
    assert found_in(blocks(*entries, size=BLOCK)) == {}


# -------------------------------------------------------------------------------------------------- limits


@pytest.mark.parametrize("kind", ["shuffled", "every other", "random"])
def test_a_large_table_takes_little_more_memory_than_one_copy_of_it(kind: str) -> None:
    count = 1 << 21
    entries = np.arange(count, dtype=np.uint32) * np.uint32(16) + np.uint32(1 << 16)
    randomly = np.random.default_rng(3)
    if kind == "random":
        entries = randomly.integers(0, 1 << 32, count, dtype=np.uint32)
    else:
        randomly.shuffle(entries)
    if kind == "every other":
        entries[::2] = UNUSED
    file = layout_file([], size=count * BLOCK, data_end=1 << 41, bat=Bat(offset=TABLE, declared=count, entries=entries))
    tracemalloc.start()
    try:
        layout = layout_of(file)
        told = {item.code for item in (*check_layout(layout), *check_layout_shape(layout))}
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "VHD419" in told
    assert peak < entries.nbytes + (6 << 20)
