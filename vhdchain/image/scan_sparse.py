"""How is what stands behind the footer of a sparse image recorded: headers, locators, BAT, batmap?

Each is read only as far as it lies inside the file and below the limits; what could not be read becomes a fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.errors import ShortReadError
from vhdchain.image.record import FaultKind
from vhdchain.structures.bat import ENTRY_LENGTH, take_bat
from vhdchain.structures.batmap import BATMAP_COOKIE, BATMAP_HEADER_LENGTH, parse_batmap_header
from vhdchain.structures.dynamic_header import HEADER_LENGTH, parse_header
from vhdchain.structures.header_chain import HeaderChainEnd, header_chain_end
from vhdchain.structures.locator import decode_locator
from vhdchain.structures.stored import Stored
from vhdchain.units import is_sector_aligned, round_up_to_sector, sectors_to_bytes

if TYPE_CHECKING:
    from vhdchain.image.reading import Reads
    from vhdchain.structures import Bat, BatmapHeader, DynamicHeader, Footer, ParentLocator, StoredLocator


def scan_header(reads: Reads, footer: Footer) -> Stored[DynamicHeader] | None:
    """Return the header where the footer says it is."""
    raw = reads.read("dynamic header", footer.data_offset, HEADER_LENGTH)
    return None if raw is None else Stored(offset=footer.data_offset, raw=raw, record=parse_header(raw))


def scan_further_headers(
    reads: Reads, header: Stored[DynamicHeader]
) -> tuple[tuple[Stored[DynamicHeader], ...], HeaderChainEnd]:
    """Return the structures that the header's `data_offset` leads to, and why there are no more of them."""
    headers = [header]
    while (end := header_chain_end(headers, reads.source.size)) is None:
        offset = headers[-1].record.data_offset
        raw = reads.read("further header", offset, HEADER_LENGTH)
        if raw is None:
            return tuple(headers[1:]), HeaderChainEnd.NOWHERE
        headers.append(Stored(offset=offset, raw=raw, record=parse_header(raw)))
    return tuple(headers[1:]), end


def scan_locators(reads: Reads, header: DynamicHeader) -> tuple[StoredLocator, ...]:
    """Return the used locators with their data."""
    return tuple(
        decode_locator(slot, entry, _locator_data(reads, slot, entry))
        for slot, entry in enumerate(header.locators)
        if entry.is_used
    )


def _locator_data(reads: Reads, slot: int, entry: ParentLocator) -> bytes | None:
    length, structure = entry.platform_data_length, f"locator {slot}"
    if length > reads.limits.max_locator_bytes:
        reason = f"only locators of up to {reads.limits.max_locator_bytes} bytes are read"
        reads.fault(FaultKind.LIMIT, structure, entry.platform_data_offset, length, reason)
        return None
    return reads.read(structure, entry.platform_data_offset, length)


def scan_bat(reads: Reads, header: DynamicHeader) -> Bat | None:
    """Return the entries that lie inside the file and below the limit; the claimed number allocates nothing."""
    offset, declared = header.table_offset, header.max_table_entries
    inside = max(0, reads.source.size - offset) // ENTRY_LENGTH
    count = min(declared, inside, reads.limits.max_bat_entries)
    if count < min(declared, inside):
        reason = f"only the first {count} entries are read"
        reads.fault(FaultKind.LIMIT, "BAT", offset, declared * ENTRY_LENGTH, reason)
    elif count < declared:
        reason = f"only {count} of {declared} entries lie inside the file"
        reads.fault(FaultKind.BEYOND_END, "BAT", offset, declared * ENTRY_LENGTH, reason)
    # With the padding of the last sector, which tells writers apart, where the file has it.
    whole = round_up_to_sector(count * ENTRY_LENGTH) // ENTRY_LENGTH if count == declared else count
    stored = np.empty(max(count, min(whole, inside)), dtype=np.uint32)
    try:
        if len(stored):
            reads.source.readinto_at(offset, stored.view(np.uint8).data)
    except ShortReadError:
        reason = "the file was truncated while it was read"
        reads.fault(FaultKind.SHORT_READ, "BAT", offset, count * ENTRY_LENGTH, reason)
        return None
    return take_bat(stored[:count], offset=offset, declared=declared, padding=stored[count:].tobytes())


def scan_batmap(reads: Reads, header: DynamicHeader) -> Stored[BatmapHeader] | None:
    """Return blktap's header, which lies right behind the BAT's last sector."""
    offset = header.table_offset + round_up_to_sector(header.max_table_entries * ENTRY_LENGTH)
    if offset + BATMAP_HEADER_LENGTH > reads.source.size:
        return None
    raw = reads.read("batmap", offset, BATMAP_HEADER_LENGTH)
    if raw is None or not raw.startswith(BATMAP_COOKIE):
        return None
    return Stored(offset=offset, raw=raw, record=parse_batmap_header(raw))


def scan_batmap_bits(reads: Reads, header: BatmapHeader, data_end: int) -> bytes | None:
    """Return the bits that the batmap's header speaks of, where they can lie before ``data_end``."""
    offset, length = header.batmap_offset, sectors_to_bytes(header.batmap_sectors)
    if not length or not offset or not is_sector_aligned(offset) or offset + length > data_end:
        return None
    most = round_up_to_sector(reads.limits.max_bat_entries // 8)
    if length > most:
        reason = f"only batmaps of up to {most} bytes are read"
        reads.fault(FaultKind.LIMIT, "batmap bits", offset, length, reason)
        return None
    return reads.read("batmap bits", offset, length)
