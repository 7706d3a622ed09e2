"""What the map promises beyond being right: bounds, chunks, single sectors, the unknown, progress, threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vhdchain.blockmap import EXTENT_DTYPE, UNKNOWN, ZERO, BlockMap, Extent, Reason, explain
from vhdchain.blockmap import map as module
from vhdchain.blockmap.layers import MAX_LAYERS, WINDOW_ROWS
from vhdchain.blockmap.resolve import CHUNK_BITMAP_BYTES
from vhdchain.chain import Chain, link_images
from vhdchain.errors import CancelledError, ChainError, OutOfRangeError
from vhdchain.image import raw_image, scan_image
from vhdchain.source import BytesSource
from vhdchain.testing import BuiltImage, ChainBuilder
from vhdchain.testing.opening import built_chain, built_image
from vhdchain.testing.sparse import SparseSource
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from typing_extensions import Buffer

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
    assert explain(chain, 16 * KIB)[-1].reason is Reason.BEYOND_END
    assert explain(chain, 16 * KIB - 1)[-1].reason is Reason.UNALLOCATED


def test_progress_ends_at_the_whole_and_never_goes_back(small: tuple[ChainBuilder, BuiltImage]) -> None:
    told: list[tuple[int, int]] = []
    chunks = list(BlockMap(built_chain(*small)).chunks(1000, 100_000, progress=lambda *done: told.append(done)))
    assert sum(int(chunk["length"].sum()) for chunk in chunks) == 100_000
    assert told == sorted(told)
    assert told[-1] == (100_000, 100_000)
    assert {total for _, total in told} == {100_000}


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


@pytest.mark.parametrize("cut", [1, 2, 63])
@pytest.mark.parametrize("row", [32 * KIB, 128 * KIB])
def test_bits_behind_the_end_of_a_shorter_layer_mean_nothing(row: int, cut: int) -> None:
    tree = ChainBuilder(seed=6)
    base = tree.dynamic("base.vhd", size=row, block_size=row)
    middle = tree.snapshot(base, "middle.avhd", block_size=32 * KIB)
    end = 32 * KIB - cut * SECTOR_SIZE
    tree.resize(middle, end)
    tree.block(middle, 0, bitmap=b"\xff" * 8)
    leaf = tree.snapshot(middle, "leaf.avhd")
    tree.resize(leaf, row)
    data = tree.file(middle).data_offset(0, 32 * KIB)
    assert BlockMap(built_chain(tree, leaf)).extents.tolist() == [(0, end, 1, data), (end, row - end, ZERO, -1)]


def test_a_shorter_layer_ends_the_explanation_whatever_lies_below() -> None:
    tree = ChainBuilder(seed=6)
    base = tree.dynamic("base.vhd", size=64 * KIB, block_size=4 * KIB)
    tree.fill(base, 0, base.size)
    middle = tree.snapshot(base, "middle.avhd")
    tree.resize(middle, 16 * KIB)
    leaf = tree.snapshot(middle, "leaf.avhd")
    tree.resize(leaf, 64 * KIB)
    chain = built_chain(tree, leaf)
    steps = [(step.layer, step.reason) for step in explain(chain, 16 * KIB)]
    assert steps == [(2, Reason.UNALLOCATED), (1, Reason.BEYOND_END)]
    assert BlockMap(chain).at(16 * KIB).layer == ZERO
    assert explain(chain, 16 * KIB - 1)[-1].reason is Reason.SUPPLIES


def test_the_explanation_names_the_bit_and_the_places_in_the_file() -> None:
    tree = ChainBuilder(seed=8)
    base = tree.dynamic("base.vhd", size=8 * MIB, block_size=4 * MIB)
    sector = 4 * MIB // SECTOR_SIZE + 4099  # in block 1, the fourth bit of byte 512 of a bitmap of two sectors
    tree.write(base, sector * SECTOR_SIZE, b"x" * SECTOR_SIZE)
    file = tree.file(base)
    (step,) = explain(built_chain(tree, base), sector * SECTOR_SIZE + 9)
    bitmap = file.bitmaps[1]
    assert (step.block, step.entry, step.bitmap_offset, step.bit) == (1, bitmap // SECTOR_SIZE, bitmap + 512, 0x10)
    assert step.file_offset == bitmap + 1024 + 4099 * SECTOR_SIZE
    assert file.content.read(bitmap + 512, 1) == bytes([0x10])
    assert step.entry_offset is not None
    assert file.content.read(step.entry_offset, 4) == (bitmap // SECTOR_SIZE).to_bytes(4, "big")


# ----------------------------------------------------------------------------------------------- what is read, and kept


class Watched(SparseSource):
    """A source that records where it is read."""

    def __init__(self, tree: ChainBuilder, image: BuiltImage) -> None:
        super().__init__(tree.file(image).content, name=image.name)
        self.reads: list[int] = []

    def readinto_at(self, offset: int, buffer: Buffer) -> None:
        self.reads.append(offset)
        super().readinto_at(offset, buffer)


def watched_chain(tree: ChainBuilder, leaf: BuiltImage) -> tuple[Chain, list[Watched]]:
    sources = [Watched(tree, image) for image in leaf.stack]
    chain = link_images([scan_image(source) for source in sources])
    for source in sources:
        source.reads.clear()
    return chain, sources


def test_bitmaps_below_what_is_taken_are_not_read() -> None:
    tree = ChainBuilder(seed=12)
    base = tree.dynamic("base.vhd", size=256 * KIB, block_size=16 * KIB)
    for block in range(16):
        tree.block(base, block, sectors=range(0, 32, 2))
    leaf = tree.snapshot(base, "leaf.avhd", block_size=64 * KIB)
    # The leaf takes its first block, and of its second one as much as one block of the base has.
    tree.fill(leaf, 0, 80 * KIB)
    chain, (below, above) = watched_chain(tree, leaf)
    extents = BlockMap(chain).extents.tolist()
    assert extents == [tuple(extent) for extent in tree.expected_map(leaf)]
    assert sorted(above.reads) == sorted(tree.file(leaf).bitmaps.values())
    assert sorted(below.reads) == sorted(tree.file(base).bitmaps[block] for block in range(5, 16))


def test_bitmaps_below_a_whole_block_are_not_read_either() -> None:
    tree = ChainBuilder(seed=12)
    base = tree.dynamic("base.vhd", size=256 * KIB, block_size=64 * KIB)
    tree.fill(base, 0, base.size)
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.fill(leaf, 64 * KIB, 100 * KIB)
    chain, (below, above) = watched_chain(tree, leaf)
    assert BlockMap(chain).extents.tolist() == [tuple(extent) for extent in tree.expected_map(leaf)]
    assert sorted(above.reads) == sorted(tree.file(leaf).bitmaps.values())
    assert sorted(below.reads) == sorted(tree.file(base).bitmaps[block] for block in (0, 2, 3))


def test_bitmaps_outside_of_the_range_are_not_read() -> None:
    tree = ChainBuilder(seed=13)
    base = tree.dynamic("base.vhd", size=128 * MIB, block_size=2 * MIB)
    for block in range(64):
        tree.fill(base, block * 2 * MIB, 512)
    chain, (source,) = watched_chain(tree, base)
    bitmaps = tree.file(base).bitmaps
    assert sum(len(chunk) for chunk in BlockMap(chain).chunks(6 * MIB, 3 * MIB)) == 4
    assert sorted(source.reads) == [bitmaps[3], bitmaps[4]]
    source.reads.clear()
    assert BlockMap(chain).at(40 * MIB).layer == 0
    # Around a single sector 32 MiB are mapped and kept.
    assert sorted(source.reads) == [bitmaps[block] for block in range(16, 32)]


def block_by_block(monkeypatch: pytest.MonkeyPatch, **limits: int) -> tuple[BlockMap, Watched]:
    """A map of 8 blocks that keeps each block for itself, within ``limits``; a block is a run of data, then zeros."""
    for name, value in {"_GROUP_SECTORS": 1, **limits}.items():
        monkeypatch.setattr(module, name, value)
    tree = ChainBuilder(seed=14)
    base = tree.dynamic("base.vhd", size=512 * KIB, block_size=64 * KIB)
    for block in range(8):
        tree.fill(base, block * 64 * KIB, 512)
    chain, (source,) = watched_chain(tree, base)
    return BlockMap(chain), source


def test_the_map_keeps_what_was_asked_for_last(monkeypatch: pytest.MonkeyPatch) -> None:
    block_map, source = block_by_block(monkeypatch, _CACHED_GROUPS=2)
    read = []
    for block in (0, 1, 0, 2, 0, 2, 1):
        source.reads.clear()
        assert block_map.at(block * 64 * KIB).start == block * 64 * KIB
        read.append(bool(source.reads))
    assert read == [True, True, False, True, False, False, True]


def test_the_map_keeps_few_extents(monkeypatch: pytest.MonkeyPatch) -> None:
    block_map, source = block_by_block(monkeypatch, _CACHED_EXTENTS=5)
    for block in (*range(8), *range(8)):
        source.reads.clear()
        assert [extent[2] for extent in block_map.slice(block * 64 * KIB, 64 * KIB).tolist()] == [0, ZERO]
        assert len(source.reads) == 1
    # Two blocks of two extents each fit.
    source.reads.clear()
    assert [block_map.at(block * 64 * KIB).layer for block in (6, 7)] == [0, 0]
    assert source.reads == []


def test_slices_join_where_kept_pieces_meet(
    small: tuple[ChainBuilder, BuiltImage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_GROUP_SECTORS", 1)
    tree, leaf = small
    chain = built_chain(tree, leaf)
    known, fresh = BlockMap(chain), BlockMap(chain)
    assert len(known.extents) > 5
    for start in range(0, leaf.size, 7 * KIB):
        for length in {*(1, 5000, 70 * KIB, 130 * KIB, leaf.size)}:
            size = min(length, leaf.size - start)
            whole = known.slice(start, size).tolist()
            assert fresh.slice(start, size).tolist() == whole
            assert [tuple(extent) for chunk in fresh.chunks(start, size) for extent in chunk.tolist()] == whole


# ------------------------------------------------------------------------------------------------------------- extremes


def test_a_chunk_of_many_extents_is_kept_whole() -> None:
    tree = ChainBuilder(seed=15)
    base = tree.dynamic("base.vhd", size=2 * MIB, block_size=2 * MIB)
    tree.block(base, 0, sectors=range(0, 4096, 2))
    extents = BlockMap(built_chain(tree, base)).extents
    assert len(extents) == 4096
    assert extents.tolist() == [tuple(extent) for extent in tree.expected_map(base)]


@pytest.mark.parametrize("block_size", [4 * KIB, 64 * KIB])
def test_entries_use_all_their_32_bits(block_size: int) -> None:
    tree = ChainBuilder(seed=16)
    base = tree.dynamic("base.vhd", size=64 * KIB, block_size=block_size)
    far = 0xFFFFFF00 * SECTOR_SIZE
    tree.block(base, 0, sectors=range(8), at=far)
    chain = built_chain(tree, base)
    assert BlockMap(chain).at(512) == (512, 512, 0, far + 1024)
    assert BlockMap(chain).extents.tolist() == [tuple(extent) for extent in tree.expected_map(base)]


def test_three_hundred_layers_are_told_apart() -> None:
    tree = ChainBuilder(seed=17)
    image = tree.dynamic("0.vhd", size=300 * SECTOR_SIZE, block_size=256 * KIB)
    tree.write(image, 0, b"x" * SECTOR_SIZE)
    for number in range(1, 300):
        image = tree.snapshot(image, f"{number}.avhd")
        tree.write(image, number * SECTOR_SIZE, b"x" * SECTOR_SIZE)
    assert BlockMap(built_chain(tree, image)).extents["layer"].tolist() == list(range(300))


def test_more_layers_than_can_be_numbered_are_refused() -> None:
    tree = ChainBuilder(seed=18)
    chain = built_chain(tree, tree.fixed("base.vhd", size=SECTOR_SIZE))
    assert BlockMap(Chain(layers=chain.layers * MAX_LAYERS)).extents.tolist() == [(0, SECTOR_SIZE, 0, 0)]
    with pytest.raises(ChainError):
        BlockMap(Chain(layers=chain.layers * (MAX_LAYERS + 1)))
    assert MAX_LAYERS == 1 << 16  # what the key has bits for


def test_the_last_sector_of_a_raw_disk_may_be_a_part_of_one() -> None:
    chain = link_images([raw_image(BytesSource(bytes(700), name="raw.img"))])
    assert BlockMap(chain).at(699) == Extent(512, 188, 0, 512)
    assert BlockMap(chain).extents.tolist() == [(0, 700, 0, 0)]
