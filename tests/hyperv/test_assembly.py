"""Which snapshots belong to which machine, with which disks and files, in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hyperv.calls import calls_of
from tests.hyperv.machines import SRV, WEB, configuration, drive, found, saved, snapshot, snapshot_id
from vhdchain.hyperv import NOW, ControllerKind, Machines, assemble

if TYPE_CHECKING:
    from vhdchain.hyperv import Configuration, FoundPath, Machine

FIRST, SECOND = "6b3d7e90-1f0a-4e6e-8c7c-9d2c3a4b5e02", "5b3d7e90-1f0a-4e6e-8c7c-9d2c3a4b5e02"


def _find(item: Configuration, stored: str) -> FoundPath:
    """Return the file of the same name in the folder ``host``."""
    return found(stored)


def _assembled(*configurations: Configuration, parents: dict[str, str] | None = None) -> Machines:
    return assemble(sorted(configurations, key=lambda item: item.path), find=_find, parents=parents or {})


def _paths(machines: Machines) -> dict[str, list[str]]:
    """Return the snapshots of every machine by what it is called."""
    return {machine.name: [item.path for item in machine.snapshots] for machine in machines}


def _disk(name: str) -> dict[str, object]:
    return {"drives": (drive(path=rf"C:\VMs\{name}"),)}


def test_a_snapshot_belongs_to_the_machine_whose_id_it_stores() -> None:
    machines = _assembled(configuration(), configuration(path="w.xml", id=WEB, machine_id=WEB, name="web"), snapshot(1))
    assert _paths(machines) == {"srv": [snapshot(1).path], "web": []}
    assert machines["srv"].now is not None
    assert (machines[SRV], machines[f"{{{SRV.lower()}}}"]) == (machines["srv"], machines["srv"])


def test_snapshots_without_their_machine_are_one_by_their_id() -> None:
    machines = _assembled(snapshot(1), snapshot(2), snapshot(3, machine_id=WEB))
    assert _paths(machines) == {SRV: [snapshot(1).path, snapshot(2).path], WEB: [snapshot(3).path]}
    assert [machine.now for machine in machines] == [None, None]


def _without_id(number: int, **fields: object) -> Configuration:
    return snapshot(number, machine_id="", **fields)


def test_a_snapshot_without_id_belongs_to_the_machine_that_lists_it() -> None:
    listing = configuration(path="w.xml", id=WEB, machine_id=WEB, name="web", listed_ids=(snapshot_id(1),))
    assert _paths(_assembled(configuration(), listing, _without_id(1))) == {"srv": [], "web": [snapshot(1).path]}


def test_a_snapshot_without_id_belongs_to_the_only_machine_with_its_base() -> None:
    srv, web = configuration(**_disk("b.avhd")), configuration(path="w.xml", id=WEB, name="web", **_disk("w.vhd"))
    parents = {"host/b.avhd": "host/a.vhd"}
    of_srv, of_web = _without_id(1, **_disk("a.vhd")), _without_id(2, **_disk("w.vhd"))
    machines = _assembled(srv, web, of_srv, of_web, parents=parents)
    assert _paths(machines) == {"srv": [of_srv.path], "web": [of_web.path]}
    assert machines["srv"].tree.parents == {of_srv.path: None, NOW: of_srv.path}


def test_a_base_that_machines_share_says_nothing_of_whose_a_snapshot_is() -> None:
    srv, web = configuration(**_disk("b.vhd")), configuration(path="w.xml", id=WEB, name="web", **_disk("c.vhd"))
    lone = _without_id(1, **_disk("a.vhd"))
    machines = _assembled(srv, web, lone, parents={"host/b.vhd": "host/a.vhd", "host/c.vhd": "host/a.vhd"})
    assert _paths(machines) == {"srv": [], "web": [], lone.path: [lone.path]}


def test_without_any_id_those_that_lie_together_are_together() -> None:
    items = [
        _without_id(1, path="a/Snapshots/1.xml"),
        _without_id(2, path="a/Snapshots/2.xml"),
        _without_id(3, path="b/3.xml"),
    ]
    machines = _assembled(*items)
    assert list(_paths(machines).values()) == [["a/Snapshots/1.xml", "a/Snapshots/2.xml"], ["b/3.xml"]]
    assert [machine.id for machine in machines] == ["", ""]


def test_machines_without_ids_own_nobody_s_snapshots() -> None:
    one, other = (configuration(path=f"{name}.xml", id="", machine_id="", name="") for name in "ab")
    machines = _assembled(one, other, _without_id(1))
    assert list(_paths(machines)) == ["a.xml", "b.xml", snapshot(1).path]


def test_of_copies_the_nearest_has_the_snapshot() -> None:
    copies = ["old/Virtual Machines/x.xml", "old/new/Virtual Machines/x.xml", "new/Virtual Machines/x.xml"]
    kept = ["old/Snapshots/1.xml", "old/new/Snapshots/1.xml", "new/deep/er/1.xml"]
    machines = _assembled(*(configuration(path=path) for path in copies), *(snapshot(1, path=path) for path in kept))
    owned = {machine.now.path: [item.path for item in machine.snapshots] for machine in machines if machine.now}
    assert owned == {copy: [path] for copy, path in zip(copies, kept, strict=True)}


def test_snapshots_are_in_the_order_of_their_times_then_paths() -> None:
    items = [snapshot(3, created=5), snapshot(1, created=9), snapshot(4), snapshot(2, created=5)]
    assert [item.id for item in _assembled(configuration(), *items)["srv"].snapshots] == [
        snapshot_id(number) for number in (4, 2, 3, 1)
    ]


def test_states_have_their_disks_in_the_order_of_the_slots_and_their_state_files() -> None:
    drives = (
        drive(path=r"C:\a.vhd"),
        drive(path=r"C:\b.vhd", controller=ControllerKind.SCSI, section=SECOND, slot=3),
        drive(path=r"C:\c.iso", kind="ISO"),
        drive(path=r"C:\a.vhd", slot=1),
    )
    now = configuration(drives=drives, scsi_controllers=(FIRST, SECOND), saved_state=saved())
    (machine,) = _assembled(now, snapshot(1, drives=drives[:1]))
    assert machine.now is not None
    assert [(disk.place, disk.path) for disk in machine.now.disks] == [
        ("IDE 0:0", "host/a.vhd"),
        ("SCSI 1:3", "host/b.vhd"),
        ("IDE 0:1", "host/a.vhd"),
    ]
    assert machine.now.disk_paths == ("host/a.vhd", "host/b.vhd")
    assert [item.path for item in machine.now.state_files] == ["host/x.bin", "host/x.vsv"]
    assert machine.snapshots[0].state_files == ()
    assert [state.path for state in machine.states] == [now.path, snapshot(1).path]


def test_chains_that_need_a_parent_and_have_none_are_known_as_broken() -> None:
    configurations = [configuration(**_disk("b.avhd")), snapshot(1, **_disk("a.vhd"))]
    machines = assemble(configurations, find=_find, parents={}, orphans=["host/b.avhd"])
    assert list(machines["srv"].tree.unknown) == [NOW]


@pytest.mark.parametrize("name", ["web", SRV, "", "{srv}"])
def test_a_name_that_is_not_there_or_there_twice_is_no_machine(name: str) -> None:
    twins = Machines(_assembled(configuration(name=""), configuration(path="y.xml", name="")))
    with pytest.raises(KeyError):
        twins[name]


def _snapshot_of(machine: Machine, name: str) -> str:
    return machine.snapshot(name).path


def test_a_snapshot_is_taken_by_id_name_or_path() -> None:
    (machine,) = _assembled(configuration(), snapshot(1), snapshot(2, name="twin"), snapshot(3, name="twin"))
    path = snapshot(1).path
    for name in (snapshot_id(1), f"{{{snapshot_id(1).lower()}}}", "snapshot 1", path):
        assert _snapshot_of(machine, name) == path
    for name in ("twin", "nobody", ""):
        with pytest.raises(KeyError):
            machine.snapshot(name)


@pytest.mark.parametrize("place", ["nested", "in one folder", "without ids"])
def test_many_copies_with_many_snapshots_cost_no_more_than_they_are(place: str) -> None:
    def work(number: int) -> int:
        folders = [{"nested": f"{item}/x", "in one folder": "x"}.get(place, f"{item}") for item in range(number)]
        identity = "" if place == "without ids" else SRV
        items = [
            configuration(path=f"{folder}/{item}.xml", machine_id=identity, id=identity, **_disk(f"{item}.vhd"))
            for item, folder in enumerate(folders)
        ]
        items += [
            snapshot(item, path=f"{folder}/s/{item}.xml", machine_id=identity, **_disk(f"{item}.vhd"))
            for item, folder in enumerate(folders)
        ]
        return calls_of(lambda: _assembled(*items))

    small, large = work(50), work(400)
    assert large < 8 * small * 1.5
