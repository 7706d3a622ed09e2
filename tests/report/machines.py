"""Machines for tests of reports: hand-made records over the disks of `tests.report.inventories`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.hyperv.machines import configuration, drive, snapshot
from tests.report.inventories import inventory
from vhdchain.hyperv import (
    NOW,
    AttachedDisk,
    Drive,
    FoundPath,
    Machine,
    Machines,
    MachineState,
    PathOutcome,
    PathRule,
    SnapshotTree,
    derive_tree,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.graph import Inventory

FOLDER = r"C:\VMs"


def attached(slot: int, what: str | FoundPath) -> AttachedDisk:
    """Return a disk in a slot of the IDE controller: a file below ``f``, a missing one (``?name``), or a search."""
    if isinstance(what, str):
        missing = what.startswith("?")
        what = FoundPath(
            stored=f"{FOLDER}\\{what.removeprefix('?')}",
            outcome=PathOutcome.MISSING if missing else PathOutcome.FOUND,
            path=None if missing else f"f/{what}",
            rule=None if missing else PathRule.SAME_PLACE,
        )
    return AttachedDisk(drive=slot_of(slot, path=what.stored), found=what)


def slot_of(slot: int, **fields: Any) -> Drive:
    """Return a slot of the IDE controller."""
    field = drive().field.replace("drive0", f"drive{slot}")
    return drive(**{"slot": slot, "field": field, **fields})


def now(*disks: str | FoundPath, drives: Sequence[Drive] = (), **fields: Any) -> MachineState:
    """Return a present state with these disks, one in each slot, and further drives."""
    found = tuple(attached(slot, disk) for slot, disk in enumerate(disks))
    return MachineState(
        configuration=configuration(drives=(*(disk.drive for disk in found), *drives), **fields), disks=found
    )


def kept(number: int, *disks: str | FoundPath, **fields: Any) -> MachineState:
    """Return a snapshot with these disks, one in each slot."""
    found = tuple(attached(slot, disk) for slot, disk in enumerate(disks))
    own = {"drives": tuple(disk.drive for disk in found), **fields}
    return MachineState(configuration=snapshot(number, **own), disks=found)


def key(number: int) -> str:
    """Return by what the snapshot of this number goes in a tree."""
    return kept(number).path


def machine_of(
    present: MachineState | None, *snapshots: MachineState, tree: SnapshotTree | None = None, **fields: Any
) -> Machine:
    """Return a machine of these states, with a tree that is given or else empty."""
    own = {"id": configuration().id, "name": "srv"}
    return Machine(**{**own, **fields}, now=present, snapshots=snapshots, tree=tree or SnapshotTree())


def host(disks: dict[str, str | None], *machines: Machine, derive: bool = True, **fields: Any) -> Inventory:
    """Return the disks of ``f`` with machines; the trees of these are derived from them unless told otherwise."""
    found = inventory(disks)
    if derive:
        machines = tuple(_derived(machine, found) for machine in machines)
    return replace(found, machines=Machines(machines), **fields)


def _derived(machine: Machine, found: Inventory) -> Machine:
    states = {state.path: tuple(disk.path for disk in state.disks) for state in machine.snapshots}
    if machine.now is not None:
        states[NOW] = tuple(disk.path for disk in machine.now.disks)
    return replace(machine, tree=derive_tree(states, found.graph.parents, orphans=found.graph.orphans))


def chain(length: int) -> tuple[dict[str, str | None], Machine]:
    """Return a machine with ``length`` snapshots in one line, and its disks."""
    names = ["d.vhd", *(f"d_{number:04}.avhd" for number in range(1, length + 1))]
    disks: dict[str, str | None] = {names[0]: None} | dict(zip(names[1:], names, strict=False))
    snapshots = [kept(number, name) for number, name in enumerate(names[:-1])]
    return disks, machine_of(now(names[-1]), *snapshots)
