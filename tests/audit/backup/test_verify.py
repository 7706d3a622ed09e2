"""A set that holds everything is quiet; whatever lacks, differs or is too much is told, and nothing besides."""

from __future__ import annotations

import dataclasses
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.audit.backup.labs import compared, save_files
from tests.hostile.wording import badly_worded
from vhdchain.audit.backup import BackupReport, OtherFile
from vhdchain.findings import CODES, Finding, Severity
from vhdchain.shell.backup_set import backup_set
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.damage_set import SET_RECIPES, SetRecipe
from vhdchain.testing.lab import HostLab, LabDisk, host_lab

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LAB = host_lab()
FILES = LAB.files()
SRV = LAB.machines[0]
LEAF = LAB.disk_path(SRV)
BASE = LAB.disk_path(SRV.snapshot("first"))
CONFIGURATION = LAB.configuration_path(SRV)


def _found(tmp_path: Path, held: Mapping[str, bytes], **options: object) -> BackupReport:
    folder, there = tmp_path / "host", tmp_path / "set"
    for place, files in ((folder, FILES), (there, held)):
        save_files(files, place)
    return compared(folder, there, **options)


def _findings(report: BackupReport) -> tuple[Finding, ...]:
    assert report.set is not None
    assert badly_worded(report.set.findings) == []
    return report.set.findings


@pytest.mark.parametrize("recipe", SET_RECIPES.values(), ids=SET_RECIPES)
def test_a_recipe_plants_exactly_its_codes(recipe: SetRecipe, tmp_path: Path) -> None:
    folder, held = tmp_path / "host", tmp_path / "set"
    folder.mkdir()
    held.mkdir()
    recipe.plant(folder, held)
    with scan_folder(held) as inventory:
        others = backup_set(inventory).others
    findings = _findings(compared(folder, held, others=others))
    assert {item.code for item in findings} == recipe.codes
    assert {item.severity for item in findings if item.code == recipe.code} == {CODES[recipe.code].severity}


def test_an_equal_copy_is_complete(tmp_path: Path) -> None:
    report = _found(tmp_path, FILES)
    assert _findings(report) == ()
    assert report.set is not None
    assert (report.set.required, report.set.held) == (len(FILES), len(FILES))
    assert report.exit_code({"VHD831"}) == 0


def test_a_copy_in_other_folders_is_complete(tmp_path: Path) -> None:
    flat = {f"{'disks' if path.endswith('vhd') else 'rest'}/{path.rpartition('/')[2]}": FILES[path] for path in FILES}
    assert _findings(_found(tmp_path, flat)) == ()


@pytest.mark.parametrize("gone", sorted(FILES))
def test_each_file_that_lacks_is_told_once(gone: str, tmp_path: Path) -> None:
    report = _found(tmp_path, {path: content for path, content in FILES.items() if path != gone})
    (finding,) = _findings(report)
    store = gone.endswith("InitialStore.xml")
    assert (finding.code, finding.location.path) == ("VHD833", str(tmp_path / "set"))
    assert finding.severity is (Severity.WARNING if store else Severity.ERROR)
    assert finding.related == (str(tmp_path / "host" / gone),)
    assert isinstance(finding.expected, str)
    assert finding.expected.replace("\\", "/").removeprefix("C:/") == gone
    assert report.set is not None
    assert (report.set.required, report.set.held) == (len(FILES), len(FILES) - 1)
    assert report.exit_code({"VHD831"}) == 1
    assert report.exit_code({"VHD831", "VHD833"}) == 0


def test_what_is_missing_on_the_host_may_be_in_the_set(tmp_path: Path) -> None:
    folder, held = tmp_path / "host", tmp_path / "set"
    save_files({path: content for path, content in FILES.items() if path != BASE}, folder)
    save_files(FILES, held)
    assert _findings(compared(folder, held)) == ()
    (held / BASE).unlink()
    (finding,) = _findings(compared(folder, held))
    assert finding.code == "VHD833"
    assert finding.related == ()
    assert any("not known to be where the list comes from" in detail for detail in finding.details)


