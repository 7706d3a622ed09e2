"""How is everything that one file says recorded, without judging it?

`scan_image` reads the footer, its copy, the dynamic header, the locators' texts, the BAT and blktap's batmap header,
each only as far as it lies inside the file and below the limits. Whatever the bytes are, it returns; what could not be
read is a `Fault` in the record. It refuses to know whether any of it is right: that is for the checks.

Which footer counts (docs/architecture.md): the end footer when it is valid; otherwise the copy at offset 0
when that is valid, because a writer replaces the end footer first while it grows a file; otherwise whichever exists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.errors import ShortReadError
from vhdchain.image.record import Fault, FaultKind, FooterPolicy, Image, Limits
from vhdchain.structures.bat import ENTRY_LENGTH, take_bat
from vhdchain.structures.batmap import BATMAP_COOKIE, BATMAP_HEADER_LENGTH, parse_batmap_header
from vhdchain.structures.dynamic_header import HEADER_LENGTH, parse_header
from vhdchain.structures.footer import (
    FOOTER_COOKIE,
    FOOTER_LENGTH,
    SHORT_FOOTER_LENGTH,
    ChecksumFit,
    DiskTypeCode,
    checksum_fit,
    parse_footer,
)
from vhdchain.structures.locator import decode_locator
from vhdchain.structures.stored import Stored
from vhdchain.units import round_up_to_sector

if TYPE_CHECKING:
    from vhdchain.source import ByteSource
    from vhdchain.structures import Bat, BatmapHeader, DynamicHeader, Footer, ParentLocator, StoredLocator

_SPARSE = (DiskTypeCode.DYNAMIC, DiskTypeCode.DIFFERENCING)


def scan_image(source: ByteSource, *, footer: FooterPolicy = FooterPolicy.AUTO, limits: Limits | None = None) -> Image:
    """Return what can be read of the VHD in ``source``; never fails on content.

    Args:
        source: The file.
        footer: Which footer counts; by default the rule above.
        limits: How much is taken in at most.

    Raises:
        OSError: The operating system could not read.
    """
    scanner = _Scanner(source, limits or Limits())
    end, copy = scanner.footer_end(), scanner.footer_copy()
    chosen = _choose(end, copy, footer)
    counting = copy if chosen is FooterPolicy.COPY else end
    sparse = counting is not None and counting.record.disk_type_raw in _SPARSE
    header = scanner.header(counting.record) if counting is not None and sparse else None
    return Image(
        source=source,
        file_size=source.size,
        footer_end=end,
        footer_copy=copy,
        footer_source=chosen,
        header=header,
        locators=scanner.locators(header.record) if header else (),
        bat=scanner.bat(header.record) if header else None,
        batmap=scanner.batmap(header.record) if header else None,
        faults=tuple(scanner.faults),
    )


def raw_image(source: ByteSource) -> Image:
    """Return ``source`` as a raw disk: every byte of the file is disk data, as XenServer's raw parents are."""
    return Image(source=source, file_size=source.size, raw=True)


def footer_is_valid(stored: Stored[Footer] | None) -> bool:
    """Say whether a footer has its cookie and a checksum that fits its bytes, by the specification or as blktap did."""
    if stored is None or stored.record.cookie != FOOTER_COOKIE:
        return False
    return checksum_fit(stored) is not ChecksumFit.NONE


def _choose(end: Stored[Footer] | None, copy: Stored[Footer] | None, policy: FooterPolicy) -> FooterPolicy | None:
    if policy is FooterPolicy.COPY and copy is not None:
        return FooterPolicy.COPY
    if policy is FooterPolicy.END and end is not None:
        return FooterPolicy.END
    if footer_is_valid(end):
        return FooterPolicy.END
    # A fixed disk has no copy: what looks like one at offset 0 is the guest's own first sector.
    if footer_is_valid(copy) and copy is not None and copy.record.disk_type_raw in _SPARSE:
        return FooterPolicy.COPY
    if end is not None:
        return FooterPolicy.END
    return FooterPolicy.COPY if copy is not None else None


