"""What is imported is the machine that was exported: every disk, snapshot and saved state of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.transfer.imports import (
    MACHINES,
    WINDOWS,
    contents,
    exported,
    new_ids,
    of_host,
    small,
    stored_paths,
    with_names,
)
from vhdchain.shell.executor.run import execute
from vhdchain.testing.lab import HEALTHY_LABS
from vhdchain.transfer import RECORD_NAME

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

each_machine = pytest.mark.parametrize(("name", "number"), MACHINES)


def size_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@each_machine
@pytest.mark.parametrize("new_id", [True, False], ids=["new id", "same id"])
def test_a_copy_is_the_machine_and_the_export_stays_as_it_is(
    name: str, number: int, new_id: bool, tmp_path: Path
) -> None:
    scene = of_host(tmp_path, name, number)
    before = contents(scene.home)
    plan = scene.plan(new_id=new_id)
    execute(plan)

    scene.check(scene.target, plan)
    assert contents(scene.home) == before
    assert plan.facts["bytes"] == size_below(scene.target)
    assert plan.facts["files"] == len([path for path in scene.target.rglob("*") if path.is_file()])
    assert (plan.facts["machine"] == scene.machine.id) is not new_id


@each_machine
@pytest.mark.parametrize("new_id", [True, False], ids=["new id", "same id"])
def test_in_place_it_is_the_machine_and_the_record_goes(name: str, number: int, new_id: bool, tmp_path: Path) -> None:
    scene = of_host(tmp_path, name, number)
    plan = scene.plan_in_place(new_id=new_id)
    execute(plan)

    scene.check(scene.home, plan)
    assert not (scene.home / RECORD_NAME).exists()
    assert not any(old in str(path) for path in scene.home.rglob("*") for old in new_ids(plan))


@each_machine
def test_every_stored_path_is_one_of_the_new_place(name: str, number: int, tmp_path: Path) -> None:
    scene = of_host(tmp_path, name, number)
    execute(scene.plan(new_id=True))

    stored = list(stored_paths(scene.target))
    assert stored
    assert {path for path in stored if not path.startswith(WINDOWS)} == set()


@each_machine
def test_a_second_import_in_place_changes_nothing(name: str, number: int, tmp_path: Path) -> None:
    scene = of_host(tmp_path, name, number)
    execute(scene.plan_in_place())
    plan = scene.plan_in_place()

    assert plan.steps == ()
    assert (plan.facts["files"], plan.facts["bytes"]) == (0, 0)
    assert [item.code for item in plan.findings] == ["VHD944"]


@pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase, str.title])
@pytest.mark.parametrize("in_place", [True, False], ids=["in place", "copied"])
def test_letter_case_and_place_of_the_export_do_not_matter(
    change: Callable[[str], str], in_place: bool, tmp_path: Path
) -> None:
    scene = small(tmp_path)
    scene.home = with_names(scene.home, change).rename(tmp_path / "elsewhere")
    plan = scene.plan_in_place() if in_place else scene.plan(destination=tmp_path / "target")
    execute(plan)

    scene.check(scene.home if in_place else tmp_path / "target", plan)


def test_a_copy_gets_the_names_back_that_the_files_had(tmp_path: Path) -> None:
    scene = small(tmp_path)
    execute(scene.plan())
    names = sorted(contents(scene.target))
    scene.home = with_names(scene.home, str.upper)
    execute(scene.plan(destination=tmp_path / "second"))

    assert sorted(contents(tmp_path / "second")) == names


def test_disks_may_go_to_a_folder_of_their_own(tmp_path: Path) -> None:
    scene = small(tmp_path)
    mapping = {r"F:\Disks": tmp_path / "disks"}
    plan = scene.plan(disks=tmp_path / "disks", path_map=mapping)
    execute(plan)

    disks = set(stored_paths(tmp_path / "disks"))
    assert disks
    assert all(path.startswith("F:\\Disks\\") for path in disks)
    assert not (scene.target / "Virtual Hard Disks").exists()
    with vc.scan_folder(scene.target, tmp_path / "disks") as inventory:
        (machine,) = inventory.machines
        assert all(disk.path is not None for state in machine.states for disk in state.disks)


def test_a_copy_that_is_read_again_is_the_same(tmp_path: Path) -> None:
    scene = small(tmp_path)
    plan = scene.plan(reread=True)
    execute(plan)

    scene.check(scene.target, plan)
    assert sum(type(step).__name__ == "VerifyFile" for step in plan.steps) == sum(
        type(step).__name__ == "CopyFile" for step in plan.steps
    )


def test_several_machines_come_to_one_place(tmp_path: Path) -> None:
    lab = HEALTHY_LABS["several machines"]()
    for machine in lab.machines:
        scene = exported(tmp_path / machine.name, lab, machine)
        execute(scene.plan(destination=tmp_path / "target"))

    with vc.scan_folder(tmp_path / "target") as inventory:
        assert {machine.id for machine in inventory.machines} == {machine.id for machine in lab.machines}
        assert [item.code for item in vc.audit(inventory).findings if item.severity != "note"] == []
