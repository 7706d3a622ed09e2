"""Codes 551-558: faults of files among others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.testing.damage_folder.recipe import FolderRecipe

RECIPES: tuple[FolderRecipe, ...] = ()
