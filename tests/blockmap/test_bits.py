"""Runs of set bits in packed words, against a bit-by-bit reading of the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vhdchain.blockmap.bits import WORD_BITS, block_breaks, positions, run_edges, to_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORDS_PER_ROW = st.sampled_from([1, 2, 3, 8])
INTERESTING = [0, 1, 1 << 63, 0xFFFFFFFFFFFFFFFF, 0x8000000000000001, 0x0F0F0F0F0F0F0F0F, 0xA5A5A5A5A5A5A5A5]


def naive_runs(rows: list[str], block: int | None) -> list[tuple[int, int]]:
    """Runs of '1' in rows of characters; with ``block``, a new run begins at each multiple of it."""
    runs = []
    for row_number, row in enumerate(rows):
        length = 0
        for at, bit in enumerate([*row, "0"]):
            at_break = block is not None and at % block == 0
            if length and (bit == "0" or at_break):
                runs.append((row_number * len(row) + at - length, length))
                length = 0
            length += bit == "1"
    return runs


@st.composite
def word_arrays(draw: st.DrawFn) -> NDArray[np.uint64]:
    width = draw(WORDS_PER_ROW)
    rows = draw(st.integers(0, 5))
    word = st.sampled_from(INTERESTING) | st.integers(0, 2**64 - 1)
    words = draw(st.lists(word, min_size=rows * width, max_size=rows * width))
    return np.array(words, dtype=np.uint64).reshape(rows, width)


def set_runs(words: NDArray[np.uint64], breaks: NDArray[np.uint64] | None = None) -> list[tuple[int, int]]:
    """Start and length of every run, by the code under test."""
    starts, ends = (positions(edges) for edges in run_edges(words, breaks))
    return list(zip(starts.tolist(), (ends - starts + 1).tolist(), strict=True))


@given(word_arrays(), st.sampled_from([None, 1, 8, 64]))
def test_runs_equal_a_bit_by_bit_reading(words: NDArray[np.uint64], block: int | None) -> None:
    bits_per_row = words.shape[1] * WORD_BITS
    breaks = None if block is None else block_breaks(bits_per_row, block)
    rows = ["".join(f"{int(word):064b}" for word in row) for row in words]
    assert set_runs(words, breaks) == naive_runs(rows, block)


@pytest.mark.parametrize("density", [0.0, 0.01, 0.5, 0.99, 1.0])
def test_sparse_and_dense_words_give_the_same_kind_of_answer(density: float) -> None:
    # Both ways of taking edges apart are used, depending on how many there are.
    rng = np.random.default_rng(7)
    bits = rng.random((40, 512)) < density
    rows = ["".join("1" if bit else "0" for bit in row) for row in bits]
    assert set_runs(to_words(np.packbits(bits, axis=1))) == naive_runs(rows, None)


def test_a_few_dense_words_among_sparse_ones_are_taken_apart_alike() -> None:
    rng = np.random.default_rng(8)
    bits = rng.random((40, 512)) < 0.01
    bits[::9, 64:128] = rng.random((5, 64)) < 0.5
    bits[3, 448:] = np.arange(64) % 2
    rows = ["".join("1" if bit else "0" for bit in row) for row in bits]
    assert set_runs(to_words(np.packbits(bits, axis=1))) == naive_runs(rows, None)


@pytest.mark.parametrize(("byte", "sectors"), [(0x80, [0]), (0x01, [7]), (0xA5, [0, 2, 5, 7]), (0x0F, [4, 5, 6, 7])])
def test_the_first_sector_is_the_most_significant_bit(byte: int, sectors: list[int]) -> None:
    runs = set_runs(to_words(np.array([[byte, 0, 0, 0, 0, 0, 0, 0]], dtype=np.uint8)))
    owned = [start + at for start, length in runs for at in range(length)]
    assert owned == sectors
