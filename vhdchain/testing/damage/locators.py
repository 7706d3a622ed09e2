"""Codes 301-307: damages of what the parent locators say of their kind and place."""

from __future__ import annotations

from vhdchain.structures import PlatformCode
from vhdchain.testing.damage.locator_edits import FREE, PARENT, add_locator, edit_code, edit_slot, edit_text, move_data
from vhdchain.testing.damage.recipe import DIFFERENCING, Recipe, recipe
from vhdchain.testing.edits import edit_locator
from vhdchain.units import SECTOR_SIZE

W2KU, LAST_SLOT = PlatformCode.W2KU, 7


def _locator_too_long(raw: bytes) -> bytes:
    # A real path that needs more than the sector that is stated for it.
    path = "C:\\" + "Virtual Hard Disks\\" * 14 + PARENT
    return move_data(raw, W2KU, FREE, path.encode("utf-16-le"), space=SECTOR_SIZE)


def _deprecated(raw: bytes) -> bytes:
    raw = edit_code(raw, W2KU, platform_code=b"Wi2k")
    return edit_text(raw, PlatformCode.WI2K, f"C:\\VMs\\{PARENT}")


RECIPES: tuple[Recipe, ...] = (
    recipe(
        "VHD301",
        "a locator is for an unknown platform",
        DIFFERENCING,
        lambda raw: edit_code(raw, W2KU, platform_code=b"Be64"),
        variants={"unprintable": lambda raw: edit_code(raw, W2KU, platform_code=b"\x01\x02\x03\x04")},
    ),
    recipe(
        "VHD302",
        "a locator has the code that VirtualBox takes for a Mac's alias",
        DIFFERENCING,
        lambda raw: edit_code(raw, W2KU, platform_code=b"\x4d\x16\x32\x20"),
        variants={"for a URL": lambda raw: edit_code(raw, W2KU, platform_code=b"\x4d\x16\x32\x58")},
    ),
    recipe(
        "VHD303",
        "the absolute path stands in a Wi2k locator",
        DIFFERENCING,
        _deprecated,
        variants={"relative": lambda raw: add_locator(raw, PlatformCode.WI2R, PARENT.encode("ascii"))},
    ),
    recipe(
        "VHD304",
        "an unused entry states a length",
        DIFFERENCING,
        lambda raw: edit_slot(raw, LAST_SLOT, platform_data_length=20),
        variants={
            "a space": lambda raw: edit_slot(raw, LAST_SLOT, platform_data_space_raw=SECTOR_SIZE),
            "a reserved field": lambda raw: edit_slot(raw, LAST_SLOT, reserved=1),
            "an offset alone": lambda raw: edit_slot(raw, LAST_SLOT, platform_data_offset=FREE),
        },
    ),
    recipe(
        "VHD305",
        "a locator has no length",
        DIFFERENCING,
        lambda raw: edit_code(raw, W2KU, platform_data_length=0),
        variants={
            "no offset": lambda raw: edit_code(raw, W2KU, platform_data_offset=0),
            "no space": lambda raw: edit_code(raw, W2KU, platform_data_space_raw=0),
        },
    ),
    recipe("VHD306", "a locator's data is longer than its space", DIFFERENCING, _locator_too_long),
    recipe(
        "VHD307",
        "a locator lies behind the end",
        DIFFERENCING,
        lambda raw: edit_locator(raw, 0, platform_data_offset=len(raw)),
    ),
)
