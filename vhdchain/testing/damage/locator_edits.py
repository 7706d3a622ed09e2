"""How is one parent locator of a finished image edited, moved, added or taken away?

Locators are named by their platform code, because each writer puts them into slots of its own. Longer texts go to a
place that is free in every healthy image (`FREE`): behind the locators and before the first block.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from vhdchain.structures import ParentLocator, PlatformCode, decode_locator, encode_locator_text, encode_parent_name
from vhdchain.structures.dynamic_header import NO_LOCATORS
from vhdchain.testing.edits import edit_header, header_of, overwrite
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence

FREE = 9 * SECTOR_SIZE
"""An offset behind which three sectors are unused in every image of `vhdchain.testing.edits.healthy`."""

PARENT = "base.vhd"
"""What the parent of a healthy differencing image is called."""


def slot_of(raw: bytes, code: PlatformCode) -> int:
    """Return the slot of the locator of ``code``."""
    return [entry.platform_code for entry in header_of(raw).locators].index(code.value)


def entry_of_code(raw: bytes, code: PlatformCode) -> ParentLocator:
    """Return the entry of the locator of ``code``."""
    return header_of(raw).locators[slot_of(raw, code)]


def edit_slot(raw: bytes, slot: int, **fields: Any) -> bytes:
    """Replace fields of the entry in ``slot``, used or not."""
    locators = list(header_of(raw).locators)
    locators[slot] = dataclasses.replace(locators[slot], **fields)
    return edit_header(raw, locators=tuple(locators))


def edit_code(raw: bytes, code: PlatformCode, **fields: Any) -> bytes:
    """Replace fields of the entry of ``code``."""
    return edit_slot(raw, slot_of(raw, code), **fields)


def edit_all(raw: bytes, **fields: Any) -> bytes:
    """Replace fields of every used entry."""
    entries = [dataclasses.replace(entry, **fields) if entry.is_used else entry for entry in header_of(raw).locators]
    return edit_header(raw, locators=tuple(entries))


def place_in_slots(raw: bytes, entries: Sequence[ParentLocator], *, first: int = 0) -> bytes:
    """Make ``entries`` the only ones, from slot ``first`` on."""
    locators = [*NO_LOCATORS]
    locators[first : first + len(entries)] = entries
    return edit_header(raw, locators=tuple(locators))


def used_entries(raw: bytes) -> list[ParentLocator]:
    """Return the used entries in slot order."""
    return [entry for entry in header_of(raw).locators if entry.is_used]


def edit_data(raw: bytes, code: PlatformCode, data: bytes) -> bytes:
    """Replace the bytes behind the locator of ``code``, and its length, in its place."""
    raw = overwrite(raw, entry_of_code(raw, code).platform_data_offset, data)
    return edit_code(raw, code, platform_data_length=len(data))


def edit_text(raw: bytes, code: PlatformCode, text: str) -> bytes:
    """Replace the text of the locator of ``code`` in its place; where there is none, add one in the next slot."""
    data = encode_locator_text(code, text)
    if any(entry.platform_code == code.value for entry in used_entries(raw)):
        return edit_data(raw, code, data)
    return add_locator(raw, code, data)


def add_locator(raw: bytes, code: PlatformCode, data: bytes) -> bytes:
    """Add a locator in the next slot, with its data at `FREE`."""
    entry = ParentLocator(
        platform_code=code.value,
        platform_data_space_raw=SECTOR_SIZE,
        platform_data_length=len(data),
        platform_data_offset=FREE,
    )
    return edit_slot(overwrite(raw, FREE, data), len(used_entries(raw)), **_fields(entry))


def move_data(raw: bytes, code: PlatformCode, offset: int, data: bytes, *, space: int) -> bytes:
    """Put ``data`` at ``offset`` and let the locator of ``code`` point there."""
    return edit_code(
        overwrite(raw, offset, data),
        code,
        platform_data_offset=offset,
        platform_data_length=len(data),
        platform_data_space_raw=space,
    )


def edit_name(raw: bytes, name: str) -> bytes:
    """Replace the parent's name in the header."""
    return edit_header(raw, parent_unicode_name_raw=encode_parent_name(name))


def rename_parent(raw: bytes, name: str) -> bytes:
    """Write ``name`` for the parent's file name into every locator and into the header; folders stay."""
    for slot, entry in enumerate(header_of(raw).locators):
        offset, length = entry.platform_data_offset, entry.platform_data_length
        text = decode_locator(slot, entry, raw[offset : offset + length]).text
        if entry.is_used and entry.code and text:
            raw = edit_text(raw, entry.code, text.replace(PARENT, name))
    return edit_name(raw, (header_of(raw).parent_name or "").replace(PARENT, name))


def _fields(entry: ParentLocator) -> dict[str, Any]:
    return {item.name: getattr(entry, item.name) for item in dataclasses.fields(entry)}
