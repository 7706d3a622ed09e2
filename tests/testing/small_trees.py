"""The small trees that the builder's tests look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.image import scan_image
from vhdchain.testing import ChainBuilder
from vhdchain.testing.dialects import PLAIN

if TYPE_CHECKING:
    from vhdchain.image import Image
    from vhdchain.structures import DynamicHeader
    from vhdchain.testing import BuiltImage, Layout

BLOCK = 4096


def scan(tree: ChainBuilder, image: BuiltImage) -> Image:
    return scan_image(tree.source(image))


def header_of(tree: ChainBuilder, image: BuiltImage) -> DynamicHeader:
    stored = scan(tree, image).header
    assert stored is not None
    return stored.record


def pair(*, layout: Layout = PLAIN, **fields: dict[str, object]) -> tuple[ChainBuilder, BuiltImage]:
    """Return a tree of two images of ten blocks, and the child; ``fields``: ``footer`` and ``header`` of the child."""
    tree = ChainBuilder(seed=1)
    base = tree.dynamic("base.vhd", size=10 * BLOCK, block_size=BLOCK)
    leaf = tree.differencing(
        "leaf.avhd",
        parent=base,
        block_size=BLOCK,
        layout=layout,
        footer=fields.get("footer", {}),
        header=fields.get("header", {}),
    )
    return tree, leaf
