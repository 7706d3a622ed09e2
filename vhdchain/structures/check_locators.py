"""Are the parent locator entries of a differencing disk in order, and is the data that they claim inside the file?

What the paths in them mean, and whether they lead anywhere, is judged where parents are looked for. Data is read by its
length; the claimed space matters only for these checks. Where several locators share a condition, one finding tells it
at the first of the worst and names the others.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Severity, finding
from vhdchain.structures.check_locator_places import check_places
from vhdchain.structures.check_locator_texts import check_texts
from vhdchain.structures.dynamic_header import NO_LOCATORS
from vhdchain.structures.locator import PlatformCode, SpaceUnit
from vhdchain.units import is_sector_aligned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.structures.locator import StoredLocator
    from vhdchain.structures.locators_of_file import LocatorsOfFile

_NONE = PlatformCode.NONE.value
_BLANK = NO_LOCATORS[0]
_DEPRECATED = (PlatformCode.WI2R, PlatformCode.WI2K)

# VirtualBox defines VHD_PLATFORM_CODE_MAC and _MACX with the digits of "Mac " and "MacX" mixed up.
_WRONG_MAC_CODES = {b"\x4d\x16\x32\x20": "Mac ", b"\x4d\x16\x32\x58": "MacX"}


def check_locators(file: LocatorsOfFile) -> Iterator[Finding]:
    """Yield what is wrong with the locator entries of a file: VHD301-315, 325."""
    yield from _one_of_each(_findings(file))


def _findings(file: LocatorsOfFile) -> Iterator[Finding]:
    for locator in file.locators:
        yield from _check_code(file, locator)
        yield from _check_fields(file, locator)
        yield from _check_end(file, locator)
    yield from _check_unused(file)
    yield from _check_duplicates(file)
    yield from _check_units(file)
    yield from _check_slots(file)
    yield from check_places(file)
    yield from check_texts(file)


def _one_of_each(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield one finding for each code: the first of the worst, with the other places in its message."""
    groups: dict[str, list[Finding]] = {}
    for item in findings:
        groups.setdefault(item.code, []).append(item)
    for group in groups.values():
        if len(group) == 1:
            yield group[0]
            continue
        first = min(group, key=lambda item: item.severity.rank)
        others = [item for item in group if item is not first]
        places = dict.fromkeys(item.location.structure for item in others)
        yield dataclasses.replace(
            first,
            message=f"{first.message} (also: {', '.join(map(str, places))})",
            details=tuple(f"{item.location.structure}: {item.message}" for item in others),
        )


def _check_code(file: LocatorsOfFile, locator: StoredLocator) -> Iterator[Finding]:
    code, stored = locator.entry.code, locator.entry.platform_code
    if stored in _WRONG_MAC_CODES:
        meant = _WRONG_MAC_CODES[stored]
        message = f"the platform code {locator.name} is VirtualBox's mistaken constant for '{meant}'"
        yield finding("VHD302", file.at(locator.slot, "platform_code"), message, expected=meant, found=locator.name)
    elif code is None:
        message = f"the platform code {locator.name} is none that the specification knows"
        yield finding("VHD301", file.at(locator.slot, "platform_code"), message, found=locator.name)
    elif code in _DEPRECATED:
        message = f"the platform code {locator.name} is deprecated, and no rule says how its text is encoded"
        yield finding("VHD303", file.at(locator.slot, "platform_code"), message, found=locator.name)


def _check_fields(file: LocatorsOfFile, locator: StoredLocator) -> Iterator[Finding]:
    entry, slot = locator.entry, locator.slot
    if not (entry.platform_data_offset and entry.platform_data_length and entry.platform_data_space_raw):
        yield _without_place(file, locator)
    # A space of zero says nothing about the data.
    if entry.platform_data_space_raw and entry.platform_data_length > entry.platform_data_space:
        message = f"{entry.platform_data_length} bytes of data are stated for a space of {entry.platform_data_space}"
        yield finding(
            "VHD306",
            file.at(slot, "platform_data_length"),
            message,
            expected=entry.platform_data_space,
            found=entry.platform_data_length,
        )
    if entry.reserved:
        message = f"the reserved field of the entry holds 0x{entry.reserved:08X}"
        yield finding("VHD308", file.at(slot, "reserved"), message, expected=0, found=entry.reserved)
    if entry.space_unit is SpaceUnit.AMBIGUOUS:
        raw = entry.platform_data_space_raw
        message = f"a space of {raw} is neither a small number of sectors nor whole sectors in bytes"
        yield finding("VHD310", file.at(slot, "platform_data_space"), message, found=raw)
    if not is_sector_aligned(entry.platform_data_offset) and entry.platform_data_offset < file.data_end:
        offset = entry.platform_data_offset
        message = f"the data begins at {offset}, which is no multiple of 512"
        yield finding("VHD313", file.at(slot, "platform_data_offset"), message, found=offset)


