"""What is free in a file, against a plain map of its sectors."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.structures.layout_files import BLOCK, TABLE, layout_file
from vhdchain.structures import UNUSED, ParentLocator, StoredLocator
from vhdchain.structures import entries as pieces
from vhdchain.structures import layout as layouts
from vhdchain.structures.free_space import first_fit, gaps_of, tail
from vhdchain.structures.layout import layout_of

if TYPE_CHECKING:
    from vhdchain.structures.layout_facts import LayoutOfFile

STORED_SECTORS = 9
MANY = 1000


def locator(offset: int, *, space: int, length: int = 0) -> StoredLocator:
    """Return a locator whose data nobody reads."""
    entry = ParentLocator(
        platform_code=b"W2ru",
        platform_data_space_raw=space,
        platform_data_length=length,
        platform_data_offset=offset,
    )
    return StoredLocator(slot=0, entry=entry, data=None, text=None, encoding=None)


@st.composite
def files(draw: st.DrawFn) -> LayoutOfFile:
    step = draw(st.sampled_from([1, 1, 8]))
    # The data of blocks at multiples of the step: their bitmaps one sector before.
    places = st.integers(1, 15).map(lambda n: 8 * n + 7) if step > 1 else st.integers(4, 110)
    entries = draw(st.lists(st.one_of(places, st.just(UNUSED)), min_size=1, max_size=8))
    spare = draw(st.lists(st.one_of(st.integers(1, 120), st.just(UNUSED)), max_size=3))
    locators = draw(
        st.lists(st.builds(locator, st.integers(4, 110).map(lambda n: 512 * n), space=st.just(1536)), max_size=2)
    )
    end = draw(st.integers(16, 120)) * 512
    return layout_file(entries + spare, size=len(entries) * BLOCK, data_end=end, locators=tuple(locators))


@given(files(), st.sampled_from([1, 3, pieces.PIECE]))
def test_gaps_are_what_a_map_of_the_sectors_leaves_free(file: LayoutOfFile, piece: int) -> None:
    whole, pieces.PIECE = pieces.PIECE, piece
    # In small pieces the table is looked at as a large one is.
    few, layouts.FEW = layouts.FEW, layouts.FEW if piece == whole else 0
    try:
        layout = layout_of(file)
        found = gaps_of(layout, listed=MANY)
        runs, behind = free_runs(file, {*layout.places.tolist(), *_sound(file)})
        unit = max(layout.alignment, 512) // 512
        fitting = [(a, b) for a, b in runs if -(-(a + 1) // unit) * unit + STORED_SECTORS - 1 <= b]
        assert found.offsets == [512 * begin for begin, _ in fitting]
        assert (found.count, found.size) == (len(fitting), 512 * sum(b - a for a, b in fitting))
        begin, end = tail(layout)
        assert max(begin, 0) // 512 == behind or begin >= end
        assert layout.leftovers.sound.tolist() == [
            block for block in range(file.block_count, len(file.bat.entries)) if _is_sound(file, block)
        ]
    finally:
        pieces.PIECE, layouts.FEW = whole, few


def free_runs(file: LayoutOfFile, places: set[int]) -> tuple[list[tuple[int, int]], int]:
    """Return the free runs of sectors before the last taken one, where any block is, and where the tail begins."""
    end = file.data_end // 512
    taken = [False] * end
    blocks = sorted(place for place in places if place < end)
    spaces = [(0, 4), *((item.entry.platform_data_offset // 512, 3) for item in file.locators)]
    for begin, length in spaces:
        if (begin + length) * 512 <= file.data_end:
            taken[begin : begin + length] = [True] * length
    for begin in blocks:
        taken[begin : begin + STORED_SECTORS] = [True] * len(taken[begin : begin + STORED_SECTORS])
    behind = max((number + 1 for number in range(end) if taken[number]), default=0)
    runs = []
    for is_taken, group in groupby(range(behind), key=lambda number: taken[number]):
        members = list(group)
        if not is_taken and blocks:
            runs.append((members[0], members[-1] + 1))
    return runs, behind


def _sound(file: LayoutOfFile) -> list[int]:
    entries = file.bat.entries.tolist()
    return [entries[block] for block in range(file.block_count, len(entries)) if _is_sound(file, block)]


def _is_sound(file: LayoutOfFile, block: int) -> bool:
    entries = file.bat.entries.tolist()
    entry = entries[block]
    if entry in (0, UNUSED) or entry * 512 < TABLE + 512 or (entry + STORED_SECTORS) * 512 > file.data_end:
        return False
    own = [other for other in entries[: file.block_count] if other not in (0, UNUSED)]
    return all(abs(other - entry) >= STORED_SECTORS for other in own)


def test_the_data_of_a_new_block_is_aligned_like_the_others() -> None:
    assert first_fit(layout_of(layout_file([7, 23])), 16 * 512) == 23 * 512
    assert first_fit(layout_of(layout_file([7, 22])), 16 * 512) == 16 * 512
    assert first_fit(layout_of(layout_file([UNUSED])), 2048 + 1) == 5 * 512


def test_a_gap_in_which_no_aligned_block_fits_is_none() -> None:
    # Room of twelve sectors is enough for nine, but not behind seven that alignment leaves free.
    assert gaps_of(layout_of(layout_file([7, 31, 47])), listed=MANY).count == 0
    assert gaps_of(layout_of(layout_file([7, 32, 47])), listed=MANY).offsets == [16 * 512]


def test_only_the_first_offsets_are_kept() -> None:
    found = gaps_of(layout_of(layout_file([4 + 20 * number for number in range(12)])), listed=8)
    assert (found.count, found.size) == (11, 11 * 11 * 512)
    assert found.offsets == [(13 + 20 * number) * 512 for number in range(8)]


def test_a_locator_behind_the_blocks_is_no_gap() -> None:
    one = locator(30 * 512, space=4096, length=20)
    layout = layout_of(layout_file([4], data_end=50 * 512, locators=(one,)))
    assert gaps_of(layout, listed=MANY).offsets == [13 * 512]
    assert tail(layout) == (38 * 512, 50 * 512)


@pytest.mark.parametrize("claim", [1 << 31, 0xFFFFFFFF])
def test_a_locator_that_cannot_lie_there_takes_no_room(claim: int) -> None:
    one = locator(30 * 512, space=claim, length=claim)
    layout = layout_of(layout_file([4], data_end=50 * 512, locators=(one,)))
    assert tail(layout) == (13 * 512, 50 * 512)
