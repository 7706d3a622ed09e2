"""What may a reader of the ``vhdchain.export`` and ``vhdchain.import`` documents rely on? Their JSON schemas."""

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
    list_of,
    maybe,
    record,
    said,
)
from vhdchain.report.documents.shape import VERSION

if TYPE_CHECKING:
    from vhdchain.report.documents.shape import Json

_SPEED: dict[str, Json] = {
    "anyOf": [{"$ref": "#/$defs/speed"}, {"type": "null"}],
    "description": "What the target takes; null: nothing was measured.",
}
_DRY_RUN = said(FLAG, "Whether it was only told, and nothing written.")
_MACHINES = list_of("machine", "Every machine that was meant, in the order of the folders.")

_DEFINITIONS: dict[str, Json] = {
    "speed": record(
        bytes_per_second=said(COUNT, "As a short trial showed, and no more than the limit."),
        keeps_holes=said(FLAG, "Whether parts that were never written take no room there."),
        limit=maybe("integer", "Bytes in a second that were allowed; null: as many as possible."),
    ),
    "machine": record(
        name=said(TEXT, "The machine's name."),
        id=said(TEXT, "Its id, upper case: of an import, the one that it gets."),
        folder=said(TEXT, "Where it goes to, or where it was imported in place."),
        files=said(COUNT, "How many files were promised."),
        bytes=said(COUNT, "How long they are together; at the most, with disks that are written anew."),
        bytes_allocated=said(COUNT, "How much of that takes room."),
        free=maybe("integer", "How much room was free before; null: not known, or not looked at."),
        estimate=maybe("number", "Seconds that it was going to take; null: not known."),
        hash=maybe("string", "What the digests are called; null: none were asked for."),
        digests=said(
            {"type": "object", "additionalProperties": {"type": "string", "pattern": "^([0-9a-f]{2})+$"}},
            "Of every file that was copied and not changed afterwards, by its path.",
        ),
        executed=said(FLAG, "Whether all of it is done."),
        resumed=said(FLAG, "Whether an earlier run had begun it."),
        undone=said(FLAG, "Whether what an earlier run had begun was taken back."),
        written=maybe("integer", "How long the files are together that are there now; null: nothing was done."),
        seconds=maybe("number", "How long it took; null: nothing was done."),
        findings=list_of("finding", "What is worth knowing, and what was refused."),
        error=maybe("string", "Why it failed, as one line."),
        plan={
            "type": ["object", "null"],
            "description": "With dry_run: the plan, a vhdchain.plan document of its own.",
        },
    ),
    "finding": finding_schema(),
    "location": LOCATION,
}

EXPORT_SCHEMA: dict[str, Json] = {
    "$schema": DRAFT,
    "title": "Document of vhdchain export",
    **record(
        schema={"const": "vhdchain.export"},
        version={"const": VERSION},
        source=said(TEXT, "What was asked for: a folder, or a machine's configuration."),
        destination=said(TEXT, "The folder of the exports."),
        dry_run=_DRY_RUN,
        speed=_SPEED,
        machines=_MACHINES,
    ),
    "$defs": _DEFINITIONS,
}
"""The schema of `vhdchain.report.documents.transfer.export_document`."""

IMPORT_SCHEMA: dict[str, Json] = {
    "$schema": DRAFT,
    "title": "Document of vhdchain import",
    **record(
        schema={"const": "vhdchain.import"},
        version={"const": VERSION},
        folders=said(TEXTS, "What was asked for."),
        destination=maybe("string", "The root that the machines were copied to; null: they were imported in place."),
        in_place=said(FLAG, "Whether the files of the export became those of the machine."),
        dry_run=_DRY_RUN,
        speed=_SPEED,
        machines=_MACHINES,
    ),
    "$defs": _DEFINITIONS,
}
"""The schema of `vhdchain.report.documents.transfer.import_document`."""
