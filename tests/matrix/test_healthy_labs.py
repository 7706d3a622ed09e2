"""Which notes does the folder of each healthy host have? Listed, so that a new one is noticed; none has anything worse.

All disks have blocks of 4 KiB (VHD212), a BAT of one sector (VHD410), and blocks of which some sectors were written and
others not (VHD455, 459). Disks of snapshots name their parents as hosts do (VHD225, 311).
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from vhdchain.audit import AuditReport, audit
from vhdchain.findings import Severity
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.lab import HEALTHY_LABS

if TYPE_CHECKING:
    from pathlib import Path

NOTES: dict[str, str] = {
    "one machine, off": "212 410 455",
    "one machine, saved": "212 410 455",
    "branches, taken running, off and saved": "212 225 311 410 455 459 704 831",
    "several machines": "212 225 311 410 455 459 558 704 831",
    "four disks, fixed, IDE and SCSI": "212 225 311 410 455 459 558 624",
    "custom roots": "212 225 311 410 455 459 558",
    "cluster volumes": "212 225 311 410 455 459 703",
    "2008": "212 225 228 311 410 455 459 704 831",
    "2012 R2": "212 225 311 410 455 459 558 704 831",
    "two machines above one base": "147 212 225 311 410 455 459 704 713",
    "several drives": "212 225 311 410 455 558",
    "caches and links": "212 225 311 410 455 558 835",
    "export, 2012 R2": "212 225 311 410 455 459 558 704 831",
    "export, 2008 R2": "212 225 311 410 455 459 558 704 835",
    "snapshots deleted and merged": "212 225 311 410 455 459 831",
    "copied to another place": "212 225 311 410 455 459 558 704 831",
    "services and notes": "212 410 455",
}


def _audited(folder: Path) -> AuditReport:
    with scan_folder(folder) as inventory:
        return audit(inventory, deep=True)


@pytest.mark.parametrize("name", HEALTHY_LABS)
def test_a_healthy_host_has_exactly_these_notes(name: str, tmp_path: Path) -> None:
    HEALTHY_LABS[name]().save(tmp_path)
    report = _audited(tmp_path)
    assert [str(item) for item in report.findings if item.severity is not Severity.NOTE] == []
    assert " ".join(sorted({item.code.removeprefix("VHD") for item in report.findings})) == NOTES[name]
    assert report.exit_code() == 0


def test_every_healthy_host_is_listed() -> None:
    assert set(NOTES) == set(HEALTHY_LABS)


def test_a_copy_that_followed_the_links_is_worth_a_note_for_each_machine(tmp_path: Path) -> None:
    lab = HEALTHY_LABS["caches and links"]()
    lab.save(tmp_path / "host")
    shutil.copytree(tmp_path / "host", tmp_path / "copy", symlinks=False)
    report = _audited(tmp_path / "copy")
    assert [str(item) for item in report.findings if item.severity is not Severity.NOTE] == []
    (twice,) = [item for item in report.findings if item.code == "VHD818"]
    linked = next(machine for machine in lab.machines if machine.link == "symlink")
    assert twice.found == linked.id
    assert len(twice.related) == 2
