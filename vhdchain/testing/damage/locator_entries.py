"""Codes 308-313, 325: parent locator entries that are not as writers make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.structures import PlatformCode
from vhdchain.testing.damage.locator_edits import (
    FREE,
    PARENT,
    add_locator,
    edit_all,
    edit_slot,
    move_data,
    place_in_slots,
    used_entries,
)
from vhdchain.testing.damage.recipe import DIFFERENCING, Recipe, recipe
from vhdchain.testing.edits import edit_locator, healthy, overwrite
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from vhdchain.structures import DiskType
    from vhdchain.testing.dialects import Dialect

W2KU, W2RU = PlatformCode.W2KU, PlatformCode.W2RU
LOCATORS_FROM_THE_END = 8


def _without_space(kind: DiskType, dialect: Dialect) -> bytes:
    return edit_all(healthy(kind, dialect), platform_data_space_raw=0)


def _unaligned(raw: bytes) -> bytes:
    # The last locator in the file: behind it no other one is in its space's way.
    entries = [entry.platform_data_offset for entry in used_entries(raw)]
    slot, offset = entries.index(max(entries)), max(entries)
    length = used_entries(raw)[slot].platform_data_length
    moved = overwrite(raw, offset + 16, raw[offset : offset + length])
    return edit_slot(moved, slot, platform_data_offset=offset + 16)


def _in_one_text(raw: bytes) -> bytes:
    """Let the relative path be the end of the absolute one: both texts are whole, both begin on a sector."""
    folder = "C:\\"
    folder += "x" * (SECTOR_SIZE // 2 - len(folder) - 1) + "\\"
    raw = move_data(raw, W2KU, FREE, (folder + PARENT).encode("utf-16-le"), space=2 * SECTOR_SIZE)
    return move_data(raw, W2RU, FREE + SECTOR_SIZE, PARENT.encode("utf-16-le"), space=SECTOR_SIZE)


def _two_relative(raw: bytes) -> bytes:
    return add_locator(raw, W2RU, PARENT.encode("utf-16-le"))


def _at_the_end(raw: bytes) -> bytes:
    entries = used_entries(raw)
    return place_in_slots(raw, entries, first=LOCATORS_FROM_THE_END - len(entries))


def _with_a_gap(raw: bytes) -> bytes:
    first, *others = used_entries(raw)
    raw = place_in_slots(raw, others, first=2)
    return edit_slot(raw, 0, **{name: getattr(first, name) for name in first.__dataclass_fields__})


RECIPES: tuple[Recipe, ...] = (
    recipe(
        "VHD308",
        "a locator's reserved field is 1",
        DIFFERENCING,
        lambda raw: edit_locator(raw, 0, reserved=1),
        variants={"all ones, in the last one": lambda raw: edit_locator(raw, -1, reserved=0xFFFFFFFF)},
    ),
    recipe("VHD309", "a second W2ru is added", DIFFERENCING, _two_relative),
    recipe(
        "VHD310",
        "a locator's space is 600",
        DIFFERENCING,
        lambda raw: edit_locator(raw, 0, platform_data_space_raw=600),
        variants={"one more than a sector": lambda raw: edit_locator(raw, 1, platform_data_space_raw=513)},
    ),
    recipe(
        "VHD311",
        "the locators' space is stored in bytes",
        DIFFERENCING,
        lambda raw: edit_all(raw, platform_data_space_raw=SECTOR_SIZE),
        variants={
            "in sectors": lambda raw: edit_all(raw, platform_data_space_raw=1),
            "in both": lambda raw: edit_locator(
                edit_all(raw, platform_data_space_raw=1), 0, platform_data_space_raw=512
            ),
        },
        options={"base": _without_space},
    ),
    recipe(
        "VHD312",
        "the relative path is the end of the absolute one",
        DIFFERENCING,
        _in_one_text,
        variants={
            "the space reaches into the next": lambda raw: edit_locator(raw, 0, platform_data_space_raw=2 * SECTOR_SIZE)
        },
    ),
    recipe("VHD313", "a locator's data begins 16 bytes behind a sector's start", DIFFERENCING, _unaligned),
    recipe(
        "VHD325",
        "the locators stand in the last slots",
        DIFFERENCING,
        _at_the_end,
        variants={"a slot is left out": _with_a_gap},
    ),
)
