"""The checks of the layout against a plain judgement of the same entries, block by block and pair by pair."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.structures.layout_files import BLOCK, HEADER, METADATA_END, STORED, TABLE, layout_file
from vhdchain.findings import Finding, Severity
from vhdchain.structures import UNUSED, Bat
from vhdchain.structures import entries as pieces
from vhdchain.structures import layout as layouts
from vhdchain.structures.check_layout import check_layout
from vhdchain.structures.layout import layout_of
from vhdchain.structures.layout_facts import LayoutOfFile


def _found(layout: LayoutOfFile) -> dict[str, Finding]:
    findings = list(check_layout(layout_of(layout)))
    codes = {item.code: item for item in findings}
    assert len(codes) == len(findings), "one finding per code"
    return codes


def test_an_empty_table_is_in_order() -> None:
    assert _found(layout_file([UNUSED] * 5)) == {}


def test_blocks_side_by_side_up_to_the_end_are_in_order() -> None:
    starts = [4 + 9 * number for number in (2, 0, 1)]
    assert _found(layout_file(starts, data_end=METADATA_END + 3 * STORED)) == {}


def test_blocks_before_the_metadata_are_in_order_when_they_end_there() -> None:
    moved = LayoutOfFile(
        path="x.vhd",
        bat=Bat(offset=20 * 512, declared=1, entries=np.array([9], dtype=np.uint32)),
        header_offset=18 * 512,
        block_size=BLOCK,
        virtual_size=BLOCK,
        data_end=1 << 20,
        file_size=(1 << 20) + 512,
    )
    assert _found(moved) == {}


@pytest.mark.parametrize(("entry", "codes"), [(1, {"VHD402"}), (3, {"VHD402"}), (4, set()), (0, {"VHD403"})])
def test_metadata_ends_behind_the_padded_table(entry: int, codes: set[str]) -> None:
    assert _found(layout_file([entry])).keys() == codes


def test_a_block_that_runs_into_the_header_is_found() -> None:
    layout = LayoutOfFile(
        path="x.vhd",
        bat=Bat(offset=20 * 512, declared=1, entries=np.array([10], dtype=np.uint32)),
        header_offset=18 * 512,
        block_size=BLOCK,
        virtual_size=BLOCK,
        data_end=1 << 20,
        file_size=(1 << 20) + 512,
    )
    assert _found(layout).keys() == {"VHD402"}


@pytest.mark.parametrize(
    ("missing", "code", "severity"),
    [
        (0, None, None),
        (512, "VHD405", Severity.WARNING),
        (2048, "VHD405", Severity.WARNING),
        (2560, "VHD404", Severity.ERROR),
    ],
)
def test_only_what_belongs_to_the_disk_must_be_there(missing: int, code: str | None, severity: Severity | None) -> None:
    # The disk ends in the middle of its second block, which lies last in the file.
    layout = layout_file([4, 13], size=BLOCK + BLOCK // 2, data_end=METADATA_END + 2 * STORED - missing)
    found = _found(layout)
    assert {(item.code, item.severity) for item in found.values()} == ({(code, severity)} if code else set())


def test_a_whole_last_block_may_not_be_cut() -> None:
    assert _found(layout_file([4, 13], data_end=METADATA_END + 2 * STORED - 512)).keys() == {"VHD404"}


def test_the_end_of_a_block_beyond_4_gib_does_not_overflow() -> None:
    assert _found(layout_file([0xFFFFFFFE], data_end=0xFFFFFFFE * 512)).keys() == {"VHD404"}
    assert _found(layout_file([0xFFFFFFFE], data_end=0xFFFFFFFE * 512 + STORED)) == {}


def test_a_cut_last_block_may_have_a_neighbour_behind_its_stored_part() -> None:
    # Of the last block half of the data is stored, and another block follows at once.
    assert _found(layout_file([9, 4], size=BLOCK + BLOCK // 2)) == {}
    assert _found(layout_file([8, 4], size=BLOCK + BLOCK // 2)).keys() == {"VHD407"}
    assert _found(layout_file([4, 12], size=BLOCK + BLOCK // 2)).keys() == {"VHD407"}
    assert _found(layout_file([4, 4], size=BLOCK + BLOCK // 2)).keys() == {"VHD406"}


def test_entries_behind_the_disk_are_not_judged() -> None:
    assert _found(layout_file([4, 0, 4, 5, 1], size=BLOCK)) == {}


def test_a_table_that_ends_within_the_file_but_not_for_this_disk_is_the_headers_finding() -> None:
    assert _found(layout_file([4], size=3 * BLOCK)) == {}


def test_entries_behind_the_end_of_the_data_are_missing_and_not_read() -> None:
    found = _found(layout_file([UNUSED, 0, 0], data_end=TABLE + 6))
    assert found.keys() == {"VHD401"}
    place = found["VHD401"].location
    assert (place.offset, place.block, found["VHD401"].expected, found["VHD401"].found) == (TABLE + 4, 1, 3, 1)


def test_a_table_that_claims_more_than_the_file_holds_does_not_cover_the_blocks() -> None:
    assert _found(layout_file([4], declared=1 << 30)) == {}


def test_the_table_reaches_over_its_spare_entries_too() -> None:
    # 129 entries take two sectors, and the disk needs one of them.
    assert _found(layout_file([4], declared=129)).keys() == {"VHD402"}
    assert _found(layout_file([5], declared=129)) == {}
    assert _found(layout_file([4], declared=128)) == {}
    # Also where the table fills the file up to the very end of its data.
    inside = (1 << 20) - TABLE
    assert _found(layout_file([4], declared=inside // 4)).keys() == {"VHD402"}
    assert _found(layout_file([4], declared=inside // 4 + 1)) == {}


def test_a_table_behind_the_end_of_the_data_has_no_entry() -> None:
    found = _found(layout_file([4], data_end=TABLE - 512))
    assert found.keys() == {"VHD401"}
    assert (found["VHD401"].location.block, found["VHD401"].expected, found["VHD401"].found) == (0, 1, 0)


def test_a_block_may_begin_right_behind_the_footer_copy() -> None:
    moved = LayoutOfFile(
        path="x.vhd",
        bat=Bat(offset=20 * 512, declared=1, entries=np.array([1], dtype=np.uint32)),
        header_offset=18 * 512,
        block_size=BLOCK,
        virtual_size=BLOCK,
        data_end=1 << 20,
        file_size=(1 << 20) + 512,
    )
    assert _found(moved) == {}


def test_the_cut_last_block_is_known_in_a_later_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE", 2)
    monkeypatch.setattr(layouts, "FEW", 0)
    layout = layout_file([4, 13, 22, 31, 40], size=5 * BLOCK - 1024, data_end=(40 + 9) * 512 - 512)
    found = _found(layout)
    assert found.keys() == {"VHD405"}
    assert found["VHD405"].location.block == 4


def test_one_finding_counts_all_places_and_lies_at_the_first() -> None:
    entries = [UNUSED] * 3 + [0] * 20
    (item,) = check_layout(layout_of(layout_file(entries)))
    assert (item.location.block, item.location.offset, item.found) == (3, TABLE + 12, 0)
    assert item.message.startswith("each of 20 blocks (3, 4, 5, 6, 7, 8, 9, 10, …)")


def test_all_pairs_are_counted() -> None:
    found = _found(layout_file([100, 4, 100, 105, 100, 50]))
    assert found["VHD406"].message == "blocks 0, 2 and 4 point to the same place (2 conflicts)"
    assert found["VHD407"].message == "blocks 0 and 3 overlap in the file"
    assert (found["VHD407"].location.block, found["VHD407"].found) == (3, 105)


@st.composite
def _layouts(draw: st.DrawFn) -> LayoutOfFile:
    entries = draw(st.lists(st.one_of(st.integers(0, 60), st.just(UNUSED)), min_size=1, max_size=12))
    cut = draw(st.integers(0, BLOCK // 512 - 1)) * 512
    return layout_file(entries, size=len(entries) * BLOCK - cut, data_end=draw(st.integers(4, 64)) * 512)


@given(_layouts(), st.sampled_from([1, 3, pieces.PIECE]))
def test_the_same_codes_as_a_plain_judgement(layout: LayoutOfFile, piece: int) -> None:
    whole, pieces.PIECE = pieces.PIECE, piece
    # In small pieces the table is looked at as a large one is.
    few, layouts.FEW = layouts.FEW, layouts.FEW if piece == whole else 0
    try:
        assert _found(layout).keys() == _plain(layout)
    finally:
        pieces.PIECE, layouts.FEW = whole, few


def _plain(layout: LayoutOfFile) -> set[str]:
    entries = layout.bat.entries.tolist()
    cut = len(entries) * BLOCK - layout.virtual_size
    used = [entry for entry in entries if entry != UNUSED]
    if (set(entries) == {0} and len(entries) > 1) or (0 not in used and len(used) > 2 and len(set(used)) == 1):
        return set()  # a table that was wiped is another finding
    codes = {"VHD403"} if 0 in entries else set()
    ranges = []
    for block, entry in enumerate(entries):
        if entry not in (0, UNUSED):
            start, end = entry * 512, entry * 512 + STORED
            needed = end - cut if block == len(entries) - 1 else end
            ranges.append((start, needed))
            codes |= {"VHD402"} if start < METADATA_END else set()
            codes |= {"VHD404"} if needed > layout.data_end else {"VHD405"} if end > layout.data_end else set()
    for number, (start, end) in enumerate(ranges):
        for other_start, other_end in ranges[:number]:
            if start == other_start:
                codes.add("VHD406")
            elif start < other_end and other_start < end:
                codes.add("VHD407")
    return codes


@pytest.mark.parametrize("step", [0, 1], ids=["the same", "each in the next"])
def test_a_large_table_takes_little_more_memory_than_one_copy_of_it(step: int) -> None:
    count = 1 << 22
    entries = np.arange(4, 4 + count, dtype=np.uint32) if step else np.full(count, 4, dtype=np.uint32)
    if not step:
        # All of them the same would be a table that was wiped, for which one finding stands.
        entries[0] = 1 << 30
    bat = Bat(offset=TABLE, declared=count, entries=entries)
    layout = LayoutOfFile(
        path="x",
        bat=bat,
        header_offset=HEADER,
        block_size=BLOCK,
        virtual_size=count * BLOCK,
        data_end=1 << 50,
        file_size=1 << 51,
    )
    tracemalloc.start()
    try:
        findings = {item.code: item for item in check_layout(layout_of(layout))}
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The table itself reaches over all these blocks, because it is that long.
    assert findings.keys() == {"VHD402", "VHD407" if step else "VHD406"}
    assert peak < entries.nbytes + (12 << 20)
