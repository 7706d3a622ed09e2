"""Code 901: a change of a disk that was interrupted."""

from __future__ import annotations

from vhdchain.testing.damage_folder.recipe import BASE, FolderRecipe

RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD901",
        what="a journal lies beside the base",
        damage=lambda files: {**files, f"{BASE}.vhdchain-journal": b"{}"},
    ),
)