@dataclass(slots=True)
class _Scanner:
    """Reads of one source, and the faults that they met."""

    source: ByteSource
    limits: Limits
    faults: list[Fault] = field(default_factory=list)

    def read(self, structure: str, offset: int, length: int) -> bytes | None:
        """Return the bytes, or None and a fault."""
        if offset + length > self.source.size:
            reason = f"it would end {offset + length - self.source.size} bytes behind the end of the file"
            self._fault(FaultKind.BEYOND_END, structure, offset, length, reason)
            return None
        try:
            return self.source.read_at(offset, length)
        except ShortReadError:
            reason = "the file was truncated while it was read"
            self._fault(FaultKind.SHORT_READ, structure, offset, length, reason)
            return None

    def footer_end(self) -> Stored[Footer] | None:
        """Return the footer at the end: 512 bytes, or the 511 that programs before Virtual PC 2004 wrote."""
        size = self.source.size
        for length in (FOOTER_LENGTH, SHORT_FOOTER_LENGTH):
            raw = self.read("footer", size - length, length) if size >= length else None
            if raw is not None and raw.startswith(FOOTER_COOKIE):
                return Stored(offset=size - length, raw=raw, record=parse_footer(raw))
        return None

    def footer_copy(self) -> Stored[Footer] | None:
        # In a file of just one footer, that footer is the one at the end.
        if self.source.size < 2 * FOOTER_LENGTH:
            return None
        raw = self.read("footer copy", 0, FOOTER_LENGTH)
        if raw is None or not raw.startswith(FOOTER_COOKIE):
            return None
        return Stored(offset=0, raw=raw, record=parse_footer(raw))

    def header(self, footer: Footer) -> Stored[DynamicHeader] | None:
        raw = self.read("dynamic header", footer.data_offset, HEADER_LENGTH)
        return None if raw is None else Stored(offset=footer.data_offset, raw=raw, record=parse_header(raw))

    def locators(self, header: DynamicHeader) -> tuple[StoredLocator, ...]:
        return tuple(
            decode_locator(slot, entry, self._locator_data(slot, entry))
            for slot, entry in enumerate(header.locators)
            if entry.is_used
        )

    def _locator_data(self, slot: int, entry: ParentLocator) -> bytes | None:
        length, structure = entry.platform_data_length, f"locator {slot}"
        if length > self.limits.max_locator_bytes:
            reason = f"only locators of up to {self.limits.max_locator_bytes} bytes are read"
            self._fault(FaultKind.LIMIT, structure, entry.platform_data_offset, length, reason)
            return None
        return self.read(structure, entry.platform_data_offset, length)

    def bat(self, header: DynamicHeader) -> Bat | None:
        """Return the entries that lie inside the file and below the limit; the claimed number allocates nothing."""
        offset, declared = header.table_offset, header.max_table_entries
        inside = max(0, self.source.size - offset) // ENTRY_LENGTH
        count = min(declared, inside, self.limits.max_bat_entries)
        if count < min(declared, inside):
            reason = f"only the first {count} entries are read"
            self._fault(FaultKind.LIMIT, "BAT", offset, declared * ENTRY_LENGTH, reason)
        elif count < declared:
            reason = f"only {count} of {declared} entries lie inside the file"
            self._fault(FaultKind.BEYOND_END, "BAT", offset, declared * ENTRY_LENGTH, reason)
        entries = np.empty(count, dtype=np.uint32)
        try:
            if count:
                self.source.readinto_at(offset, entries.view(np.uint8).data)
        except ShortReadError:
            reason = "the file was truncated while it was read"
            self._fault(FaultKind.SHORT_READ, "BAT", offset, count * ENTRY_LENGTH, reason)
            return None
        return take_bat(entries, offset=offset, declared=declared)

    def batmap(self, header: DynamicHeader) -> Stored[BatmapHeader] | None:
        """Return blktap's header, which lies right behind the BAT's last sector."""
        offset = header.table_offset + round_up_to_sector(header.max_table_entries * ENTRY_LENGTH)
        if offset + BATMAP_HEADER_LENGTH > self.source.size:
            return None
        raw = self.read("batmap", offset, BATMAP_HEADER_LENGTH)
        if raw is None or not raw.startswith(BATMAP_COOKIE):
            return None
        return Stored(offset=offset, raw=raw, record=parse_batmap_header(raw))

    def _fault(self, kind: FaultKind, structure: str, offset: int, length: int, reason: str) -> None:
        self.faults.append(Fault(kind=kind, structure=structure, offset=offset, length=length, reason=reason))
