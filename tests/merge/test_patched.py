"""A file read through patches that were not made is the file as it will be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vhdchain.errors import OutOfRangeError, PlanRefusedError
from vhdchain.merge.patched import PatchedSource
from vhdchain.plan import Patch
from vhdchain.source import BytesSource

CONTENT = bytes(range(100))


@st.composite
def _changes(draw: st.DrawFn) -> tuple[list[Patch], int]:
    size = draw(st.integers(60, 140))
    edges = sorted(draw(st.lists(st.integers(0, max(size, 100)), max_size=8, unique=True)))
    whole = CONTENT.ljust(200, b"\0")
    patches = []
    for begin, end in zip(edges[::2], edges[1::2], strict=False):
        new = draw(st.binary(min_size=end - begin, max_size=end - begin))
        patches.append(Patch(offset=begin, old=whole[begin:end], new=new, why="a test"))
    return patches, size


@given(_changes(), st.integers(0, 140), st.integers(0, 140))
def test_any_part_reads_as_of_the_patched_bytes(change: tuple[list[Patch], int], one: int, other: int) -> None:
    patches, size = change
    wanted = bytearray(CONTENT.ljust(200, b"\0"))
    for patch in patches:
        wanted[patch.offset : patch.offset + len(patch.new)] = patch.new
    source = PatchedSource(BytesSource(CONTENT), patches, size)
    assert source.size == size
    begin, end = sorted((min(one, size), min(other, size)))
    assert source.read_at(begin, end - begin) == bytes(wanted[begin:end])


def test_what_lies_behind_the_end_is_not_read() -> None:
    with pytest.raises(OutOfRangeError):
        PatchedSource(BytesSource(CONTENT), (), 60).read_at(50, 11)


def test_a_patch_that_does_not_fit_is_refused() -> None:
    patch = Patch(offset=10, old=b"other", new=b"bytes", why="a test")
    with pytest.raises(PlanRefusedError, match="plan again"):
        PatchedSource(BytesSource(CONTENT), (patch,))
