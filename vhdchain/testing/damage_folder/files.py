"""Codes 551-557: faults of files among others."""

from __future__ import annotations

from dataclasses import replace

from vhdchain.structures.bat import ENTRY_LENGTH
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.damage_folder.recipe import BASE, LEAF, LONE, Files, FolderRecipe, Link, moved
from vhdchain.testing.dialects import PLAIN
from vhdchain.testing.edits import BLOCK_SIZE, overwrite

_PAGE = 4096
_LARGE = "large/disk.vhd"


def _never_written(files: Files) -> Files:
    """Add a disk whose BAT takes two pages, of which the second one never reached the file system."""
    tree = ChainBuilder(seed="large")
    size = 2 * _PAGE // ENTRY_LENGTH * BLOCK_SIZE
    disk = tree.dynamic(_LARGE, size=size, block_size=BLOCK_SIZE, layout=replace(PLAIN, table_offset=_PAGE))
    return {**files, _LARGE: overwrite(bytes(tree.file(disk).content), 2 * _PAGE, bytes(_PAGE))}


RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD551",
        what="a disk may not be read",
        damage=lambda files: files,
        denied=(LONE,),
    ),
    FolderRecipe(
        code="VHD553",
        what="the leaf is written to while the scan runs",
        damage=lambda files: files,
        touched=(LEAF,),
    ),
    FolderRecipe(
        code="VHD554",
        what="a link leads to the base",
        damage=lambda files: {**files, "link.vhd": Link(BASE)},
    ),
    FolderRecipe(
        code="VHD555",
        what="a page of a BAT was never written",
        damage=_never_written,
        also={"VHD403": "a hole reads as zeros, and an entry is never zero"},
        sparse=True,
    ),
    FolderRecipe(
        code="VHD556",
        what="the state of a merge lies beside the base",
        damage=lambda files: {**files, f".{BASE}.merge.json": b"{}"},
    ),
    FolderRecipe(
        code="VHD557",
        what="a disk was copied",
        damage=lambda files: moved(files, LONE, LONE, "copy/copy.vhd"),
    ),
)
