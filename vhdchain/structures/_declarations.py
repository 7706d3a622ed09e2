"""How are the fixed-size structures laid out, byte by byte?

The only door of construct. The declarations are interpreted, not compiled (construct advises against compiling for
untrusted data), and hold no constants, checksums or enumerations: a damaged structure must be recorded before it is
judged. What comes out is a plain dict of ints, bytes and dicts; construct's own types stay in here.
"""

from __future__ import annotations

from typing import Any

from construct import (
    Array,
    Bytes,
    Construct,
    Container,
    Int8ub,
    Int16ub,
    Int32ub,
    Int64ub,
    ListContainer,
    Struct,
)

FOOTER_LENGTH = 512
HEADER_LENGTH = 1024
BATMAP_HEADER_LENGTH = 512
JOURNAL_LENGTH = 40
LOCATOR_COUNT = 8
PARENT_NAME_LENGTH = 512

_GEOMETRY = Struct("cylinders" / Int16ub, "heads" / Int8ub, "sectors_per_track" / Int8ub)

_FOOTER = Struct(
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

_LOCATOR = Struct(
    "platform_code" / Bytes(4),
    "platform_data_space_raw" / Int32ub,
    "platform_data_length" / Int32ub,
    "reserved" / Int32ub,
    "platform_data_offset" / Int64ub,
)

_HEADER = Struct(
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
    "locators" / Array(LOCATOR_COUNT, _LOCATOR),
    "reserved_2" / Bytes(256),
)

# blktap's extension, not in the specification: drivers/vhd in the blktap sources.
_BATMAP_HEADER = Struct(
    "cookie" / Bytes(8),
    "batmap_offset" / Int64ub,
    "batmap_sectors" / Int32ub,
    "batmap_version" / Int32ub,
    "checksum" / Int32ub,
    "marker" / Int8ub,
    "reserved" / Bytes(483),
)

# The beginning of the journal of a resize; what follows differs between versions of blktap.
_JOURNAL = Struct(
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


FOOTER_OFFSETS = _offsets(_FOOTER)
"""Offset in bytes of every field of a footer from its beginning."""

HEADER_OFFSETS = _offsets(_HEADER)
"""Offset in bytes of every field of a dynamic header from its beginning."""

BATMAP_OFFSETS = _offsets(_BATMAP_HEADER)
"""Offset in bytes of every field of a batmap header from its beginning."""


def parse_footer_fields(raw: bytes) -> dict[str, Any]:
    """Return the fields of a 512-byte footer."""
    return _parse(_FOOTER, raw)


def build_footer_fields(fields: dict[str, Any]) -> bytes:
    """Return the 512 bytes of a footer with these fields."""
    return _build(_FOOTER, fields)


def parse_header_fields(raw: bytes) -> dict[str, Any]:
    """Return the fields of a 1,024-byte dynamic header."""
    return _parse(_HEADER, raw)


def build_header_fields(fields: dict[str, Any]) -> bytes:
    """Return the 1,024 bytes of a dynamic header with these fields."""
    return _build(_HEADER, fields)


def parse_batmap_fields(raw: bytes) -> dict[str, Any]:
    """Return the fields of a 512-byte batmap header."""
    return _parse(_BATMAP_HEADER, raw)


def build_batmap_fields(fields: dict[str, Any]) -> bytes:
    """Return the 512 bytes of a batmap header with these fields."""
    return _build(_BATMAP_HEADER, fields)


def parse_journal_fields(raw: bytes) -> dict[str, Any]:
    """Return the fields of the first 40 bytes of a journal."""
    return _parse(_JOURNAL, raw)


def build_journal_fields(fields: dict[str, Any]) -> bytes:
    """Return the first 40 bytes of a journal with these fields."""
    return _build(_JOURNAL, fields)


def _parse(declaration: Construct[Any, Any], raw: bytes) -> dict[str, Any]:
    fields = _plain(declaration.parse(raw))
    assert isinstance(fields, dict)
    return fields


def _build(declaration: Construct[Any, Any], fields: dict[str, Any]) -> bytes:
    return bytes(declaration.build(fields))


def _plain(value: object) -> object:
    """Return ``value`` without construct's own container types."""
    if isinstance(value, Container):
        return {key: _plain(item) for key, item in value.items() if key != "_io"}
    if isinstance(value, ListContainer):
        return [_plain(item) for item in value]
    return value
