"""The model and the lab are two accounts of one host: whatever happens, they come to the same files and tree."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from vhdchain.snapshots import Power, Result, State, apply, delete, delete_subtree, state_of, stop, take
from vhdchain.testing.lab import HostLab, LabDisk
from vhdchain.testing.snapshot_world import relative_to

if TYPE_CHECKING:
    from vhdchain.testing.lab.machine import LabMachine

SIZE = 16 * 4096


class LabNames:
    """Names for what is new, as the lab has given them."""

    def __init__(self, before: State, after: State) -> None:
        self._after = after
        self._new = after.disks.keys() - before.disks.keys()
        self._snapshots = [item for item in after.snapshots if item.id not in {old.id for old in before.snapshots}]

    def snapshot_id(self) -> str:
        return self._snapshots[0].id

    def snapshot_name(self, state: State) -> str:
        raise AssertionError(f"a name is always given here, also for {state.name}")

    def disk(self, frozen: str, owner: str) -> str:  # noqa: ARG002  # a protocol's signature
        return next(path for path in self._new if self._after.disks[path].parent == frozen)

    def configuration(self, state: State, snapshot: str) -> str:  # noqa: ARG002  # same
        return self._after.snapshot(snapshot).configuration

    def state_file(self, state: State, owner: str, like: str) -> str:
        own = self._after.state_files if owner == state.id else self._after.snapshot(owner).state_files
        return next(path for path in own if path[-4:] == like[-4:])


def scanned(lab: HostLab, machine: LabMachine) -> State:
    with tempfile.TemporaryDirectory() as folder:
        lab.save(Path(folder))
        with vc.scan_folder(folder) as inventory:
            state = state_of(inventory, inventory.machines[machine.id], power=Power(machine.power.value))
            return relative_to(state, Path(folder))


def shape(state: State) -> dict[str, object]:
    """Return what two accounts of one machine must agree on."""
    return {
        "now": sorted((slot.place, slot.path) for slot in state.slots),
        "disks": {path: disk.parent for path, disk in state.disks.items()},
        "snapshots": {
            item.id: (item.name, item.parent, item.slots, sorted(item.state_files)) for item in state.snapshots
        },
        "parent": state.parent,
        "power": state.power,
        "state": sorted(state.state_files),
        "freed": sorted(state.freed),
    }


def step(lab: HostLab, machine: LabMachine, random: Random, before: State) -> Result | None:
    """Do something at random in the lab, and the same in the model."""
    for number in range(len(machine.state.images)):
        if random.random() < 0.7:
            lab.write(machine, number, 4096 * random.randrange(1, 15), b"%d" % random.randrange(1 << 30))
    what = random.choice(["take", "take", "take", "apply", "delete", "subtree", "power", "power"])
    if what == "take":
        lab.take(machine, name := f"s{random.randrange(1 << 30)}")
        after = scanned(lab, machine)
        return take(before, LabNames(before, after), name=name)
    if what == "power":
        wanted = random.choice([item for item in ("running", "saved", "off") if item != machine.power.value])
        lab.bring(machine, wanted)
        if wanted == "off":
            lab.finish_merges(machine)
            return stop(before)
        return None
    if not machine.snapshots:
        return None
    target = random.choice(machine.snapshots)
    if what == "apply":
        lab.apply(machine, target)
        return apply(before, target.id, LabNames(before, scanned(lab, machine)))
    if what == "subtree":
        lab.delete_subtree(machine, target)
        return delete_subtree(before, target.id)
    lab.delete(machine, target)
    return delete(before, target.id)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("version", ["2008", "2008 R2"])
def test_every_operation_leads_to_what_the_lab_comes_to(seed: int, version: str) -> None:
    random = Random(seed)
    lab = HostLab(seed=seed, version=version)
    disks = [LabDisk(f"disk{number}.vhd", size=SIZE) for number in range(random.randrange(1, 3))]
    machine = lab.machine("srv", disks=disks)
    for _ in range(12):
        before = scanned(lab, machine)
        result = step(lab, machine, random, before)
        if result is not None:
            assert shape(result.state) == shape(scanned(lab, machine)), result.operation
