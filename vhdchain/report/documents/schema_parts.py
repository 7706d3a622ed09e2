"""What are the JSON schemas of the documents made of?

Fields may be added within a version, so that objects are open; names and meanings of those that are there stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.report.documents.shape import Json

DRAFT = "https://json-schema.org/draft/2020-12/schema"

COUNT: dict[str, Json] = {"type": "integer", "minimum": 0}
TEXT: dict[str, Json] = {"type": "string"}
TEXTS: dict[str, Json] = {"type": "array", "items": {"type": "string"}}
FLAG: dict[str, Json] = {"type": "boolean"}


def record(**properties: Json) -> dict[str, Json]:
    """Return the schema of an object that has all of these fields."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def said(schema: dict[str, Json], description: str) -> dict[str, Json]:
    """Return ``schema`` with what it means."""
    return {**schema, "description": description}


def one_of(words: Iterable[str], *, or_null: bool = False) -> dict[str, Json]:
    """Return the schema of one of these words, such as the members of an enumeration."""
    return {"enum": [*map(str, words), *([None] if or_null else [])]}


def maybe(kind: str, description: str) -> dict[str, Json]:
    """Return the schema of a simple value that may be null, with what it means."""
    return {"type": [kind, "null"], "description": description}


def maybe_of(name: str, description: str) -> dict[str, Json]:
    """Return the schema of an object among the definitions, or null."""
    return {"anyOf": [{"$ref": f"#/$defs/{name}"}, {"type": "null"}], "description": description}


def list_of(name: str, description: str) -> dict[str, Json]:
    """Return the schema of a list of objects among the definitions."""
    return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}, "description": description}


LOCATION = record(
    path=said(TEXT, "The file as messages call it; empty where no single file is meant."),
    structure=maybe("string", "footer, footer copy, dynamic header, locator 3, BAT, link, configuration, ..."),
    field=maybe("string", "The field's name in the specification, in snake_case; of a configuration: a key's path."),
    offset=maybe("integer", "Bytes from the beginning of the file."),
    block=maybe("integer", "The index of the block in the BAT."),
    sector=maybe("integer", "The sector of the disk."),
)
"""Where a finding was made."""


def finding_schema(**more: Json) -> dict[str, Json]:
    """Return the schema of a finding, with ``more`` fields."""
    return record(
        code=said({"type": "string", "pattern": "^VHD[0-9]{3}$"}, "Permanent; `vhdchain explain` shows its page."),
        name=said({"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$"}, "The code's short name."),
        severity=said({"enum": ["error", "warning", "note"]}, "The consequence in this case."),
        message=said({"type": "string", "minLength": 1}, "One sentence: what was found."),
        location={"$ref": "#/$defs/location"},
        expected=said({"type": ["string", "integer", "null"]}, "The value that would have been right."),
        found=said({"type": ["string", "integer", "null"]}, "The value that was found."),
        related=said(TEXTS, "Other files that are involved."),
        details=said(TEXTS, "Evidence beyond the sentence, a clause each."),
        **more,
    )
