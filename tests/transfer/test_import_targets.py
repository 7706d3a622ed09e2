"""An import asks what the target is called and has already, and writes accordingly."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.transfer.imports import WINDOWS, Scene, contents, exported, planned, refusal, small, small_lab, stored_paths
from vhdchain.errors import ConfigError, PlanRefusedError
from vhdchain.findings import Severity
from vhdchain.hyperv.viewpoint import DEFAULT_ROOT
from vhdchain.plan import plan_document, plan_from_document
from vhdchain.shell.executor.run import execute
from vhdchain.testing.faults import WeighingLayer, weight
from vhdchain.testing.folder import write_folder
from vhdchain.testing.lab import HostLab, LabDisk
from vhdchain.testing.lab.own_exports import own_export
from vhdchain.transfer import RECORD_NAME

if TYPE_CHECKING:
    from pathlib import Path


def warned(folder: Path) -> list[str]:
    with vc.scan_folder(folder) as inventory:
        return [str(item) for item in vc.audit(inventory).findings if item.severity is not Severity.NOTE]


# ----------------------------------------------------------------------------------------------------------------- ids


def test_a_machine_that_is_there_is_refused_with_every_id_that_is_taken(tmp_path: Path) -> None:
    scene = small(tmp_path)
    execute(scene.plan())
    before = contents(scene.target)
    error = refusal(scene.plan)

    ids = {scene.machine.id, *(snapshot.id for snapshot in scene.machine.snapshots)}
    assert {(item.code, item.found) for item in error.findings} == {("VHD942", id_) for id_ in ids}
    assert contents(scene.target) == before


def test_with_new_ids_it_comes_beside_the_other_where_its_disks_have_a_place(tmp_path: Path) -> None:
    scene = small(tmp_path)
    execute(scene.plan())
    plan = scene.plan(new_id=True, disks=scene.target / "copies")
    execute(plan)

    with vc.scan_folder(scene.target) as inventory:
        assert {machine.id for machine in inventory.machines} == {scene.machine.id, plan.facts["machine"]}
        assert all(len(machine.snapshots) == 2 for machine in inventory.machines)


def test_a_snapshots_id_that_another_machine_has_is_refused(tmp_path: Path) -> None:
    scene = small(tmp_path)
    snapshot = scene.machine.snapshots[0].id
    other = scene.target / "Snapshots" / f"{snapshot}.xml"
    other.parent.mkdir(parents=True)
    other.write_bytes((scene.home / "Snapshots" / f"{snapshot}.xml").read_bytes())
    error = refusal(scene.plan)

    assert [(item.code, item.found, item.related) for item in error.findings] == [("VHD942", snapshot, (str(other),))]


def test_exports_that_lie_at_the_target_are_no_machines_of_it(tmp_path: Path) -> None:
    scene = small(tmp_path)
    exported(scene.home.parents[2] / "exports" / "target" / "kept", *small_lab())

    assert scene.plan(destination=tmp_path / "exports").steps
    assert scene.plan().steps


def test_a_second_configuration_of_the_machine_keeps_it_from_being_used_in_place(tmp_path: Path) -> None:
    scene = small(tmp_path)
    (scene.home / RECORD_NAME).unlink()
    own = scene.home / "Virtual Machines" / f"{scene.machine.id}.xml"
    (scene.home / "Virtual Machines" / "copy.xml").write_bytes(own.read_bytes())
    with vc.scan_folder(scene.home) as inventory:
        machine = next(machine for machine in inventory.machines if machine.states[0].path == str(own))
        error = refusal(lambda: vc.plan_import(inventory, machine, scene.home, windows=WINDOWS))

    assert "VHD942" in {item.code for item in error.findings}


# --------------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize("name", ["disk.vhd", "DISK.VHD"])
def test_a_name_that_is_taken_is_refused_in_any_letter_case(name: str, tmp_path: Path) -> None:
    scene = small(tmp_path)
    there = scene.target / "Virtual Hard Disks" / name
    there.parent.mkdir(parents=True)
    there.write_bytes(b"another machine's")
    error = refusal(scene.plan)

    assert isinstance(error, PlanRefusedError)
    assert str(error).startswith(f"{there}: is there already")
    assert "--disks" in str(error)
    assert contents(scene.target).keys() == {"Virtual Hard Disks", f"Virtual Hard Disks/{name}"}


def test_what_an_interrupted_import_left_is_told_as_such(tmp_path: Path) -> None:
    scene = small(tmp_path)
    with pytest.raises(vc.CancelledError):
        execute(scene.plan(), cancel=lambda: any(scene.target.rglob("*.vhd")))
    error = refusal(scene.plan)

    assert isinstance(error, PlanRefusedError)
    assert f"vhdchain resume {scene.target}.vhdchain-journal " in str(error)
    vc.resume(scene.target)
    scene.check(scene.target, scene.plan(destination=tmp_path / "other"))


@pytest.mark.parametrize("place", ["", "Virtual Machines", "new/folder"])
def test_a_copy_has_no_place_in_the_export(place: str, tmp_path: Path) -> None:
    scene = small(tmp_path)

    assert isinstance(refusal(lambda: scene.plan(destination=scene.home / place)), ConfigError)


def test_folders_of_a_host_that_are_there_are_used(tmp_path: Path) -> None:
    scene = small(tmp_path)
    for name in ("Virtual Machines", "Snapshots", "Virtual Hard Disks"):
        (scene.target / name).mkdir(parents=True)
    plan = scene.plan()
    execute(plan)

    scene.check(scene.target, plan)


def test_relative_paths_start_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = small(tmp_path)
    monkeypatch.chdir(scene.home.parent)
    plan = planned(scene.home.relative_to(scene.home.parent), destination="new", windows=WINDOWS)
    execute(plan)

    scene.check(scene.home.parent / "new", plan)


# ------------------------------------------------------------------------------------------------------------- Windows


@pytest.mark.parametrize("in_place", [True, False], ids=["in place", "copied"])
def test_without_a_name_of_windows_the_line_says_how_to_tell_it(in_place: bool, tmp_path: Path) -> None:
    scene = small(tmp_path)
    error = refusal(lambda: scene.plan_in_place(windows=None) if in_place else scene.plan(windows=None))

    assert isinstance(error, PlanRefusedError)
    assert "--as" in str(error)
    assert f"--map 'D:\\FOLDER={scene.home if in_place else scene.target}'" in str(error)


@pytest.mark.parametrize("windows", ["VMs", "/srv/vms", "", "D:VMs", r"\\.\PhysicalDrive0"])
def test_what_is_no_absolute_path_of_windows_is_refused(windows: str, tmp_path: Path) -> None:
    scene = small(tmp_path)

    assert isinstance(refusal(lambda: scene.plan(windows=windows)), ConfigError)


def test_disks_in_place_have_no_other_folder(tmp_path: Path) -> None:
    scene = small(tmp_path)

    assert isinstance(refusal(lambda: scene.plan_in_place(disks=tmp_path / "disks")), ConfigError)


@pytest.mark.parametrize("windows", ["F:\\", r"\\server\share", "F:\\VMs\\", DEFAULT_ROOT, "F:/VMs/srv"])
def test_any_absolute_place_will_do(windows: str, tmp_path: Path) -> None:
    scene = small(tmp_path)
    plan = scene.plan(windows=windows)
    execute(plan)

    with vc.scan_folder(scene.target) as inventory:
        (machine,) = inventory.machines
        assert machine.now is not None
        root = windows if windows == "F:\\" else windows.replace("/", "\\").rstrip("\\")
        assert {state.configuration.snapshot_root for state in machine.states} == {root}
        disk = "\\".join([root.rstrip("\\"), "Virtual Hard Disks"])
        assert all(disk_.drive.path.startswith(f"{disk}\\") for state in machine.states for disk_ in state.disks)
        assert all(disk_.found.exact for state in machine.states for disk_ in state.disks)


def test_a_map_may_say_it_and_a_deeper_folder_may_have_another_name(tmp_path: Path) -> None:
    scene = small(tmp_path)
    mapping = {r"D:\VMs": scene.target, r"E:\Disks": scene.target / "Virtual Hard Disks"}
    execute(scene.plan(windows=None, path_map=mapping))

    paths = set(stored_paths(scene.target))
    assert {path[:9] for path in paths if path.endswith("vhd")} == {"E:\\Disks\\"}
    assert {path[:6] for path in paths if not path.endswith("vhd")} == {r"D:\VMs"}


def test_what_is_said_of_the_folder_counts_before_the_map(tmp_path: Path) -> None:
    scene = small(tmp_path)
    execute(scene.plan(path_map={r"D:\VMs": scene.target}))

    assert {path[: len(WINDOWS)] for path in stored_paths(scene.target)} == {WINDOWS}


def test_a_place_whose_path_is_too_long_for_a_header_gets_the_bare_name_there(tmp_path: Path) -> None:
    scene = small(tmp_path)
    plan = scene.plan(windows="D:\\" + "\\".join(["a folder with quite a long name"] * 9))
    execute(plan)

    scene.check(scene.target, plan)
    with vc.scan_folder(scene.target) as inventory:
        names = {image.header.record.parent_name for image in inventory.images if image.header is not None}
    assert names - {None, ""}
    assert all("\\" not in (name or "") for name in names)


# ------------------------------------------------------------------------------------------------- what is left alone


def test_an_iso_file_stays_and_is_told_once(tmp_path: Path) -> None:
    lab = HostLab(seed="media")
    machine = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    section = "_83f8638b-8dca-4152-9eda-2ca8b33039b4_/controller1/drive0"
    snapshot = lab.take(machine, "first")
    for owner in (machine, snapshot):
        lab.edit(owner, f"{section}/pathname", r"C:\ISO\windows.iso")
        lab.edit(owner, f"{section}/type", "ISO")
        lab.edit(owner, "unknown/folder", r"C:\Somewhere")
    scene = exported(tmp_path, lab, machine)
    plan = scene.plan()
    execute(plan)

    (told,) = plan.findings
    assert (told.code, told.severity, len(told.related)) == ("VHD946", Severity.NOTE, 1)
    assert told.details == (r"IDE 1:0: ISO 'C:\ISO\windows.iso'", r"unknown/folder: 'C:\Somewhere'")
    assert {path for path in stored_paths(scene.target) if not path.startswith(WINDOWS)} == {
        r"C:\ISO\windows.iso",
        r"C:\Somewhere",
    }


def test_a_disk_of_the_host_is_told_by_the_slot_that_people_see(tmp_path: Path) -> None:
    lab = HostLab(seed="pass-through")
    machine = lab.machine("srv", disks=[LabDisk("srv.vhd"), LabDisk("data.vhd", controller="SCSI")])
    lab.pass_through(machine, number=1, slot=3)
    scene = exported(tmp_path, lab, machine)

    assert [item.details for item in scene.plan().findings] == [("SCSI 1:3: HDD, which is no disk in a file",)]


def test_a_disk_with_another_name_is_not_changed_in_place(tmp_path: Path) -> None:
    scene = small(tmp_path)
    disk = next((scene.home / "Virtual Hard Disks").glob("*.avhd"))
    os.link(disk, tmp_path / "the same.avhd")
    before = contents(tmp_path)
    error = refusal(scene.plan_in_place)

    assert isinstance(error, PlanRefusedError)
    assert str(error).startswith(f"{disk}: the file has 2 names")
    assert contents(tmp_path) == before


# --------------------------------------------------------------------------------------------------- times and figures


@pytest.mark.parametrize("in_place", [True, False], ids=["in place", "copied"])
def test_times_that_were_lost_on_the_way_are_given_back(in_place: bool, tmp_path: Path) -> None:
    scene = small(tmp_path)
    for path in scene.home.rglob("*vhd"):
        path.touch()
    assert _of_times(scene.home)
    plan = scene.plan_in_place() if in_place else scene.plan()
    execute(plan)

    scene.check(scene.home if in_place else scene.target, plan)


@pytest.mark.parametrize("in_place", [True, False], ids=["in place", "copied"])
def test_a_time_that_did_not_fit_the_children_before_does_not_fit_afterwards(in_place: bool, tmp_path: Path) -> None:
    scene = small(tmp_path)
    record = json.loads((scene.home / RECORD_NAME).read_bytes())
    for item in record["files"]:
        if item["part"] == "disk":
            item["mtime_ns"] += 30 * 86_400 * 10**9
    (scene.home / RECORD_NAME).write_text(json.dumps(record), encoding="utf-8")
    assert not _of_times(scene.home)
    execute(scene.plan_in_place() if in_place else scene.plan())

    assert _of_times(scene.home if in_place else scene.target)


def _of_times(folder: Path) -> list[str]:
    return [line for line in warned(folder) if "[VHD806]" in line]


def test_the_room_that_is_asked_for_is_enough(tmp_path: Path) -> None:
    scene = small(tmp_path)
    for plan in (scene.plan(new_id=True), scene.plan_in_place()):
        before, layer = weight(tmp_path), WeighingLayer(tmp_path)
        execute(plan, layer=layer)
        journal = 256 << 10
        assert layer.most - before <= sum(need.peak for need in plan.needs) + journal


def test_a_plan_is_a_document_that_can_be_read_back(tmp_path: Path) -> None:
    scene = small(tmp_path)
    for plan in (scene.plan(reread=True), scene.plan_in_place(new_id=True)):
        assert plan_from_document(plan_document(plan)) == plan


def test_reading_what_is_compared_is_told(tmp_path: Path) -> None:
    scene = small(tmp_path)
    told: list[tuple[int, int]] = []
    scene.plan_in_place(progress=lambda done, total: told.append((done, total)))
    size = sum(path.stat().st_size for path in scene.home.rglob("*") if path.is_file() and path.name != RECORD_NAME)

    assert told[-1] == (size, size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_planning_can_be_stopped(tmp_path: Path) -> None:
    scene = small(tmp_path)
    with pytest.raises(vc.CancelledError):
        scene.plan_in_place(cancel=lambda: True)


def test_holes_stay_holes(tmp_path: Path) -> None:
    lab = HostLab(seed="holes")
    machine = lab.machine("srv", disks=[LabDisk("srv.vhd", fixed=True, size=8 << 20)])
    export = own_export(lab, machine)
    home = tmp_path / "exports" / "of the day" / "srv"
    home.mkdir(parents=True)
    write_folder(export.files, home, modified=export.modified, sparse=True)
    scene = Scene(lab=lab, machine=machine, home=home)
    plan = scene.plan()
    execute(plan)

    disk = scene.target / "Virtual Hard Disks" / "srv.vhd"
    assert disk.stat().st_size > 8 << 20
    assert disk.stat().st_blocks * 512 < 1 << 20
    assert sum(need.peak for need in plan.needs) < 1 << 20
    whole = scene.plan(destination=tmp_path / "other", holes=False)
    assert sum(need.lasting for need in whole.needs) >= int(whole.facts["bytes"]) > 8 << 20


def test_what_is_where_it_says_already_needs_no_import_and_keeps_its_record(tmp_path: Path) -> None:
    lab = HostLab(seed="in place already", root=WINDOWS, disks=f"{WINDOWS}\\Virtual Hard Disks")
    machine = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    lab.edit(machine, "global_settings/data_root", WINDOWS)
    scene = exported(tmp_path, lab, machine)
    plan = scene.plan_in_place()

    assert plan.steps == ()
    assert (scene.home / RECORD_NAME).exists()


def test_a_folder_around_several_exports_may_be_named(tmp_path: Path) -> None:
    scene = small(tmp_path)
    around = scene.home.parent
    with vc.scan_folder(around) as inventory:
        plan = vc.plan_import(inventory, next(iter(inventory.machines)), around, windows=WINDOWS)
    execute(plan)

    scene.check(scene.home, plan)
    assert {path[: len(WINDOWS) + 5] for path in stored_paths(scene.home)} == {f"{WINDOWS}\\srv\\", f"{WINDOWS}\\srv"}


def test_a_configuration_that_changed_since_the_scan_is_refused(tmp_path: Path) -> None:
    scene = small(tmp_path)
    (scene.home / RECORD_NAME).unlink()
    with vc.scan_folder(scene.home) as inventory:
        (machine,) = inventory.machines
        path = scene.home / "Virtual Machines" / f"{scene.machine.id}.xml"
        path.write_bytes(path.read_bytes().replace("srv".encode("utf-16-le"), "abc".encode("utf-16-le")))
        error = refusal(lambda: vc.plan_import(inventory, machine, scene.home, windows=WINDOWS))

    assert isinstance(error, PlanRefusedError)
    assert str(path) in str(error)
