"""Codes 908-911: what keeps a disk from getting another parent, or another size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.shell.repairing import plan_resize
from vhdchain.shell.reparenting import plan_reparent
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.damage_folder.recipe import BASE, LEAF, SIZE, healthy_tree
from vhdchain.testing.damage_plan.recipe import PlanRecipe
from vhdchain.testing.dialects import HYPER_V_2008_R2
from vhdchain.testing.edits import BLOCK_SIZE

if TYPE_CHECKING:
    from vhdchain.testing.folder import Files

_OTHER = "other.vhd"
_DEEP = "/".join(["a folder with a long name" * 3] * 4 + [BASE])


def _contents(tree: ChainBuilder) -> Files:
    return {image.name: bytes(tree.file(image).content) for image in tree.images}


def _with_other_data() -> Files:
    tree = healthy_tree()
    other = tree.copy(tree.image(BASE), _OTHER)
    tree.write(other, 0, b"other")
    return _contents(tree)


def _with_other_size() -> Files:
    tree = healthy_tree()
    other = tree.copy(tree.image(BASE), _OTHER)
    tree.resize(other, 2 * SIZE)
    return _contents(tree)


def _with_deep_base() -> Files:
    tree = ChainBuilder(seed="folder", dialect=HYPER_V_2008_R2)
    base = tree.dynamic(BASE, size=SIZE, block_size=BLOCK_SIZE)
    tree.snapshot(base, LEAF)
    tree.copy(base, _DEEP)
    return _contents(tree)


RECIPES: tuple[PlanRecipe, ...] = (
    PlanRecipe(
        code="VHD908",
        what="the leaf is to get a copy of its base as parent that was written to",
        files=_with_other_data,
        ask=lambda folder: plan_reparent(folder / LEAF, folder / _OTHER),
    ),
    PlanRecipe(
        code="VHD909",
        what="the leaf is to get a copy of its base as parent that was expanded",
        files=_with_other_size,
        ask=lambda folder: plan_reparent(folder / LEAF, folder / _OTHER),
    ),
    PlanRecipe(
        code="VHD910",
        what="the leaf is to get a parent whose path is too long for its header",
        files=_with_deep_base,
        ask=lambda folder: plan_reparent(folder / LEAF, folder / _DEEP),
    ),
    PlanRecipe(
        code="VHD911",
        what="the base of a leaf is to be expanded",
        files=lambda: _contents(healthy_tree()),
        ask=lambda folder: plan_resize(folder / BASE, 2 * SIZE),
    ),
)
