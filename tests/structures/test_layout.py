"""Are the facts about a small table, taken entry by entry, those that arrays give?"""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from vhdchain.structures import UNUSED
from vhdchain.structures import layout as layouts

_ENTRIES = st.one_of(
    st.just(0), st.just(UNUSED), st.integers(1, 60), st.integers(0, UNUSED), st.integers(UNUSED - 60, UNUSED)
)


@given(st.lists(_ENTRIES, max_size=20), st.integers(1, 40), st.integers(0, 9))
@example([0, 0, 0], 9, 1)
@example([4, 13, 22], 9, 1)
@example([22, 13, 4, 4], 9, 1)
@example([UNUSED, UNUSED], 9, 1)
@example([UNUSED - 1], 9, 2)
@example([], 9, 1)
def test_few_entries_give_the_same_facts_as_many(stored: list[int], length: int, ahead: int) -> None:
    entries = np.array(stored, dtype=np.uint32)
    one, other = layouts._facts_of_few(entries, length, ahead), layouts._facts(entries.copy(), length, ahead)
    assert one.places.tolist() == other.places.tolist()
    assert one.places.dtype == other.places.dtype == np.uint32
    assert one[1:] == other[1:]


def test_a_table_in_the_order_of_the_file_is_not_copied() -> None:
    entries = np.array([4, 13, 22], dtype=np.uint32)
    assert layouts._facts_of_few(entries, 9, 1).places is entries
