"""How are the refusals and warnings of merges provoked?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.shell.merging import plan_merge
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.damage_plan.recipe import PlanRecipe
from vhdchain.testing.edits import BLOCK_SIZE

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.plan import Plan
    from vhdchain.testing.folder import Files

BASE, MIDDLE, LEAF, OTHER = "base.vhd", "middle.avhd", "leaf.avhd", "other.avhd"
_SIZE = 4 * BLOCK_SIZE


def _files(tree: ChainBuilder) -> Files:
    return {name: bytes(content) for name, content in tree.files().items()}


def _two_children() -> Files:
    tree = ChainBuilder(seed="merge")
    base = tree.dynamic(BASE, size=_SIZE, block_size=BLOCK_SIZE)
    tree.fill(base, 0, BLOCK_SIZE)
    for name in (LEAF, OTHER):
        tree.fill(tree.snapshot(base, name), 0, BLOCK_SIZE // 2)
    return _files(tree)


def _grown_child() -> Files:
    tree = ChainBuilder(seed="merge")
    base = tree.fixed(BASE, size=_SIZE)
    leaf = tree.differencing(LEAF, parent=base, size=2 * _SIZE, block_size=BLOCK_SIZE)
    tree.fill(leaf, 0, 2 * _SIZE)
    return _files(tree)


def _three_layers() -> Files:
    tree = ChainBuilder(seed="merge")
    base = tree.dynamic(BASE, size=_SIZE, block_size=BLOCK_SIZE)
    middle = tree.snapshot(base, MIDDLE)
    tree.fill(middle, 0, BLOCK_SIZE)
    tree.fill(tree.snapshot(middle, LEAF), BLOCK_SIZE, BLOCK_SIZE)
    return _files(tree)


def _into_parent(folder: Path) -> Plan:
    return plan_merge(folder / LEAF)


def _into_base(folder: Path) -> Plan:
    return plan_merge(folder / LEAF, into=folder / BASE)


RECIPES: tuple[PlanRecipe, ...] = (
    PlanRecipe(
        code="VHD904",
        what="one of two disks that build on a base is to be merged into it",
        files=_two_children,
        ask=_into_parent,
    ),
    PlanRecipe(
        code="VHD905",
        what="a disk is to be merged into a fixed one of half its size",
        files=_grown_child,
        ask=_into_parent,
    ),
    PlanRecipe(
        code="VHD906",
        what="a disk is to be merged into the parent of its parent",
        files=_three_layers,
        ask=_into_base,
        refused=False,
    ),
)
