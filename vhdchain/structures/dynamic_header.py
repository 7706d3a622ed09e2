"""What does a dynamic disk header say?

1,024 bytes, at the footer's `data_offset`, in dynamic and differencing disks. Parsing judges nothing: any 1,024 bytes
give a record, and building it again gives the same bytes. Source: specification, "Dynamic Disk Header Format".
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.structures import _declarations as declarations
from vhdchain.structures.checksum import checksum
from vhdchain.structures.footer import FORMAT_VERSION_1, NO_DATA_OFFSET, NULL_ID, from_timestamp
from vhdchain.structures.locator import LOCATOR_COUNT, ParentLocator
from vhdchain.structures.text import decode_utf16

if TYPE_CHECKING:
    from datetime import datetime

HEADER_LENGTH = declarations.HEADER_LENGTH
HEADER_COOKIE = b"cxsparse"
HEADER_CHECKSUM_OFFSET = declarations.HEADER_OFFSETS["checksum"]
PARENT_NAME_LENGTH = declarations.PARENT_NAME_LENGTH
DEFAULT_BLOCK_SIZE = 0x200000
NO_LOCATORS = (ParentLocator(),) * LOCATOR_COUNT
_UNUSED_ENTRY = dataclasses.asdict(NO_LOCATORS[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicHeader:
    """A dynamic disk header; sizes and offsets in bytes, times in seconds since 2000.

    Attributes:
        max_table_entries: How many entries the BAT has; more than the disk needs is legal.
        parent_unique_id: The 16 stored bytes of the parent's `unique_id`; null for a raw parent.
        parent_unicode_name_raw: The 512 stored bytes; `parent_name` gives the text.
        locators: All eight entries, used or not.
    """

    cookie: bytes = HEADER_COOKIE
    data_offset: int = NO_DATA_OFFSET
    table_offset: int
    header_version: int = FORMAT_VERSION_1
    max_table_entries: int
    block_size: int = DEFAULT_BLOCK_SIZE
    checksum: int = 0
    parent_unique_id: bytes = NULL_ID
    parent_time_stamp: int = 0
    reserved_1: bytes = bytes(4)
    parent_unicode_name_raw: bytes = bytes(PARENT_NAME_LENGTH)
    locators: tuple[ParentLocator, ...] = NO_LOCATORS
    reserved_2: bytes = bytes(256)

    @property
    def parent_name(self) -> str | None:
        """The parent's name as text; None where it cannot be decoded. Some writers store it little-endian."""
        return decode_utf16(self.parent_unicode_name_raw, expected="utf-16-be")[0]

    @property
    def parent_name_encoding(self) -> str | None:
        """Which byte order `parent_name` was read in: ``utf-16-be``, or ``utf-16-le`` where the writer was wrong."""
        return decode_utf16(self.parent_unicode_name_raw, expected="utf-16-be")[1]

    @property
    def parent_time(self) -> datetime:
        """`parent_time_stamp` as a time in UTC: the parent file's modification time when the child was made."""
        return from_timestamp(self.parent_time_stamp)


def parse_header(raw: bytes) -> DynamicHeader:
    """Return the dynamic header in ``raw``.

    Raises:
        ValueError: ``raw`` does not have 1,024 bytes.
    """
    if len(raw) != HEADER_LENGTH:
        raise ValueError(f"a dynamic header has 1024 bytes, not {len(raw)}")
    fields = declarations.parse_header_fields(raw)
    # Most entries are all zeros, and a record that never changes can stand for all of these.
    fields["locators"] = tuple(
        NO_LOCATORS[0] if entry == _UNUSED_ENTRY else ParentLocator(**entry) for entry in fields["locators"]
    )
    return DynamicHeader(**fields)


def header_field_offset(name: str) -> int:
    """Return the offset in bytes of a field of `DynamicHeader` from the header's beginning."""
    return declarations.HEADER_OFFSETS[name]


def build_header(header: DynamicHeader) -> bytes:
    """Return the 1,024 stored bytes of ``header``, checksum as it is in the record."""
    fields = {item.name: getattr(header, item.name) for item in dataclasses.fields(header)}
    fields["locators"] = [dataclasses.asdict(entry) for entry in header.locators]
    return declarations.build_header_fields(fields)


def with_header_checksum(header: DynamicHeader) -> DynamicHeader:
    """Return ``header`` with the checksum that its other fields demand."""
    return dataclasses.replace(header, checksum=header_checksum(build_header(header)))


def header_checksum(raw: bytes) -> int:
    """Return the checksum that the stored header ``raw`` should have."""
    return checksum(raw, HEADER_CHECKSUM_OFFSET)


def encode_parent_name(name: str) -> bytes:
    """Return the 512 bytes that store ``name``, UTF-16BE, padded with NULs.

    Raises:
        ValueError: ``name`` needs more than 256 UTF-16 units.
    """
    raw = name.encode("utf-16-be")
    if len(raw) > PARENT_NAME_LENGTH:
        raise ValueError(f"a parent name has at most 256 UTF-16 units, not {len(raw) // 2}")
    return raw.ljust(PARENT_NAME_LENGTH, b"\0")
