"""What may a reader of the ``vhdchain.audit`` document rely on? Its JSON schema (draft 2020-12).

Fields may be added within a version, so that objects are open; names and meanings of those that are here stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.report.documents.shape import VERSION

if TYPE_CHECKING:
    from vhdchain.report.documents.shape import Json

_COUNT: dict[str, Json] = {"type": "integer", "minimum": 0}
_TEXTS: dict[str, Json] = {"type": "array", "items": {"type": "string"}}
_CODE: dict[str, Json] = {"type": "string", "pattern": "^VHD[0-9]{3}$"}


def _object(**properties: Json) -> dict[str, Json]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _said(schema: dict[str, Json], description: str) -> dict[str, Json]:
    return {**schema, "description": description}


def _maybe(kind: str, description: str) -> dict[str, Json]:
    return {"type": [kind, "null"], "description": description}


_LOCATION = _object(
    path=_said({"type": "string"}, "The file as messages call it; empty where no single file is meant."),
    structure=_maybe("string", "footer, footer copy, dynamic header, locator 3, BAT, link, ..."),
    field=_maybe("string", "The field's name in the specification, in snake_case."),
    offset=_maybe("integer", "Bytes from the beginning of the file."),
    block=_maybe("integer", "The index of the block in the BAT."),
    sector=_maybe("integer", "The sector of the disk."),
)

_FINDING = _object(
    code=_said(_CODE, "Permanent; `vhdchain explain` shows its page."),
    name=_said({"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$"}, "The code's short name."),
    severity=_said({"enum": ["error", "warning", "note"]}, "The consequence in this case."),
    message=_said({"type": "string", "minLength": 1}, "One sentence: what was found."),
    location={"$ref": "#/$defs/location"},
    expected=_said({"type": ["string", "integer", "null"]}, "The value that would have been right."),
    found=_said({"type": ["string", "integer", "null"]}, "The value that was found."),
    related=_said(_TEXTS, "Other files that are involved."),
    details=_said(_TEXTS, "Evidence beyond the sentence, a clause each."),
    fingerprint=_said({"type": "string"}, "Names this finding in a baseline."),
)

_INPUT = _object(
    path={"type": "string"},
    size=_said(_COUNT, "Bytes."),
    mtime=_maybe("string", "ISO 8601, UTC, in microseconds."),
    mtime_ns=_maybe("integer", "Nanoseconds since 1970, UTC."),
    metadata_sha256=_said(
        {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"},
        "Of the stored bytes of end footer, footer copy, header, locators and BAT, one behind the other; of all bytes "
        "of a configuration.",
    ),
    aliases=_said(_TEXTS, "Other names of the same file."),
)

_RECORD = _object(
    tool={"const": "vhdchain"},
    tool_version={"type": "string"},
    time=_maybe("string", "When the audit was made, ISO 8601."),
    scanned=_said(_TEXTS, "What was asked for."),
    roots=_said(_TEXTS, "The folders inside which parents were looked for."),
    select=_TEXTS,
    ignore=_TEXTS,
    baseline=_said(_COUNT, "How many fingerprints of known findings were given."),
    deep=_said({"type": "boolean"}, "Whether sector bitmaps and data were read."),
    domain_controllers=_said(_TEXTS, "The machines that the caller called domain controllers."),
)

AUDIT_SCHEMA: dict[str, Json] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Report of vhdchain audit",
    **_object(
        schema={"const": "vhdchain.audit"},
        version={"const": VERSION},
        findings=_said({"type": "array", "items": {"$ref": "#/$defs/finding"}}, "Worst first."),
        summary=_object(error=_COUNT, warning=_COUNT, note=_COUNT, suppressed=_COUNT),
        fingerprints=_said(_TEXTS, "Of all findings, known ones too: a baseline for the next audit."),
        inputs={"type": "array", "items": {"$ref": "#/$defs/input"}},
        skipped=_said(_TEXTS, "What was not looked at."),
        record=_RECORD,
    ),
    "$defs": {"location": _LOCATION, "finding": _FINDING, "input": _INPUT},
}
"""The schema of `audit_document`."""
