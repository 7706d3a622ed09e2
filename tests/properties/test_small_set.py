"""Is every small chain read right: each combination of place, bit pattern, block size, base and depth?

Exhaustive, not drawn: {first, last block} × {first, last byte of the bitmap} × bit patterns × block sizes × kinds of
base × 1–6 layers, each once in the plain layout and once in a nasty one (junk under clear bits, shuffled blocks, a BAT
that is longer than needed, gaps, bits behind the bitmap's end). The pattern is turned by one bit per layer, so that all
layers supply something.
"""

from __future__ import annotations

from itertools import product

import pytest

from tests.properties.comparing import assert_read_right
from tests.properties.small_set import BLOCK_SIZES, NASTY, small_chains
from vhdchain.blockmap import BlockMap
from vhdchain.read import DiskReader
from vhdchain.structures import DiskType
from vhdchain.testing import ChainBuilder, Layout, built_chain
from vhdchain.testing.recipes import BlockRecipe, ChainRecipe, LayerRecipe


@pytest.mark.parametrize("depth", range(1, 7))
@pytest.mark.parametrize("kind", [DiskType.FIXED, DiskType.DYNAMIC])
@pytest.mark.parametrize("block_size", BLOCK_SIZES)
def test_every_place_and_pattern_is_read_right(block_size: int, kind: DiskType, depth: int) -> None:
    disks = set()
    # A block of 512 KiB costs the naive reader 3,000 sectors a layer, so there one layout must do.
    layouts = (Layout(), NASTY) if block_size < 524288 else (NASTY,)
    for recipe in small_chains(block_size, kind, depth, layouts):
        disks.add(assert_read_right(*recipe.build()))
    assert len(disks) > 1


@pytest.mark.parametrize("kind", [DiskType.FIXED, DiskType.DYNAMIC, DiskType.RAW])
@pytest.mark.parametrize("bitmaps", list(product((None, b"\x80", b"\x7f"), repeat=2)))
def test_a_disk_of_one_sector_is_read_right(kind: DiskType, bitmaps: tuple[bytes | None, ...]) -> None:
    above = [(BlockRecipe(index=0, bitmap=bitmap),) if bitmap is not None else () for bitmap in bitmaps]
    base = LayerRecipe(kind=kind, size=512, blocks=(BlockRecipe(index=0, bitmap=b"\x80"),))
    layers = (base, *(LayerRecipe(size=512, blocks=blocks, layout=NASTY) for blocks in above))
    tree, leaf = ChainRecipe(layers=layers).build()
    owners = [number for number, bitmap in enumerate(bitmaps, 1) if bitmap == b"\x80"]
    disk = assert_read_right(tree, leaf)
    assert disk == tree.images[max(owners, default=0)].data.read(0, 512)


@pytest.mark.parametrize("sizes", list(product((512, 4096, 9728), repeat=3)))
@pytest.mark.parametrize("kind", [DiskType.FIXED, DiskType.DYNAMIC, DiskType.RAW])
def test_beyond_a_shorter_layer_everything_is_zero(sizes: tuple[int, ...], kind: DiskType) -> None:
    whole = tuple(BlockRecipe(index=index, bitmap=b"\xff" * 2) for index in range(2))
    base = LayerRecipe(kind=kind, size=sizes[0], block_size=8192, blocks=whole)
    tree, leaf = ChainRecipe(layers=(base, *(LayerRecipe(size=size) for size in sizes[1:]))).build()
    visible = min(sizes)
    disk = assert_read_right(tree, leaf)
    assert disk == bytes(tree.expected(tree.images[0]))[:visible].ljust(sizes[-1], b"\0")


@pytest.mark.parametrize("kind", [DiskType.FIXED, DiskType.DYNAMIC])
def test_a_bitmap_of_several_sectors_is_read_right(kind: DiskType) -> None:
    for recipe in small_chains(0x400000, kind, 2, (NASTY,)):
        assert_read_right(*recipe.build())


@pytest.mark.parametrize("sector", [0, 4095, 4096, 524287])
def test_the_largest_block_is_read_right(sector: int) -> None:
    tree = ChainBuilder()
    base = tree.dynamic("base.vhd", size=0x10000000, block_size=0x10000000)
    tree.fill(base, 0, 0x10000)
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.write(leaf, sector * 512, b"x" * 512)
    bitmap = tree.file(leaf).bitmaps[0]
    chain = built_chain(tree, leaf)
    # 524,288 bits take 65,536 bytes; the data follows them.
    assert BlockMap(chain).at(sector * 512) == (sector * 512, 512, 1, bitmap + 65536 + sector * 512)
    assert BlockMap(chain).extents.tolist() == [tuple(extent) for extent in tree.expected_map(leaf)]
    assert tree.file(leaf).content.read(bitmap + sector // 8, 1) == bytes([0x80 >> sector % 8])
    assert DiskReader(chain).read(sector * 512, 512) == b"x" * 512
