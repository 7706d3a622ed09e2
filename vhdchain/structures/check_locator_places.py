"""Does the data of a parent locator lie over another structure of the metadata, or over another locator?

Judged against the footer copy, the dynamic header, the BAT, the batmap and the other locators; a block that lies over
a locator is told with the blocks. Data that shares bytes with something else is an error. Where only the stated space
does, the text itself is whole, and whoever writes a longer one there damages its neighbour: a warning, and only where
the unit of the space is certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Severity, finding
from vhdchain.structures.bat import ENTRY_LENGTH
from vhdchain.structures.batmap import BATMAP_HEADER_LENGTH
from vhdchain.structures.dynamic_header import HEADER_LENGTH
from vhdchain.structures.footer import FOOTER_LENGTH
from vhdchain.structures.locator import SpaceUnit
from vhdchain.units import is_sector_aligned, round_up_to_sector, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.locator import ParentLocator
    from vhdchain.structures.locators_of_file import LocatorsOfFile


@dataclass(frozen=True, slots=True)
class _Span:
    """Bytes of the file that belong to one structure: its data up to ``end``, its stated room up to ``claimed``."""

    name: str
    start: int
    end: int
    claimed: int


def check_places(file: LocatorsOfFile) -> Iterator[Finding]:
    """Yield VHD312 for each locator that lies over something else; of two locators the one in the higher slot."""
    spans = list(_metadata(file))
    for locator in file.locators:
        span = _span_of(locator.slot, locator.entry, file.data_end)
        if span is None:
            continue
        # Of several structures below it the first one that its data lies over says most.
        over = [other for other in spans if other.start < span.end and span.start < other.end]
        near = [other for other in spans if other.start < span.claimed and span.start < other.claimed]
        if over or near:
            yield _overlap(file, locator.slot, span, (over or near)[0], by_data=bool(over))
        spans.append(span)


def _metadata(file: LocatorsOfFile) -> Iterator[_Span]:
    yield _fixed("the footer copy", 0, FOOTER_LENGTH)
    yield _fixed("the dynamic header", file.header.offset, HEADER_LENGTH)
    bat = file.bat
    # A table at an impossible place is a finding of its own.
    if bat is not None and bat.offset and is_sector_aligned(bat.offset):
        # Of a table that claims more than the file can hold, only what the disk needs is certain.
        whole = len(bat.entries) == bat.declared
        count = bat.declared if whole else min(len(bat.entries), file.block_count)
        yield _fixed("the BAT", bat.offset, round_up_to_sector(count * ENTRY_LENGTH))
    if file.batmap is not None:
        yield _fixed("the batmap header", file.batmap.offset, BATMAP_HEADER_LENGTH)
        record = file.batmap.record
        length = sectors_to_bytes(record.batmap_sectors)
        inside = record.batmap_offset + length <= file.data_end
        if record.batmap_offset and is_sector_aligned(record.batmap_offset) and inside:
            yield _fixed("the batmap", record.batmap_offset, length)


def _fixed(name: str, start: int, length: int) -> _Span:
    return _Span(name, start, start + length, start + length)


def _span_of(slot: int, entry: ParentLocator, data_end: int) -> _Span | None:
    """Return where the locator's data lies; None where it has none, or cannot have it there: other findings say so."""
    start, length = entry.platform_data_offset, entry.platform_data_length
    if not start or not length or start + length > data_end:
        return None
    claimed = start + max(length, _certain_space(entry))
    return _Span(f"locator {slot}", start, start + length, claimed if claimed <= data_end else start + length)


def _certain_space(entry: ParentLocator) -> int:
    unit, raw = entry.space_unit, entry.platform_data_space_raw
    if unit is SpaceUnit.BYTES:
        return raw
    # A small number that would hold the data as bytes as well may be either; one that would not is of sectors.
    return sectors_to_bytes(raw) if unit is SpaceUnit.SECTORS and raw < entry.platform_data_length else 0


def _overlap(file: LocatorsOfFile, slot: int, span: _Span, other: _Span, *, by_data: bool) -> Finding:
    place = file.at(slot, "platform_data_offset")
    if by_data:
        message = f"the data from {span.start} to {span.end} shares bytes with {other.name} ({other.start}–{other.end})"
        return finding("VHD312", place, message, found=span.start)
    message = (
        f"the stated space from {span.start} to {span.claimed} shares bytes with {other.name} "
        f"({other.start}–{other.claimed}); the data itself does not"
    )
    return finding("VHD312", place, message, found=span.start, severity=Severity.WARNING)
