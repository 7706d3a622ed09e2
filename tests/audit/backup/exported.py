"""Exports of this program, made without it: the files of a lab with a record beside them."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING

from vhdchain.audit.backup.export_record import (
    RECORD_NAME,
    ExportedFile,
    ExportedPart,
    ExportRecord,
    build_record,
)
from vhdchain.testing.lab import HostLab, LabDisk

if TYPE_CHECKING:
    from collections.abc import Mapping

SRV = "exports/srv"
RECORD = f"{SRV}/{RECORD_NAME}"


def host() -> HostLab:
    """Return a host with a machine of two disks, a snapshot and a saved state."""
    lab = HostLab(seed="exported")
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd"), LabDisk("data.vhd", controller="SCSI")])
    lab.take(srv, "first", power="running")
    lab.save_state(srv)
    return lab


def export(**changes: object) -> dict[str, bytes]:
    """Return the files of its export with their record; ``changes`` are those of `ExportRecord`."""
    lab = host()
    lab.store = False
    lab.export(lab.machines[0], r"C:\exports", remove=True)
    files = {path: content for path, content in lab.files().items() if path.startswith(SRV)}
    return {**files, RECORD: build_record(record_of(files, **changes)).content}


def record_of(files: Mapping[str, bytes], **changes: object) -> ExportRecord:
    """Return the record of these files, which lie in ``SRV``."""
    srv = host().machines[0]
    rows = [_row(path, content) for path, content in files.items()]
    record = ExportRecord(
        tool="vhdchain 0",
        machine_id=srv.id,
        machine_name="srv",
        exported="2011-06-01T00:00:00+00:00",
        files=tuple(sorted(rows, key=lambda row: (list(ExportedPart)[::-1].index(row.part), row.path))),
    )
    return dataclasses.replace(record, **changes)  # type: ignore[arg-type]  # a test names them


def _row(path: str, content: bytes) -> ExportedFile:
    place = path.removeprefix(f"{SRV}/")
    suffix = place.rpartition(".")[2]
    part = {"bin": ExportedPart.MEMORY, "vsv": ExportedPart.DEVICES}.get(suffix, ExportedPart.DISK)
    if suffix == "xml":
        part = ExportedPart.SNAPSHOT if place.startswith("Snapshots") else ExportedPart.CONFIGURATION
    disk = part is ExportedPart.DISK
    return ExportedFile(
        path=place,
        part=part,
        id="" if disk else place.rpartition("/")[2].rpartition(".")[0],
        unique_id=content[-512:][68:84].hex() if disk else "",
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        stored=("C:\\exports\\srv\\" + place.replace("/", "\\"),) if disk else (),
    )