def _without_place(file: LocatorsOfFile, locator: StoredLocator) -> Finding:
    entry = locator.entry
    for name, value in (
        ("platform_data_offset", entry.platform_data_offset),
        ("platform_data_length", entry.platform_data_length),
    ):
        if not value:
            message = f"the locator {locator.name} is used, but its {name} is 0, so it holds no text"
            return finding("VHD305", file.at(locator.slot, name), message, found=0)
    message = f"the locator {locator.name} states no space; its text is read by the length alone"
    place = file.at(locator.slot, "platform_data_space")
    return finding("VHD305", place, message, found=0, severity=Severity.NOTE)


def _check_end(file: LocatorsOfFile, locator: StoredLocator) -> Iterator[Finding]:
    entry = locator.entry
    end = entry.platform_data_offset + max(entry.platform_data_space, entry.platform_data_length)
    if end <= file.data_end:
        return
    message = f"the locator's space would end at {end}, behind the end of the data"
    # A number below 512 means sectors by the specification, but a writer of bytes may have meant it.
    as_bytes = entry.platform_data_offset + max(entry.platform_data_space_raw, entry.platform_data_length)
    doubtful = entry.space_unit is SpaceUnit.SECTORS and as_bytes <= file.data_end
    if doubtful:
        message += "; taken as bytes it lies inside, and so does the data"
    yield finding(
        "VHD307",
        file.at(locator.slot, "platform_data_offset"),
        message,
        expected=file.data_end,
        found=end,
        severity=Severity.WARNING if doubtful else None,
    )


def _check_unused(file: LocatorsOfFile) -> Iterator[Finding]:
    for slot, entry in enumerate(file.header.record.locators):
        if entry is _BLANK or entry.platform_code != _NONE or entry == _BLANK:
            continue
        fields = {
            "platform_data_space": entry.platform_data_space_raw,
            "platform_data_length": entry.platform_data_length,
            "reserved": entry.reserved,
            "platform_data_offset": entry.platform_data_offset,
        }
        kept = {name: value for name, value in fields.items() if value}
        first, value = next(iter(kept.items()))
        # Versions of xen-orchestra's vhd-lib cleared an entry and left its offset behind.
        bare = first == "platform_data_offset"
        told = ", ".join(f"{name} {number}" for name, number in kept.items())
        message = f"the entry names no platform, but holds {told}" + ("; it claims no data there" if bare else "")
        severity = Severity.NOTE if bare else None
        yield finding("VHD304", file.at(slot, first), message, expected=0, found=value, severity=severity)


def _check_duplicates(file: LocatorsOfFile) -> Iterator[Finding]:
    first: dict[bytes, int] = {}
    for locator in file.locators:
        slot = first.setdefault(locator.entry.platform_code, locator.slot)
        if slot != locator.slot:
            message = f"the locators {slot} and {locator.slot} are both {locator.name}; readers may take either"
            yield finding("VHD309", file.at(locator.slot, "platform_code"), message, found=locator.name)


def _check_units(file: LocatorsOfFile) -> Iterator[Finding]:
    """Tell once which unit the writer took for the space."""
    slots: dict[SpaceUnit, int] = {}
    for locator in file.locators:
        entry = locator.entry
        if entry.platform_data_space_raw and entry.space_unit is not SpaceUnit.AMBIGUOUS:
            slots.setdefault(entry.space_unit, locator.slot)
    if not slots:
        return
    found = " and ".join(sorted(slots))
    if len(slots) > 1:
        message = f"the space is in bytes in locator {slots[SpaceUnit.BYTES]}, in sectors in {slots[SpaceUnit.SECTORS]}"
    elif SpaceUnit.BYTES in slots:
        message = "the space of the locators is stored in bytes; the specification says sectors"
    else:
        message = "the space of the locators is stored in sectors, as the specification says"
    place = file.at(min(slots.values()), "platform_data_space")
    yield finding("VHD311", place, message, expected=str(SpaceUnit.SECTORS), found=found)


def _check_slots(file: LocatorsOfFile) -> Iterator[Finding]:
    used = [locator.slot for locator in file.locators]
    if used == list(range(len(used))):
        return
    told = ", ".join(map(str, used))
    message = f"the slots in use are {told}; most writers fill them from 0 on without a gap"
    yield finding("VHD325", file.at(used[0], "platform_code"), message, found=told)
