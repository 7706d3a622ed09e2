"""Codes 551-558: damages of the file as a whole."""

from __future__ import annotations

from vhdchain.testing.damage.recipe import ANY, Recipe, recipe

RECIPES: tuple[Recipe, ...] = (recipe("VHD552", "nothing is left", ANY, lambda _: b""),)
