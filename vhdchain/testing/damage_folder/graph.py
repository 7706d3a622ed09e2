"""Codes 701-714: faults of a whole folder."""

from __future__ import annotations

from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.damage_folder.recipe import (
    BASE,
    LEAF,
    LONE,
    SIZE,
    Files,
    FolderRecipe,
    apart,
    bytes_of,
    healthy_tree,
)
from vhdchain.testing.edits import BLOCK_SIZE, end_footer


def _with_second_child(files: Files) -> Files:
    tree = healthy_tree()
    branch = tree.snapshot(tree.image(BASE), "branch.avhd")
    return {**files, branch.name: bytes(tree.file(branch).content)}


def _cycle(files: Files) -> Files:
    base, leaf = end_footer(bytes_of(files, BASE)), end_footer(bytes_of(files, LEAF))
    tree = ChainBuilder(seed="cycle")
    below = tree.dynamic(LEAF, size=SIZE, block_size=BLOCK_SIZE, unique_id=leaf.unique_id)
    above = tree.snapshot(below, BASE, unique_id=base.unique_id)
    return {**files, BASE: bytes(tree.file(above).content)}


RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD701",
        what="the base is a child of its leaf",
        damage=_cycle,
    ),
    FolderRecipe(
        code="VHD702",
        what="a disk was copied",
        damage=lambda files: {**files, "copy.vhd": files[LONE]},
    ),
    FolderRecipe(
        code="VHD704",
        what="the base has a second child",
        damage=_with_second_child,
    ),
    FolderRecipe(
        code="VHD714",
        what="the base lies beside the folder that is scanned",
        damage=apart,
        also={"VHD003": "the parent was refused"},
        scanned=("machine",),
    ),
)
