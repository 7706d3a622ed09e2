"""Which warnings does a chain deserve by what was drawn for it, and by nothing else?

Each row is a feature of a drawn layer and the code that it brings. The features are asked of the recipe, before any
byte of a file exists. Whatever else is drawn (gaps, alignments, shuffled blocks, tables that are longer than needed,
their padding, short footers, headers elsewhere, locators anywhere, any mix of writers) brings no warning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from vhdchain.structures import DiskType
from vhdchain.testing.dialects import BLKTAP, HYPER_V_2008_R2, W2RU, LocatorsAt, NameForm
from vhdchain.units import bitmap_length, blocks_for, bytes_to_sectors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.testing.dialects import Locator
    from vhdchain.testing.recipes import BlockRecipe, ChainRecipe, LayerRecipe

Has: TypeAlias = Callable[["LayerRecipe", "LayerRecipe | None"], bool]
"""Given a layer and its parent (None for the base)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A feature of a layer, as a clause, and the warning that it brings.

    Attributes:
        deep: Whether it shows only where bitmaps and data are read.
    """

    what: str
    code: str
    has: Has
    deep: bool = False


def _is_sparse(layer: LayerRecipe, parent: LayerRecipe | None) -> bool:
    return parent is not None or layer.kind is DiskType.DYNAMIC


def _has_a_vhd_below(parent: LayerRecipe | None) -> TypeGuard[LayerRecipe]:
    # A raw disk is a file of any length.
    return parent is not None and parent.kind is not DiskType.RAW


def _locators(layer: LayerRecipe) -> Sequence[Locator]:
    return layer.dialect.locators if layer.locators is None else layer.locators


def _has_twins(layer: LayerRecipe, parent: LayerRecipe | None) -> bool:
    return parent is not None and len({one.code for one in _locators(layer)}) < len(_locators(layer))


def _blocks(layer: LayerRecipe, parent: LayerRecipe | None) -> Iterator[tuple[BlockRecipe, str, int]]:
    """Yield blocks, their stored bits as text, and how many of their sectors lie inside the disk."""
    if not _is_sparse(layer, parent):
        return
    for block in layer.blocks:
        if block.index < blocks_for(layer.size, layer.block_size):
            bits = "".join(f"{byte:08b}" for byte in block.bitmap).ljust(8 * bitmap_length(layer.block_size), "0")
            yield block, bits, bytes_to_sectors(min(layer.block_size, layer.size - block.index * layer.block_size))


def _ends_with_the_disk(layer: LayerRecipe, parent: LayerRecipe | None) -> bool:
    cut = [inside for _, _, inside in _blocks(layer, parent) if inside < bytes_to_sectors(layer.block_size)]
    if not cut or not layer.layout.truncated_tail:
        return False
    # Locators behind it, a sector each, may take the room that the rest of the block would need.
    behind = len(_locators(layer)) if parent is not None and layer.layout.locators_at is LocatorsAt.AFTER_DATA else 0
    return behind < bytes_to_sectors(layer.block_size) - cut[0]


def _has_junk(layer: LayerRecipe, parent: LayerRecipe | None) -> bool:
    return layer.layout.junk and any("0" in bits[:inside] for _, bits, inside in _blocks(layer, parent))


def _has_stray_bits(layer: LayerRecipe, parent: LayerRecipe | None) -> bool:
    sectors = bytes_to_sectors(layer.block_size)
    to_byte = -(-sectors // 8) * 8
    for _, bits, inside in _blocks(layer, parent):
        fillers = (bits[sectors:to_byte], bits[to_byte:])
        # What fills a byte or a sector up is all ones or all zeros; a block that is whole may be so behind the disk.
        if any(len(set(filler)) > 1 for filler in fillers) or ("1" in bits[inside:sectors] and "0" in bits[:sectors]):
            return True
    return False


def _lacks_batmap(layer: LayerRecipe, parent: LayerRecipe | None) -> bool:
    # Where the file ends right behind the BAT there is no place that could be looked at.
    has_locators_behind = parent is not None and layer.layout.locators_at is not LocatorsAt.BEFORE_BAT
    has_room = has_locators_behind or any(True for _ in _blocks(layer, parent))
    return _is_sparse(layer, parent) and layer.dialect is BLKTAP and not layer.layout.batmap and has_room


FEATURES = (
    Feature(
        what="the parent is a raw disk, which has no identifier; of blktap's children that is known",
        code="VHD219",
        has=lambda layer, parent: parent is not None and parent.kind is DiskType.RAW and layer.dialect is not BLKTAP,
    ),
    Feature(
        what="the header has no name for the parent",
        code="VHD221",
        has=lambda layer, parent: parent is not None and layer.name_form is NameForm.EMPTY,
    ),
    Feature(
        what="the header's name has its bytes swapped",
        code="VHD224",
        has=lambda layer, parent: parent is not None and layer.name_form is NameForm.LITTLE_ENDIAN,
    ),
    Feature(what="two locators have one platform code", code="VHD309", has=_has_twins),
    Feature(what="the last block ends in the file where the disk ends", code="VHD405", has=_ends_with_the_disk),
    Feature(what="blktap wrote a disk without a batmap", code="VHD501", has=_lacks_batmap),
    Feature(
        what="the disk is smaller than its parent",
        code="VHD610",
        has=lambda layer, parent: _has_a_vhd_below(parent) and layer.size < parent.size,
    ),
    Feature(
        what="the disk is larger than its parent",
        code="VHD611",
        has=lambda layer, parent: _has_a_vhd_below(parent) and layer.size > parent.size,
    ),
    Feature(what="junk lies under clear bits", code="VHD452", has=_has_junk, deep=True),
    Feature(
        what="bits are set for some of the sectors that do not exist", code="VHD453", has=_has_stray_bits, deep=True
    ),
)


def healthy(recipe: ChainRecipe) -> ChainRecipe:
    """Return the chain that a recipe gives where nothing is wrong with it: every child finds its parent by W2ru.

    A raw disk is one only where a child asks for it, and no host of 2008 R2 makes a child that is smaller than its
    parent, which it would refuse to open.
    """
    base, *above = recipe.layers
    if not above and base.kind is DiskType.RAW:
        base = replace(base, kind=DiskType.DYNAMIC)
    layers = [base]
    for layer in above:
        locators, size = layer.locators, layer.size
        if locators is not None and W2RU not in locators:
            locators = (*locators[:7], W2RU)
        if layer.dialect is HYPER_V_2008_R2:
            size = max(size, layers[-1].size)
        layers.append(replace(layer, kind=DiskType.DYNAMIC, locators=locators, size=size))
    return replace(recipe, layers=tuple(layers))


def deserved(recipe: ChainRecipe, *, deep: bool) -> set[tuple[str, str]]:
    """Return the warnings of the chain as (file, code)."""
    return {
        (f"layer{number}.{'avhd' if number else 'vhd'}", feature.code)
        for number, layer in enumerate(recipe.layers)
        for feature in FEATURES
        if (deep or not feature.deep) and feature.has(layer, recipe.layers[number - 1] if number else None)
    }
