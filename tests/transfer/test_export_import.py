"""What `plan_export` makes, `plan_import` brings back, whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.transfer.imports import MACHINES, WINDOWS, Scene, contents, new_ids, read, small_lab
from vhdchain.findings import Severity
from vhdchain.shell.transfer.importing import plan_import
from vhdchain.testing.lab import HEALTHY_LABS
from vhdchain.testing.lab.own_exports import own_export
from vhdchain.transfer import RECORD_NAME, parse_record

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.testing.lab import HostLab, LabMachine

each_machine = pytest.mark.parametrize(("name", "number"), MACHINES)


def made(folder: Path, lab: HostLab, machine: LabMachine, **options: object) -> Scene:
    """Export a machine of a lab that is saved below ``folder``."""
    lab.save(folder / "host")
    with vc.scan_folder(folder / "host") as inventory:
        found = inventory.machines[machine.id]
        policy = vc.POLICIES["2008 R2"]
        plan = vc.plan_export(inventory, found, folder / "exports", policy=policy, **options)  # type: ignore[arg-type]
    vc.execute(plan)
    return Scene(lab=lab, machine=machine, home=folder / "exports" / machine.name)


@each_machine
def test_an_export_is_what_the_lab_says_that_it_must_be(name: str, number: int, tmp_path: Path) -> None:
    lab = HEALTHY_LABS[name]()
    machine = lab.machines[number]
    scene = made(tmp_path, lab, machine)
    expected = own_export(lab, machine)

    found = {place: content[0] for place, content in contents(scene.home).items() if content is not None}
    record = parse_record(found.pop(RECORD_NAME))
    assert found == {place: content for place, content in expected.files.items() if place != RECORD_NAME}
    assert {item.path: item for item in record.files} == {item.path: item for item in expected.record.files}


@each_machine
@pytest.mark.parametrize("new_id", [True, False], ids=["new id", "same id"])
def test_an_export_that_was_copied_back_is_the_machine(name: str, number: int, new_id: bool, tmp_path: Path) -> None:
    lab = HEALTHY_LABS[name]()
    scene = made(tmp_path, lab, lab.machines[number])
    target = tmp_path / "target"
    with vc.scan_folder(scene.home) as inventory:
        (machine,) = inventory.machines
        plan = plan_import(inventory, machine, scene.home, destination=target, windows=WINDOWS, new_id=new_id)
    vc.execute(plan)

    scene.check(target, plan)


@pytest.mark.parametrize(
    "options", [{"snapshots": "none"}, {"snapshots": "second"}, {"snapshots": "none", "compact": True}]
)
@pytest.mark.parametrize("in_place", [True, False], ids=["in place", "copied"])
def test_exports_of_one_state_come_back_as_it(options: dict[str, object], in_place: bool, tmp_path: Path) -> None:
    lab, machine = small_lab()
    scene = made(tmp_path, lab, machine, **options)
    (home,) = (tmp_path / "exports").iterdir()
    target = home if in_place else tmp_path / "target"
    with vc.scan_folder(home) as inventory:
        (found,) = inventory.machines
        destination = None if in_place else target
        plan = plan_import(inventory, found, home, destination=destination, windows=WINDOWS, new_id=True)
    vc.execute(plan)

    owner = scene.machine.snapshot("second") if options["snapshots"] == "second" else scene.machine
    with vc.scan_folder(target) as inventory:
        (found,) = inventory.machines
        assert found.snapshots == ()
        assert found.id in new_ids(plan).values()
        # What the snapshots had that were left out is waiting to be merged, as after they were deleted.
        assert {item.code for item in vc.audit(inventory).findings if item.severity is not Severity.NOTE} <= {"VHD808"}
        assert found.now is not None
        disks = {disk.place: read(inventory, disk.path or "") for disk in found.now.disks}
    expected = {
        f"{drive.controller} {drive.number}:{drive.slot}": bytes(lab.expected(owner, at))
        for at, drive in enumerate(owner.state.drives)
    }
    assert disks == expected
