"""Which chains can another reader be asked about, and what must it answer?"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vhdchain.read import DiskReader
from vhdchain.testing.dialects import HYPER_V_2008_R2, W2RU
from vhdchain.testing.exclusions import exclusions_of
from vhdchain.testing.opening import built_chain
from vhdchain.testing.oracles import ORACLES, Cannot
from vhdchain.units import bitmap_length, bytes_to_sectors, ceil_div

if TYPE_CHECKING:
    from vhdchain.testing import BuiltImage, ChainBuilder
    from vhdchain.testing.oracles import Answer, Oracle
    from vhdchain.testing.recipes import ChainRecipe, LayerRecipe

BY_NAME = {oracle.name: oracle for oracle in ORACLES}
SEVEN_ZIP, QEMU_IMG, LIBVHDI, DISSECT = BY_NAME
_TRUSTED_BY_QEMU = (b"win ", b"qem2", b"tap\0")


def ask(oracle: Oracle, tree: ChainBuilder, leaf: BuiltImage) -> Answer:
    """Save the tree and return what ``oracle`` says of the disk of ``leaf``."""
    with tempfile.TemporaryDirectory() as folder:
        paths = tree.save(Path(folder))
        return oracle.read([paths[image.name] for image in leaf.stack])


def assert_same(oracle: Oracle, tree: ChainBuilder, leaf: BuiltImage) -> None:
    """Check that the package reads the disk as ``oracle`` does, which no rule may excuse from answering."""
    assert [rule.name for rule in exclusions_of(oracle.name, leaf.stack)] == []
    answer = ask(oracle, tree, leaf)
    assert not isinstance(answer, Cannot), answer
    assert DiskReader(built_chain(tree, leaf)).read(0, leaf.size) == answer


def tamed(recipe: ChainRecipe, oracle: str) -> ChainRecipe:
    """Return ``recipe`` without what ``oracle`` is known to get wrong."""
    layers: list[LayerRecipe] = []
    for layer in recipe.layers:
        size = min(layer.size, layers[-1].size) if layers else layer.size
        layers.append(_tamed_layer(replace(layer, size=size), oracle))
    return replace(recipe, layers=tuple(layers))


def _tamed_layer(layer: LayerRecipe, oracle: str) -> LayerRecipe:
    layout = replace(layer.layout, junk=False)
    if oracle in (SEVEN_ZIP, LIBVHDI):
        layout = replace(layout, footer_length=512)
    if oracle in (SEVEN_ZIP, QEMU_IMG):
        layout = replace(layout, truncated_tail=False)
    if oracle == SEVEN_ZIP:
        layout = replace(layout, spare_entries=0)
        return replace(layer, layout=layout, locators=(*(layer.locators or ())[:7], W2RU))
    trusted = layer.dialect.creator_application in _TRUSTED_BY_QEMU
    layer = replace(
        layer,
        layout=layout,
        block_size=max(layer.block_size, 4096),
        dialect=layer.dialect if trusted else HYPER_V_2008_R2,
    )
    return _in_whole_blocks(layer) if oracle == LIBVHDI else layer


def _in_whole_blocks(layer: LayerRecipe) -> LayerRecipe:
    sectors = bytes_to_sectors(layer.block_size)
    whole = (b"\xff" * ceil_div(sectors, 8)).ljust(bitmap_length(layer.block_size), b"\0")
    return replace(layer, blocks=tuple(replace(block, bitmap=whole) for block in layer.blocks))
