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
from vhdchain.structures import DiskType
from vhdchain.testing import Layout, Order
from vhdchain.testing.recipes import BlockRecipe, ChainRecipe, Content, LayerRecipe
from vhdchain.units import ceil_div, sectors_for

PATTERNS = (0x80, 0x01, 0xA5, 0x0F)
BLOCK_SIZES = (512, 4096, 8192, 65536, 524288)
NASTY = Layout(
    order=Order.SHUFFLED,
    junk=True,
    spare_entries=130,
    bat_padding=0x00,
    bitmap_padding=0xFF,
    gap=1536,
    data_alignment=4096,
)


def _turned(pattern: int, by: int) -> int:
    return (pattern >> by | pattern << (8 - by)) & 0xFF


def _bitmap(pattern: int, block_size: int, *, at_end: bool) -> bytes:
    used = ceil_div(sectors_for(block_size), 8)
    return bytes([pattern]).rjust(used, b"\0") if at_end else bytes([pattern])


def _chain(
    *, kind: DiskType, block_size: int, depth: int, pattern: int, block: int, layout: Layout, at_end: bool
) -> ChainRecipe:
    # Two whole blocks and one that the disk's end cuts (where a block has sectors enough to be cut).
    size = block_size * 2 + max(512, block_size // 2 + 512 if block_size > 1024 else 512)
    base = (
        BlockRecipe(index=2 - block, bitmap=b"\xff" * 3),
        BlockRecipe(index=block, bitmap=_bitmap(0x5A, block_size, at_end=at_end)),
    )
    layers = [LayerRecipe(kind=kind, size=size, block_size=block_size, blocks=base, layout=layout)]
    for number in range(1, depth):
        content = Content.ZEROS if number % 3 == 2 else Content.LABEL
        bitmap = _bitmap(_turned(pattern, number - 1), block_size, at_end=at_end)
        blocks = (BlockRecipe(index=block, bitmap=bitmap, content=content), BlockRecipe(index=1, bitmap=bitmap))
        layers.append(LayerRecipe(size=size, block_size=block_size, blocks=blocks, layout=layout))
    return ChainRecipe(layers=tuple(layers), seed=depth)


@pytest.mark.parametrize("depth", range(1, 7))
@pytest.mark.parametrize("kind", [DiskType.FIXED, DiskType.DYNAMIC])
@pytest.mark.parametrize("block_size", BLOCK_SIZES)
def test_every_place_and_pattern_is_read_right(block_size: int, kind: DiskType, depth: int) -> None:
    disks = set()
    # A block of 512 KiB costs the naive reader 3,000 sectors a layer, so there one layout must do.
    layouts = (Layout(), NASTY) if block_size < 524288 else (NASTY,)
    for pattern, block, at_end, layout in product(PATTERNS, (0, 2), (False, True), layouts):
        recipe = _chain(
            kind=kind,
            block_size=block_size,
            depth=depth,
            pattern=pattern,
            block=block,
            layout=layout,
            at_end=at_end,
        )
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