def test_another_disk_under_the_same_name_is_not_the_file(tmp_path: Path) -> None:
    other = HostLab(seed="another")
    machine = other.machine("srv", disks=[LabDisk("srv.vhd")])
    (finding,) = _findings(_found(tmp_path, {**FILES, BASE: other.files()[other.disk_path(machine)]}))
    assert (finding.code, finding.location.path) == ("VHD833", str(tmp_path / "set" / BASE))
    assert "is wanted" in finding.message
    assert SRV.snapshot("first").state.images[0].unique_id.hex() in finding.message


@pytest.mark.parametrize("path", [LEAF, *LAB.state_paths(SRV.snapshot("second"))])
def test_a_file_of_another_length_is_not_the_file(path: str, tmp_path: Path) -> None:
    content = FILES[path]
    changed = content[:-512] + bytes(512) + content[-512:] if path == LEAF else content + b"x"
    (finding,) = _findings(_found(tmp_path, {**FILES, path: changed}))
    assert (finding.code, finding.severity) == ("VHD833", Severity.ERROR)
    assert finding.message.endswith(f"it has {len(changed)} bytes, not {len(content)}")


def test_a_configuration_that_was_written_anew_counts_when_it_names_the_same_files(tmp_path: Path) -> None:
    lab = host_lab()
    srv = lab.machines[0]
    lab.edit(srv, "properties/notes", "restored, with other notes")
    assert _findings(_found(tmp_path, {**FILES, CONFIGURATION: lab.files()[CONFIGURATION]})) == ()
    lab.edit(srv, "_83f8638b-8dca-4152-9eda-2ca8b33039b4_/controller0/drive0/pathname", r"D:\elsewhere\srv_2.avhd")
    (finding,) = _findings(_found(tmp_path, {**FILES, CONFIGURATION: lab.files()[CONFIGURATION]}))
    assert finding.code == "VHD833"
    assert "at IDE 0, 0:0 it names 'srv_2.avhd', not " in finding.message


def test_a_disk_by_another_name_is_lacking_and_the_details_say_where_it_is(tmp_path: Path) -> None:
    held = {path.replace("web.vhd", "renamed.vhd"): content for path, content in FILES.items()}
    lacking, extra = _findings(_found(tmp_path, held))
    assert (lacking.code, extra.code) == ("VHD833", "VHD834")
    assert any("renamed.vhd holds the disk with its identifier" in detail for detail in lacking.details)


def test_two_disks_of_one_name_need_two_files(tmp_path: Path) -> None:
    lab = HostLab(seed="twins")
    for name in ("a", "b"):
        lab.machine(name, disks_folder=rf"C:\{name}", disks=[LabDisk("disk.vhd")])
    files = lab.files()
    folder, held = tmp_path / "host", tmp_path / "set"
    save_files(files, folder)
    save_files(files, held)
    assert _findings(compared(folder, held)) == ()
    (held / "a/disk.vhd").unlink()
    (finding,) = _findings(compared(folder, held))
    assert finding.expected == r"C:\a\disk.vhd"
    # The other one in its place is the wrong disk, wherever it lies.
    shutil.move(held / "b/disk.vhd", held / "a/disk.vhd")
    (finding,) = _findings(compared(folder, held))
    assert finding.expected == r"C:\a\disk.vhd"


def test_whatever_nothing_needs_is_told_as_a_note(tmp_path: Path) -> None:
    other = HostLab(seed="another", store=False)
    other.machine("other", disks=[LabDisk("other.vhd")])
    more = {**other.files(), "copies/web.vhd": FILES[LAB.disk_path(LAB.machines[1])], "setup.iso": b"iso"}
    report = _found(tmp_path, {**FILES, **more}, others=(OtherFile(path=str(tmp_path / "set/setup.iso"), size=3),))
    findings = _findings(report)
    assert {(item.code, item.severity) for item in findings} == {("VHD834", Severity.NOTE)}
    assert {item.location.path for item in findings} == {str(tmp_path / "set" / path) for path in more}
    assert {item.location.path: item.found for item in findings} == {
        str(tmp_path / "set" / path): len(content) for path, content in more.items()
    }
    assert report.exit_code({"VHD831"}) == 0


def test_everything_that_a_set_holds_is_looked_at(tmp_path: Path) -> None:
    held = {**FILES, "notes.txt": b"x", "a/b/list.csv": b"yy"}
    save_files(held, tmp_path)
    with scan_folder(tmp_path) as inventory:
        others = {item.path: item.size for item in backup_set(inventory).others}
    assert others == {str(tmp_path / path): len(content) for path, content in held.items()}


