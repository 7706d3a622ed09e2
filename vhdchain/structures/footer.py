"""What does a hard disk footer say?

512 bytes at the end of every VHD, mirrored at offset 0 of dynamic and differencing ones. Parsing judges nothing: any
512 (or 511) bytes give a record, and every byte of them is in one of its fields, so that building the record again
gives the same bytes. Source: Microsoft's "Virtual Hard Disk Image Format Specification" 1.0, "Hard Disk Footer Format".
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from vhdchain.structures import _declarations as declarations
from vhdchain.structures.checksum import checksum
from vhdchain.structures.geometry import Geometry

if TYPE_CHECKING:
    from vhdchain.structures.stored import Stored

FOOTER_LENGTH = declarations.FOOTER_LENGTH
SHORT_FOOTER_LENGTH = 511
"""Before Virtual PC 2004 the footer's last byte was missing."""

FOOTER_COOKIE = b"conectix"
POISON_COOKIE = b"v_poison"
"""What blktap puts in place of the cookie while it resizes a disk, so that nobody opens it."""
FOOTER_CHECKSUM_OFFSET = declarations.FOOTER_OFFSETS["checksum"]
NO_DATA_OFFSET = 0xFFFFFFFFFFFFFFFF
"""`data_offset` of a fixed disk's footer and of every dynamic header: all ones."""

FORMAT_VERSION_1 = 0x00010000
FEATURE_TEMPORARY = 0x1
FEATURE_RESERVED = 0x2
NULL_ID = bytes(16)

