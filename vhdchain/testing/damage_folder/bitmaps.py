"""Code 457: what only a comparison with the parent shows."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from vhdchain.testing.damage_folder.recipe import LEAF, FolderRecipe, healthy_tree
from vhdchain.testing.dialects import Order

if TYPE_CHECKING:
    from vhdchain.testing.damage_folder.recipe import Files


def _written_back(files: Files) -> Files:
    tree = healthy_tree()
    leaf = tree.image(LEAF)
    tree.write(leaf, 0, leaf.read_sector(0))
    # In the disk's order, so that the order of the blocks is not told as well.
    tree.edit(leaf, layout=dataclasses.replace(leaf.layout, order=Order.INDEX))
    return {**files, LEAF: bytes(tree.file(leaf).content)}


RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD457",
        what="the guest writes a sector back as it read it",
        damage=_written_back,
        deep=True,
    ),
)
