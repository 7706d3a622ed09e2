"""Which small chains are tried exhaustively?"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from vhdchain.testing import Layout, Order
from vhdchain.testing.recipes import BlockRecipe, ChainRecipe, Content, LayerRecipe
from vhdchain.units import ceil_div, sectors_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures import DiskType

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


def small_chain(
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


def small_chains(block_size: int, kind: DiskType, depth: int, layouts: tuple[Layout, ...]) -> Iterator[ChainRecipe]:
    """Yield {first, last block} × {first, last byte of the bitmap} × bit patterns × ``layouts``."""
    for pattern, block, at_end, layout in product(PATTERNS, (0, 2), (False, True), layouts):
        yield small_chain(
            kind=kind, block_size=block_size, depth=depth, pattern=pattern, block=block, layout=layout, at_end=at_end
        )