LOCAL_TIME_TOLERANCE = 14 * 3600
"""How many seconds a time that a writer stored in local time is ahead of UTC, or behind it, at most."""

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_NS = 1_000_000_000
_SECONDS_FROM_2000_TO_1970 = int((datetime(1970, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds())


class DiskTypeCode(IntEnum):
    """The values of `disk_type` that disks can have; 0, 1, 5 and 6 are reserved or deprecated."""

    FIXED = 2
    DYNAMIC = 3
    DIFFERENCING = 4


class DiskType(StrEnum):
    """What kind of image a file is. ``raw`` is a file without VHD structures (the base of some XenServer chains)."""

    FIXED = "fixed"
    DYNAMIC = "dynamic"
    DIFFERENCING = "differencing"
    RAW = "raw"


_DISK_TYPES: dict[int, DiskType] = {
    DiskTypeCode.FIXED: DiskType.FIXED,
    DiskTypeCode.DYNAMIC: DiskType.DYNAMIC,
    DiskTypeCode.DIFFERENCING: DiskType.DIFFERENCING,
}


class ChecksumFit(StrEnum):
    """How a stored checksum fits the stored bytes.

    Fully; only with the `hidden` byte counted as zero; only with all reserved bytes counted as zero, so that it covers
    every field that means something; or not.
    """

    EXACT = "exact"
    WITHOUT_HIDDEN = "without-hidden"
    WITHOUT_RESERVED = "without-reserved"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """A footer. Field names are the specification's; sizes and offsets in bytes, times in seconds since 2000.

    Attributes:
        disk_type_raw: The stored number; `disk_type` gives its meaning.
        unique_id: The 16 stored bytes. Tools print two different texts for them; compare bytes.
        reserved: The 427 bytes behind `saved_state` (426 in a 511-byte footer). XenServer keeps its `hidden`
            flag in the first of them.
    """

    cookie: bytes = FOOTER_COOKIE
    features: int = FEATURE_RESERVED
    file_format_version: int = FORMAT_VERSION_1
    data_offset: int
    time_stamp: int
    creator_application: bytes
    creator_version: int
    creator_host_os: bytes
    original_size: int
    current_size: int
    geometry: Geometry
    disk_type_raw: int
    checksum: int = 0
    unique_id: bytes
    saved_state: int = 0
    reserved: bytes = bytes(427)

    @property
    def disk_type(self) -> DiskType | None:
        """The kind of disk, or None where the stored number is none of the three that exist."""
        return _DISK_TYPES.get(self.disk_type_raw)

    @property
    def hidden(self) -> int:
        """XenServer's `hidden` flag, byte 85; zero for all other writers."""
        return self.reserved[0]

    @property
    def created(self) -> datetime:
        """`time_stamp` as a time in UTC; some writers store local time."""
        return from_timestamp(self.time_stamp)


def parse_footer(raw: bytes) -> Footer:
    """Return the footer in ``raw``.

    Args:
        raw: 512 bytes, or the 511 of a footer written before Virtual PC 2004, whose last byte counts as zero.

    Raises:
        ValueError: ``raw`` has another length.
    """
    if len(raw) not in (FOOTER_LENGTH, SHORT_FOOTER_LENGTH):
        raise ValueError(f"a footer has 512 or 511 bytes, not {len(raw)}")
    fields = declarations.parse_footer_fields(raw.ljust(FOOTER_LENGTH, b"\0"))
    fields["geometry"] = Geometry(**fields["geometry"])
    if len(raw) == SHORT_FOOTER_LENGTH:
        fields["reserved"] = fields["reserved"][:-1]
    return Footer(**fields)


def footer_field_offset(name: str) -> int:
    """Return the offset in bytes of a field of `Footer` from the footer's beginning."""
    return declarations.FOOTER_OFFSETS[name]


def build_footer(footer: Footer) -> bytes:
    """Return the stored form of ``footer``, checksum as it is in the record.

    512 bytes, or 511 where `reserved` has 426 bytes.
    """
    fields = {item.name: getattr(footer, item.name) for item in dataclasses.fields(footer)}
    fields["geometry"] = dataclasses.asdict(footer.geometry)
    short = len(footer.reserved) == 426
    fields["reserved"] = footer.reserved.ljust(427, b"\0")
    raw = declarations.build_footer_fields(fields)
    return raw[:SHORT_FOOTER_LENGTH] if short else raw


def with_footer_checksum(footer: Footer) -> Footer:
    """Return ``footer`` with the checksum that its other fields demand."""
    return dataclasses.replace(footer, checksum=footer_checksum(build_footer(footer)))


def footer_checksum(raw: bytes) -> int:
    """Return the checksum that the stored footer ``raw`` should have."""
    return checksum(raw, FOOTER_CHECKSUM_OFFSET)


def checksum_fit(stored: Stored[Footer]) -> ChecksumFit:
    """Say in which way the stored checksum of a footer fits its stored bytes."""
    wanted = footer_checksum(stored.raw)
    if stored.record.checksum == wanted:
        return ChecksumFit.EXACT
    # Early blktap (0.1, 1.1) computed the checksum before it set the flag.
    if stored.record.checksum == (wanted + stored.record.hidden) & 0xFFFFFFFF:
        return ChecksumFit.WITHOUT_HIDDEN
    # A tool that writes its own record out again sums up zeros where the file keeps other bytes.
    if stored.record.checksum == (wanted + sum(stored.record.reserved)) & 0xFFFFFFFF:
        return ChecksumFit.WITHOUT_RESERVED
    return ChecksumFit.NONE


def from_timestamp(seconds: int) -> datetime:
    """Return the UTC time of ``seconds`` since 2000-01-01 00:00:00 UTC."""
    return _EPOCH + timedelta(seconds=seconds)


def to_timestamp(time: datetime) -> int:
    """Return ``time`` (aware) as whole seconds since 2000-01-01 00:00:00 UTC, the form that footers store."""
    return int((time - _EPOCH).total_seconds())


def timestamp_of_mtime(mtime_ns: int) -> int:
    """Return a file's time of modification, in nanoseconds since 1970 (UTC), as whole seconds since 2000."""
    return mtime_ns // _NS + _SECONDS_FROM_2000_TO_1970


def mtime_of_timestamp(seconds: int) -> int:
    """Return seconds since 2000 as a file's time of modification, in nanoseconds since 1970 (UTC)."""
    return (seconds - _SECONDS_FROM_2000_TO_1970) * _NS
