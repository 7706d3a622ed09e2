"""Which bytes are written is decided by pages of the file, wherever in them the data begins."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vhdchain.shell.sparse import PAGE_SIZE, runs_of_data

PIECES = st.lists(st.tuples(st.integers(1, 3 * PAGE_SIZE), st.sampled_from((0, 0, 1, 255))), max_size=6)


def pages_in_use(content: bytes, offset: int) -> set[int]:
    """Return the numbers of the file's pages in which some byte is not zero, one byte at a time."""
    return {(offset + at) // PAGE_SIZE for at, byte in enumerate(content) if byte}


@given(pieces=PIECES, offset=st.integers(0, 2 * PAGE_SIZE), last=st.booleans())
def test_runs_are_the_pages_that_hold_something(pieces: list[tuple[int, int]], offset: int, *, last: bool) -> None:
    # Each piece is zeros but for one byte, its first or its last: what a look at a page's beginning alone would miss.
    content = b"".join(
        bytes(length - 1) + bytes([byte]) if last else bytes([byte]) + bytes(length - 1) for length, byte in pieces
    )
    runs = list(runs_of_data(np.frombuffer(content, dtype=np.uint8), offset))

    found = {
        page for first, end in runs for page in range((offset + first) // PAGE_SIZE, -(-(offset + end) // PAGE_SIZE))
    }
    assert found == pages_in_use(content, offset)
    assert all(end < first for (_, end), (first, _) in itertools.pairwise(runs))
    for first, end in runs:
        assert first == 0 or (offset + first) % PAGE_SIZE == 0
        assert end == len(content) or (offset + end) % PAGE_SIZE == 0
