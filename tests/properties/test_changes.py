"""Do the ranges that changed cover every sector that differs, and the exact ones no other?

Any two nodes of a tree are compared: a snapshot with now, two branches, disks that were resized in between. What
differs is known from the contents that the builder expects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vhdchain.blockmap import (
    RANGE_DTYPE,
    common_ancestor,
    ends_of,
    gathered_ranges,
    joined_pieces,
    may_differ,
    union,
    widened,
)
from vhdchain.chain import link_images
from vhdchain.read import DiskReader, differing
from vhdchain.shell.changes import changed_ranges
from vhdchain.shell.handle import OpenChain
from vhdchain.structures.footer import DiskType
from vhdchain.testing.opening import built_chain, built_image
from vhdchain.testing.programs import run_program
from vhdchain.testing.strategies import programs

if TYPE_CHECKING:
    from vhdchain.blockmap import Ranges
    from vhdchain.chain import Chain
    from vhdchain.testing.builder import ChainBuilder
    from vhdchain.testing.images import BuiltImage
    from vhdchain.testing.programs import Program

TIMES = settings().max_examples
_SECTOR = 512


def _two_chains(tree: ChainBuilder, one: BuiltImage, other: BuiltImage) -> tuple[Chain, Chain]:
    """Return two chains that share the files that they have in common."""
    images = {image.name: built_image(tree, image) for image in {*one.stack, *other.stack}}
    first, second = (link_images([images[image.name] for image in leaf.stack]) for leaf in (one, other))
    return first, second


def _sectors(ranges: Ranges) -> set[int]:
    return {
        sector
        for start, length in ranges.tolist()
        for sector in range(start // _SECTOR, -(-(start + length) // _SECTOR))
    }


def _differing(tree: ChainBuilder, one: BuiltImage, other: BuiltImage) -> set[int]:
    older, newer = bytes(tree.expected(one)), bytes(tree.expected(other))
    older = older[: len(newer)].ljust(len(newer), b"\0")
    return {
        at // _SECTOR for at in range(0, len(newer), _SECTOR) if older[at : at + _SECTOR] != newer[at : at + _SECTOR]
    }


@given(programs(max_steps=16), st.data())
@settings(max_examples=TIMES * 5)
def test_any_two_nodes(program: Program, data: st.DataObject) -> None:
    tree = run_program(program, after_each=lambda *_: None).tree
    one, other = (data.draw(st.sampled_from(tree.images)) for _ in range(2))
    older, newer = _two_chains(tree, one, other)
    ranges = gathered_ranges(may_differ(older, newer))
    assert _is_maximal(ranges, newer.virtual_size)
    expected = _differing(tree, one, other)
    assert expected <= _sectors(ranges)
    if one is other:
        assert len(ranges) == 0
    exact = gathered_ranges(differing(DiskReader(older), DiskReader(newer), [ranges]))
    assert _is_maximal(exact, newer.virtual_size)
    assert _sectors(exact) == expected


@given(programs(max_steps=16), st.data(), st.integers(1, 40000), st.integers(0, 40000))
@settings(max_examples=TIMES * 2)
def test_what_a_backup_reads_makes_the_newer_disk(
    program: Program, data: st.DataObject, block_size: int, gap: int
) -> None:
    tree = run_program(program, after_each=lambda *_: None).tree
    one, other = (data.draw(st.sampled_from(tree.images)) for _ in range(2))
    older, newer = map(OpenChain, _two_chains(tree, one, other))
    size, content = newer.virtual_size, bytes(tree.expected(other))
    for exact in (False, True):
        ranges = changed_ranges(older, newer, exact=exact, block_size=block_size, gap=gap)
        assert ranges.dtype == RANGE_DTYPE
        assert _is_maximal(ranges, size)
        backup = bytearray(bytes(tree.expected(one))[:size].ljust(size, b"\0"))
        for start, length in ranges.tolist():
            assert start % block_size == 0
            assert (start + length) % block_size == 0 or start + length == size
            backup[start : start + length] = content[start : start + length]
        assert bytes(backup) == content
        assert (ranges["start"][1:] - ends_of(ranges)[:-1] > gap).all()


@given(programs(max_steps=16), st.data())
def test_both_orders_tell_the_same_of_what_both_disks_have(program: Program, data: st.DataObject) -> None:
    tree = run_program(program, after_each=lambda *_: None).tree
    one, other = (data.draw(st.sampled_from(tree.images)) for _ in range(2))
    older, newer = map(OpenChain, _two_chains(tree, one, other))
    size = min(older.virtual_size, newer.virtual_size)
    for exact in (False, True):
        there, back = (
            [
                (start, min(start + length, size))
                for start, length in changed_ranges(first, second, exact=exact).tolist()
                if start < size
            ]
            for first, second in ((older, newer), (newer, older))
        )
        assert there == back


@given(programs(max_steps=16), st.data())
def test_strangers_are_compared_whole(program: Program, data: st.DataObject) -> None:
    tree = run_program(program, after_each=lambda *_: None).tree
    one, other = (data.draw(st.sampled_from(tree.images)) for _ in range(2))
    older, newer = (OpenChain(built_chain(tree, leaf)) for leaf in (one, other))
    if one.stack[0].kind is not DiskType.RAW:  # sources in memory are one file only where they are one object
        assert common_ancestor(older.chain, newer.chain) is None
    expected = _differing(tree, one, other)
    assert expected <= _sectors(changed_ranges(older, newer))
    assert expected == _sectors(changed_ranges(older, newer, exact=True))


@given(programs(max_steps=10), st.data())
def test_nothing_below_the_common_ancestor_counts(program: Program, data: st.DataObject) -> None:
    tree = run_program(program, after_each=lambda *_: None).tree
    one, other = (data.draw(st.sampled_from(tree.images)) for _ in range(2))
    older, newer = _two_chains(tree, one, other)
    shared = [image for image in one.stack if image in other.stack]
    found = common_ancestor(older, newer)
    assert (found.image.name if found else None) == (shared[-1].name if shared else None)
    sizes = {image.size for image in (*one.stack, *other.stack)}
    if shared and len(sizes) == 1:
        written = set()
        for image in {*one.stack, *other.stack} - set(shared):
            for index, block in image.blocks.items():
                first = index * image.block_size // _SECTOR
                written |= {first + number for number in np.flatnonzero(block.present).tolist()}
        assert _sectors(gathered_ranges(may_differ(older, newer))) <= written


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=8),
    st.integers(1, 12),
    st.integers(0, 9),
)
def test_widened_ranges_cover_the_same_and_keep_their_distance(
    pairs: list[tuple[int, int]], block_size: int, gap: int
) -> None:
    starts = np.array([start for start, _ in pairs], dtype=np.int64)
    ends = starts + np.array([length for _, length in pairs], dtype=np.int64)
    ranges = union([(starts, ends)])
    covered = {byte for start, length in pairs for byte in range(start, start + length)}
    assert {byte for start, length in ranges.tolist() for byte in range(start, start + length)} == covered
    whole = gathered_ranges(joined_pieces([ranges[at : at + 1] for at in range(len(ranges))]))
    assert whole.tolist() == ranges.tolist()
    wide = gathered_ranges(widened([ranges], block_size=block_size, gap=gap, size=70))
    pieces = [ranges[at : at + 1] for at in range(len(ranges))]
    assert gathered_ranges(widened(pieces, block_size=block_size, gap=gap, size=70)).tolist() == wide.tolist()
    for start, length in wide.tolist():
        assert start % block_size == 0
        assert (start + length) % block_size == 0 or start + length == 70
    behind = [start + length for start, length in wide.tolist()]
    assert all(after - before > gap for before, after in zip(behind, wide["start"][1:].tolist(), strict=False))
    assert covered <= {byte for start, length in wide.tolist() for byte in range(start, start + length)}


def _is_maximal(ranges: Ranges, size: int) -> bool:
    starts, ends = ranges["start"], ranges["start"] + ranges["length"]
    inside = not len(ranges) or (starts[0] >= 0 and ends[-1] <= size)
    return bool(inside and (ranges["length"] > 0).all() and (starts[1:] > ends[:-1]).all())
