"""An export alone shows what it lacks and what it has too much, by its record, its configurations, or its layout."""

from __future__ import annotations

import dataclasses
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from tests.audit.backup.exported import RECORD, SRV, export, host, record_of
from tests.audit.backup.labs import compared, save_files
from tests.hostile.wording import badly_worded
from vhdchain.audit import audit
from vhdchain.audit.backup import ExportReport, OtherFile, judge_exports
from vhdchain.audit.backup.export_record import build_record
from vhdchain.findings import Finding, Severity
from vhdchain.hyperv import FileRole
from vhdchain.shell.backup_set import all_files, prove_with
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.lab import HostLab, LabDisk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILES = export()
PARTS = sorted(path for path in FILES if path != RECORD)
DISK = f"{SRV}/Virtual Hard Disks/srv.vhd"
PIECES = (b"", b"0", b'"', b"}", b"\xff", b"../", b"9" * 40)
CONFIGURATION = f"{SRV}/Virtual Machines/{host().machines[0].id}.xml"


def _judged(files: Mapping[str, bytes], folder: Path, **options: Any) -> ExportReport:
    save_files(files, folder)
    with scan_folder(folder) as inventory:
        (report,) = judge_exports(inventory, **options)
        told = [item for item in audit(inventory).findings if item.code in ("VHD833", "VHD834")]
    assert badly_worded(report.findings) == []
    assert report.folder == str(folder / SRV)
    if not options:
        assert told == [*report.findings], "an audit says the same"
    return report


def _errors(report: ExportReport) -> list[Finding]:
    assert {item.code for item in report.findings if item.severity is Severity.ERROR} <= {"VHD833"}
    return [item for item in report.findings if item.severity is Severity.ERROR]


def test_a_whole_export_is_quiet(tmp_path: Path) -> None:
    report = _judged(FILES, tmp_path)
    assert report.findings == ()
    assert (report.machine, report.record) == ("srv", str(tmp_path / RECORD))
    assert (report.required, report.held, report.exact) == (len(PARTS), len(PARTS), False)


@pytest.mark.parametrize("gone", PARTS)
def test_each_file_that_lacks_is_told_once_with_its_name(gone: str, tmp_path: Path) -> None:
    report = _judged({path: content for path, content in FILES.items() if path != gone}, tmp_path)
    (finding,) = _errors(report)
    assert finding.location.path == str(tmp_path / RECORD)
    assert finding.expected == gone.removeprefix(f"{SRV}/")
    assert f"'{gone.removeprefix(f'{SRV}/')}'" in finding.message
    assert (report.required, report.held) == (len(PARTS), len(PARTS) - 1)


@pytest.mark.parametrize("cut", PARTS)
def test_each_file_that_was_cut_is_told_where_it_lies(cut: str, tmp_path: Path) -> None:
    content = FILES[cut][:-1]
    (finding,) = _errors(_judged({**FILES, cut: content}, tmp_path))
    assert finding.location.path == str(tmp_path / cut)
    assert (finding.expected, finding.found) == (len(content) + 1, len(content))


def test_another_disk_of_the_same_length_is_not_the_file(tmp_path: Path) -> None:
    lab = HostLab(seed="another")
    machine = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    content = lab.files()[lab.disk_path(machine)]
    assert len(content) == len(FILES[DISK])
    (finding,) = _errors(_judged({**FILES, DISK: content}, tmp_path))
    assert "is wanted" in finding.message


def test_a_configuration_is_compared_by_its_content(tmp_path: Path) -> None:
    content = FILES[CONFIGURATION].replace("srv".encode("utf-16-le"), "SRV".encode("utf-16-le"))
    (finding,) = _errors(_judged({**FILES, CONFIGURATION: content}, tmp_path))
    assert (finding.location.path, finding.message.rpartition(": ")[2]) == (
        str(tmp_path / CONFIGURATION),
        "its content differs",
    )


