"""Codes 902 and 903: merges that were not finished, as they leave data and times."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vhdchain.structures import to_timestamp
from vhdchain.testing.damage_folder.recipe import BASE, LEAF, FolderRecipe, healthy_tree
from vhdchain.testing.dialects import Order
from vhdchain.testing.edits import BLOCK_SIZE
from vhdchain.units import SECTOR_SIZE, bytes_to_sectors

if TYPE_CHECKING:
    from vhdchain.testing.damage_folder.recipe import Files

_MERGED = to_timestamp(datetime(2011, 5, 4, tzinfo=UTC))  # days after the disks were made
_BLOCKS = (1, 2, 3, 4, 5)

_REASONS = {
    "VHD457": "what was copied stands in both files",
    "VHD608": "the merge wrote to the parent after the child was made",
}


def _merged(files: Files, blocks: int) -> Files:
    """Return ``files`` after a merge of the leaf that came so many blocks far."""
    tree = healthy_tree()
    base, leaf = tree.image(BASE), tree.image(LEAF)
    for block in _BLOCKS:
        tree.fill(leaf, block * BLOCK_SIZE, BLOCK_SIZE)
    for block in _BLOCKS[:blocks]:
        for start in range(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE, SECTOR_SIZE):
            tree.write(base, start, leaf.read_sector(bytes_to_sectors(start)), under_children=True)
    # In the disk's order, so that the order of the blocks is not told as well.
    for image in (base, leaf):
        tree.edit(image, layout=dataclasses.replace(image.layout, order=Order.INDEX))
    return {**files, **{image.name: bytes(tree.file(image).content) for image in (base, leaf)}}


RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD902",
        what="a merge copies everything into the parent and leaves the child",
        damage=lambda files: _merged(files, len(_BLOCKS)),
        also=_REASONS,
        deep=True,
        modified={BASE: _MERGED},
    ),
    FolderRecipe(
        code="VHD903",
        what="a merge stops after three of five blocks",
        damage=lambda files: _merged(files, 3),
        also=_REASONS,
        deep=True,
        modified={BASE: _MERGED},
    ),
)
