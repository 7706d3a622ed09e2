"""What may a reader of the ``vhdchain.du`` document rely on? Its JSON schema (draft 2020-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.graph import Fate
from vhdchain.report.documents.schema_parts import (
    COUNT,
    DRAFT,
    FLAG,
    TEXT,
    TEXTS,
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

_FREES = "What is free afterwards, in bytes; negative where files grow by more than goes; null: not known."
_ROOM = "By how much files grow in all: what must be free while the others still lie there; null: not known."

_IMAGE = record(
    path=said(TEXT, "The file as messages call it."),
    parent=maybe("string", "The path of the parent that was found."),
    view=said(FLAG, "Whether its disk is a leaf's, or one that a configuration names."),
    file_size=said(COUNT, "Bytes: structures, bitmaps, data and other together."),
    blocks=maybe("integer", "How many of the disk's blocks are in the file; 0 for fixed and raw disks."),
    structures=maybe("integer", "Footers, header, BAT, locators with their space, batmap."),
    bitmaps=maybe("integer", "The sector bitmaps of these blocks."),
    data=maybe("integer", "The data of these blocks: exclusive, shared, dead and clear together."),
    other=maybe("integer", "What belongs to nothing: gaps, blocks behind the disk, bytes behind the footer."),
    exclusive=maybe("integer", "Sectors that one view shows."),
    shared=maybe("integer", "Sectors that several views show."),
    dead=maybe("integer", "Sectors that are held and that no view shows."),
    clear=maybe("integer", "Sectors of its blocks that it does not hold."),
    flattened=maybe("integer", "The size of its disk as one dynamic image; null where a parent is missing."),
    merge=maybe_of("merge", "Merging its only child into it."),
    repeated=maybe("integer", "With --deep: sectors that hold what the files below show, and not only zeros."),
    zeros=maybe("integer", "With --deep: zeros over zeros, or over nothing."),
)

_MERGE = record(
    files=said(TEXTS, "The file that takes the others up, then those, each built on the one before it."),
    before=said(COUNT, "What all of them take."),
    after=said(COUNT, "What the first one takes then."),
    frees=said({"type": "integer"}, _FREES),
    room=said(COUNT, _ROOM),
    blocks=said(COUNT, "How many blocks the first one gets."),
)

_OUTCOME: dict[str, Json] = {
    "deleted": said(TEXTS, "The disks that go."),
    "merges": said(
        {"type": "array", "items": {"anyOf": [{"$ref": "#/$defs/merge"}, {"type": "null"}]}},
        "The merges that are then made; null for one in a family with a problem.",
    ),
    "frees": said({"type": ["integer", "null"]}, _FREES),
    "room": said({"type": ["integer", "null"]}, _ROOM),
}

_SNAPSHOT = record(
    machine=said(TEXT, "The machine's name, or its id."),
    machine_id=said(TEXT, "Upper case, without braces; empty where none is stored."),
    name=said(TEXT, "The snapshot's name, or its id."),
    id=said(TEXT, "Upper case, without braces; empty where none is stored."),
    path=said(TEXT, "Its configuration's file."),
    disks=list_of("disk", "What becomes of each of its frozen disks, in the order of the slots."),
    state_size=said(COUNT, "Its configuration and the files of its saved state, which go at once; part of frees."),
    **_OUTCOME,
)

USAGE_SCHEMA: dict[str, Json] = {
    "$schema": DRAFT,
    "title": "Document of vhdchain du",
    **record(
        schema={"const": "vhdchain.du"},
        version={"const": VERSION},
        scanned=said(TEXTS, "What was asked for."),
        roots=said(TEXTS, "The folders inside which parents were looked for."),
        file_size=said(COUNT, "What all images take, in bytes."),
        families=list_of("family", "The images over each base, by the base's path."),
        snapshots=list_of("snapshot", "What deleting each one by itself comes to, machine by machine."),
        owed=said(record(**_OUTCOME), "What the merges come to that earlier deletions left."),
        unreadable={"type": "array", "items": record(path=TEXT, reason=TEXT)},
    ),
    "$defs": {
        "family": record(
            base=said(TEXT, "The path of the base, or of the lowest file here."),
            complete=said(FLAG, "Whether the base needs no parent."),
            problem=maybe("string", "Why the family is left out; its files have sizes only."),
            file_size=said(COUNT, "What its files take."),
            images=list_of("image", "The base first, every parent before its children."),
        ),
        "image": _IMAGE,
        "merge": _MERGE,
        "snapshot": _SNAPSHOT,
        "disk": record(
            path=said(TEXT, "The file."),
            fate=said(one_of(Fate), "merged: it takes up what builds on it, or is taken up itself."),
            reason=said(TEXT, "Why it stays, as a clause; empty where it does not."),
        ),
    },
}
"""The schema of `usage_document`."""
