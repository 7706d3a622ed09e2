"""What may a reader of the ``vhdchain.plan`` and ``vhdchain.resume`` documents rely on? Their JSON schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.plan import STEP_KINDS
from vhdchain.plan.interruption import Point
from vhdchain.report.documents.plan import Ending
from vhdchain.report.documents.schema_parts import (
    COUNT,
    DRAFT,
    FLAG,
    LOCATION,
    TEXT,
    TEXTS,
    finding_schema,
    list_of,
    maybe,
    one_of,
    record,
    said,
)
from vhdchain.report.documents.shape import VERSION

if TYPE_CHECKING:
    from vhdchain.report.documents.shape import Json

_HEX: dict[str, Json] = {"type": "string", "pattern": "^([0-9a-f]{2})*$"}
_PATH = said(TEXT, "The file, as the plan's maker wrote it; relative ones start from the working folder.")
_FACTS: dict[str, Json] = {"type": "object", "additionalProperties": {"type": ["integer", "string"]}}
_PATCHES = list_of("patch-of-bytes", "In the order of their offsets, not overlapping.")
_NEW_SIZE = maybe("integer", "The file's length afterwards; null: as it was.")

_FIELDS: dict[str, dict[str, Json]] = {
    "patch": {"path": _PATH, "patches": _PATCHES, "size": _NEW_SIZE},
    "replace": {"path": _PATH, "patches": _PATCHES, "size": _NEW_SIZE},
    "create": {
        "path": _PATH,
        "content": said(_HEX, "All of its bytes, as hexadecimal digits."),
        "why": said(TEXT, "What it is, as a clause."),
    },
    "copy": {
        "source": said(TEXT, "What is copied."),
        "path": _PATH,
        "hash": said(TEXT, "A digest that is made of the bytes on the way; empty for none."),
        "expected": said(_HEX, "The digest that they must have, as hexadecimal digits; empty where any will do."),
    },
    "rename": {"path": _PATH, "to": said(TEXT, "Its new name, which is free.")},
    "delete": {"path": _PATH},
    "make-folder": {"path": _PATH},
    "remove-folder": {"path": _PATH},
    "set-modified": {
        "path": _PATH,
        "seconds": said({"type": "integer"}, "When it was modified last, in seconds since 2000-01-01 00:00:00 UTC."),
    },
    "merge-blocks": {
        "destination": said(TEXT, "The file that takes the sectors up, in place."),
        "layers": said(TEXTS, "The files that are merged into it, the lowest first."),
        "below": said(TEXTS, "The files below the destination, the base first."),
        "old_size": said(COUNT, "Length of the destination before."),
        "new_size": said(COUNT, "Its length afterwards."),
        "sectors": said(COUNT, "Sectors that are written, each once."),
        "new_blocks": said(COUNT, "Blocks that the destination gets."),
        "overwritten": said(COUNT, "Sectors that it held before and that are written over."),
    },
    "write-disk": {
        "layers": said(TEXTS, "The files of the chain, the base first."),
        "path": _PATH,
        "form": said(TEXT, "raw, fixed or dynamic."),
        "disk_size": said(COUNT, "Length of the disk."),
        "replace": said(FLAG, "Whether a file of this name is replaced."),
        "unique_id": said(_HEX, "The new image's identifier; empty for raw."),
        "time_stamp": said(COUNT, "Its creation time, in seconds since 2000; 0 for raw."),
        "block_size": said(COUNT, "Of a dynamic image, otherwise 0."),
        "hash": said(TEXT, "A digest that is made of the disk on the way; empty for none."),
        "footer": said(TEXT, "Which footer of the layers counts: auto, end or copy."),
        "accept": said(TEXTS, "Codes of errors in spite of which the layers are read."),
    },
    "verify-file": {
        "path": _PATH,
        "size": said(COUNT, "The length that it must have."),
        "hash": said(TEXT, "Which digest is compared."),
        "digest": said(_HEX, "The digest, as hexadecimal digits; empty: the one that was made when it was written."),
    },
    "digest-file": {
        "path": _PATH,
        "hash": said(TEXT, "Which digest is made of it."),
    },
    "verify-chain": {
        "layers": said(TEXTS, "The files that the chain must be, the base first."),
        "within": said(TEXTS, "The folders inside which parents are looked for."),
    },
    "write-record": {
        "path": _PATH,
        "content": said(_HEX, "All of its bytes, as hexadecimal digits."),
        "fills": list_of("fill", "The places that are filled in when the plan is carried out, in order."),
        "why": said(TEXT, "What it is, as a clause."),
    },
}
"""By the word of each step: its fields beside ``action``."""

_SAID_IN_PLANS = ("code", "severity", "location", "message", "expected", "found", "related", "details")


def _finding() -> dict[str, Json]:
    """Return the schema of a finding as plans have it: without the name, which the code tells."""
    properties = finding_schema()["properties"]
    assert isinstance(properties, dict)
    return record(**{name: properties[name] for name in _SAID_IN_PLANS})


PLAN_SCHEMA: dict[str, Json] = {
    "$schema": DRAFT,
    "title": "A plan of vhdchain",
    **record(
        schema={"const": "vhdchain.plan"},
        version={"const": VERSION},
        action=said(TEXT, "What is done, in one word of the command line."),
        summary=said(TEXT, "The same as a clause with names."),
        steps={"type": "array", "items": {"oneOf": [{"$ref": f"#/$defs/{word}"} for word in STEP_KINDS]}},
        files=list_of("file", "Every file that the plan reads or changes, as it was when the plan was made."),
        needs=list_of("need", "The room that it needs, a volume each."),
        facts=said(_FACTS, "What it amounts to, by name; sizes in bytes."),
        findings=list_of("finding", "What is worth knowing beforehand."),
    ),
    "$defs": {
        **{word: record(action={"const": word}, **fields) for word, fields in _FIELDS.items()},
        "patch-of-bytes": record(
            offset=said(COUNT, "Where in the file."),
            old=said(_HEX, "What must be there; where something else is, the plan is refused."),
            new=said(_HEX, "What is there afterwards; as long."),
            why=said(TEXT, "What this changes, as a clause."),
        ),
        "fill": record(
            offset=said(COUNT, "Where in the record."),
            length=said(COUNT, "How many bytes; what is filled in stands at the end, behind spaces."),
            fact=said(TEXT, "What is filled in: a fact by its name."),
        ),
        "file": record(
            path=_PATH,
            size=said(COUNT, "Its length."),
            mtime_ns=maybe("integer", "When it was modified last, in ns since 1970 (UTC); null: not known."),
            identity={
                "anyOf": [
                    {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
                    {"type": "null"},
                ],
                "description": "Device and inode; not compared after a restart.",
            },
        ),
        "need": record(
            folder=said(TEXT, "Any folder of the volume."),
            peak=said(COUNT, "The most bytes beyond today's that are taken at any moment."),
            lasting=said({"type": "integer"}, "How many more bytes are taken in the end; negative: freed."),
        ),
        "finding": _finding(),
        "location": LOCATION,
    },
}
"""The schema of `vhdchain.plan.plan_document`."""

RESUME_SCHEMA: dict[str, Json] = {
    "$schema": DRAFT,
    "title": "Document of vhdchain resume",
    **record(
        schema={"const": "vhdchain.resume"},
        version={"const": VERSION},
        path=said(TEXT, "What was asked for."),
        journals=list_of("journal", "Every journal that was found there, in the order of their names."),
    ),
    "$defs": {
        "journal": record(
            path=said(TEXT, "The journal; it is gone where the ending is not failed."),
            action=maybe(
                "string", "What the plan does, in one word of the command line; null: the journal is damaged."
            ),
            summary=maybe("string", "The same as a clause with names."),
            steps=maybe("integer", "How many steps the plan has."),
            done=maybe("integer", "How many of them were done when it was interrupted."),
            interrupted=said(one_of(Point, or_null=True), "Where it was interrupted."),
            ending=said(one_of(Ending), "What became of it now."),
            facts=said(_FACTS, "What its steps found out, by name: digests."),
            error=maybe("string", "Why it failed, as one line."),
        ),
    },
}
"""The schema of `vhdchain.report.documents.plan.resume_document`."""
