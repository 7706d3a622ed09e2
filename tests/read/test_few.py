"""Small reads, which do not ask the block map: right at every border, with few reads of the files, and from threads."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from vhdchain.blockmap import MOST_SECTORS, UNKNOWN, FewSectors, few_sectors
from vhdchain.chain import link_images
from vhdchain.errors import OutOfRangeError, UnknownDataError
from vhdchain.image import scan_image
from vhdchain.read import DiskReader
from vhdchain.testing import BuiltImage, ChainBuilder
from vhdchain.testing.opening import built_chain, built_image
from vhdchain.testing.sparse import SparseSource
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from typing_extensions import Buffer

KIB = 1 << 10


def mixed_tree() -> tuple[ChainBuilder, BuiltImage]:
    """Three layers with blocks of three sizes and disks of three lengths, single sectors of each here and there."""
    rng = random.Random(21)
    tree = ChainBuilder(seed=21)
    image = tree.dynamic("base.vhd", size=300 * KIB, block_size=16 * KIB)
    for name, size, block_size in (("middle.avhd", 219 * KIB, 64 * KIB), ("leaf.avhd", 400 * KIB, 4 * KIB)):
        fill_at_random(tree, image, rng)
        image = tree.snapshot(image, name, block_size=block_size, size=size)
    fill_at_random(tree, image, rng)
    return tree, image


def fill_at_random(tree: ChainBuilder, image: BuiltImage, rng: random.Random) -> None:
    for _ in range(40):
        start = rng.randrange(image.size // SECTOR_SIZE - 8)
        tree.fill(image, start * SECTOR_SIZE, rng.randint(1, 8) * SECTOR_SIZE)


def test_small_reads_are_right_at_every_place() -> None:
    tree, leaf = mixed_tree()
    disk, reader = bytes(tree.expected(leaf)), DiskReader(built_chain(tree, leaf))
    for start in range(0, leaf.size, SECTOR_SIZE):
        for skipped, length in ((0, 4 * KIB), (3, 509), (511, 2), (100, 3000)):
            wanted = disk[start + skipped :][:length]
            assert reader.read(start + skipped, len(wanted)) == wanted


@pytest.mark.parametrize("block_size", [512, 1 * KIB, 3 * KIB, 8 * KIB, 64 * KIB, 100 * KIB])
def test_sequential_reads_are_right_in_any_size(block_size: int) -> None:
    tree, leaf = mixed_tree()
    reader = DiskReader(built_chain(tree, leaf))
    parts = [reader.read(at, min(block_size, leaf.size - at)) for at in range(0, leaf.size, block_size)]
    assert b"".join(parts) == bytes(tree.expected(leaf))


def test_threads_get_right_bytes_while_bitmaps_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(few_sectors, "_KEPT_BITMAPS", 5)
    tree, leaf = mixed_tree()
    disk, reader = bytes(tree.expected(leaf)), DiskReader(built_chain(tree, leaf))
    places = random.Random(3).sample(range(leaf.size - 4 * KIB), 400)

    def read_all(turn: int) -> bool:
        mine = places[turn:] + places[:turn]
        return all(reader.read(place, 4 * KIB) == disk[place : place + 4 * KIB] for place in mine)

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(read_all, range(0, 400, 50)))


class Watched(SparseSource):
    """A source that records what is read of it."""

    def __init__(self, tree: ChainBuilder, image: BuiltImage) -> None:
        super().__init__(tree.file(image).content, name=image.name)
        self.reads: list[tuple[int, int]] = []

    def read_at(self, offset: int, length: int) -> bytes:
        self.reads.append((offset, length))
        return super().read_at(offset, length)

    def readinto_at(self, offset: int, buffer: Buffer) -> None:
        self.reads.append((offset, len(memoryview(buffer).cast("B"))))
        super().readinto_at(offset, buffer)


def watched_pair(*, leaf_sectors: range) -> tuple[ChainBuilder, BuiltImage, DiskReader, list[Watched]]:
    """A full base, and a leaf that has some sectors of its first block."""
    tree = ChainBuilder(seed=22)
    base = tree.dynamic("base.vhd", size=256 * KIB, block_size=64 * KIB)
    tree.fill(base, 0, base.size)
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.block(leaf, 0, sectors=leaf_sectors)
    sources = [Watched(tree, image) for image in leaf.stack]
    reader = DiskReader(link_images([scan_image(source) for source in sources]))
    for source in sources:
        source.reads.clear()
    return tree, leaf, reader, sources


def test_a_layer_is_read_once_however_its_sectors_are_scattered() -> None:
    tree, leaf, reader, (below, above) = watched_pair(leaf_sectors=range(0, 128, 2))
    data = tree.file(leaf).bitmaps[0] + SECTOR_SIZE
    other = tree.file(leaf.stack[0]).bitmaps[0] + SECTOR_SIZE
    assert reader.read(8 * KIB, 4 * KIB) == bytes(tree.expected(leaf))[8 * KIB : 12 * KIB]
    assert above.reads == [(data - SECTOR_SIZE, 16), (data + 8 * KIB, 4 * KIB - SECTOR_SIZE)]
    assert below.reads == [(other - SECTOR_SIZE, 16), (other + 8 * KIB + SECTOR_SIZE, 4 * KIB - SECTOR_SIZE)]


def test_bitmaps_are_read_once_and_not_below_a_full_one() -> None:
    tree, leaf, reader, (below, above) = watched_pair(leaf_sectors=range(128))
    bitmap = tree.file(leaf).bitmaps[0]
    for place in (0, 32 * KIB):
        assert reader.read(place, 512) == bytes(tree.expected(leaf))[place : place + 512]
    assert below.reads == []
    assert above.reads == [(bitmap, 16), (bitmap + SECTOR_SIZE, 512), (bitmap + SECTOR_SIZE + 32 * KIB, 512)]


def test_few_bitmaps_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(few_sectors, "_KEPT_BITMAPS", 4)
    tree, _, reader, (below, _) = watched_pair(leaf_sectors=range(0))
    bitmaps = set(tree.file(tree.image("base.vhd")).bitmaps.values())
    read = []
    for block in (1, 2, 1, 3, 2, 1):
        below.reads.clear()
        reader.read(block * 64 * KIB, 512)
        read.append(any(offset in bitmaps for offset, _ in below.reads))
    # A block and its one bitmap count as two; the one that came first goes first.
    assert read == [True, True, False, True, False, True]


def test_what_is_unknown_is_left_to_the_map() -> None:
    tree, leaf = mixed_tree()
    chain = link_images([built_image(tree, leaf)], partial=True)
    few, reader = FewSectors(chain), DiskReader(chain)
    held = [extent for extent in reader.block_map if extent.layer != UNKNOWN]
    missing = [extent for extent in reader.block_map if extent.layer == UNKNOWN]
    assert held
    for extent in missing:
        assert few.suppliers(extent.start // SECTOR_SIZE, 1) is None
        with pytest.raises(UnknownDataError):
            reader.read(extent.start, 1)
    for extent in held:
        assert reader.read(extent.start, 512) == bytes(tree.expected(leaf))[extent.start : extent.start + 512]


@pytest.mark.parametrize("offset", [-1, -512, -(4 * KIB)])
def test_a_small_read_outside_of_the_disk_is_refused(offset: int) -> None:
    tree, leaf = mixed_tree()
    reader = DiskReader(built_chain(tree, leaf))
    for place in (offset, leaf.size + offset + 1, leaf.size):
        with pytest.raises(OutOfRangeError):
            reader.read(place, -offset)


def test_more_sectors_than_a_block_has_are_left_to_the_map() -> None:
    tree, leaf = mixed_tree()
    few = FewSectors(built_chain(tree, leaf))
    assert few.suppliers(0, 8) is not None
    assert few.suppliers(4, 8) is None
    assert few.suppliers(0, MOST_SECTORS) is None
