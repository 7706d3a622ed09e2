"""What a check of backups looks like on a terminal of 80 columns, and that names and reasons cannot break it.

``VHDCHAIN_WRITE_GOLDEN=1`` writes the text that is compared anew; read the difference before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tests.audit.backup.labs import compared, running_lab, save_files
from vhdchain.audit.backup import BackupReport, backup_check, parse_registry_export
from vhdchain.report.lines import Role, plain_text
from vhdchain.report.text.backup import backup_lines
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.lab import HostLab, LabDisk

if TYPE_CHECKING:
    import pytest

GOLDEN = Path(__file__).parent / "texts" / "backup-check.txt"
WRITER = r"WindowsServerBackup\Application Support\{66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE}"
REGISTRY = (
    "Windows Registry Editor Version 5.00\r\n\r\n"
    rf"[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\{WRITER}]"
    '\r\n"Application Identifier"="Hyper-V"\r\n'
)


def _lab() -> HostLab:
    lab = HostLab(seed="text", root=r"D:\VMs", disks=r"E:\VHDs")
    disks = [LabDisk("mail.vhd", folder=r"D:\VMs\mail"), LabDisk("data.vhd", controller="SCSI")]
    mail = lab.machine("mail", vss=False, root=r"D:\VMs\mail", disks=disks)
    lab.take(mail, "before the update", power="running")
    lab.start(mail)
    files = lab.machine("files", root=r"D:\VMs\files", disks=[LabDisk("files.vhd", folder=r"D:\VMs\files")])
    lab.save_state(files)
    web = lab.machine("web", root=r"D:\VMs\web", disks=[LabDisk("web.vhd", folder=r"D:\VMs\web")])
    for name in ("first", "second"):
        lab.take(web, name)
    return lab


def _text(report: BackupReport, width: int | None = 80) -> str:
    return plain_text(backup_lines(report, width=width))


def test_the_text_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = _lab()
    mail = lab.machines[0]
    gone = {lab.disk_path(mail.snapshots[0], 1), lab.state_paths(mail.snapshots[0])[0]}
    monkeypatch.chdir(tmp_path)
    save_files({path: content for path, content in lab.files().items() if path not in gone}, Path("host"))
    export = parse_registry_export(b"\xff\xfe" + REGISTRY.encode("utf-16-le"), name="host.reg")
    with scan_folder("host") as inventory:
        text = _text(backup_check(inventory, registry=export, guests={"mail": "Windows Server 2008"}))
    if os.environ.get("VHDCHAIN_WRITE_GOLDEN") == "1":
        GOLDEN.write_text(text, encoding="utf-8", newline="\n")
    assert text == GOLDEN.read_text(encoding="utf-8")
    longer = [line for line in text.splitlines() if len(line) > 80]
    assert all("\\" in line or "/" in line for line in longer), longer


def test_a_set_is_told_with_what_it_lacks_and_has_too_much(tmp_path: Path) -> None:
    lab = running_lab()
    files = lab.files()
    base = lab.disk_path(lab.machines[0])
    save_files(files, tmp_path / "host")
    save_files({"more.vhd": files[base], **{path: files[path] for path in files if path != base}}, tmp_path / "set")
    text = _text(compared(tmp_path / "host", tmp_path / "set"), None)
    assert f"the set  {tmp_path / 'set'}\n  {len(files) - 1} of {len(files)} files are there" in text
    assert "    error    VHD833\n             it lacks the disk 'C:\\Users\\" in text
    told = f"  VHD834  1 file that no machine needs\n{len(files[base]):>16,}  {tmp_path / 'set/more.vhd'}  a disk\n"
    assert told in text


def test_a_complete_set_is_good(tmp_path: Path) -> None:
    lab = running_lab()
    for name in ("host", "set"):
        save_files(lab.files(), tmp_path / name)
    number = len(lab.files())
    lines = list(backup_lines(compared(tmp_path / "host", tmp_path / "set"), width=80))
    (told,) = [line for line in lines if plain_text([line]).startswith(f"  {number} of {number} files are there")]
    assert [span.text for span in told if span.role is Role.GOOD and span.text != " "] == [
        str(number),
        "of",
        str(number),
        "files",
    ]


def test_hostile_names_stay_in_their_lines(tmp_path: Path) -> None:
    lab = HostLab(seed="hostile")
    machine = lab.machine("a\x9b2J\n\u202eb", disks=[LabDisk("srv.vhd")])
    lab.take(machine, "snap\x9b\r\nshot")
    lab.save(tmp_path / "host\x1b[2J")
    with scan_folder(tmp_path / "host\x1b[2J") as inventory:
        text = _text(backup_check(inventory, guests={"": "\x1b[31mWindows\n2000"}))
    assert all(line.isprintable() for line in text.splitlines())
    assert "a\\x9b2J\\n\\u202eb\n" in text


def test_what_could_not_be_read_is_told(tmp_path: Path) -> None:
    lab = running_lab()
    lab.save(tmp_path)
    link = tmp_path / "lost.vhd"
    link.symlink_to("nowhere.vhd")
    with scan_folder(tmp_path) as inventory:
        text = _text(backup_check(inventory), None)
    assert f"\n{link}  not read: " in text


def test_a_machine_without_a_configuration_and_files_without_a_name_have_their_lines(tmp_path: Path) -> None:
    lab = running_lab()
    lab.take(lab.machines[0], "first")
    lab.save(tmp_path)
    (tmp_path / lab.configuration_path(lab.machines[0])).unlink()
    (tmp_path / "ProgramData/Microsoft/Windows/Hyper-V/InitialStore.xml").unlink()
    with scan_folder(tmp_path) as inventory:
        text = _text(backup_check(inventory), None)
    volume = text.partition("where they lie on the host, no file tells  ")[2]
    assert volume.startswith("2 files, 0 bytes, 2 missing\n")
    assert f"missing  configuration {lab.machines[0].id}" in volume
    assert "missing  store of authorisations" in volume
