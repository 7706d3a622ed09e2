"""Does the ``vhdchain.backup-check`` document hold what its schema says, nothing else, and what the report knows?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from tests.audit.backup.labs import checked, compared, running_lab, save_files
from vhdchain.audit.backup import ConditionName, OtherFile
from vhdchain.report.documents.backup import backup_document
from vhdchain.report.documents.backup_schema import BACKUP_SCHEMA
from vhdchain.testing.lab import HostLab, LabDisk, Partitions, host_lab

if TYPE_CHECKING:
    from pathlib import Path


def _strict(schema: object) -> object:
    """Return ``schema`` with every object closed: nothing may be written that the schema does not describe."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _strict(value) for name, value in schema.items()}
    return {**closed, "additionalProperties": False} if "properties" in closed else closed


def _valid(document: object) -> dict[str, Any]:
    plain = json.loads(json.dumps(document))
    schema: Any = _strict(BACKUP_SCHEMA)
    jsonschema.Draft202012Validator(schema).validate(plain)
    assert isinstance(plain, dict)
    return plain


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(BACKUP_SCHEMA)


def test_a_document_holds_what_the_report_knows(tmp_path: Path) -> None:
    lab = host_lab()
    report = checked(lab, tmp_path, guests={"": "Windows Server 2008"})
    document = _valid(backup_document(report))
    assert (document["schema"], document["version"]) == ("vhdchain.backup-check", 1)
    assert [machine["name"] for machine in document["machines"]] == ["srv", "web"]
    srv, web = document["machines"]
    assert (srv["verdict"], srv["method"], srv["interrupts"]) == ("unknown", "saved state", "no")
    assert srv["component"] == r"Backup Using Saved State\srv"
    assert [condition["name"] for condition in srv["conditions"]] == list(ConditionName)
    assert {item["name"]: item["code"] for item in srv["conditions"] if item["answer"] == "no"} == {
        "running": None,
        "few-snapshots": "VHD831",
    }
    assert [item["name"] for item in srv["conditions"] if item["guess"]] == ["running"]
    assert [item["name"] for item in srv["conditions"] if not item["online"]] == ["disks-in-files", "few-snapshots"]
    assert [(disk["place"], disk["kind"], disk["scheme"]) for disk in srv["disks"]] == [
        ("IDE 0:0", "basic", "mbr"),
        ("SCSI 0:0", "basic", "mbr"),
    ]
    files = {file["path"]: file for file in document["files"]}
    contents = lab.files()
    assert {path: file["size"] for path, file in files.items()} == {
        str(tmp_path / path): len(content) for path, content in contents.items()
    }
    assert {file["presence"] for file in files.values()} == {"present"}
    base = files[str(tmp_path / lab.disk_path(lab.machines[1]))]
    assert (base["unique_id"], base["machines"]) == (lab.machines[1].state.images[0].unique_id.hex(), [web["path"]])
    size = sum(map(len, contents.values()))
    counts = {"files": len(contents), "bytes": size, "present": len(contents), "missing": 0, "unknown": 0}
    assert document["totals"] == counts
    assert document["volumes"] == [{"volume": "C:", **counts}]
    assert (document["complete"], document["set"], document["unprocessed"]) == ("yes", None, [])
    assert document["host"]["registration"]["answer"] == "unknown"


def test_options_are_further_fields_of_the_record(tmp_path: Path) -> None:
    report = checked(running_lab(), tmp_path)
    document: Any = backup_document(report, {"guest_os": {"": "NT4"}})
    assert document["record"] == {
        "tool": "vhdchain",
        "tool_version": report.version,
        "scanned": [str(tmp_path)],
        "guest_os": {"": "NT4"},
    }
    jsonschema.Draft202012Validator(BACKUP_SCHEMA).validate(json.loads(json.dumps(document)))


@pytest.mark.parametrize("gone", ["disks", "configurations", "states"])
def test_documents_of_broken_folders_fit_the_schema(gone: str, tmp_path: Path) -> None:
    lab = host_lab()
    lab.save_state(lab.machines[1])
    endings = {"disks": ".vhd", "configurations": "Machines", "states": ".bin"}
    kept = {path: content for path, content in lab.files().items() if endings[gone] not in path}
    save_files(kept, tmp_path / "host")
    save_files(kept, tmp_path / "set")
    (tmp_path / "set" / "x.txt").write_text("x")
    others = (OtherFile(path=str(tmp_path / "set" / "x.txt"), size=1),)
    document = _valid(backup_document(compared(tmp_path / "host", tmp_path / "set", others=others)))
    assert document["totals"]["missing"] > 0
    assert document["complete"] == "no"
    assert {item["code"] for item in document["set"]["findings"]} == {"VHD833", "VHD834"}


def test_every_kind_of_disk_fits_the_schema(tmp_path: Path) -> None:
    lab = HostLab(seed="kinds")
    lab.machine("srv", disks=[LabDisk(f"{item.name}.vhd", controller="SCSI", partitions=item) for item in Partitions])
    document = _valid(backup_document(checked(lab, tmp_path)))
    kinds = [(disk["kind"], disk["scheme"]) for disk in document["machines"][0]["disks"]]
    assert kinds == [
        ("basic", "mbr"),
        ("dynamic", "mbr"),
        ("basic", "gpt"),
        ("dynamic", "gpt"),
        ("unpartitioned", None),
    ]
