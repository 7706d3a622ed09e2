"""What may a reader of a manifest, and of what changed since, rely on? Their JSON schemas (draft 2020-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.manifest import SCHEMA, Basis, FileAspect, FileStatus, ViewOutcome
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

_DIGEST = "^[0-9a-f]{64}$"
_ID: dict[str, Json] = {"type": ["string", "null"], "pattern": "^[0-9a-f]{32}$"}
_SHA256: dict[str, Json] = {"type": "string", "pattern": _DIGEST}
_PATH = said(TEXT, "In the folder, with `/`.")
_UNREAD = said(
    {"type": "array", "items": record(path=_PATH, reason=TEXT)}, "What could not be read; a clause each says why."
)

_USED_BY = said(
    {
        "type": "array",
        "items": record(
            machine=said(TEXT, "Its name, or its id where it has none."),
            snapshot=maybe("string", "The snapshot, likewise; null: the machine's present state."),
        ),
    },
    "The states of machines that name the disk.",
)

_CONTENT = record(
    sha256=said(_SHA256, "Of the whole disk as the guest sees it; equal for disks that look the same."),
    parent=maybe("string", "The image whose disk shows through where there is no chunk; null: `chunks` are all."),
    chunks={
        "type": "object",
        "propertyNames": {"pattern": "^(0|[1-9][0-9]*)$"},
        "additionalProperties": {"type": ["string", "null"], "pattern": _DIGEST},
        "description": "By its number, ascending, the SHA-256 of every chunk in which the file holds data of its own; "
        "null: zeros, which hide what is below.",
    },
)

_IMAGE = record(
    path=_PATH,
    size=said(COUNT, "Bytes."),
    mtime_ns=maybe("integer", "Modification time, in nanoseconds since 1970 (UTC)."),
    disk_type={"enum": ["fixed", "dynamic", "differencing", "raw", None]},
    virtual_size=said(COUNT, "Bytes of the disk."),
    unique_id=said(_ID, "As stored."),
    guid=maybe("string", "The same as Windows prints it."),
    parent_unique_id=said(_ID, "The identifier that it asks for; null where it needs no parent."),
    parent=maybe("string", "The image of the folder that was found to be its parent."),
    metadata_sha256={
        "type": ["string", "null"],
        "pattern": _DIGEST,
        "description": "Over footer, footer copy, dynamic header, locators and BAT, as in `vhdchain.audit`.",
    },
    used_by=_USED_BY,
    content=maybe_of("content", "What the guest sees; null where it was not asked for, or could not be read."),
    problem=maybe("string", "Why it could not be read, or not at one moment."),
)

_FILE = record(
    path=_PATH,
    role=said(TEXT, "Its part among a host's files, or `other`."),
    size=said(COUNT, "Bytes."),
    mtime_ns=said({"type": "integer"}, "Modification time, in nanoseconds since 1970 (UTC)."),
    sha256={"type": ["string", "null"], "pattern": _DIGEST, "description": "Of the file; null where it was not read."},
    problem=maybe("string", "Why it could not be read, or not at one moment."),
)

MANIFEST_SCHEMA: dict[str, Json] = {
    "$schema": DRAFT,
    "title": "Manifest of a folder",
    **record(
        schema={"const": SCHEMA},
        version={"const": VERSION},
        tool_version=TEXT,
        time=maybe("string", "When it was made: ISO 8601."),
        chunk_size=maybe("integer", "Bytes in a chunk; null where contents were not hashed."),
        images=list_of("image", "In the order of their paths."),
        files=list_of("file", "Every other file, likewise."),
        unread=_UNREAD,
    ),
    "$defs": {"image": _IMAGE, "content": _CONTENT, "file": _FILE},
}
"""The schema of `vhdchain.audit.manifest.manifest_document`."""


_VIEW = record(
    outcome=said(one_of(ViewOutcome), "Whether the guest sees the same."),
    basis=said(one_of(Basis, or_null=True), "What says so."),
    chunks=maybe("integer", "How many chunks differ; null where that is not known."),
    first=maybe("integer", "Where the first of them begins, in bytes of the disk."),
    sizes={
        "type": ["array", "null"],
        "items": COUNT,
        "minItems": 2,
        "maxItems": 2,
        "description": "The size of the disk then and now, where that changed.",
    },
    shown_by=said(TEXTS, "The files that show now what this one showed then."),
    reason=maybe("string", "Why it is unknown."),
)

_CHANGE = record(
    path=maybe("string", "Its path in the manifest; null of a new file."),
    now=maybe("string", "Its path now; null where it is gone."),
    kind={"enum": ["image", "file"]},
    status=said(one_of(FileStatus), "What became of the file."),
    aspects={"type": "array", "items": one_of(FileAspect), "description": "What of it is not as it was."},
    used_by=_USED_BY,
    view=maybe_of("view", "What became of the disk; null where there is none to compare."),
    problem=maybe("string", "Why it could not be read, then or now."),
)

MANIFEST_VERIFY_SCHEMA: dict[str, Json] = {
    "$schema": DRAFT,
    "title": "Report of vhdchain manifest verify",
    **record(
        schema={"const": "vhdchain.manifest-verify"},
        version={"const": VERSION},
        folder=said(TEXT, "As it was given."),
        manifest=said(TEXT, "As it was given."),
        made=maybe("string", "When the manifest was made: ISO 8601."),
        chunk_size=maybe("integer", "Bytes in a chunk; null where contents were not compared."),
        same=said(FLAG, "Whether nothing changed."),
        files=list_of("change", "Every file of then and now, by path."),
        totals=record(**{status.value: COUNT for status in FileStatus}),
        view_totals=record(**{outcome.value: COUNT for outcome in ViewOutcome}),
        unread=_UNREAD,
    ),
    "$defs": {"change": _CHANGE, "view": _VIEW},
}
"""The schema of `vhdchain.report.documents.manifest.comparison_document`."""
