"""What may a reader of the ``vhdchain.audit`` document rely on? Its JSON schema (draft 2020-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.report.documents.schema_parts import (
    COUNT,
    DRAFT,
    FLAG,
    LOCATION,
    TEXT,
    TEXTS,
    finding_schema,
    maybe,
    record,
    said,
)
from vhdchain.report.documents.shape import VERSION

if TYPE_CHECKING:
    from vhdchain.report.documents.shape import Json

_INPUT = record(
    path=TEXT,
    size=said(COUNT, "Bytes."),
    mtime=maybe("string", "ISO 8601, UTC, in microseconds."),
    mtime_ns=maybe("integer", "Nanoseconds since 1970, UTC."),
    metadata_sha256=said(
        {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"},
        "Of the stored bytes of end footer, footer copy, header, locators and BAT, one behind the other; of all bytes "
        "of a configuration.",
    ),
    aliases=said(TEXTS, "Other names of the same file."),
    kind=said({"enum": ["image", "configuration"]}, "What it was read as."),
)

_RECORD = record(
    tool={"const": "vhdchain"},
    tool_version=TEXT,
    time=maybe("string", "When the audit was made, ISO 8601."),
    scanned=said(TEXTS, "What was asked for."),
    roots=said(TEXTS, "The folders inside which parents were looked for."),
    select=TEXTS,
    ignore=TEXTS,
    baseline=said(COUNT, "How many fingerprints of known findings were given."),
    deep=said(FLAG, "Whether sector bitmaps and data were read."),
    domain_controllers=said(TEXTS, "The machines that the caller called domain controllers."),
    free_space=maybe("integer", "How many bytes the caller called free for merges; null where nothing was said."),
)

AUDIT_SCHEMA: dict[str, Json] = {
    "$schema": DRAFT,
    "title": "Report of vhdchain audit",
    **record(
        schema={"const": "vhdchain.audit"},
        version={"const": VERSION},
        findings=said({"type": "array", "items": {"$ref": "#/$defs/finding"}}, "Worst first."),
        summary=record(error=COUNT, warning=COUNT, note=COUNT, suppressed=COUNT),
        fingerprints=said(TEXTS, "Of all findings, known ones too: a baseline for the next audit."),
        inputs={"type": "array", "items": {"$ref": "#/$defs/input"}},
        skipped=said(TEXTS, "What was not looked at."),
        record=_RECORD,
    ),
    "$defs": {
        "location": LOCATION,
        "finding": finding_schema(fingerprint=said(TEXT, "Names this finding in a baseline.")),
        "input": _INPUT,
    },
}
"""The schema of `audit_document`."""
