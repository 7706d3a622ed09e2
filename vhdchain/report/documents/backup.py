"""How machines would be backed up and what a backup must hold, as a document. Schema ``vhdchain.backup-check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.backup import ONLINE, Presence
from vhdchain.report.documents.findings import findings_list
from vhdchain.report.documents.identifiers import guid, identifier
from vhdchain.report.documents.shape import document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.audit.backup import (
        BackupReport,
        Condition,
        ExportReport,
        Judgement,
        MachineBackup,
        MachineDisk,
        RequiredFile,
        SetReport,
        VolumeFiles,
    )
    from vhdchain.report.documents.shape import Json


def backup_document(report: BackupReport, options: dict[str, Json] | None = None) -> dict[str, Json]:
    """Return the ``vhdchain.backup-check`` document.

    Args:
        report: The check.
        options: What the caller chose beside what the report itself records.
    """
    return document(
        "backup-check",
        machines=[_machine(machine) for machine in report.machines],
        host={"registration": _judgement(report.registration)},
        volumes=[_volume(volume) for volume in report.volumes],
        files=[_file(file) for file in report.files],
        complete=report.complete.value,
        totals=_counts(report.files),
        set=None if report.set is None else _set(report.set),
        exports=[_export(export) for export in report.exports],
        unprocessed=[{"path": path, "reason": reason} for path, reason in report.unprocessed],
        record={"tool": "vhdchain", "tool_version": report.version, "scanned": list(report.scanned)} | (options or {}),
    )


def _machine(machine: MachineBackup) -> dict[str, Json]:
    return {
        "name": machine.name,
        "id": machine.id or None,
        "path": machine.path,
        "verdict": machine.verdict.value,
        "reasons": list(machine.reasons),
        "method": machine.prediction.method.value,
        "component": machine.component,
        "interrupts": machine.prediction.interrupts.value,
        "method_reasons": list(machine.prediction.reasons),
        "complete": machine.complete.value,
        "conditions": [_condition(condition) for condition in machine.conditions],
        "disks": [_disk(disk) for disk in machine.disks],
        "totals": _counts(machine.files),
    }


def _condition(condition: Condition) -> dict[str, Json]:
    return {
        "name": condition.name.value,
        "statement": condition.statement,
        "online": condition.name in ONLINE,
        **_judgement(condition.judgement),
        "guess": condition.guess,
        "code": condition.code,
    }


def _judgement(judgement: Judgement) -> dict[str, Json]:
    return {"answer": judgement.answer.value, "evidence": list(judgement.evidence)}


def _disk(disk: MachineDisk) -> dict[str, Json]:
    return {
        "place": disk.place,
        "stored": disk.stored,
        "path": disk.path,
        "kind": disk.guest.kind.value,
        "scheme": None if disk.guest.scheme is None else disk.guest.scheme.value,
        "evidence": list(disk.guest.evidence),
        "partitions": [
            {
                "number": item.number,
                "type": item.type,
                "meaning": item.meaning,
                "start": item.start,
                "length": item.length,
            }
            for item in disk.guest.partitions
        ],
    }


def _volume(volume: VolumeFiles) -> dict[str, Json]:
    return {"volume": volume.volume, **_counts(volume.files)}


def _counts(files: Sequence[RequiredFile]) -> dict[str, Json]:
    return {
        "files": len(files),
        "bytes": sum(file.size or 0 for file in files),
        **{presence.value: sum(file.presence is presence for file in files) for presence in Presence},
    }


def _file(file: RequiredFile) -> dict[str, Json]:
    return {
        "part": file.part.value,
        "id": file.id or None,
        "snapshot": file.snapshot or None,
        "stored": file.stored,
        "inferred": file.inferred,
        "volume": file.volume,
        "path": file.path,
        "size": file.size,
        "presence": file.presence.value,
        "detail": file.detail or None,
        "unique_id": identifier(file.unique_id),
        "guid": guid(file.unique_id),
        "sha256": file.sha256,
        "machines": list(file.machines),
    }


def _set(found: SetReport) -> dict[str, Json]:
    return {
        "scanned": list(found.scanned),
        "required": found.required,
        "held": found.held,
        "exact": found.exact,
        "exported": found.exported,
        "findings": findings_list(found.findings),
    }


def _export(found: ExportReport) -> dict[str, Json]:
    return {
        "folder": found.folder,
        "record": found.record,
        "machine": found.machine or None,
        "required": found.required,
        "held": found.held,
        "exact": found.exact,
        "findings": findings_list(found.findings),
    }
