"""Codes 001-005: where did the tool not look?"""

from __future__ import annotations

from vhdchain.testing.damage_folder.recipe import FolderRecipe, Link, apart

RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD001",
        what="a link leads to itself",
        damage=lambda files: {**files, "loop.avhd": Link("loop.avhd")},
    ),
    FolderRecipe(
        code="VHD003",
        what="the base lies beside the folder that is scanned",
        damage=apart,
        also={"VHD228": "the way to it leads up", "VHD714": "what lies outside is missing from the picture"},
        scanned=("machine",),
    ),
)
