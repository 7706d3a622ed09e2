"""Codes 618-627: where a parent lies, and who its relatives are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.structures import PlatformCode
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.damage_folder.recipe import BASE, LEAF, SIZE, Files, FolderRecipe, healthy_tree, moved
from vhdchain.testing.dialects import Locator, NameForm
from vhdchain.testing.edits import BLOCK_SIZE

if TYPE_CHECKING:
    from vhdchain.testing.images import BuiltImage

_VMS, _LIBRARY = r"C:\VMs", r"D:\Library"


def _grown(tree: ChainBuilder, base: BuiltImage, leaf: BuiltImage) -> Files:
    """Return a base and its leaf, with data in both."""
    tree.write(base, 0, b"below", under_children=True)
    tree.write(leaf, BLOCK_SIZE, b"above")
    return {image.name: bytes(tree.file(image).content) for image in (base, leaf)}


def _one_name(_: Files) -> Files:
    tree = ChainBuilder(seed="one name")
    base = tree.dynamic("library/disk.vhd", size=SIZE, block_size=BLOCK_SIZE)
    return _grown(tree, base, tree.snapshot(base, "machine/disk.vhd"))


def _copied(_: Files) -> Files:
    """Return a copied folder whose absolute paths lead to the original."""
    tree = ChainBuilder(seed="copied", windows_folder=_VMS)
    base = tree.dynamic(BASE, size=SIZE, block_size=BLOCK_SIZE)
    files = _grown(tree, base, tree.snapshot(base, LEAF))
    return {f"{folder}/{name}": content for folder in ("copy", "original") for name, content in files.items()}


def _other_drive(_: Files) -> Files:
    """Return a leaf whose base lies on another drive, to which no relative path leads."""
    tree = ChainBuilder(seed="other drive", windows_folder=_VMS)
    base = tree.dynamic(f"library/{BASE}", size=SIZE, block_size=BLOCK_SIZE)
    locator = Locator(code=PlatformCode.W2KU, text=rf"{_LIBRARY}\{BASE}")
    leaf = tree.snapshot(base, f"machine/{LEAF}", locators=[locator], name_form=NameForm.BASENAME)
    return _grown(tree, base, leaf)


def _grandchild(files: Files) -> Files:
    """Return three layers of which the last asks for the first, while its paths lead to the second."""
    tree = healthy_tree()
    base, middle = tree.image(BASE), tree.image(LEAF)
    # The host took the time from the disk whose identifier it took.
    leaf = tree.snapshot(middle, "last.avhd", parent_unique_id=base.unique_id, parent_time_stamp=base.modified)
    tree.write(leaf, 0, b"last")
    return {**files, leaf.name: bytes(tree.file(leaf).content)}


def _sibling(files: Files) -> Files:
    """Return two leaves of which the second asks for the first, while its paths lead to the base."""
    tree = healthy_tree()
    other = tree.snapshot(tree.image(BASE), "other.avhd", parent_unique_id=tree.image(LEAF).unique_id)
    tree.write(other, 0, b"other")
    return {**files, other.name: bytes(tree.file(other).content)}


def _fixed_base(files: Files) -> Files:
    tree = ChainBuilder(seed="fixed base")
    base = tree.fixed(BASE, size=SIZE)
    return {**files, **_grown(tree, base, tree.snapshot(base, LEAF, block_size=BLOCK_SIZE))}


RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD618",
        what="leaf and base have one name in two folders",
        damage=_one_name,
        also={
            "VHD147": "the leaf has the name of a disk without a parent",
            "VHD227": "the name of the parent is the child's own",
            "VHD228": "the relative path leads up",
            "VHD703": "two files of the folder have one name",
        },
    ),
    FolderRecipe(
        code="VHD619",
        what="the base's name is in capital letters",
        damage=lambda files: moved(files, BASE, BASE.upper()),
    ),
    FolderRecipe(
        code="VHD620",
        what="the folder was copied, and the original is in reach",
        damage=_copied,
        scanned=("copy",),
        path_map={_VMS: "original"},
    ),
    FolderRecipe(
        code="VHD621",
        what="the base lies on another drive",
        damage=_other_drive,
        also={"VHD322": "no relative path leads to another drive"},
        path_map={_VMS: ".", _LIBRARY: "library"},
    ),
    FolderRecipe(
        code="VHD622",
        what="a disk stands on the leaf and asks for the base",
        damage=_grandchild,
        also={
            "VHD604": "its paths lead to another disk than the one that it asks for",
            "VHD704": "by their identifiers both stand on the base",
        },
    ),
    FolderRecipe(
        code="VHD623",
        what="a disk stands on the base and asks for the leaf",
        damage=_sibling,
        also={"VHD604": "its paths lead to another disk than the one that it asks for"},
    ),
    FolderRecipe(
        code="VHD624",
        what="the base is a fixed disk",
        damage=_fixed_base,
    ),
    FolderRecipe(
        code="VHD627",
        what="the base may be written to",
        damage=lambda files: files,
        writable=(BASE,),
    ),
)
