"""Do the parent locators of a differencing disk lie inside the file, in the space that they claim?

What the paths in them mean, and whether they lead anywhere, is judged where parents are looked for. Data is read by its
length; the claimed space matters only for these checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.structures.locator import SpaceUnit, locate_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.structures.locator import StoredLocator


def check_locators(
    path: str, locators: Iterable[StoredLocator], *, header_offset: int, data_end: int
) -> Iterator[Finding]:
    """Yield what is wrong with the used locator entries of the header at ``header_offset`` (offsets in bytes)."""
    for locator in locators:
        offset = locate_entry(locator.slot, header_offset)
        place = Location(path=path, structure=f"locator {locator.slot}", offset=offset)
        yield from _check_locator(locator, place, data_end)


def _check_locator(locator: StoredLocator, place: Location, data_end: int) -> Iterator[Finding]:
    entry = locator.entry
    if entry.code is None:
        message = f"the platform code {locator.name} is none that the specification knows"
        yield finding("VHD301", _field(place, "platform_code", 0), message, found=locator.name)
    # A space of zero says nothing about the data; writers that leave it out exist.
    if entry.platform_data_space_raw and entry.platform_data_length > entry.platform_data_space:
        message = f"{entry.platform_data_length} bytes of data are stated for a space of {entry.platform_data_space}"
        yield finding(
            "VHD306",
            _field(place, "platform_data_length", 8),
            message,
            expected=entry.platform_data_space,
            found=entry.platform_data_length,
        )
    yield from _check_end(locator, place, data_end)


def _check_end(locator: StoredLocator, place: Location, data_end: int) -> Iterator[Finding]:
    entry = locator.entry
    end = entry.platform_data_offset + max(entry.platform_data_space, entry.platform_data_length)
    if end <= data_end:
        return
    message = f"the locator's space would end at {end}, behind the end of the data"
    # A number below 512 means sectors by the specification, but a writer of bytes may have meant it.
    as_bytes = entry.platform_data_offset + max(entry.platform_data_space_raw, entry.platform_data_length)
    doubtful = entry.space_unit is SpaceUnit.SECTORS and as_bytes <= data_end
    if doubtful:
        message += "; taken as bytes it lies inside, and so does the data"
    yield finding(
        "VHD307",
        _field(place, "platform_data_offset", 16),
        message,
        expected=data_end,
        found=end,
        severity=Severity.WARNING if doubtful else None,
    )


def _field(place: Location, name: str, offset: int) -> Location:
    assert place.offset is not None
    return Location(path=place.path, structure=place.structure, field=name, offset=place.offset + offset)
