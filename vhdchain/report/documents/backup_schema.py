"""What may a reader of the ``vhdchain.backup-check`` document rely on? Its JSON schema (draft 2020-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.backup import (
    Answer,
    ConditionName,
    GuestDiskKind,
    Method,
    Part,
    PartitionScheme,
    Presence,
    Verdict,
)
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
    maybe_of,
    one_of,
    record,
    said,
)
from vhdchain.report.documents.shape import VERSION

if TYPE_CHECKING:
    from vhdchain.report.documents.shape import Json


_ANSWER = said(one_of(Answer), "Whether it holds; unknown wherever the files prove neither.")
_EVIDENCE = said({"type": "array", "items": TEXT, "minItems": 1}, "What says so, a clause each.")
_CODE = said({"type": ["string", "null"], "pattern": "^VHD[0-9]{3}$"}, "How an audit tells that it does not hold.")
_COUNTS: dict[str, Json] = {
    "files": COUNT,
    "bytes": said(COUNT, "Of the files that are here."),
    "present": COUNT,
    "missing": COUNT,
    "unknown": COUNT,
}

_CONDITION = record(
    name=said(one_of(ConditionName), "The condition."),
    statement=said(TEXT, "The condition in words."),
    online=said(FLAG, "Whether an online backup needs it; the others concern any backup."),
    answer=_ANSWER,
    evidence=_EVIDENCE,
    guess=said(FLAG, "Whether the answer rests on a guess: no file says whether a machine runs."),
    code=_CODE,
)

_PARTITION = record(
    number=COUNT,
    type=said(TEXT, "0x07 of an MBR, a GUID of a GPT."),
    meaning=maybe("string", "What the type stands for."),
    start=said(COUNT, "Bytes from the beginning of the disk."),
    length=said(COUNT, "Bytes."),
)

_DISK = record(
    place=said(TEXT, "The slot: IDE 0:1, SCSI 2:0."),
    stored=said(TEXT, "Its path in the configuration."),
    path=maybe("string", "The file here."),
    kind=said(one_of(GuestDiskKind), "What its guest sees on it."),
    scheme=said(one_of(PartitionScheme, or_null=True), "Which partition table counts."),
    evidence=_EVIDENCE,
    partitions=list_of("partition", "The used entries of that table, as stored."),
)

_MACHINE = record(
    name=TEXT,
    id=maybe("string", "Its id, upper case."),
    path=said(TEXT, "Its configuration, or that of a snapshot where its own is not here."),
    verdict=said(one_of(Verdict), "Whether all of it can be backed up with nobody cut off."),
    reasons=said(TEXTS, "Why not, or why that is not known."),
    method=said(one_of(Method), "How VSS would back it up."),
    component=maybe("string", "What the VSS writer calls it then; null where the method is unknown."),
    interrupts=said(one_of(Answer), "Whether its users are cut off meanwhile."),
    method_reasons=said(TEXTS, "What the method follows from."),
    complete=said(one_of(Answer), "Whether every file is here that it needs."),
    conditions=list_of("condition", "All conditions, in one order."),
    disks=list_of("disk", "The disks of its present state."),
    totals=record(**_COUNTS),
)

_FILE = record(
    part=said(one_of(Part), "What it is."),
    id=maybe("string", "The machine's or snapshot's id, of configurations and saved states."),
    snapshot=maybe("string", "The name of the snapshot that it belongs to."),
    stored=maybe("string", "Its path on the host; null where no file tells."),
    inferred=said(FLAG, "Whether that path follows from where the file lies here, and stands in no file."),
    volume=maybe("string", "The volume of that path."),
    path=maybe("string", "The file here; null unless present."),
    size=maybe("integer", "Bytes; null where it was not seen."),
    presence=said(one_of(Presence), "Whether it is here."),
    detail=maybe("string", "Why it is missing or unknown, or what of it could not be read."),
    unique_id={"type": ["string", "null"], "pattern": "^[0-9a-f]{32}$"},
    guid=maybe("string", "The same as Windows prints it."),
    sha256={"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$", "description": "Of a configuration."},
    machines=said(TEXTS, "The `path` of every machine that needs it; none for what the host needs."),
)

_SET = record(
    scanned=said(TEXTS, "The set as it was given."),
    required=said(COUNT, "How many files it must hold."),
    held=said(COUNT, "How many of these it holds."),
    exact=said(FLAG, "Whether contents were compared."),
    exported=said(FLAG, "Whether it holds files that only a host's export writes."),
    findings=list_of("finding", "VHD833 and VHD834, worst first."),
)

_EXPORT = record(
    folder=said(TEXT, "The machine's folder."),
    record=maybe("string", "The record that says what it holds; null without one, or one that can be understood."),
    machine=maybe("string", "The name of the machine by the record."),
    required=said(COUNT, "How many files it should hold, as far as anything says so."),
    held=said(COUNT, "How many of these it holds."),
    exact=said(FLAG, "Whether contents were compared with the digests of the record."),
    findings=list_of("finding", "VHD833 and VHD834, worst first."),
)

BACKUP_SCHEMA: dict[str, Json] = {
    "$schema": DRAFT,
    "title": "Report of vhdchain backup-check",
    **record(
        schema={"const": "vhdchain.backup-check"},
        version={"const": VERSION},
        machines=list_of("machine", "In the order of their configurations' paths."),
        host=record(registration=record(answer=_ANSWER, evidence=_EVIDENCE)),
        volumes={
            "type": "array",
            "items": record(volume=maybe("string", "Null: no file tells which."), **_COUNTS),
            "description": "What of the list lies on each volume of the host.",
        },
        files=list_of("file", "What a backup must hold, each once, by volume and path."),
        complete=said(one_of(Answer), "Whether every file of the list is here."),
        totals=record(**_COUNTS),
        set=maybe_of("set", "The comparison with a set; null without one."),
        exports=list_of("export", "What each export in the folders holds of what it should."),
        unprocessed={
            "type": "array",
            "items": record(path=TEXT, reason=TEXT),
            "description": "What could not be read or understood.",
        },
        record=record(tool={"const": "vhdchain"}, tool_version=TEXT, scanned=TEXTS),
    ),
    "$defs": {
        "machine": _MACHINE,
        "condition": _CONDITION,
        "disk": _DISK,
        "partition": _PARTITION,
        "file": _FILE,
        "set": _SET,
        "export": _EXPORT,
        "finding": finding_schema(),
        "location": LOCATION,
    },
}
"""The schema of `backup_document`."""
