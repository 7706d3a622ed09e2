"""Does ``backup-check`` do what it says: its options, its document, its exit codes?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.audit.backup.exported import RECORD, SRV, export
from tests.audit.backup.labs import running_lab, save_files
from tests.cli.program import run
from tests.cli.test_read_only import witnessed
from vhdchain.testing.lab import HEALTHY_LABS, host_lab

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.testing.lab import HostLab

WRITER = r"WindowsServerBackup\Application Support\{66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE}"


def _registry(path: Path, data: str) -> Path:
    text = (
        "Windows Registry Editor Version 5.00\r\n\r\n"
        rf"[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\{WRITER}]"
        f'\r\n"Application Identifier"="{data}"\r\n'
    )
    path.write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))  # as regedit writes it
    return path


@pytest.fixture
def lab() -> HostLab:
    return running_lab()


def test_what_is_unknown_does_not_count_and_is_told(lab: HostLab, tmp_path: Path) -> None:
    lab.save(tmp_path)
    ran = run("backup-check", tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert "  backup        unknown whether all of it can be backed up with nobody cut off:\n" in ran.out
    document = run("backup-check", "--json", tmp_path).document
    assert document["machines"][0]["verdict"] == "unknown"
    assert document["record"]["registry"] is None


def test_a_condition_that_does_not_hold_counts_unless_it_is_accepted(tmp_path: Path) -> None:
    running_lab(vss=None).save(tmp_path)
    assert run("backup-check", tmp_path).code == 1
    assert run("backup-check", tmp_path, "--accept", "VHD830").code == 0


def test_a_missing_file_counts(lab: HostLab, tmp_path: Path) -> None:
    lab.save(tmp_path)
    (tmp_path / lab.disk_path(lab.machines[0])).unlink()
    ran = run("backup-check", "--json", tmp_path)
    assert (ran.code, ran.document["totals"]["missing"]) == (1, 1)


def test_a_file_that_cannot_be_read_is_unprocessed(lab: HostLab, tmp_path: Path) -> None:
    lab.save(tmp_path)
    (tmp_path / "lost.vhd").symlink_to("nowhere.vhd")
    ran = run("backup-check", "--json", tmp_path)
    assert (ran.code, [item["path"] for item in ran.document["unprocessed"]]) == (3, [str(tmp_path / "lost.vhd")])


def test_the_guests_systems_are_taken_by_name_or_for_all(tmp_path: Path) -> None:
    lab = host_lab()
    lab.save(tmp_path)
    told = ["--guest-os", "Windows Server 2008", "--guest-os", f"{lab.machines[0].id}=Windows NT 4.0"]
    document = run("backup-check", "--json", tmp_path, *told).document
    answers = {
        machine["name"]: condition["answer"]
        for machine in document["machines"]
        for condition in machine["conditions"]
        if condition["name"] == "guest-system"
    }
    assert answers == {"srv": "no", "web": "yes"}


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (["--guest-os", "srw=NT4"], "no machine is called 'srw'; machines that were found: srv"),
        (["--guest-os", "NT4", "--guest-os", "Windows 2000"], "all machines is told to have two systems"),
        (["--exact"], "--exact needs a set to compare with (--set DIR), or an export that has a record"),
    ],
)
def test_what_cannot_be_meant_is_a_wrong_command_line(
    options: list[str], fault: str, lab: HostLab, tmp_path: Path
) -> None:
    lab.save(tmp_path)
    ran = run("backup-check", tmp_path, *options)
    assert (ran.code, ran.out) == (2, "")
    assert fault in ran.error


def test_a_set_inside_of_what_it_is_compared_with_is_refused(lab: HostLab, tmp_path: Path) -> None:
    lab.save(tmp_path / "host" / "set")
    (tmp_path / "link").symlink_to(tmp_path / "host")
    for folder, held in (("host", "host/set"), ("host/set", "host"), ("host", "host"), ("link", "host/set")):
        ran = run("backup-check", tmp_path / folder, "--set", tmp_path / held)
        assert (ran.code, ran.out) == (2, "")
        assert "lie in one another" in ran.error


def test_a_set_is_compared_by_sizes_or_byte_for_byte(lab: HostLab, tmp_path: Path) -> None:
    files = lab.files()
    disk = lab.disk_path(lab.machines[0])
    changed = bytearray(files[disk])
    changed[2600] ^= 1
    save_files(files, tmp_path / "host")
    save_files({**files, disk: bytes(changed), "list.txt": b"x"}, tmp_path / "set")
    loose = run("backup-check", "--json", tmp_path / "host", "--set", tmp_path / "set")
    assert (loose.code, [item["code"] for item in loose.document["set"]["findings"]]) == (0, ["VHD834"])
    exact = run("backup-check", "--json", tmp_path / "host", "--set", tmp_path / "set", "--exact")
    assert exact.code == 1
    first, second = exact.document["set"]["findings"]
    assert (first["code"], first["location"]["path"]) == ("VHD833", str(tmp_path / "set" / disk))
    assert second["location"]["path"] == str(tmp_path / "set" / "list.txt")
    accepted = run("backup-check", tmp_path / "host", "--set", tmp_path / "set", "--exact", "--accept", "VHD833")
    assert accepted.code == 0


@pytest.mark.parametrize(("data", "answer", "code"), [("Hyper-V", "yes", 0), ("Exchange", "no", 1)])
def test_the_registrys_value_is_looked_up(data: str, answer: str, code: int, lab: HostLab, tmp_path: Path) -> None:
    lab.save(tmp_path / "host")
    export = _registry(tmp_path / "host.reg", data)
    ran = run("backup-check", "--json", tmp_path / "host", "--registry", export)
    assert (ran.code, ran.document["host"]["registration"]["answer"]) == (code, answer)
    assert ran.document["host"]["registration"]["evidence"][0].startswith(f"{export}, line 4: ")


def test_an_export_that_is_none_or_missing_is_unprocessed(lab: HostLab, tmp_path: Path) -> None:
    lab.save(tmp_path / "host")
    (tmp_path / "x.reg").write_text("no export")
    for name in ("x.reg", "gone.reg"):
        ran = run("backup-check", tmp_path / "host", "--registry", tmp_path / name)
        assert (ran.code, ran.out) == (3, "")
        assert ran.error.startswith(str(tmp_path / name))


def test_a_folder_without_machines_says_nothing_rather_than_that_all_is_well(tmp_path: Path) -> None:
    ran = run("backup-check", tmp_path)
    assert (ran.code, ran.out) == (3, "")
    assert ran.error == f"{tmp_path}: there is no configuration of a machine, so nothing can be said"


def test_an_export_of_2008_r2_alone_says_why_nothing_is_known(tmp_path: Path) -> None:
    lab = HEALTHY_LABS["export, 2008 R2"]()
    lab.save(tmp_path)
    ran = run("backup-check", tmp_path)
    assert (ran.code, ran.out) == (3, "")
    assert ran.error.endswith("what the files of an export of 2008 or 2008 R2 hold is not known")


def test_configurations_that_cannot_be_understood_are_told(lab: HostLab, tmp_path: Path) -> None:
    lab.save(tmp_path)
    configuration = tmp_path / lab.configuration_path(lab.machines[0])
    configuration.chmod(0o644)
    configuration.write_text("<configuration>")
    ran = run("backup-check", tmp_path)
    assert ran.code == 3
    assert ran.err.splitlines()[0].startswith(f"vhdchain: {configuration}: ")


def test_hosts_sets_and_exports_are_only_read(tmp_path: Path) -> None:
    lab = host_lab()
    for name in ("host", "set"):
        lab.save(tmp_path / "work" / name)
    _registry(tmp_path / "work" / "host.reg", "Hyper-V")
    command = "backup-check host --set set --exact --registry host.reg"
    _, found = witnessed(tmp_path / "work", tmp_path / "report.json", command, f"{command} --json")
    assert len(found) == 2
    for did in found.values():
        assert (did["code"], did["written"], did["events"]) == (1, [], [])


def test_an_export_alone_is_compared_with_its_record(tmp_path: Path) -> None:
    save_files({**export(), f"{SRV}/list.txt": b"x"}, tmp_path)
    ran = run("backup-check", tmp_path, "--accept", "VHD831")
    assert (ran.code, ran.err) == (0, "")
    assert "\n  10 of 10 files are there, compared with the record by sizes and identifiers\n" in ran.out
    assert "\n  VHD834  1 file that nothing in it needs\n" in ran.out
    (found,) = run("backup-check", "--json", tmp_path, "--exact").document["exports"]
    assert (found["folder"], found["record"]) == (str(tmp_path / SRV), str(tmp_path / RECORD))
    assert (found["machine"], found["required"], found["held"], found["exact"]) == ("srv", 10, 10, True)
    disk = tmp_path / SRV / "Virtual Hard Disks/srv.vhd"
    content = bytearray(disk.read_bytes())
    content[1600] ^= 1
    disk.write_bytes(content)
    assert run("backup-check", tmp_path, "--accept", "VHD831").code == 0
    ran = run("backup-check", "--json", tmp_path, "--exact", "--accept", "VHD831")
    assert ran.code == 1
    assert ran.document["exports"][0]["findings"][0]["location"]["path"] == str(disk)
