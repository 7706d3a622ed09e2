"""Codes 604-626: a child and a parent that do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.structures import Geometry, geometry_for
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.damage_folder.recipe import (
    BASE,
    LEAF,
    SIZE,
    Files,
    FolderRecipe,
    bytes_of,
    edited,
    healthy_tree,
    moved,
)
from vhdchain.testing.edits import BLOCK_SIZE, edit_footer, edit_header, end_footer

if TYPE_CHECKING:
    from typing import Any

_HOUR, _DAY = 3600, 86_400

_TREE = healthy_tree()
_BORN = _TREE.image(LEAF).created
_MODIFIED = _TREE.image(BASE).modified


def _base(files: Files, **fields: Any) -> Files:
    return edited(files, BASE, lambda raw: edit_footer(raw, **fields))


def _leaf(files: Files, **fields: Any) -> Files:
    return edited(files, LEAF, lambda raw: edit_footer(raw, **fields))


def _expanded(files: Files) -> Files:
    size = SIZE + BLOCK_SIZE // 2
    return _base(files, current_size=size, geometry=geometry_for(size))


def _other_in_its_place(files: Files) -> Files:
    tree = ChainBuilder(seed="other")
    other = tree.dynamic(BASE, size=SIZE, block_size=BLOCK_SIZE)
    tree.write(other, 0, b"another disk")
    return {**moved(files, BASE, "old.vhd"), BASE: bytes(tree.file(other).content)}


def _larger_blocks(files: Files) -> Files:
    tree = ChainBuilder(seed="folder")
    base = tree.dynamic(BASE, size=SIZE, block_size=BLOCK_SIZE)
    tree.write(base, 0, b"below")
    leaf = tree.snapshot(base, LEAF, block_size=2 * BLOCK_SIZE)
    tree.write(leaf, BLOCK_SIZE, b"above")
    return {**files, LEAF: bytes(tree.file(leaf).content)}


def _footer_time(files: Files) -> Files:
    made = end_footer(bytes_of(files, BASE)).time_stamp
    return edited(files, LEAF, lambda raw: edit_header(raw, parent_time_stamp=made))


RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD604",
        what="the base was moved aside, and another disk has its name",
        damage=_other_in_its_place,
    ),
    FolderRecipe(
        code="VHD606",
        what="the base's file was modified ten days before the leaf says",
        damage=lambda files: files,
        modified={BASE: _MODIFIED - 10 * _DAY},
    ),
    FolderRecipe(
        code="VHD607",
        what="the leaf stores the time in the base's footer",
        damage=_footer_time,
        modified={BASE: _MODIFIED},
    ),
    FolderRecipe(
        code="VHD608",
        what="the base's file was modified ten days after the leaf was made",
        damage=lambda files: files,
        modified={BASE: _BORN + 10 * _DAY},
    ),
    FolderRecipe(
        code="VHD609",
        what="the base was made an hour after the leaf",
        damage=lambda files: _base(files, time_stamp=_BORN + _HOUR),
    ),
    FolderRecipe(
        code="VHD612",
        what="the base was expanded by half a block",
        damage=_expanded,
        also={"VHD125": "it is the original size that tells of the expansion"},
    ),
    FolderRecipe(
        code="VHD613",
        what="the leaf has blocks of twice the size",
        damage=_larger_blocks,
    ),
    FolderRecipe(
        code="VHD614",
        what="the leaf has another geometry",
        damage=lambda files: _leaf(files, geometry=Geometry(cylinders=1, heads=4, sectors_per_track=16)),
        also={"VHD131": "the specification calculates another one for this size"},
    ),
    FolderRecipe(
        code="VHD616",
        what="the base belongs to a saved machine",
        damage=lambda files: _base(files, saved_state=1),
        also={"VHD136": "the base's own finding"},
    ),
    FolderRecipe(
        code="VHD625",
        what="the base was made a month after the leaf",
        damage=lambda files: _base(files, time_stamp=_BORN + 30 * _DAY),
    ),
    FolderRecipe(
        code="VHD626",
        what="the leaf was written by Disk2vhd",
        damage=lambda files: _leaf(files, creator_application=b"d2v "),
    ),
)
