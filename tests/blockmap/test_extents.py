"""Joining and clipping of extents, against the same done sector by sector."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vhdchain.blockmap.extents import EXTENT_DTYPE, NO_OFFSET, Extents, clipped, joined, records

SECTOR = 512


@st.composite
def coverings(draw: st.DrawFn) -> Extents:
    """Extents without gaps from 0 on, some of which continue their predecessor."""
    rows: list[tuple[int, int, int, int]] = []
    start = 0
    for _ in range(draw(st.integers(1, 12))):
        length = SECTOR * draw(st.integers(1, 4))
        layer = draw(st.sampled_from([-2, -1, 0, 1]))
        offset = NO_OFFSET if layer < 0 else SECTOR * draw(st.integers(0, 30))
        if rows and rows[-1][2] == layer >= 0 and draw(st.booleans()):
            offset = rows[-1][3] + rows[-1][1]
        rows.append((start, length, layer, offset))
        start += length
    return np.array(rows, dtype=EXTENT_DTYPE)


def by_sector(extents: Extents) -> dict[int, tuple[int, int]]:
    return {
        extent.start + at: (extent.layer, NO_OFFSET if extent.layer < 0 else extent.file_offset + at)
        for extent in records(extents)
        for at in range(0, extent.length, SECTOR)
    }


@given(coverings())
def test_joined_extents_say_the_same_and_are_maximal(extents: Extents) -> None:
    result = joined(extents)
    assert by_sector(result) == by_sector(extents)
    for before, after in zip(records(result[:-1]), records(result[1:]), strict=True):
        assert before.end == after.start
        same_nothing = before.layer == after.layer < 0
        continued = before.layer == after.layer and before.file_offset + before.length == after.file_offset
        assert not same_nothing
        assert not (continued and before.layer >= 0)


@given(coverings(), st.data())
def test_clipped_extents_are_the_sectors_of_the_range(extents: Extents, data: st.DataObject) -> None:
    size = int(extents["start"][-1] + extents["length"][-1]) // SECTOR
    start = SECTOR * data.draw(st.integers(0, size - 1))
    end = SECTOR * data.draw(st.integers(start // SECTOR + 1, size))
    kept = {at: what for at, what in by_sector(extents).items() if start <= at < end}
    before = extents.copy()
    assert by_sector(clipped(extents, start, end)) == kept
    assert (extents == before).all()


def test_nothing_stays_nothing() -> None:
    nothing = np.empty(0, dtype=EXTENT_DTYPE)
    assert len(joined(nothing)) == 0
    assert len(clipped(nothing, 0, SECTOR)) == 0
