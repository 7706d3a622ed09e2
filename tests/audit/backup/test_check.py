"""A deep audit says of which guests' disks it is proven that they are dynamic, and of which nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.audit.backup.labs import running_lab
from vhdchain.audit import audit
from vhdchain.audit.backup.check import check_guest_disks
from vhdchain.errors import CancelledError
from vhdchain.findings import Finding, Severity
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.lab import HostLab, LabDisk, Partitions, host_lab

if TYPE_CHECKING:
    from pathlib import Path


def _found(lab: HostLab, folder: Path) -> list[Finding]:
    lab.save(folder)
    with scan_folder(folder) as inventory:
        return list(check_guest_disks(inventory))


def test_basic_disks_are_quiet(tmp_path: Path) -> None:
    assert _found(host_lab(), tmp_path) == []


@pytest.mark.parametrize(
    ("partitions", "severity", "found"),
    [
        (Partitions.DYNAMIC, Severity.WARNING, "dynamic"),
        (Partitions.GPT_DYNAMIC, Severity.WARNING, "dynamic"),
        (Partitions.NONE, Severity.NOTE, "unpartitioned"),
    ],
)
def test_a_disk_is_told_with_what_it_was_seen_by(
    partitions: Partitions, severity: Severity, found: str, tmp_path: Path
) -> None:
    lab = HostLab(seed="disk")
    lab.machine("srv", disks=[LabDisk("srv.vhd"), LabDisk("x.vhd", controller="SCSI", partitions=partitions)])
    (finding,) = _found(lab, tmp_path)
    assert (finding.code, finding.severity, finding.found) == ("VHD832", severity, found)
    assert finding.location.path == str(tmp_path / lab.disk_path(lab.machines[0], 1))
    assert "the disk of srv at SCSI 0:0" in finding.message
    assert len(finding.details) >= 1


def test_the_present_counts_and_not_what_snapshots_keep(tmp_path: Path) -> None:
    lab = running_lab()
    machine = lab.machines[0]
    lab.dynamic_guest_disk(machine)
    lab.take(machine, "dynamic")
    lab.partition(machine.state.images[0], Partitions.BASIC)
    assert _found(lab, tmp_path) == []


def test_a_disk_that_two_machines_have_is_told_once(tmp_path: Path) -> None:
    lab = running_lab()
    lab.dynamic_guest_disk(lab.machines[0])
    lab.attach(lab.machine("other"), lab.machines[0].state.images[0])
    assert [item.code for item in _found(lab, tmp_path)] == ["VHD832"]


def test_a_broken_chain_is_unknown_with_its_reason_and_a_missing_disk_is_not_told_here(tmp_path: Path) -> None:
    lab = running_lab()
    snapshot = lab.take(lab.machines[0], "first")
    lab.save(tmp_path)
    (tmp_path / lab.disk_path(snapshot)).unlink()
    (tmp_path / lab.disk_path(lab.machines[0], 1)).unlink()
    with scan_folder(tmp_path) as inventory:
        (finding,) = check_guest_disks(inventory)
    assert (finding.severity, finding.found) == (Severity.NOTE, "unknown")
    assert "was not found" in finding.details[0]


def test_an_image_with_errors_is_not_read_in_spite_of_them(tmp_path: Path) -> None:
    lab = running_lab()
    lab.save(tmp_path)
    path = tmp_path / lab.disk_path(lab.machines[0])
    content = bytearray(path.read_bytes())
    content[512 + 100] ^= 1  # in the dynamic header, whose checksum fails
    path.chmod(0o644)
    path.write_bytes(content)
    with scan_folder(tmp_path) as inventory:
        (finding,) = check_guest_disks(inventory)
    assert (finding.severity, finding.found) == (Severity.NOTE, "unknown")
    assert "checksum" in finding.details[0]


def test_only_a_deep_audit_looks(tmp_path: Path) -> None:
    lab = running_lab()
    lab.dynamic_guest_disk(lab.machines[0])
    lab.save(tmp_path)
    with scan_folder(tmp_path) as inventory:
        codes = [{item.code for item in audit(inventory, deep=deep).findings} for deep in (False, True)]
    assert [("VHD832" in found) for found in codes] == [False, True]


def test_it_can_be_stopped(tmp_path: Path) -> None:
    running_lab().save(tmp_path)
    with scan_folder(tmp_path) as inventory, pytest.raises(CancelledError):
        list(check_guest_disks(inventory, cancel=lambda: True))
