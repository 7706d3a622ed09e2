"""Codes 301-325: damages of the parent locators."""

from __future__ import annotations

from vhdchain.testing.damage.recipe import DIFFERENCING, Recipe, recipe
from vhdchain.testing.edits import edit_locator
from vhdchain.units import SECTOR_SIZE


def _locator_too_long(raw: bytes) -> bytes:
    space = SECTOR_SIZE
    return edit_locator(raw, 0, platform_data_space_raw=space, platform_data_length=space + 2)


RECIPES: tuple[Recipe, ...] = (
    recipe(
        "VHD301",
        "a locator is for an unknown platform",
        DIFFERENCING,
        lambda raw: edit_locator(raw, 0, platform_code=b"Be64"),
    ),
    recipe("VHD306", "a locator's data is longer than its space", DIFFERENCING, _locator_too_long),
    recipe(
        "VHD307",
        "a locator lies behind the end",
        DIFFERENCING,
        lambda raw: edit_locator(raw, 0, platform_data_offset=len(raw)),
    ),
)
