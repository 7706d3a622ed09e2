"""What may a reader of the ``vhdchain.machine-diff`` document rely on? Its JSON schema (draft 2020-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.blockmap import DiskOutcome
from vhdchain.report.documents.diff_schema import RANGE
from vhdchain.report.documents.schema_parts import (
    COUNT,
    DRAFT,
    FLAG,
    TEXT,
    list_of,
    maybe,
    maybe_of,
    one_of,
    record,
    said,
)
from vhdchain.report.documents.shape import VERSION

if TYPE_CHECKING:
    from vhdchain.report.documents.shape import Json

_STATE = record(
    machine=said(TEXT, "The name of the machine, or its id where it has none."),
    machine_id=said(TEXT, "Upper case, without braces; empty where the configuration has none."),
    snapshot=maybe("string", "The name of the snapshot; null: the present state."),
    snapshot_id=maybe("string", "Its id, likewise."),
    configuration=said(TEXT, "The file of its configuration, which names the state wherever names do not."),
)

_SIDE = record(
    slot=said(TEXT, "Where it is attached: IDE 0:1, or SCSI 2:0 at the third SCSI controller."),
    stored=said(TEXT, "The path of the disk as the configuration has it."),
    path=maybe("string", "The local file; null: it was not found."),
    virtual_size=maybe("integer", "What the guest sees, in bytes; null, as all below, where it was not compared."),
    unique_id=maybe("string", "16 stored bytes in hex."),
    guid=maybe("string", "The same as Windows prints it."),
    layers=maybe("integer", "How many images the disk is made of."),
    layers_above=maybe("integer", "How many of them lie above the common ancestor; all where there is none."),
)

_DISK = record(
    slot=said(TEXT, "In the newer state; of a disk that was removed, in the older one."),
    outcome=said(one_of(DiskOutcome), "What became of it; changed also by its size."),
    problem=maybe("string", "Why it could not be compared; its outcome is unknown, then."),
    older=maybe_of("side", "As the older state has it; null: it does not."),
    newer=maybe_of("side", "As the newer state has it; null: it does not."),
    virtual_size=maybe("integer", "Of the newer disk, in bytes; no range reaches beyond."),
    common_ancestor=maybe("string", "The path of the highest image that both are made of."),
    common_ancestor_id=maybe("string", "Its 16 stored bytes in hex."),
    ranges={
        "anyOf": [list_of("range", "Sorted, disjoint and maximal."), {"type": "null"}],
        "description": "What must be read of the newer disk; null where there is none, or a problem.",
    },
    bytes=maybe("integer", "The sum of their lengths."),
)

MACHINE_DIFF_SCHEMA: dict[str, Json] = {
    "$schema": DRAFT,
    "title": "Report of vhdchain diff --in",
    **record(
        schema={"const": "vhdchain.machine-diff"},
        version={"const": VERSION},
        older={"$ref": "#/$defs/state"},
        newer={"$ref": "#/$defs/state"},
        exact=said(FLAG, "Whether contents were compared; otherwise written sectors may hold the same."),
        block_size=said({"type": "integer", "minimum": 1}, "Ranges begin and end at multiples, or at the disk's end."),
        gap=said(COUNT, "The most bytes between ranges that were joined."),
        disks=list_of("disk", "Those of the newer state in its order, then those that only the older one has."),
        totals=record(
            disks=said(COUNT, "How many there are; the next five add up to it."),
            **{str(outcome): COUNT for outcome in DiskOutcome},
            ranges=said(COUNT, "Of all disks."),
            bytes=said(COUNT, "The sum of their lengths."),
        ),
    ),
    "$defs": {"state": _STATE, "side": _SIDE, "disk": _DISK, "range": RANGE},
}
"""Of a document that one run of ``vhdchain diff --in FOLDER --json`` writes."""
