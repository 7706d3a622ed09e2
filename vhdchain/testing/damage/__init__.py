"""How is one single damage planted in an image that is otherwise healthy?

For each code of a finding that one file can show there is a `Recipe`: a pure function from the bytes of a healthy image
to the bytes of a damaged one. It changes as little as it can, through the records of ``vhdchain.structures`` with
checksums that fit, so that the checks find the stated code and nothing that the damage does not bring along (`also`).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from vhdchain.testing.damage import (
    batmap,
    batmap_bits,
    bitmaps,
    files,
    footer,
    footer_copy,
    footer_fields,
    footer_flags,
    gaps,
    header,
    header_fields,
    layout,
    layout_shape,
    locator_entries,
    locator_texts,
    locators,
    parent_names,
    parent_paths,
    tool,
)
from vhdchain.testing.damage.planting import DamageError, plant
from vhdchain.testing.damage.recipe import LOOKED_AT, Recipe, healthy_name

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LOOKED_AT", "RECIPES", "DamageError", "Recipe", "damage", "healthy_name"]

_FAMILIES = (
    tool,
    footer,
    footer_fields,
    footer_flags,
    footer_copy,
    header,
    header_fields,
    parent_names,
    parent_paths,
    locators,
    locator_entries,
    locator_texts,
    layout,
    layout_shape,
    gaps,
    bitmaps,
    batmap,
    batmap_bits,
    files,
)

RECIPES: Mapping[str, Recipe] = MappingProxyType(
    dict(sorted((recipe.code, recipe) for family in _FAMILIES for recipe in family.RECIPES))
)
"""The recipe of every code that a single file can show by itself, in the order of the codes."""


def damage(image: bytes, *codes: str, way: str = "") -> bytes:
    """Return ``image`` with the conditions of ``codes`` planted: ``damage(image, "VHD404", "VHD319")``.

    They are planted from the inside of the file outwards, whatever the order of ``codes``, and looked for afterwards.

    Args:
        image: The bytes of an image; any that the recipes fit. Names, and the number of children, are no part of them:
            where a condition depends on these, `Recipe.name` and `Recipe.children` say so.
        codes: Codes of `RECIPES`.
        way: Which of `Recipe.damages`; the main one by default.

    Raises:
        DamageError: A code is unknown or not one of a single file, or a condition cannot be planted in this image, or
            not together with the others.
    """
    return plant(RECIPES, image, codes, way=way)