def test_an_export_of_2008_r2_holds_configurations_in_a_form_of_its_own(tmp_path: Path) -> None:
    held = {
        path.replace(".xml", ".exp"): b"placeholder" if path.endswith(".xml") else content
        for path, content in FILES.items()
        if "InitialStore" not in path
    }
    report = _found(tmp_path, held)
    assert _findings(report) == ()
    assert report.set is not None
    assert report.set.exported
    del held[CONFIGURATION.replace(".xml", ".exp")]
    (finding,) = _findings(_found(tmp_path / "2", held))
    assert finding.code == "VHD833"
    assert SRV.id in str(finding.expected)


@pytest.mark.parametrize("form", ["2012 R2", "2008 R2"])
def test_the_export_of_a_machine_holds_all_of_it(form: str, tmp_path: Path) -> None:
    lab = HostLab(seed="export", store=False)
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd"), LabDisk("data.vhd", controller="SCSI")])
    lab.take(srv, "first", power="running")
    lab.save_state(srv)
    lab.save(tmp_path / "host")
    lab.export(srv, r"C:\exports", form=form, remove=True)
    lab.save(tmp_path / "set")
    assert _findings(compared(tmp_path / "host", tmp_path / "set")) == ()


def test_a_copy_of_a_machine_that_has_a_folder_of_its_own_is_not_taken_for_an_export(tmp_path: Path) -> None:
    lab = HostLab(seed="own folder")
    lab.machine("srv", root=r"D:\srv", disks_folder=r"D:\srv\Virtual Hard Disks", disks=[LabDisk("srv.vhd")])
    files = lab.files()
    save_files(files, tmp_path / "host")
    save_files({path: content for path, content in files.items() if "InitialStore" not in path}, tmp_path / "set")
    (finding,) = _findings(compared(tmp_path / "host", tmp_path / "set"))
    assert (finding.code, finding.severity) == ("VHD833", Severity.WARNING)


def test_contents_count_when_they_are_compared(tmp_path: Path) -> None:
    folder, held = tmp_path / "host", tmp_path / "set"
    changed = bytearray(FILES[LEAF])
    changed[2600] ^= 1
    save_files(FILES, folder)
    save_files({**FILES, LEAF: bytes(changed)}, held)
    told: list[tuple[int, int]] = []
    with scan_folder(folder), scan_folder(held) as there:
        exact = backup_set(there, exact=True, progress=lambda done, total: told.append((done, total)))
        assert exact.compare is not None
        assert exact.compare(str(folder / BASE), str(held / BASE)) is None
        assert exact.compare(str(folder / BASE), str(held / "gone.vhd")) is not None
        assert told == [(len(FILES[BASE]), sum(map(len, FILES.values())))]
    assert _findings(compared(folder, held)) == ()
    report = compared(folder, held, compare=exact.compare)
    (finding,) = _findings(report)
    assert finding.message.endswith("its content differs, first at byte 2600")
    assert report.set is not None
    assert report.set.exact


def test_hostile_names_make_no_hostile_sentences(tmp_path: Path) -> None:
    folder, held = tmp_path / "host\x1b[2J", tmp_path / "set\x1b[2J\u202e"
    save_files(FILES, folder)
    save_files({"a\x1b[2J\n\u202e\x9b.vhd": FILES[BASE]}, held)
    findings = _findings(compared(folder, held))
    assert {item.code for item in findings} == {"VHD833", "VHD834"}


def test_a_file_that_could_not_be_read_is_told_beside_what_lacks(tmp_path: Path) -> None:
    folder, held = tmp_path / "host", tmp_path / "set"
    save_files(FILES, folder)
    save_files(FILES, held)
    (held / BASE).unlink()
    (held / BASE).symlink_to("nowhere")
    report = compared(folder, held)
    (finding,) = _findings(report)
    assert any("could not be read" in detail for detail in finding.details)
    assert [path for path, _ in report.unprocessed] == [str(held / BASE)]
    assert report.exit_code() == 3
    assert dataclasses.replace(report, unprocessed=()).exit_code() == 1
