"""Is the dynamic header intact, and does it describe a table that can hold this disk?

Where neither the cookie nor the checksum fit, what stands there is no header: these two findings are told, one note
says that nothing else was judged, and the caller judges neither locators nor BAT. Arithmetic is exact: Python's
integers do not overflow where 32-bit fields do. The fields that take no part in finding the data, and those that speak
of the parent, are judged in modules of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.structures.bat import ENTRY_LENGTH
from vhdchain.structures.check_header_fields import check_header_fields
from vhdchain.structures.check_parent_fields import check_parent_fields
from vhdchain.structures.dynamic_header import (
    DEFAULT_BLOCK_SIZE,
    HEADER_COOKIE,
    HEADER_LENGTH,
    DynamicHeader,
    header_checksum,
    header_field_offset,
)
from vhdchain.structures.footer import FOOTER_LENGTH, FORMAT_VERSION_1
from vhdchain.units import SECTOR_SIZE, blocks_for, is_sector_aligned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.footer import Footer
    from vhdchain.structures.header_chain import HeaderChainEnd
    from vhdchain.structures.stored import Stored

HEADER = "dynamic header"
MAX_BLOCK_SIZE = 0x10000000
"""256 MiB: the largest block that this package reads; no writer of larger ones is known."""

# What Windows makes.
_USUAL_BLOCK_SIZES = (0x80000, 0x200000)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderOfFile:
    """The facts of one file that the checks of its dynamic header judge.

    Attributes:
        path: What messages call the file.
        header: The header as it lay in the file.
        virtual_size: The disk's size in bytes.
        data_end: Offset in bytes behind which no structure may lie.
        footer: The footer that counts.
        now: The present time in seconds since 2000; None where it is not known.
        further: What the header's `data_offset` leads to, one behind the other.
        chain_end: Why there are no more of these.
    """

    path: str
    header: Stored[DynamicHeader]
    virtual_size: int
    data_end: int
    footer: Footer | None = None
    now: int | None = None
    further: tuple[Stored[DynamicHeader], ...] = ()
    chain_end: HeaderChainEnd | None = None

    def at(self, name: str) -> Location:
        """Return the location of a field of the header, by its name in `DynamicHeader`."""
        offset = self.header.offset + header_field_offset(name)
        return Location(path=self.path, structure=HEADER, field=name.removesuffix("_raw"), offset=offset)


def is_a_header(stored: Stored[DynamicHeader]) -> bool:
    """Say whether the stored bytes have at least one of a header's two marks: its cookie, or a fitting checksum."""
    return stored.record.cookie == HEADER_COOKIE or stored.record.checksum == header_checksum(stored.raw)


def block_size_is_read(size: int) -> bool:
    """Say whether this package reads blocks of ``size`` bytes: a power of two from a sector to `MAX_BLOCK_SIZE`."""
    return SECTOR_SIZE <= size <= MAX_BLOCK_SIZE and size & (size - 1) == 0


def check_header(file: HeaderOfFile) -> Iterator[Finding]:
    """Yield what is wrong with a dynamic header."""
    yield from _check_marks(file)
    if not is_a_header(file.header):
        place = Location(path=file.path, structure=HEADER, offset=file.header.offset)
        message = "what stands here is no header, so none of its fields, no locator and no BAT entry was judged"
        yield finding("VHD002", place, message)
        return
    yield from _check_version(file)
    yield from _check_block_size(file)
    yield from _check_table(file)
    yield from check_header_fields(file)
    yield from check_parent_fields(file)


def _check_marks(file: HeaderOfFile) -> Iterator[Finding]:
    header = file.header.record
    if header.cookie != HEADER_COOKIE:
        message = f"the cookie is {header.cookie!r} and not 'cxsparse'"
        yield finding("VHD201", file.at("cookie"), message, expected="cxsparse", found=repr(header.cookie))
    wanted = header_checksum(file.header.raw)
    if header.checksum != wanted:
        message = "the header's checksum does not match its bytes"
        expected, found = f"0x{wanted:08X}", f"0x{header.checksum:08X}"
        yield finding("VHD202", file.at("checksum"), message, expected=expected, found=found)


