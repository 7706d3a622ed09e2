"""Which chain is this, as a value?

A `ChainRecipe` describes a chain block by block: what a Hypothesis strategy draws, what a failing test prints and what
can be pasted back. `build` turns it into a tree.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from vhdchain.structures.footer import DiskType
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.dialects import HYPER_V_2008_R2, PLAIN, Dialect, Layout, Locator, NameForm
from vhdchain.testing.tree import ImageOptions
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
        original_size: What the footer tells beside the size; the same where None.
        folder: The folder of the file, below that of the chain.
    """

    kind: DiskType = DiskType.DYNAMIC
    size: int
    block_size: int = 4096
    blocks: tuple[BlockRecipe, ...] = ()
    dialect: Dialect = HYPER_V_2008_R2
    layout: Layout = PLAIN
    locators: tuple[Locator, ...] | None = None
    name_form: NameForm = NameForm.BASENAME
    original_size: int | None = None
    folder: str = ""

    def file_name(self, number: int) -> str:
        """Return what the file is called as layer ``number``: ``layer0.vhd``, ``layer1.avhd``, ..., in its folder."""
        return posixpath.join(self.folder, f"layer{number}.{'avhd' if number else 'vhd'}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRecipe:
    """A chain, base first."""

    layers: tuple[LayerRecipe, ...]
    seed: int = 0

    def build(self) -> tuple[ChainBuilder, BuiltImage]:
        """Return the tree and its leaf; the images are called as `LayerRecipe.file_name` says."""
        tree = ChainBuilder(seed=self.seed)
        image = None
        for number, layer in enumerate(self.layers):
            image = _add(tree, layer, number, image)
        assert image is not None, "a chain has a layer"
        return tree, image


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeRecipe:
    """A tree, parents before their children.

    Attributes:
        layers: The images.
        parents: For each but the first the index of its parent; it has as many items as `layers` less one.
    """

    layers: tuple[LayerRecipe, ...]
    parents: tuple[int, ...] = ()
    seed: int = 0

    def build(self) -> ChainBuilder:
        """Return the tree; its images are in the order of `layers`, called as `LayerRecipe.file_name` says."""
        tree = ChainBuilder(seed=self.seed)
        images: list[BuiltImage] = []
        for number, (layer, parent) in enumerate(zip(self.layers, (None, *self.parents), strict=True)):
            images.append(_add(tree, layer, number, None if parent is None else images[parent]))
        return tree


def _add(tree: ChainBuilder, layer: LayerRecipe, number: int, parent: BuiltImage | None) -> BuiltImage:
    name = layer.file_name(number)
    if parent is None and layer.kind is DiskType.RAW:
        image = tree.raw(name, size=layer.size)
    else:
        options = ImageOptions(size=layer.size, block_size=layer.block_size, dialect=layer.dialect, layout=layer.layout)
        if layer.original_size is not None:
            options["original_size"] = layer.original_size
        if parent is not None:
            options["parent"], options["name_form"] = parent, layer.name_form
            options["locators"] = layer.dialect.locators if layer.locators is None else layer.locators
        image = tree.create(layer.kind if parent is None else DiskType.DIFFERENCING, name, **options)
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
