"""A file of which only the locators matter, for the tests of their checks."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from vhdchain.structures import DynamicHeader, ParentLocator, Stored, StoredLocator, decode_locator
from vhdchain.structures.dynamic_header import NO_LOCATORS
from vhdchain.structures.locators_of_file import LocatorsOfFile

if TYPE_CHECKING:
    from collections.abc import Iterable

DATA_END = 100_000
HEADER_AT = 512


def locator(slot: int = 0, data: bytes | None = None, **fields: Any) -> StoredLocator:
    """Return a W2ru in order, with ``fields`` replaced and ``data`` behind it; each slot has a place of its own."""
    whole: dict[str, Any] = {
        "platform_code": b"W2ru",
        "platform_data_space_raw": 512,
        "platform_data_length": 20 if data is None else len(data),
        "platform_data_offset": 2048 + 512 * slot,
    }
    return decode_locator(slot, ParentLocator(**(whole | fields)), data)


def file_of(*locators: StoredLocator, unused: Iterable[tuple[int, ParentLocator]] = (), **facts: Any) -> LocatorsOfFile:
    """Return a file with these locators, and entries in ``unused`` slots; ``facts`` replace those of the file."""
    entries = [*NO_LOCATORS]
    for item in locators:
        entries[item.slot] = item.entry
    for slot, entry in unused:
        entries[slot] = entry
    record = DynamicHeader(table_offset=1536, max_table_entries=1, locators=tuple(entries))
    header = Stored(offset=HEADER_AT, raw=b"", record=record)
    file = LocatorsOfFile(path="x.avhd", header=header, locators=locators, data_end=DATA_END)
    return dataclasses.replace(file, **facts)
