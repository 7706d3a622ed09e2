"""An export that no record belongs to is imported where everything that it names is there and sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transfer.imports import Scene, contents, exported, new_ids, refusal
from vhdchain.errors import PlanRefusedError
from vhdchain.findings import Severity
from vhdchain.shell.executor.run import execute
from vhdchain.testing.lab import ExportForm, HostLab, LabDisk
from vhdchain.testing.lab.own_exports import own_export
from vhdchain.transfer import RECORD_NAME

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vhdchain.testing.lab import LabMachine

each_way = pytest.mark.parametrize("in_place", [True, False], ids=["in place", "copied"])


def lab_of(version: str = "2012 R2", *, ids: bool = True) -> tuple[HostLab, LabMachine]:
    lab = HostLab(seed="host export", store=False, version=version, ids=ids)
    machine = lab.machine("srv", disks=[LabDisk("srv.vhd"), LabDisk("data.vhd", controller="SCSI")])
    first = lab.take(machine, "first", power="running")
    lab.fill(machine, 0, 4096, 512)
    lab.take(machine, "second", power="off")
    lab.apply(machine, first)
    lab.turn_off(machine)
    lab.fill(machine, 1, 4096, 512)
    return lab, machine


def of_a_host(folder: Path, version: str = "2012 R2") -> Scene:
    """Write an export as a host of 2012 R2 makes it; its configurations name their places in the export."""
    lab, machine = lab_of(version)
    twin = lab.export(machine, r"C:\exports\of the day", form=ExportForm.HOST_2012_R2, remove=True)
    for path in lab.save(folder).values():
        path.chmod(0o644)
    return Scene(lab=lab, machine=twin, home=folder / "exports" / "of the day" / "srv")


def without_record(folder: Path, *, ids: bool = True) -> Scene:
    """Write an export whose configurations go on naming the host's places."""
    scene = exported(folder, *lab_of("2008 R2", ids=ids))
    (scene.home / RECORD_NAME).unlink()
    return scene


SCENES: dict[str, Callable[[Path], Scene]] = {
    "of a host of 2012 R2": of_a_host,
    "with the host's paths": without_record,
}
each_scene = pytest.mark.parametrize("make", SCENES.values(), ids=SCENES)
PLACES = tuple(sorted(set(own_export(*lab_of()).files) - {RECORD_NAME}))


@each_way
@pytest.mark.parametrize("new_id", [True, False], ids=["new id", "same id"])
@each_scene
def test_it_is_the_machine_that_was_exported(
    make: Callable[[Path], Scene], new_id: bool, in_place: bool, tmp_path: Path
) -> None:
    scene = make(tmp_path)
    plan = scene.plan_in_place(new_id=new_id) if in_place else scene.plan(new_id=new_id)
    execute(plan)

    scene.check(scene.home if in_place else scene.target, plan)
    assert [item.code for item in plan.findings] == ["VHD944"]
    assert len(new_ids(plan)) == (3 if new_id else 0)


def tried(scene: Scene, *, in_place: bool = False) -> PlanRefusedError:
    before = contents(scene.home)
    error = refusal(lambda: execute(scene.plan_in_place() if in_place else scene.plan()))
    assert isinstance(error, PlanRefusedError)
    assert contents(scene.home) == before
    assert not scene.target.exists()
    return error


@each_scene
@pytest.mark.parametrize("place", PLACES)
def test_every_file_that_was_taken_away_is_missed(place: str, make: Callable[[Path], Scene], tmp_path: Path) -> None:
    scene = make(tmp_path)
    path = scene.home / place
    path.unlink()
    error = tried(scene)

    own = place == f"Virtual Machines/{scene.machine.id}.xml"
    assert {item.code for item in error.findings if item.severity is Severity.ERROR} == {"VHD941" if own else "VHD833"}
    told = [item for item in error.findings if path.name in f"{item.location} {item.message} {item.expected}"]
    assert told or own


@each_scene
@pytest.mark.parametrize("place", [place for place in PLACES if not place.endswith((".bin", ".vsv"))])
def test_every_disk_and_configuration_that_was_cut_off_is_named(
    place: str, make: Callable[[Path], Scene], tmp_path: Path
) -> None:
    scene = make(tmp_path)
    path = scene.home / place
    path.write_bytes(path.read_bytes()[:-512])
    error = tried(scene)

    assert path.name in str(error)
    assert {item.code for item in error.findings} <= {"VHD941", "VHD945", "VHD833", "VHD944"}


def test_a_list_of_snapshots_without_ids_is_told_where_it_is_longer(tmp_path: Path) -> None:
    scene = without_record(tmp_path, ids=False)
    for snapshot in scene.machine.snapshots[1:]:
        (scene.home / "Snapshots" / f"{snapshot.id}.xml").unlink()
    plan = scene.plan()

    assert [(item.code, item.severity, item.expected, item.found) for item in plan.findings] == [
        ("VHD833", Severity.WARNING, 2, 1),
        ("VHD944", Severity.NOTE, None, None),
    ]


def test_the_form_of_a_host_of_2008_is_refused_as_what_it_is(tmp_path: Path) -> None:
    lab, machine = lab_of("2008 R2")
    twin = lab.export(machine, r"C:\exports\of the day", form=ExportForm.HOST_2008_R2, remove=True)
    lab.save(tmp_path)
    error = tried(Scene(lab=lab, machine=twin, home=tmp_path / "exports" / "of the day" / "srv"))

    assert [item.code for item in error.findings] == ["VHD943"]
    assert len(error.findings[0].related) == 4


def test_times_that_were_lost_are_left_as_they_are_without_a_record(tmp_path: Path) -> None:
    scene = without_record(tmp_path)
    base = scene.home / "Virtual Hard Disks" / "srv.vhd"
    base.touch()
    modified = base.stat().st_mtime
    execute(scene.plan())

    assert (scene.target / "Virtual Hard Disks" / "srv.vhd").stat().st_mtime == modified
