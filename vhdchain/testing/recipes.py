"""Which chain is this, as a value?

A `ChainRecipe` describes a chain block by block: what a Hypothesis strategy draws, what a failing test prints and what
can be pasted back. `build` turns it into a tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from vhdchain.structures.footer import DiskType
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.dialects import HYPER_V_2008_R2, PLAIN, Dialect, Layout, Locator, NameForm
from vhdchain.units import sectors_for, sectors_to_bytes

if TYPE_CHECKING:
    from vhdchain.testing.images import BuiltImage


BIT_PATTERNS = (b"\x80", b"\x01", b"\xa5", b"\x0f", b"\xff", b"\x00")
"""Bytes of a bitmap that tell wrong bit orders, missing masks and whole-byte readers apart."""

BLOCK_SIZES = (4096, 512, 1024, 8192, 65536)
BASES = (DiskType.DYNAMIC, DiskType.FIXED, DiskType.RAW)


class Content(StrEnum):
    """What lies under the set bits of a block."""

    LABEL = "label"
    ZEROS = "zeros"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRecipe:
    """An allocated block.

    Attributes:
        index: Its index in the BAT.
        bitmap: The leading bytes of its stored bitmap, most significant bit first; the rest is zero.
    """

    index: int
    bitmap: bytes
    content: Content = Content.LABEL


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRecipe:
    """One image of a chain; sizes in bytes.

    Attributes:
        kind: Which kind of image the *base* is; the layers above it are differencing whatever this says.
        blocks: In the order in which they are allocated; those beyond the disk are left out.
        locators: The parent locators; the dialect's where None.
    """

    kind: DiskType = DiskType.DYNAMIC
    size: int
    block_size: int = 4096
    blocks: tuple[BlockRecipe, ...] = ()
    dialect: Dialect = HYPER_V_2008_R2
    layout: Layout = PLAIN
    locators: tuple[Locator, ...] | None = None
    name_form: NameForm = NameForm.BASENAME


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRecipe:
    """A chain, base first."""

    layers: tuple[LayerRecipe, ...]
    seed: int = 0

    def build(self) -> tuple[ChainBuilder, BuiltImage]:
        """Return the tree and its leaf; the images are called ``layer0.vhd``, ``layer1.avhd``, ..."""
        tree = ChainBuilder(seed=self.seed)
        image = _base(tree, self.layers[0])
        for number, layer in enumerate(self.layers[1:], 1):
            image = tree.differencing(
                f"layer{number}.avhd",
                parent=image,
                size=layer.size,
                block_size=layer.block_size,
                dialect=layer.dialect,
                layout=layer.layout,
                locators=layer.dialect.locators if layer.locators is None else layer.locators,
                name_form=layer.name_form,
            )
            _plant(tree, image, layer)
        return tree, image


def _base(tree: ChainBuilder, layer: LayerRecipe) -> BuiltImage:
    if layer.kind is DiskType.RAW:
        image = tree.raw("layer0.vhd", size=layer.size)
    else:
        image = tree.create(
            layer.kind,
            "layer0.vhd",
            size=layer.size,
            block_size=layer.block_size,
            dialect=layer.dialect,
            layout=layer.layout,
        )
    _plant(tree, image, layer)
    return image


def _plant(tree: ChainBuilder, image: BuiltImage, layer: LayerRecipe) -> None:
    if not image.is_sparse:
        # A fixed disk has no bits; the same recipe gives it data in the same places.
        for block in layer.blocks:
            _write_flat(tree, image, layer, block)
        return
    for block in layer.blocks:
        if block.index < image.block_count:
            tree.block(image, block.index, bitmap=block.bitmap)
            if block.content is Content.ZEROS:
                start = block.index * image.block_size
                image.data.write(start, bytes(image.block_size))


def _write_flat(tree: ChainBuilder, image: BuiltImage, layer: LayerRecipe, block: BlockRecipe) -> None:
    first = sectors_for(block.index * layer.block_size)
    for number in range(len(block.bitmap) * 8):
        offset = sectors_to_bytes(first + number)
        is_set = block.bitmap[number >> 3] & 0x80 >> (number & 7)
        if is_set and block.content is Content.LABEL and offset < image.size:
            tree.fill(image, offset, sectors_to_bytes(1))
