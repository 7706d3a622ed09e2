"""How are the fixed-size structures laid out, byte by byte?

The only door of construct. The declarations hold no constants, checksums or enumerations: a damaged structure must be
recorded before it is judged. They are big-endian numbers and bytes of a fixed length throughout, so that a format of
`struct` says the same: it is derived from the declaration, and structures are taken apart by it, twenty times as fast
as construct interprets them (construct advises against compiling for untrusted data). construct builds. What comes out
is a plain dict of ints, bytes and dicts; construct's own types stay in here.
"""

from __future__ import annotations

import struct
from typing import Any

from construct import (
    Array,
    Bytes,
    Construct,
    FormatField,
    Int8ub,
    Int16ub,
    Int32ub,
    Int64ub,
    Struct,
)

FOOTER_LENGTH = 512
HEADER_LENGTH = 1024
BATMAP_HEADER_LENGTH = 512
JOURNAL_LENGTH = 40
LOCATOR_COUNT = 8
PARENT_NAME_LENGTH = 512

_GEOMETRY = Struct("cylinders" / Int16ub, "heads" / Int8ub, "sectors_per_track" / Int8ub)

FOOTER = Struct(
    "cookie" / Bytes(8),
    "features" / Int32ub,
    "file_format_version" / Int32ub,
    "data_offset" / Int64ub,
    "time_stamp" / Int32ub,
    "creator_application" / Bytes(4),
    "creator_version" / Int32ub,
    "creator_host_os" / Bytes(4),
    "original_size" / Int64ub,
    "current_size" / Int64ub,
    "geometry" / _GEOMETRY,
    "disk_type_raw" / Int32ub,
    "checksum" / Int32ub,
    "unique_id" / Bytes(16),
    "saved_state" / Int8ub,
    "reserved" / Bytes(427),
)

LOCATOR = Struct(
    "platform_code" / Bytes(4),
    "platform_data_space_raw" / Int32ub,
    "platform_data_length" / Int32ub,
    "reserved" / Int32ub,
    "platform_data_offset" / Int64ub,
)

HEADER = Struct(
    "cookie" / Bytes(8),
    "data_offset" / Int64ub,
    "table_offset" / Int64ub,
    "header_version" / Int32ub,
    "max_table_entries" / Int32ub,
    "block_size" / Int32ub,
    "checksum" / Int32ub,
    "parent_unique_id" / Bytes(16),
    "parent_time_stamp" / Int32ub,
    "reserved_1" / Bytes(4),
    "parent_unicode_name_raw" / Bytes(PARENT_NAME_LENGTH),
    "locators" / Array(LOCATOR_COUNT, LOCATOR),
    "reserved_2" / Bytes(256),
)

# blktap's extension, not in the specification: drivers/vhd in the blktap sources.
BATMAP_HEADER = Struct(
    "cookie" / Bytes(8),
    "batmap_offset" / Int64ub,
    "batmap_sectors" / Int32ub,
    "batmap_version" / Int32ub,
    "checksum" / Int32ub,
    "marker" / Int8ub,
    "reserved" / Bytes(483),
)

# The beginning of the journal of a resize; what follows differs between versions of blktap.
JOURNAL = Struct(
    "cookie" / Bytes(8),
    "unique_id" / Bytes(16),
    "footer_offset" / Int64ub,
    "data_entries" / Int32ub,
    "metadata_entries" / Int32ub,
)


def _offsets(declaration: Construct[Any, Any]) -> dict[str, int]:
    offsets: dict[str, int] = {}
    offset = 0
    for field in declaration.subcons:
        offsets[field.name] = offset
        offset += field.sizeof()
    return offsets


FOOTER_OFFSETS = _offsets(FOOTER)
"""Offset in bytes of every field of a footer from its beginning."""

HEADER_OFFSETS = _offsets(HEADER)
"""Offset in bytes of every field of a dynamic header from its beginning."""

BATMAP_OFFSETS = _offsets(BATMAP_HEADER)
"""Offset in bytes of every field of a batmap header from its beginning."""


def build_footer_fields(fields: dict[str, Any]) -> bytes:
    """Return the 512 bytes of a footer with these fields."""
    return _build(FOOTER, fields)


def build_header_fields(fields: dict[str, Any]) -> bytes:
    """Return the 1,024 bytes of a dynamic header with these fields."""
    return _build(HEADER, fields)


def build_batmap_fields(fields: dict[str, Any]) -> bytes:
    """Return the 512 bytes of a batmap header with these fields."""
    return _build(BATMAP_HEADER, fields)


def build_journal_fields(fields: dict[str, Any]) -> bytes:
    """Return the first 40 bytes of a journal with these fields."""
    return _build(JOURNAL, fields)


class _Format:
    """A declaration of fixed length as a format of `struct`, and what is declared inside of its fields."""

    __slots__ = ("_inner", "_names", "_struct")

    def __init__(self, declaration: Construct[Any, Any]) -> None:
        self._names = [field.name for field in declaration.subcons]
        self._struct = struct.Struct(">" + "".join(_code(field.subcon) for field in declaration.subcons))
        self._inner: dict[str, tuple[_Format, bool]] = {}
        for field in declaration.subcons:
            if isinstance(field.subcon, Struct):
                self._inner[field.name] = _Format(field.subcon), False
            elif isinstance(field.subcon, Array):
                self._inner[field.name] = _Format(field.subcon.subcon), True

    def parse(self, raw: bytes) -> dict[str, Any]:
        """Return the fields of ``raw``, which has the declared length."""
        fields: dict[str, Any] = dict(zip(self._names, self._struct.unpack(raw), strict=True))
        for name, (inner, is_array) in self._inner.items():
            fields[name] = inner.parse_all(fields[name]) if is_array else inner.parse(fields[name])
        return fields

    def parse_all(self, raw: bytes) -> list[dict[str, Any]]:
        """Return the fields of each of the structures in ``raw``, in which nothing is declared."""
        return [dict(zip(self._names, values, strict=True)) for values in self._struct.iter_unpack(raw)]


def _code(declaration: Construct[Any, Any]) -> str:
    """Return the format of one field: its number, or as bytes whatever else it is."""
    if isinstance(declaration, FormatField):
        code: str = declaration.fmtstr
        return code.removeprefix(">")
    return f"{declaration.sizeof()}s"


_FOOTER_FORMAT = _Format(FOOTER)
_HEADER_FORMAT = _Format(HEADER)
_BATMAP_FORMAT = _Format(BATMAP_HEADER)
_JOURNAL_FORMAT = _Format(JOURNAL)


def parse_footer_fields(raw: bytes) -> dict[str, Any]:
    """Return the fields of a 512-byte footer."""
    return _FOOTER_FORMAT.parse(raw)


def parse_header_fields(raw: bytes) -> dict[str, Any]:
    """Return the fields of a 1,024-byte dynamic header."""
    return _HEADER_FORMAT.parse(raw)


def parse_batmap_fields(raw: bytes) -> dict[str, Any]:
    """Return the fields of a 512-byte batmap header."""
    return _BATMAP_FORMAT.parse(raw)


def parse_journal_fields(raw: bytes) -> dict[str, Any]:
    """Return the fields of the first 40 bytes of a journal."""
    return _JOURNAL_FORMAT.parse(raw)


def _build(declaration: Construct[Any, Any], fields: dict[str, Any]) -> bytes:
    return bytes(declaration.build(fields))
