"""What the map promises beyond being right: bounds, chunks, single sectors, the unknown, progress, threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from vhdchain.blockmap import EXTENT_DTYPE, UNKNOWN, ZERO, BlockMap, Extent, Reason, explain
from vhdchain.blockmap.layers import WINDOW_ROWS
from vhdchain.blockmap.resolve import CHUNK_BITMAP_BYTES
from vhdchain.chain import Chain, link_images
from vhdchain.errors import CancelledError, OutOfRangeError
from vhdchain.testing import BuiltImage, ChainBuilder
from vhdchain.testing.opening import built_chain, built_image
from vhdchain.units import SECTOR_SIZE

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


def wide_tree() -> tuple[ChainBuilder, BuiltImage]:
    """A disk of more rows than one window lists, with data on both sides of the border and at both ends."""
    tree = ChainBuilder(seed=3)
    size = (WINDOW_ROWS + 100) * 32 * KIB
    base = tree.dynamic("base.vhd", size=size, block_size=32 * KIB)
    leaf = tree.snapshot(base, "leaf.avhd", block_size=32 * KIB)
    border = WINDOW_ROWS * 32 * KIB
    for image, offsets in ((base, (0, border - 40 * KIB, border)), (leaf, (border - 512, size - 1024))):
        for offset in offsets:
            tree.fill(image, offset, 1024, label=image.name) if image is leaf else _fill_base(tree, image, offset)
    return tree, leaf


def _fill_base(tree: ChainBuilder, base: BuiltImage, offset: int) -> None:
    tree.write(base, offset, b"base" * 256, under_children=True)


def test_windows_of_rows_join_without_a_seam() -> None:
    tree, leaf = wide_tree()
    expected = [tuple(extent) for extent in tree.expected_map(leaf)]
    assert BlockMap(built_chain(tree, leaf)).extents.tolist() == expected


def test_chunks_of_rows_join_without_a_seam() -> None:
    tree = ChainBuilder(seed=4)
    block = 256 * MIB
    rows_per_chunk = CHUNK_BITMAP_BYTES // (block // SECTOR_SIZE // 8)
    rows = 2 * rows_per_chunk + 1
    base = tree.dynamic("base.vhd", size=rows * block, block_size=block)
    for row in range(rows):
        tree.fill(base, row * block, 512)
    leaf = tree.snapshot(base, "leaf.avhd", block_size=4 * KIB)
    tree.fill(leaf, block - 512, 1024)
    tree.fill(leaf, rows_per_chunk * block - 512, 1024)
    expected = [tuple(extent) for extent in tree.expected_map(leaf)]
    block_map = BlockMap(built_chain(tree, leaf))
    assert block_map.extents.tolist() == expected
    assert len(list(block_map.chunks())) > 1


@pytest.fixture
def small() -> tuple[ChainBuilder, BuiltImage]:
    tree = ChainBuilder(seed=9)
    base = tree.dynamic("base.vhd", size=256 * KIB, block_size=16 * KIB)
    tree.fill(base, 0, 20 * KIB)
    middle = tree.snapshot(base, "middle.avhd", block_size=4 * KIB)
    tree.fill(middle, 9 * KIB, 30 * KIB)
    leaf = tree.snapshot(middle, "leaf.avhd", block_size=64 * KIB)
    tree.fill(leaf, 10 * KIB, 700)
    return tree, leaf


def test_every_sector_alone_is_what_the_whole_map_says(small: tuple[ChainBuilder, BuiltImage]) -> None:
    tree, leaf = small
    chain = built_chain(tree, leaf)
    block_map = BlockMap(chain)
    whole = {extent.start + at: extent for extent in block_map for at in range(0, extent.length, SECTOR_SIZE)}
    assert sorted(whole) == list(range(0, leaf.size, SECTOR_SIZE))
    for start, extent in whole.items():
        offset = extent.file_offset + start - extent.start if extent.layer >= 0 else -1
        assert block_map.at(start + 17) == Extent(start, SECTOR_SIZE, extent.layer, offset)


def test_the_explanation_ends_where_the_map_says(small: tuple[ChainBuilder, BuiltImage]) -> None:
    tree, leaf = small
    chain = built_chain(tree, leaf)
    block_map = BlockMap(chain)
    for start in range(0, leaf.size, SECTOR_SIZE):
        steps = explain(chain, start)
        extent = block_map.at(start)
        if extent.layer == ZERO:
            assert {step.reason for step in steps} <= {Reason.UNALLOCATED, Reason.CLEAR}
            assert [step.layer for step in steps] == [2, 1, 0]
        else:
            assert steps[-1].reason is Reason.SUPPLIES
            assert (steps[-1].layer, steps[-1].file_offset) == (extent.layer, extent.file_offset)


def test_a_slice_of_a_known_map_and_of_an_unknown_one_are_equal(small: tuple[ChainBuilder, BuiltImage]) -> None:
    tree, leaf = small
    chain = built_chain(tree, leaf)
    known, fresh = BlockMap(chain), BlockMap(chain)
    assert len(known.extents) > 5
    for start in range(0, leaf.size, 3 * KIB):
        for length in (0, 1, 511, 512, 5000, leaf.size - start):
            length = min(length, leaf.size - start)  # noqa: PLW2901 - clipped for the last places
            assert known.slice(start, length).tolist() == fresh.slice(start, length).tolist()


@pytest.mark.parametrize(("start", "length"), [(-1, 1), (0, -1), (0, 256 * KIB + 1), (256 * KIB, 1), (1 << 70, 1)])
def test_ranges_outside_of_the_disk_are_refused(
    small: tuple[ChainBuilder, BuiltImage], start: int, length: int
) -> None:
    block_map = BlockMap(built_chain(*small))
    with pytest.raises(OutOfRangeError):
        block_map.slice(start, length)
    with pytest.raises(OutOfRangeError):
        block_map.chunks(start, length)


@pytest.mark.parametrize("offset", [-1, 256 * KIB])
def test_sectors_outside_of_the_disk_are_refused(small: tuple[ChainBuilder, BuiltImage], offset: int) -> None:
    chain = built_chain(*small)
    with pytest.raises(OutOfRangeError):
        BlockMap(chain).at(offset)
    with pytest.raises(OutOfRangeError):
        explain(chain, offset)


def partial_chain(small: tuple[ChainBuilder, BuiltImage]) -> Chain:
    tree, leaf = small
    return link_images([built_image(tree, image) for image in leaf.stack[1:]], partial=True)


def test_what_only_a_missing_parent_holds_is_unknown_not_zero(small: tuple[ChainBuilder, BuiltImage]) -> None:
    tree, leaf = small
    block_map = BlockMap(partial_chain(small))
    # Layers count from the lowest image that is there; every zero of the whole chain may be hidden data now.
    expected = [
        (start, length, layer - 1 if layer > 0 else UNKNOWN, offset if layer > 0 else -1)
        for start, length, layer, offset in tree.expected_map(leaf)
    ]
    found = {
        extent.start + at: (extent.layer, extent.file_offset + at if extent.layer >= 0 else -1)
        for extent in block_map
        for at in range(0, extent.length, SECTOR_SIZE)
    }
    assert found == {
        start + at: (layer, offset + at if layer >= 0 else -1)
        for start, length, layer, offset in expected
        for at in range(0, length, SECTOR_SIZE)
    }
    unknown = block_map.unknown()
    assert unknown["layer"].tolist() == [UNKNOWN] * len(unknown)
    assert int(unknown["length"].sum()) == sum(SECTOR_SIZE for layer, _ in found.values() if layer == UNKNOWN)


def test_a_complete_chain_has_nothing_unknown(small: tuple[ChainBuilder, BuiltImage]) -> None:
    assert len(BlockMap(built_chain(*small)).unknown()) == 0


def test_behind_a_shorter_layer_is_zero_even_where_a_parent_is_missing() -> None:
    tree = ChainBuilder(seed=6)
    base = tree.dynamic("base.vhd", size=64 * KIB, block_size=4 * KIB)
    middle = tree.snapshot(base, "middle.avhd")
    tree.resize(middle, 16 * KIB)
    leaf = tree.snapshot(middle, "leaf.avhd")
    tree.resize(leaf, 32 * KIB)
    chain = link_images([built_image(tree, image) for image in leaf.stack[1:]], partial=True)
    assert BlockMap(chain).extents.tolist() == [(0, 16 * KIB, UNKNOWN, -1), (16 * KIB, 16 * KIB, ZERO, -1)]
    assert explain(chain, 20 * KIB)[-1].reason is Reason.BEYOND_END


def test_progress_ends_at_the_whole_and_never_goes_back(small: tuple[ChainBuilder, BuiltImage]) -> None:
    told: list[tuple[int, int]] = []
    chunks = list(BlockMap(built_chain(*small)).chunks(1000, 100_000, progress=lambda *done: told.append(done)))
    assert sum(int(chunk["length"].sum()) for chunk in chunks) == 100_000
    assert told == sorted(told)
    assert told[-1] == (100_000, 100_000)


def test_a_map_can_be_cancelled(small: tuple[ChainBuilder, BuiltImage]) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledError):
        list(BlockMap(built_chain(*small)).chunks(cancel=stop))
    with pytest.raises(CancelledError):
        list(BlockMap(built_chain(*small)).chunks(cancel=lambda: True))


def test_the_whole_map_is_read_only_and_made_once(small: tuple[ChainBuilder, BuiltImage]) -> None:
    block_map = BlockMap(built_chain(*small))
    assert block_map.extents is block_map.extents
    assert block_map.extents.dtype == EXTENT_DTYPE
    with pytest.raises(ValueError, match="read-only"):
        block_map.extents["start"] = 0


def test_threads_share_a_map() -> None:
    tree, leaf = wide_tree()
    block_map = BlockMap(built_chain(tree, leaf))
    whole = BlockMap(built_chain(tree, leaf)).extents
    starts = np.random.default_rng(1).integers(0, leaf.size - 8192, 400).tolist()
    with ThreadPoolExecutor(8) as pool:
        slices = list(pool.map(lambda start: block_map.slice(start, 8192).tolist(), starts))
    for start, extents in zip(starts, slices, strict=True):
        assert sum(extent[1] for extent in extents) == 8192
        first = whole[np.searchsorted(whole["start"], start, side="right") - 1]
        assert extents[0][2] == first["layer"]