def test_contents_count_when_they_are_compared_with_the_record(tmp_path: Path) -> None:
    changed = bytearray(FILES[DISK])
    changed[1600] ^= 1
    told: list[tuple[int, int]] = []
    total = sum(map(len, FILES.values()))
    prove = prove_with(total, progress=lambda done, all_of_it: told.append((done, all_of_it)))
    assert _judged(FILES, tmp_path / "whole", prove=prove).findings == ()
    assert told[-1][0] == sum(len(FILES[path]) for path in PARTS if not path.endswith(".xml"))
    assert {all_of_it for _, all_of_it in told} == {total}
    report = _judged({**FILES, DISK: bytes(changed)}, tmp_path / "changed", prove=prove_with(total))
    assert report.exact
    (finding,) = _errors(report)
    assert finding.location.path == str(tmp_path / "changed" / DISK)
    assert "another digest (sha256)" in finding.message
    assert _judged({**FILES, DISK: bytes(changed)}, tmp_path / "by sizes").findings == ()


def test_letter_case_tells_no_two_files_apart(tmp_path: Path) -> None:
    files = {path.replace("Virtual Hard Disks", "VIRTUAL hard DISKS"): content for path, content in FILES.items()}
    assert _judged(files, tmp_path).findings == ()


def test_what_nothing_in_an_export_needs_is_a_note(tmp_path: Path) -> None:
    lab = HostLab(seed="another")
    machine = lab.machine("x", disks=[LabDisk("x.vhd")])
    extra = {f"{SRV}/Virtual Hard Disks/x.vhd": lab.files()[lab.disk_path(machine)]}
    report = _judged({**FILES, **extra}, tmp_path)
    assert [(item.code, item.severity, item.location.path) for item in report.findings] == [
        ("VHD834", Severity.NOTE, str(tmp_path / name)) for name in extra
    ]
    assert report.held == report.required


def test_other_files_are_told_where_they_are_listed(tmp_path: Path) -> None:
    save_files({**FILES, f"{SRV}/read me.txt": b"x", "exports/beside.txt": b"x"}, tmp_path)
    with scan_folder(tmp_path) as inventory:
        (report,) = judge_exports(inventory, others=all_files(inventory))
    assert [(item.code, item.location.path) for item in report.findings] == [
        ("VHD834", str(tmp_path / SRV / "read me.txt"))
    ]


def test_a_file_that_a_configuration_names_and_the_record_does_not_lacks_as_well(tmp_path: Path) -> None:
    rows = {path: FILES[path] for path in PARTS if path != DISK}
    files = {**rows, RECORD: build_record(record_of(rows)).content}
    finding, *more = _errors(_judged(files, tmp_path))
    assert more == []
    assert finding.location.path == str(tmp_path / SRV)
    assert str(finding.expected).endswith("srv.vhd")


@pytest.mark.parametrize("content", [b"", b"{", b"{}", FILES[RECORD][:-2], bytes(100)])
def test_a_record_that_cannot_be_understood_proves_nothing(content: bytes, tmp_path: Path) -> None:
    report = _judged({**FILES, RECORD: content}, tmp_path)
    (finding,) = report.findings
    assert (finding.code, finding.severity, finding.location.path) == (
        "VHD833",
        Severity.ERROR,
        str(tmp_path / RECORD),
    )
    assert report.record is None


def test_whatever_a_record_says_it_is_judged(tmp_path: Path) -> None:
    chance = random.Random(8)
    save_files(FILES, tmp_path)
    with scan_folder(tmp_path) as inventory:
        others = [item for item in inventory.host_files if item.role is not FileRole.RECORD]
        (record,) = (item for item in inventory.host_files if item.role is FileRole.RECORD)
        understood = 0
        for _ in range(settings().max_examples):
            content = bytearray(FILES[RECORD])
            for _ in range(chance.choice((1, 1, 2, 8))):
                at = chance.randrange(len(content))
                content[at : at + chance.choice((0, 1, 1, 5))] = chance.choice(
                    (b"", b"0", b'"', b"}", b"\xff", b"../", b"9" * 40)
                )
            changed = dataclasses.replace(record, content=bytes(content))
            (report,) = judge_exports(dataclasses.replace(inventory, host_files=(*others, changed)))
            assert badly_worded(report.findings) == []
            understood += report.record is not None
            if report.record is None:
                assert [item.code for item in report.findings] == ["VHD833"]
    assert understood


