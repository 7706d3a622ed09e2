"""Is there a footer copy where one is due, is it intact, and do the two footers agree?

Copies are compared when both are valid: where one is damaged, the damage is the finding, and the fields in which it
differs from the other stand in its message.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, NamedTuple

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.structures.footer import (
    NULL_ID,
    ChecksumFit,
    DiskType,
    Footer,
    checksum_fit,
    footer_checksum,
    footer_field_offset,
)
from vhdchain.structures.footers_of_file import FOOTER_COPY, FootersOfFile, record_name, specified_name
from vhdchain.structures.identifiers import id_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.structures.stored import Stored

# A difference in one of these decides how the data is read.
_DECIDING = ("disk_type", "current_size", "unique_id", "data_offset")
# A difference in one of these says that the two were written at different stages of the file's life.
_STAGES = ("unique_id", "current_size", "time_stamp")
_IN_HEX = ("features", "file_format_version", "creator_version")
_LISTED = 8


class Fits(NamedTuple):
    """How the checksums of a file's footers fit; None for one that is not there."""

    end: ChecksumFit | None
    copy: ChecksumFit | None


def fits_of(file: FootersOfFile) -> Fits:
    """Return how the checksums of a file's footers fit."""
    return Fits(
        end=checksum_fit(file.end) if file.end else None,
        copy=checksum_fit(file.copy) if file.copy else None,
    )


def check_copy(file: FootersOfFile, fits: Fits) -> Iterator[Finding]:
    """Yield what is wrong with the copy of a file's footer, and in what the two differ."""
    if not copy_is_due(file, fits):
        return
    if file.copy is None:
        # A disk of unknown type has its own finding; whether it should have a copy is not known.
        if file.end is not None and file.end.record.disk_type is not None:
            place = Location(path=file.path, structure=FOOTER_COPY, field="cookie", offset=0)
            message = f"a {file.end.record.disk_type} disk has no footer copy at its beginning"
            yield finding("VHD139", place, message, expected="conectix")
        return
    end_is_valid = fits.end not in (None, ChecksumFit.NONE)
    if fits.copy is ChecksumFit.NONE:
        yield _copy_checksum(file, file.copy, end_is_valid=end_is_valid)
    elif end_is_valid and file.end is not None:
        yield from _check_agreement(file, file.end, file.copy)


def copy_is_due(file: FootersOfFile, fits: Fits) -> bool:
    """Say whether offset 0 should hold a copy: in a fixed disk it is the guest's own first sector.

    Unless a valid footer of another type stands there with this disk's own identifier: then the type was changed in one
    of the two, and which one is right is not known. A VHD that the guest keeps in its first sectors has its own.
    """
    if file.copy_counts or file.end is None or file.end.record.disk_type is not DiskType.FIXED:
        return True
    copy = file.copy
    if copy is None or fits.copy is ChecksumFit.NONE or copy.record.disk_type is DiskType.FIXED:
        return False
    return copy.record.unique_id == file.end.record.unique_id != NULL_ID


def differing_fields(one: Footer, other: Footer) -> tuple[str, ...]:
    """Return the specification's names of the fields in which two footers differ, cookies and checksums aside."""
    names = (item.name for item in fields(Footer) if item.name not in ("cookie", "checksum"))
    return tuple(specified_name(name) for name in names if _padded(getattr(one, name)) != _padded(getattr(other, name)))


def difference_from(one: Stored[Footer], other: Stored[Footer] | None) -> str:
    """Return in words, to be appended to a message, in which fields a damaged footer differs from the other one."""
    if other is None:
        return ""
    names = differing_fields(one.record, other.record)
    return f"; it differs from the other footer (this / other) in {_listed(one, other, names)}" if names else ""


def _listed(one: Stored[Footer], other: Stored[Footer], names: Sequence[str]) -> str:
    """Return the differing fields with their offsets in a footer and both values, of many only the first."""
    texts = [f"{name} @0x{_difference_offset(one, other, name):X}: {_pair(one, other, name)}" for name in names]
    more = len(texts) - _LISTED
    return ", ".join(texts[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _difference_offset(one: Stored[Footer], other: Stored[Footer], name: str) -> int:
    offset = footer_field_offset(record_name(name))
    return offset + _differing_bytes(one, other)[0] if name == "reserved" else offset


def _pair(one: Stored[Footer], other: Stored[Footer], name: str) -> str:
    if name == "reserved":
        places = _differing_bytes(one, other)
        first, second = (_reserved_byte(stored, places[0]) for stored in (one, other))
        return f"{first:02X} / {second:02X}" + (f" and {len(places) - 1} more bytes" if len(places) > 1 else "")
    return f"{_shown(one, name)} / {_shown(other, name)}"


def _differing_bytes(one: Stored[Footer], other: Stored[Footer]) -> list[int]:
    """Return the places of the reserved bytes that differ, counted from the first reserved byte."""
    length = max(len(one.record.reserved), len(other.record.reserved))
    return [place for place in range(length) if _reserved_byte(one, place) != _reserved_byte(other, place)]


def _reserved_byte(stored: Stored[Footer], place: int) -> int:
    reserved = stored.record.reserved
    return reserved[place] if place < len(reserved) else 0


def _padded(value: object) -> object:
    # A 511-byte footer has one reserved byte less, which counts as zero.
    return value.rstrip(b"\0") if isinstance(value, bytes) else value


def _copy_checksum(file: FootersOfFile, copy: Stored[Footer], *, end_is_valid: bool) -> Finding:
    message = "the footer copy's checksum does not match its bytes"
    if not end_is_valid:
        message += "; the end footer is not valid either, so no footer can be trusted"
    message += difference_from(copy, file.end)
    return finding(
        "VHD140",
        file.at(FOOTER_COPY, "checksum"),
        message,
        expected=f"0x{footer_checksum(copy.raw):08X}",
        found=f"0x{copy.record.checksum:08X}",
        severity=None if end_is_valid else Severity.ERROR,
    )


def _check_agreement(file: FootersOfFile, end: Stored[Footer], copy: Stored[Footer]) -> Iterator[Finding]:
    names = differing_fields(end.record, copy.record)
    if not names:
        return
    deciding = [name for name in names if name in _DECIDING]
    ordered = [*deciding, *(name for name in names if name not in _DECIDING)]
    counted = "1 field" if len(names) == 1 else f"{len(names)} fields"
    message = f"footer and copy are both valid but differ in {counted} (end / copy): {_listed(end, copy, ordered)}"
    counts = "copy" if file.copy_counts else "end footer"
    message += "; this decides how the data is read" if deciding else f"; the {counts} counts, the data is certain"
    yield finding(
        "VHD141",
        file.at(FOOTER_COPY, ordered[0]),
        message,
        expected=_shown(end, ordered[0]),
        found=_shown(copy, ordered[0]),
        severity=Severity.ERROR if deciding else None,
    )
    stages = [name for name in names if name in _STAGES]
    if stages:
        message = f"footer and copy are of different states of the disk: they differ in {', '.join(stages)}"
        yield finding("VHD142", file.at(FOOTER_COPY, stages[0]), message)


def _shown(stored: Stored[Footer], name: str) -> str:
    value = getattr(stored.record, record_name(name))
    if name == "unique_id":
        return id_text(value)
    if name == "reserved":
        return f"{sum(byte != 0 for byte in value)} bytes set"
    if name in _IN_HEX:
        return f"0x{value:08X}"
    return repr(value) if isinstance(value, bytes) else str(value)
