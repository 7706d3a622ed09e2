"""What may a reader of the ``vhdchain.diff`` document rely on? Its JSON schema (draft 2020-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.report.documents.schema_parts import COUNT, DRAFT, FLAG, TEXT, list_of, maybe, record, said
from vhdchain.report.documents.shape import VERSION

if TYPE_CHECKING:
    from vhdchain.report.documents.shape import Json

_DISK = record(
    path=said(TEXT, "The leaf of the chain, as given."),
    virtual_size=said(COUNT, "What the guest sees, in bytes."),
    unique_id=said(TEXT, "16 stored bytes in hex."),
    guid=said(TEXT, "The same as Windows prints it."),
    layers=said(COUNT, "How many images the disk is made of."),
    layers_above=said(COUNT, "How many of them lie above the common ancestor; all where there is none."),
)

RANGE = record(
    start=said(COUNT, "First byte of the newer disk."),
    length=said({"type": "integer", "minimum": 1}, "In bytes."),
)
"""One range of a disk."""

DIFF_SCHEMA: dict[str, Json] = {
    "$schema": DRAFT,
    "title": "Report of vhdchain diff",
    **record(
        schema={"const": "vhdchain.diff"},
        version={"const": VERSION},
        virtual_size=said(COUNT, "Of the newer disk, in bytes; no range reaches beyond."),
        older={"$ref": "#/$defs/disk"},
        newer={"$ref": "#/$defs/disk"},
        common_ancestor=maybe("string", "The path of the highest image that both disks are made of."),
        common_ancestor_id=maybe("string", "Its 16 stored bytes in hex."),
        exact=said(FLAG, "Whether contents were compared; otherwise written sectors may hold the same."),
        block_size=said({"type": "integer", "minimum": 1}, "Ranges begin and end at multiples, or at the disk's end."),
        gap=said(COUNT, "The most bytes between ranges that were joined."),
        ranges=list_of("range", "Sorted, disjoint and maximal."),
        bytes=said(COUNT, "The sum of their lengths."),
    ),
    "$defs": {"disk": _DISK, "range": RANGE},
}
"""Of a document that one run of ``vhdchain diff --json`` writes."""