def _check_version(file: HeaderOfFile) -> Iterator[Finding]:
    version = file.header.record.header_version
    if version == FORMAT_VERSION_1:
        return
    major, minor = version >> 16, version & 0xFFFF
    message = f"the header's version is {major}.{minor}, and only 1.0 exists"
    severity = None
    if major == 1:
        message += "; a minor version does not change what the fields mean"
        severity = Severity.WARNING
    yield finding(
        "VHD203", file.at("header_version"), message, expected="1.0", found=f"{major}.{minor}", severity=severity
    )


def _check_block_size(file: HeaderOfFile) -> Iterator[Finding]:
    size = file.header.record.block_size
    if size == DEFAULT_BLOCK_SIZE:
        return
    place = file.at("block_size")
    if size == 0 or size & (size - 1):
        yield finding("VHD210", place, f"a block size of {size} bytes is not a power of two", found=size)
    elif size < SECTOR_SIZE:
        yield finding(
            "VHD213", place, f"a block of {size} bytes cannot hold a sector", expected=SECTOR_SIZE, found=size
        )
    elif size > MAX_BLOCK_SIZE:
        message = f"blocks of {size} bytes are larger than the {MAX_BLOCK_SIZE} that this tool reads"
        yield finding("VHD005", place, message, expected=MAX_BLOCK_SIZE, found=size)
    elif size > DEFAULT_BLOCK_SIZE:
        message = f"blocks of {size} bytes are larger than the {DEFAULT_BLOCK_SIZE} of known writers"
        yield finding("VHD211", place, message, expected=DEFAULT_BLOCK_SIZE, found=size)
    elif size not in _USUAL_BLOCK_SIZES:
        yield finding("VHD212", place, f"blocks have {size} bytes; usual are 524288 and 2097152", found=size)


def _check_table(file: HeaderOfFile) -> Iterator[Finding]:
    header = file.header.record
    offset, end = header.table_offset, header.table_offset + header.max_table_entries * ENTRY_LENGTH
    if offset == 0 or not is_sector_aligned(offset):
        message = f"the BAT's place, {offset}, is {'zero' if offset == 0 else 'not a whole number of sectors'}"
        yield finding("VHD207", file.at("table_offset"), message, found=offset)
    for name, start, length in (("footer copy", 0, FOOTER_LENGTH), (HEADER, file.header.offset, HEADER_LENGTH)):
        if header.max_table_entries and offset < start + length and start < end:
            message = f"the BAT ({offset} to {end}) overlaps the {name} ({start} to {start + length})"
            yield finding("VHD208", file.at("table_offset"), message, found=offset)
            break
    if end > file.data_end:
        message = f"a BAT of {header.max_table_entries} entries would end at {end}, behind the end of the data"
        yield finding("VHD209", file.at("max_table_entries"), message, expected=file.data_end, found=end)
    # How many blocks the disk has cannot be said where their size is impossible, which is told by itself.
    if block_size_is_read(header.block_size):
        yield from _check_length(file, end)


def _check_length(file: HeaderOfFile, end: int) -> Iterator[Finding]:
    """Compare the number of entries of a BAT that ends at ``end`` with the number of blocks."""
    header = file.header.record
    entries, needed = header.max_table_entries, blocks_for(file.virtual_size, header.block_size)
    if entries < needed:
        message = f"the BAT has {entries} entries, but the disk has {needed} blocks"
        yield finding("VHD214", file.at("max_table_entries"), message, expected=needed, found=entries)
    # A disk of no size and a table that the file cannot hold are told by themselves.
    elif entries > needed > 0 and end <= file.data_end:
        message = f"the BAT has {entries} entries, the disk only {needed} blocks"
        yield finding("VHD215", file.at("max_table_entries"), message, expected=needed, found=entries)
