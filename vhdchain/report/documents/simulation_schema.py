"""What is the JSON schema of the document of a simulation?"""

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
    one_of,
    record,
    said,
)
from vhdchain.report.documents.shape import VERSION
from vhdchain.snapshots import ActionKind, LossKind, Power

if TYPE_CHECKING:
    from vhdchain.report.documents.shape import Json

_NUMBER = said(COUNT, "Which operation, from 0.")

SIMULATION_SCHEMA: dict[str, Json] = {
    "$schema": DRAFT,
    "title": "Document of vhdchain simulate",
    **record(
        schema={"const": "vhdchain.simulate"},
        version={"const": VERSION},
        machine=said(TEXT, "The machine's name."),
        machine_id=said(TEXT, "Upper case, without braces."),
        before={"$ref": "#/$defs/state"},
        after={"$ref": "#/$defs/state"},
        steps=list_of("step", "What is done, in order."),
        losses=list_of("loss", "What is lost, operation by operation."),
        operations=list_of("operation", "The operations that are not refused."),
        findings=list_of("finding", "What is worth knowing beforehand."),
        refused=said(
            {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/finding"}}, {"type": "null"}]},
            "Why the next operation is refused; null where none is.",
        ),
        executed=said(FLAG, "Whether it was done as well."),
    ),
    "$defs": {
        "state": record(
            power=said(one_of(Power), "Whether the machine is on."),
            parent=maybe("string", "The id of the snapshot that the present was made from."),
            configuration=said(TEXT, "Its configuration's file."),
            disks=list_of("slot", "Its disks now."),
            state_files=said(TEXTS, "The files of its saved state."),
            snapshots=list_of("snapshot", "In the order in which they were taken."),
            files=list_of("file", "Every file of the families of its disks, by path."),
            merges_owed=said(TEXTS, "Files that deleted snapshots left, to be merged or deleted."),
        ),
        "snapshot": record(
            id=said(TEXT, "Upper case, without braces."),
            name=said(TEXT, "Its name."),
            parent=maybe("string", "The id of the snapshot that it was made from."),
            configuration=said(TEXT, "Its configuration's file."),
            disks=list_of("slot", "Its disks, frozen."),
            state_files=said(TEXTS, "The files of its saved state."),
        ),
        "slot": record(place=said(TEXT, "Where it is attached."), path=said(TEXT, "The file.")),
        "file": record(path=said(TEXT, "The file."), parent=maybe("string", "The file that it builds on.")),
        "operation": record(
            operation=said(TEXT, "The operation in words."),
            peak=said(COUNT, "The most bytes that disks take beyond today's at any moment."),
            lasting=said({"type": "integer"}, "How many more bytes disks take in the end; negative: freed."),
        ),
        "step": record(
            operation=_NUMBER,
            action=said(one_of(ActionKind), "What is done."),
            path=said(TEXT, "The file that is made, changed or deleted; of a merge, the one that takes others up."),
            source=maybe("string", "The file that is copied, or that a new disk builds on."),
            files=said(TEXTS, "Of a merge: what is taken up, from below to above; of a new disk: where it belongs."),
            why=maybe("string", "The reason, as a clause."),
        ),
        "loss": record(
            operation=_NUMBER,
            what=said(one_of(LossKind), "What is lost."),
            path=said(TEXT, "The file that held it; of a snapshot, its configuration."),
            name=maybe("string", "The snapshot's name."),
            bytes=maybe("integer", "Bytes of disk that no state shows any more; null for whole files."),
            why=said(TEXT, "How it is lost, as a clause."),
        ),
        "finding": finding_schema(),
        "location": LOCATION,
    },
}
"""The schema of `simulation_document`."""
