"""Codes 320-324: locators that lead to different files, to nothing, to what is no VHD."""

from __future__ import annotations

from vhdchain.testing.damage_folder.recipe import BASE, LEAF, LONE, FolderRecipe, healthy_tree

_FOLDER = healthy_tree().windows_folder
_BESIDE = LONE.rpartition("/")[0]

RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD320",
        what="the absolute path leads to a copy of the base in a folder below",
        damage=lambda files: {**files, f"old/{BASE}": files[BASE]},
        # The copy is not scanned: it is met by the search alone.
        scanned=(BASE, LEAF),
        path_map={_FOLDER: "old"},
    ),
    FolderRecipe(
        code="VHD323",
        what="the absolute path leads to nothing",
        damage=lambda files: files,
        path_map={_FOLDER: _BESIDE},
    ),
    FolderRecipe(
        code="VHD324",
        what="the base was overwritten",
        damage=lambda files: {**files, BASE: b"no disk at all\n" * 200},
        scanned=(LEAF,),
    ),
)
