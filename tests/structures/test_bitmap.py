"""Most significant bit first, one bit at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vhdchain.structures import build_bitmap, parse_bitmap, sector_is_set
from vhdchain.units import bitmap_length, blocks_for


@pytest.mark.parametrize(
    ("byte", "sectors"),
    [
        (0x00, []),
        (0x80, [0]),
        (0x01, [7]),
        (0xA5, [0, 2, 5, 7]),
        (0x0F, [4, 5, 6, 7]),
        (0xFF, [0, 1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_the_most_significant_bit_is_the_first_sector_both_ways(byte: int, sectors: list[int]) -> None:
    for position in (0, 3, 511):
        raw = bytes(position) + bytes([byte]) + bytes(511 - position)
        wanted = [position * 8 + sector for sector in sectors]
        present = parse_bitmap(raw, 0x200000)
        assert np.flatnonzero(present).tolist() == wanted
        assert build_bitmap(present) == raw
        assert [sector for sector in range(4096) if sector_is_set(raw, sector)] == wanted


@pytest.mark.parametrize(
    ("block_size", "length"),
    [(512, 512), (4096, 512), (0x80000, 512), (0x200000, 512), (0x400000, 1024), (0x10000000, 0x10000)],
)
def test_a_bitmap_takes_whole_sectors(block_size: int, length: int) -> None:
    assert bitmap_length(block_size) == length
    assert len(build_bitmap(np.ones(block_size // 512, dtype=np.bool_))) == length


def test_the_padding_of_a_bitmap_is_zero() -> None:
    assert build_bitmap(np.ones(8, dtype=np.bool_)) == b"\xff" + bytes(511)


@pytest.mark.parametrize(("size", "blocks"), [(0, 0), (1, 1), (4096, 1), (4097, 2), ((1 << 64) - 512, 1 << 52)])
def test_a_disk_has_as_many_blocks_as_it_begins(size: int, blocks: int) -> None:
    assert blocks_for(size, 4096) == blocks
    for block_size in (0, -4096):
        with pytest.raises(ValueError, match="positive"):
            blocks_for(size, block_size)


@given(st.integers(0, 5), st.data())
def test_bits_behind_the_block_mean_nothing(power: int, data: st.DataObject) -> None:
    block_size = 512 << power
    raw = data.draw(st.binary(min_size=512, max_size=512))
    present = parse_bitmap(raw, block_size)
    assert present.shape == (block_size // 512,)
    assert present.tolist() == [sector_is_set(raw, sector) for sector in range(block_size // 512)]
