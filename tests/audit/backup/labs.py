"""Hosts whose backups are checked: each violates at most one condition, and all that is true of them is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vhdchain.audit.backup import BackupReport, BackupSet, backup_check
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.lab import HostLab, LabDisk

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.testing.damage_folder import Files

ROOT = r"C:\ProgramData\Microsoft\Windows\Hyper-V"
DISKS = r"C:\Users\Public\Documents\Hyper-V\Virtual Hard Disks"


def running_lab(**options: Any) -> HostLab:
    """Return a host with one running machine, on which every condition holds that files can show."""
    lab = HostLab(seed="backup")
    machine = lab.machine("srv", disks=[LabDisk("srv.vhd"), LabDisk("data.vhd", controller="SCSI")], **options)
    lab.start(machine)
    return lab


def checked(lab: HostLab, folder: Path, **options: Any) -> BackupReport:
    """Write the folder of ``lab`` and check it; ``options`` are those of `backup_check`."""
    lab.save(folder)
    with scan_folder(folder) as inventory:
        return backup_check(inventory, **options)


def save_files(files: Files, folder: Path) -> None:
    """Write the files of a lab without those that were taken out."""
    for name, content in files.items():
        assert isinstance(content, bytes)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def compared(folder: Path, held: Path, **options: Any) -> BackupReport:
    """Compare the set in ``held`` with the host in ``folder``; ``options`` are those of `BackupSet`."""
    with scan_folder(folder) as inventory, scan_folder(held) as there:
        return backup_check(inventory, held=BackupSet(inventory=there, **options))