def test_a_file_that_is_there_and_cannot_be_read_is_told_as_that(tmp_path: Path) -> None:
    save_files({path: content for path, content in FILES.items() if path != DISK}, tmp_path)
    (tmp_path / DISK).symlink_to("nowhere")
    with scan_folder(tmp_path) as inventory:
        (report,) = judge_exports(inventory)
    (finding,) = _errors(report)
    assert any("could not be read" in detail for detail in finding.details)


# ------------------------------------------------------------------------------------------------------ the host's form


def _of_2008(**options: Any) -> dict[str, bytes]:
    lab = HostLab(seed="2008", store=False)
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    lab.take(srv, "first", power="running")
    lab.save_state(srv)
    lab.export(srv, r"C:\exports", form="2008 R2", remove=True, **options)
    return lab.files()


def test_an_export_of_2008_is_judged_by_its_own_parts(tmp_path: Path) -> None:
    files = _of_2008()
    report = _judged(files, tmp_path / "whole")
    assert (report.findings, report.record, report.required, report.held) == ((), None, 2, 2)
    for number, name in enumerate(("config.xml", "Virtual Machines/*.exp")):
        own = name.rpartition("/")[2].lstrip("*")
        kept = {
            path: content for path, content in files.items() if not (path.endswith(own) and "Snapshots" not in path)
        }
        report = _judged(kept, tmp_path / str(number))
        (finding,) = _errors(report)
        assert (finding.expected, report.held) == (name, 1)


def test_in_an_export_of_2008_only_what_lies_beside_its_folders_is_known_to_be_needless(tmp_path: Path) -> None:
    files = _of_2008()
    more = {f"{SRV}/copy.vhd": next(content for path, content in files.items() if path.endswith("srv.vhd"))}
    report = _judged({**files, **more}, tmp_path)
    assert [(item.code, item.location.path) for item in report.findings] == [
        ("VHD834", str(tmp_path / SRV / "copy.vhd"))
    ]


def test_a_host_where_an_import_left_a_file_behind_is_no_export(tmp_path: Path) -> None:
    files = host().files()
    configuration = next(path for path in files if "Virtual Machines" in path and path.endswith(".xml"))
    save_files({**files, configuration.replace(".xml", ".exp"): b"left"}, tmp_path)
    with scan_folder(tmp_path) as inventory:
        assert judge_exports(inventory) == ()


# ---------------------------------------------------------------------------------------------------- against its host


def test_an_export_is_all_of_its_machine(tmp_path: Path) -> None:
    save_files(host().files(), tmp_path / "host")
    save_files(FILES, tmp_path / "set")
    report = compared(tmp_path / "host", tmp_path / "set", others=(OtherFile(path="?", size=1),))
    assert report.set is not None
    assert [(item.code, item.location.path) for item in report.set.findings] == [("VHD834", "?")]
    assert report.set.required == report.set.held == len(PARTS)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"snapshots": "none"}, ("Snapshots",)),
        ({"snapshots": host().machines[0].snapshots[0].id}, (".avhd", "Machines", "Snapshots")),
        ({"compact": True}, (".vhd", ".avhd")),
    ],
    ids=["without snapshots", "one snapshot", "compact"],
)
def test_what_an_export_was_told_to_leave_out_is_a_note(
    changes: dict[str, Any], words: tuple[str, ...], tmp_path: Path
) -> None:
    kept = {path: FILES[path] for path in PARTS if not any(word in path for word in words)}
    gone = len(PARTS) - len(kept)
    assert gone > 1
    # A record names one configuration of a machine; here it is that of what was left out.
    rows = {path: FILES[path] for path in PARTS if path in kept or path == CONFIGURATION}
    records = {
        Severity.ERROR: FILES[RECORD],
        Severity.NOTE: build_record(record_of(rows, **changes)).content,
    }
    save_files(host().files(), tmp_path / "host")
    for severity, record in records.items():
        save_files({**kept, RECORD: record}, tmp_path / severity)
        report = compared(tmp_path / "host", tmp_path / severity).set
        assert report is not None
        assert [(item.code, item.severity) for item in report.findings] == [("VHD833", severity)] * gone
        assert report.held == len(kept)
        assert report.required == len(kept) + (gone if severity is Severity.ERROR else 0)
