"""A part of an export, or a damaged one, is refused with the file named, and nothing is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.transfer.imports import WINDOWS, Scene, contents, planned, refusal, small, small_lab
from vhdchain.errors import CancelledError, ConfigError, PlanRefusedError
from vhdchain.findings import Severity
from vhdchain.shell.executor.run import execute
from vhdchain.testing.lab.own_exports import own_export
from vhdchain.transfer import RECORD_NAME

if TYPE_CHECKING:
    from pathlib import Path

FILES = tuple(sorted(set(own_export(*small_lab()).files) - {RECORD_NAME}))
each_file = pytest.mark.parametrize("place", FILES)
each_way = pytest.mark.parametrize("in_place", [True, False], ids=["in place", "copied"])


def tried(scene: Scene, *, in_place: bool) -> PlanRefusedError:
    """Import, and return the refusal; nothing is changed by it."""
    before = contents(scene.home.parent.parent)
    error = refusal(lambda: execute(scene.plan_in_place() if in_place else scene.plan()))
    assert isinstance(error, PlanRefusedError)
    assert contents(scene.home.parent.parent) == before
    assert not scene.target.exists()
    assert sorted(path.name for path in scene.home.parents[2].iterdir()) == ["exports"]
    return error


def codes(error: PlanRefusedError) -> set[str]:
    return {item.code for item in error.findings}


@each_way
@each_file
def test_a_file_that_was_taken_away_is_named(place: str, in_place: bool, tmp_path: Path) -> None:
    scene = small(tmp_path)
    size = (scene.home / place).stat().st_size
    (scene.home / place).unlink()
    error = tried(scene, in_place=in_place)

    assert [(item.code, item.location.path, item.expected) for item in error.findings] == [
        ("VHD833", str(scene.home / place), size)
    ]


@each_way
@each_file
def test_a_file_that_lost_its_last_byte_is_named_with_both_lengths(place: str, in_place: bool, tmp_path: Path) -> None:
    scene = small(tmp_path)
    content = (scene.home / place).read_bytes()
    (scene.home / place).write_bytes(content[:-1])
    error = tried(scene, in_place=in_place)

    assert [(item.code, item.location.path, item.expected, item.found) for item in error.findings] == [
        ("VHD833", str(scene.home / place), len(content), len(content) - 1)
    ]


@each_way
@pytest.mark.parametrize("where", [0, 0.1, 0.3, 0.5, 0.8, 1])
@each_file
def test_a_file_with_one_other_byte_is_named(place: str, where: float, in_place: bool, tmp_path: Path) -> None:
    scene = small(tmp_path)
    content = bytearray((scene.home / place).read_bytes())
    content[int(where * (len(content) - 1))] ^= 0x20
    (scene.home / place).write_bytes(content)
    error = tried(scene, in_place=in_place)

    assert str(scene.home / place) in str(error)
    # A copy that turns out another one is refused by whoever makes it.
    assert codes(error) <= {"VHD833"}


def test_all_that_is_missing_is_told(tmp_path: Path) -> None:
    scene = small(tmp_path)
    for place in FILES:
        (scene.home / place).unlink()
    error = tried(scene, in_place=False)

    assert {item.location.path for item in error.findings} == {str(scene.home / place) for place in FILES}
    assert f"and {len(FILES) - 1} more" in str(error)


def test_without_a_look_at_contents_another_byte_of_data_goes_through(tmp_path: Path) -> None:
    scene = small(tmp_path)
    place = next(place for place in FILES if place.endswith(".bin"))
    content = bytearray((scene.home / place).read_bytes())
    content[5] ^= 1
    (scene.home / place).write_bytes(content)
    execute(scene.plan(verify=False))

    assert bytes(content) in [path.read_bytes() for path in scene.target.rglob("*.bin")]


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        "Virtual Hard Disks/other.vhd",
        "Snapshots/list.xml",
        "Snapshots/AAAAAAAA-0000-0000-0000-000000000000.xml",
    ],
)
def test_a_file_that_the_record_does_not_know_is_told_and_left(name: str, tmp_path: Path) -> None:
    scene = small(tmp_path)
    (scene.home / name).write_bytes(b"something else")
    plan = scene.plan()
    execute(plan)

    assert [(item.code, item.location.path) for item in plan.findings] == [("VHD834", str(scene.home / name))]
    assert not any(path.read_bytes() == b"something else" for path in scene.target.rglob("*") if path.is_file())


def test_a_snapshot_that_the_record_does_not_know_stays_where_it_is(tmp_path: Path) -> None:
    scene = small(tmp_path)
    known = scene.home / "Snapshots" / f"{scene.machine.snapshots[0].id}.xml"
    other = known.with_name("AAAAAAAA-0000-0000-0000-000000000000.xml")
    text = known.read_bytes().decode("utf-16").replace(scene.machine.snapshots[0].id, other.stem)
    other.write_bytes(text.replace("disk.vhd", "disk_unknown.vhd").encode("utf-16"))
    plan = scene.plan()
    execute(plan)

    scene.check(scene.target, plan)
    assert [(item.code, item.location.path) for item in plan.findings] == [("VHD834", str(other))]


def test_a_configuration_that_is_not_the_one_that_was_exported_is_refused(tmp_path: Path) -> None:
    scene = small(tmp_path)
    own = scene.home / "Virtual Machines" / f"{scene.machine.id}.xml"
    (scene.home / "Virtual Machines" / "copy.xml").write_bytes(own.read_bytes())
    with vc.scan_folder(scene.home) as inventory:
        machine = next(machine for machine in inventory.machines if machine.states[0].path != str(own))
        error = refusal(lambda: vc.plan_import(inventory, machine, scene.home, windows=WINDOWS))

    assert [item.location.path for item in error.findings if item.code == "VHD833"] == [
        str(scene.home / "Virtual Machines" / "copy.xml")
    ]


@pytest.mark.parametrize("place", [place for place in FILES if place.endswith(("vhd", ".bin"))])
def test_a_file_that_was_struck_out_of_the_record_is_missed_by_who_names_it(place: str, tmp_path: Path) -> None:
    scene = small(tmp_path)
    record = scene.home / RECORD_NAME
    document = json.loads(record.read_bytes())
    children = {place}
    for item in document["files"]:
        if item["parent"] in children:
            children.add(item["path"])
    document["files"] = [item for item in document["files"] if item["path"] not in children]
    record.write_text(json.dumps(document))
    error = tried(scene, in_place=False)

    assert {item.code for item in error.findings if item.severity is Severity.ERROR} == {"VHD833"}


def test_a_record_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    scene = small(tmp_path)
    record = scene.home / RECORD_NAME
    record.write_bytes(record.read_bytes()[:-3])

    assert isinstance(error := refusal(scene.plan), ConfigError)
    assert str(record) in str(error)


def test_the_record_of_another_machine_is_refused(tmp_path: Path) -> None:
    scene = small(tmp_path)
    record = scene.home / RECORD_NAME
    text = record.read_text("ascii")
    record.write_text(
        text.replace(f'"machine": {{\n  "id": "{scene.machine.id}"', '"machine": {\n  "id": "A"'), "ascii"
    )
    error = tried(scene, in_place=False)

    assert [(item.code, item.location.path) for item in error.findings] == [("VHD833", str(record))]


@pytest.mark.parametrize(
    "leftover",
    [
        "srv.vhdchain-journal",
        "srv/Virtual Hard Disks/disk.vhd.vhdchain-new",
        "srv/Virtual Machines/x.xml.vhdchain-journal",
        "srv/Virtual Hard Disks/disk.vhd.vhdchain-undo",
    ],
)
@each_way
def test_an_interrupted_export_is_refused_with_what_was_left(leftover: str, in_place: bool, tmp_path: Path) -> None:
    scene = small(tmp_path)
    (scene.home.parent / leftover).write_bytes(b"half")
    error = tried(scene, in_place=in_place)

    assert [(item.code, item.related) for item in error.findings] == [("VHD941", (str(scene.home.parent / leftover),))]


def test_an_export_that_was_really_interrupted_is_refused(tmp_path: Path) -> None:
    scene = small(tmp_path)
    disks = [scene.home / place for place in FILES if place.endswith("vhd")]
    before = [disk.read_bytes() for disk in disks]
    with pytest.raises(CancelledError):
        execute(scene.plan_in_place(), cancel=lambda: [disk.read_bytes() for disk in disks] != before)
    error = refusal(scene.plan_in_place)

    assert isinstance(error, PlanRefusedError)
    assert codes(error) == {"VHD941"}


def test_a_folder_without_a_machine_is_refused(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "disk.vhd").write_bytes(bytes(512))
    error = refusal(lambda: planned(tmp_path / "exports", destination=tmp_path / "target", windows=WINDOWS))

    assert isinstance(error, PlanRefusedError)
    assert codes(error) == {"VHD941"}
