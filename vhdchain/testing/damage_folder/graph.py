"""Codes 701-714: faults of a whole folder."""

from __future__ import annotations

from vhdchain.graph.check_chains import MAX_DEPTH
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
    moved,
)
from vhdchain.testing.dialects import BLKTAP
from vhdchain.testing.edits import BLOCK_SIZE, end_footer


def _with_second_child(files: Files) -> Files:
    tree = healthy_tree()
    branch = tree.snapshot(tree.image(BASE), "branch.avhd")
    tree.write(branch, 2 * BLOCK_SIZE, b"beside")
    return {**files, branch.name: bytes(tree.file(branch).content)}


def _cycle(files: Files) -> Files:
    base, leaf = end_footer(bytes_of(files, BASE)), end_footer(bytes_of(files, LEAF))
    tree = ChainBuilder(seed="cycle")
    below = tree.dynamic(LEAF, size=SIZE, block_size=BLOCK_SIZE, unique_id=leaf.unique_id)
    above = tree.snapshot(below, BASE, unique_id=base.unique_id)
    tree.write(above, 0, b"x")
    return {**files, BASE: bytes(tree.file(above).content)}


def _converted(files: Files) -> Files:
    """Add a dynamic disk that was made of the fixed one and kept its identifier."""
    fixed = end_footer(bytes_of(files, LONE))
    tree = ChainBuilder(seed="converted")
    made = tree.dynamic("lone/data2.vhd", size=fixed.current_size, block_size=BLOCK_SIZE, unique_id=fixed.unique_id)
    return {**files, made.name: bytes(tree.file(made).content)}


def _same_name(files: Files) -> Files:
    tree = ChainBuilder(seed="same name")
    other = tree.fixed(f"other/{LONE.rpartition('/')[2].upper()}", size=BLOCK_SIZE)
    return {**files, other.name: bytes(tree.file(other).content)}


def _deep(files: Files) -> Files:
    """Add a chain of one layer too many."""
    tree = ChainBuilder(seed="deep")
    image = tree.dynamic("deep/00.vhd", size=SIZE, block_size=BLOCK_SIZE)
    for number in range(1, MAX_DEPTH + 1):
        image = tree.snapshot(image, f"deep/{number:02}.avhd")
        tree.write(image, 0, b"once more")
    return {**files, **tree.files()}


def _family_without_base(files: Files) -> Files:
    return moved(_with_second_child(files), BASE)


def _one_parent_shown(files: Files) -> Files:
    """Add a chain of XenServer's, whose base is marked as hidden, and the disk between it and the leaf is not."""
    tree = ChainBuilder(seed="hidden", dialect=BLKTAP)
    hidden = b"\1".ljust(427, b"\0")
    base = tree.dynamic("sr/lowest.vhd", size=SIZE, block_size=BLOCK_SIZE, footer={"reserved": hidden})
    tree.write(base, 0, b"below")
    for name in ("sr/middle.vhd", "sr/highest.vhd"):
        base = tree.snapshot(base, name)
        tree.write(base, 0, b"above")
    return {**files, **tree.files()}


RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD701",
        what="the base is a child of its leaf",
        damage=_cycle,
        also={"VHD147": "a differencing disk has the name of one without a parent"},
    ),
    FolderRecipe(
        code="VHD702",
        what="a disk was converted and kept its identifier",
        damage=_converted,
    ),
    FolderRecipe(
        code="VHD703",
        what="another disk has the same name in capital letters",
        damage=_same_name,
    ),
    FolderRecipe(
        code="VHD704",
        what="the base has a second child",
        damage=_with_second_child,
    ),
    FolderRecipe(
        code="VHD705",
        what="a chain has one layer too many",
        damage=_deep,
    ),
    FolderRecipe(
        code="VHD707",
        what="the disk on its own lies beside the chain",
        damage=lambda files: moved(files, LONE, "data.vhd"),
    ),
    FolderRecipe(
        code="VHD708",
        what="the base of two leaves is gone",
        damage=_family_without_base,
    ),
    FolderRecipe(
        code="VHD712",
        what="one parent of two is not marked as hidden",
        damage=_one_parent_shown,
        also={
            "VHD124": "blktap names no host system",
            "VHD138": "the flag of the parent that is marked",
            "VHD147": "blktap gives differencing disks no name of their own",
            "VHD316": "blktap stores a relative path as an absolute one",
        },
    ),
    FolderRecipe(
        code="VHD714",
        what="the base lies beside the folder that is scanned",
        damage=apart,
        also={"VHD003": "the parent was refused", "VHD228": "the way to it leads up"},
        scanned=("machine",),
    ),
)
