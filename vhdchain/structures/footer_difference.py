"""In which fields do two stored footers differ, and how is that told?

Field by field, with the field's offset from the footer's beginning and both values. Checksums are left out: they differ
wherever anything does. Whether a difference matters is for the checks.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from vhdchain.structures.footer import Footer, footer_field_offset
from vhdchain.structures.footers_of_file import record_name, specified_name
from vhdchain.structures.identifiers import id_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.structures.stored import Stored

_IN_HEX = ("features", "file_format_version", "creator_version")
_NAMED = 8


def differing_fields(one: Footer, other: Footer) -> tuple[str, ...]:
    """Return the specification's names of the fields in which two footers differ, cookies and checksums aside."""
    names = (item.name for item in fields(Footer) if item.name not in ("cookie", "checksum"))
    return tuple(specified_name(name) for name in names if _padded(getattr(one, name)) != _padded(getattr(other, name)))


def difference(one: Stored[Footer], other: Stored[Footer] | None) -> tuple[str, tuple[str, ...]]:
    """Return what is told of a damaged footer that differs from the other one: a clause to be appended, and details."""
    names = differing_fields(one.record, other.record) if other else ()
    if not names or other is None:
        return "", ()
    clause = f"; it differs from the other footer in {listed_names(names)}"
    return clause, difference_details(("here", one), ("in the other", other), names)


def listed_names(names: Sequence[str]) -> str:
    """Return names one behind the other, of many only the first."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def difference_details(
    one: tuple[str, Stored[Footer]], other: tuple[str, Stored[Footer]], names: Sequence[str]
) -> tuple[str, ...]:
    """Return a clause for each differing field: its offset in the footer, and both values by what each is called."""
    return tuple(_detail(one, other, name) for name in names)


def _detail(one: tuple[str, Stored[Footer]], other: tuple[str, Stored[Footer]], name: str) -> str:
    offset, values, more = footer_field_offset(record_name(name)), [], ""
    if name == "reserved":
        places = _differing_bytes(one[1].record.reserved, other[1].record.reserved)
        offset += places[0]
        values = [f"0x{_byte_at(stored.record.reserved, places[0]):02X}" for _, stored in (one, other)]
        more = f", the first of {len(places)} such bytes" if len(places) > 1 else ""
    else:
        values = [shown_field(stored, name) for _, stored in (one, other)]
    return f"{name} @0x{offset:X}: {values[0]} {one[0]}, {values[1]} {other[0]}{more}"


def shown_field(stored: Stored[Footer], name: str) -> str:
    """Return the value of a field as text that fits on a terminal."""
    value = getattr(stored.record, record_name(name))
    if name == "unique_id":
        return id_text(value)
    if name == "reserved":
        return f"{sum(byte != 0 for byte in value)} bytes set"
    if name in _IN_HEX:
        return f"0x{value:08X}"
    return repr(value)[1:] if isinstance(value, bytes) else str(value)


def _padded(value: object) -> object:
    # A 511-byte footer has one reserved byte less, which counts as zero.
    return value.rstrip(b"\0") if isinstance(value, bytes) else value


def _differing_bytes(one: bytes, other: bytes) -> list[int]:
    length = max(len(one), len(other))
    return [place for place in range(length) if _byte_at(one, place) != _byte_at(other, place)]


def _byte_at(raw: bytes, place: int) -> int:
    return raw[place] if place < len(raw) else 0
