"""What may a reader of the ``vhdchain.tree`` document rely on? Its JSON schema (draft 2020-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.hyperv import (
    ConfigurationKind,
    ControllerKind,
    FileRole,
    PathOutcome,
    PathRule,
    PowerState,
    Service,
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


_TIME: dict[str, Json] = {"type": ["string", "null"], "format": "date-time"}

_DISK = record(
    path=said(TEXT, "The file as messages call it."),
    disk_type=said({"enum": ["fixed", "dynamic", "differencing", None]}, "Null where the stored number means none."),
    virtual_size=said(COUNT, "What the guest sees, in bytes."),
    file_size=said(COUNT, "Bytes."),
    unique_id=maybe("string", "16 stored bytes in hex."),
    guid=maybe("string", "The same as Windows prints it."),
    parent_unique_id=maybe("string", "What a differencing image asks for."),
    parent=maybe("string", "The path of the parent that was found."),
    children=said(TEXTS, "The paths of what builds on it."),
    found_by=maybe("string", "The rule that led to the parent."),
    outcome=maybe("string", "What came of the search for the parent."),
    findings=list_of("finding", "What is wrong with it."),
)

_SLOT: dict[str, Json] = {
    "place": said(TEXT, "The slot, for people: SCSI 0:1."),
    "controller": said(one_of(ControllerKind), "The controller's kind."),
    "number": said(COUNT, "Which one; SCSI controllers in the order of the manifest."),
    "slot": said(COUNT, "The drive's number at its controller."),
    "field": said(TEXT, "The path of the key in the configuration."),
}

_FOUND: dict[str, Json] = {
    "stored": said(TEXT, "The path as the configuration has it."),
    "path": maybe("string", "The local file that it means; null unless found."),
    "outcome": said(one_of(PathOutcome), "What came of the search."),
    "rule": said(one_of(PathRule, or_null=True), "The rule that led to the file."),
    "exact": said(FLAG, "Whether the file lies where the stored path says."),
    "problem": maybe("string", "Why the path is refused."),
    "candidates": said(TEXTS, "The files that fit equally well, where the path is ambiguous."),
    "attempts": list_of("attempt", "Every rule that was tried, in order."),
}

_STATE = record(
    id=said(TEXT, "Upper case, without braces; empty where none is stored."),
    name=said(TEXT, "The stored name, or the id."),
    path=said(TEXT, "The configuration's file, which names the state in this document."),
    created=said(_TIME, "When a snapshot was taken; the machine was made."),
    powered_on=said(_TIME, "Null: never, or not stored."),
    powered_off=said(_TIME, "Likewise."),
    state_changed=said(_TIME, "Likewise."),
    power={"$ref": "#/$defs/power"},
    parent=maybe("string", "The path of the snapshot that it was made from; null: from none, or not known."),
    parent_id=maybe("string", "The id of that snapshot."),
    parent_known=said(FLAG, "Whether the disks tell what it was made from."),
    reason=maybe("string", "Why they do not."),
    disks=list_of("attached", "Its disks in files, in the order of the slots."),
    drives=list_of("drive", "Every slot, empty ones too."),
    saved_state=record(
        type=said(TEXT, "Normal, Snapshot, Fast, or empty."),
        in_progress=maybe("boolean", "Whether it was being written."),
        memory=maybe_of("found", "The .bin file; null where none is named."),
        devices=maybe_of("found", "The .vsv file."),
    ),
    findings=list_of("finding", "What is wrong with its configuration."),
)

_ACTION = "0, 1 or 2, as stored"

_MACHINE = record(
    id=said(TEXT, "Upper case, without braces; empty where none is stored."),
    name=said(TEXT, "The stored name, or the id."),
    configuration=maybe("string", "The configuration's file; null where only snapshots are here."),
    power=maybe_of("power", "Whether it was on."),
    version=maybe("integer", "512 on 2008 R2 SP1, 1280 on 2012 R2."),
    notes=maybe("string", "The notes of whoever looks after the machine."),
    owner=maybe("string", "A SID."),
    generation_id=maybe("string", "VM-GenerationID, 2012 and later."),
    data_root=maybe("string", "The host's folder that holds Virtual Machines."),
    snapshot_root=maybe("string", "The host's folder that holds Snapshots."),
    services=said(
        {
            "type": ["object", "null"],
            "propertyNames": one_of(Service),
            "patternProperties": {"": FLAG},
        },
        "Integration services of the manifest: whether each is enabled.",
    ),
    actions=maybe_of("actions", "What the host does with the machine."),
    merge_pending=maybe("boolean", "Whether the configuration says that disks are to be merged."),
    listed_snapshots=maybe("integer", "How many snapshots the configuration lists."),
    now=maybe_of("state", "The present state; null where only snapshots are here."),
    snapshots=list_of("state", "By the time when they were made, as far as that is known."),
    tree_known=said(FLAG, "Whether the disks tell of every state what it was made from."),
    leftovers=said(TEXTS, "Files that deleted snapshots left in the chains, to be merged."),
)

_HOST_FILE = record(
    path=said(TEXT, "The file as messages call it."),
    role=said(one_of(FileRole), "The part that it plays, by name and place."),
    size=said(COUNT, "Bytes."),
    mtime=_TIME,
    mtime_ns=said({"type": "integer"}, "Nanoseconds since 1970, UTC."),
    sha256=said({"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"}, "Null where its bytes were not read."),
    kind=said(one_of(ConfigurationKind, or_null=True), "Of what it is a configuration."),
    id=maybe("string", "The id that it stores."),
    findings=list_of("finding", "What is wrong with it; of a state's configuration: see there."),
)

TREE_SCHEMA: dict[str, Json] = {
    "$schema": DRAFT,
    "title": "Document of vhdchain tree",
    **record(
        schema={"const": "vhdchain.tree"},
        version={"const": VERSION},
        scanned=said(TEXTS, "What was asked for."),
        roots=said(TEXTS, "The folders inside which parents were looked for."),
        disks=list_of("disk", "Every image, by path."),
        bases=TEXTS,
        leaves=TEXTS,
        forks=TEXTS,
        orphans=TEXTS,
        cycles=said({"type": "array", "items": TEXTS}, "From child to parent."),
        machines=list_of("machine", "In the order of their configurations' paths."),
        host_files=list_of("host_file", "The other files of a host's folders, by path."),
        unreadable={"type": "array", "items": record(path=TEXT, reason=TEXT)},
        findings=list_of("finding", "What is about none of these files."),
    ),
    "$defs": {
        "disk": _DISK,
        "machine": _MACHINE,
        "state": _STATE,
        "power": record(state=said(one_of(PowerState), "A guess: no file says so."), reason=TEXT),
        "actions": record(
            host_startup=maybe("integer", f"{_ACTION}: nothing, start if it was running, start."),
            host_shutdown=maybe("integer", f"{_ACTION}: turn off, save, shut down."),
            unexpected_termination=maybe("integer", f"{_ACTION}: log, restart, apply the snapshot."),
        ),
        "attached": record(**_SLOT, **_FOUND),
        "drive": record(**_SLOT, kind=said(TEXT, "VHD, ISO, VFD, NONE, or another."), stored=said(TEXT, "Its path.")),
        "found": record(**_FOUND),
        "attempt": record(rule=one_of(PathRule), candidates=TEXTS, detail=TEXT),
        "host_file": _HOST_FILE,
        "location": LOCATION,
        "finding": finding_schema(),
    },
}
"""The schema of `tree_document`."""
