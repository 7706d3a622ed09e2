"""For any history of a machine, the tree that its disks give is the history's, however the folder was copied.

Histories take, apply and delete snapshots of one to three disks, with and without merging what deletions leave. The
record of what they mean is kept here, by Hyper-V's rules in a few lines; the lab writes the files. Copies lie under
another root, in other letter case, with the drives' folders or thrown together, with and without ids in the
configurations.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tests.properties.letter_case import LETTER_CASES
from vhdchain.hyperv import NOW, PathOutcome
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.lab import HostLab, LabDisk
from vhdchain.testing.lab.histories import LabAction, LabStep, run_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine
    from vhdchain.testing.lab import LabMachine

_ACTIONS = (
    *[LabAction.TAKE] * 5,
    *[LabAction.APPLY] * 3,
    LabAction.DELETE,
    LabAction.DELETE_LATER,
    LabAction.MERGE,
    LabAction.START,
    LabAction.TURN_OFF,
    LabAction.SAVE,
)
_STEP = st.builds(LabStep, action=st.sampled_from(_ACTIONS), number=st.integers(0, 9))
_STEPS = st.lists(_STEP, min_size=6, max_size=24)
_DRIVES = "CD"


@dataclass
class _History:
    """What a history means: from which snapshot each was made, and the present."""

    parents: dict[str, str | None] = field(default_factory=dict)
    present: str | None = None

    def take(self, snapshot: str) -> None:
        self.parents[snapshot] = self.present
        self.present = snapshot

    def apply(self, snapshot: str) -> None:
        self.present = snapshot

    def delete(self, snapshot: str) -> None:
        parent = self.parents.pop(snapshot)
        for other, above in self.parents.items():
            if above == snapshot:
                self.parents[other] = parent
        if self.present == snapshot:
            self.present = parent

    @property
    def tree(self) -> dict[str, str | None]:
        return {**self.parents, NOW: self.present}


def _run(lab: HostLab, machine: LabMachine, steps: Sequence[LabStep]) -> _History:
    history = _History()
    for step in steps:
        known = [snapshot.id for snapshot in machine.snapshots]
        if not run_step(lab, machine, step):
            continue
        if step.action is LabAction.TAKE:
            history.take(machine.snapshots[-1].id)
        elif step.action is LabAction.APPLY:
            history.apply(known[step.number % len(known)])
        elif step.action in (LabAction.DELETE, LabAction.DELETE_LATER):
            history.delete(known[step.number % len(known)])
    return history


def _derived(machine: Machine) -> dict[str, str | None]:
    ids: dict[str | None, str] = {snapshot.path: snapshot.id for snapshot in machine.snapshots}
    ids[NOW] = NOW
    return {ids[child]: None if parent is None else ids[parent] for child, parent in machine.tree.parents.items()}


def _require_all_found(inventory: Inventory) -> None:
    for machine in inventory.machines:
        for state in machine.states:
            found = [*(disk.found for disk in state.disks), *state.state_files]
            assert {item.outcome for item in found} <= {PathOutcome.FOUND}
            assert all(item.exact for item in found)


@dataclass(frozen=True, kw_only=True)
class _Host:
    """What kind of host it is, and how its folder was copied.

    Attributes:
        version: The host's version.
        ids: Whether configurations mention ids of snapshots.
        disks: How many disks each machine has.
        folder: The host's folder that holds the machines' folders of disks, each with a ``disk0.vhd``.
        drives: Whether the copy has a folder for each drive, or the contents of all drives in one.
        case: What became of the letter case of names.
    """

    version: str
    ids: bool
    disks: int
    folder: str
    drives: bool
    case: str

    def lab(self, machines: Sequence[str]) -> HostLab:
        lab = HostLab(seed="history", ids=self.ids, version=self.version)
        for name in machines:
            kinds = enumerate(["IDE", "SCSI", "SCSI"][: self.disks])
            disks = [LabDisk(f"disk{number}.vhd", controller=kind) for number, kind in kinds]
            lab.machine(name, disks=disks, disks_folder=rf"{self.folder}\{name}")
        return lab

    def copy(self, lab: HostLab, folder: Path) -> None:
        for path, content in lab.files().items():
            first, _, rest = path.partition("/")
            copy = folder / LETTER_CASES[self.case](path if self.drives or first not in _DRIVES else rest)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(content)


_HOSTS = st.builds(
    _Host,
    version=st.sampled_from(["2008", "2008 R2", "2012 R2"]),
    ids=st.booleans(),
    disks=st.integers(1, 3),
    folder=st.sampled_from([r"C:\VMs", r"D:\VMs", r"D:\Work\VMs", r"C:\Users\Public\Documents\Hyper-V"]),
    drives=st.booleans(),
    case=st.sampled_from(sorted(LETTER_CASES)),
)


@pytest.mark.slow
@given(host=_HOSTS, histories=st.lists(_STEPS, min_size=1, max_size=2))
def test_the_derived_tree_is_that_of_the_history(
    host: _Host, histories: list[list[LabStep]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    lab = host.lab(["srv", "web"][: len(histories)])
    expected = {
        machine.name: _run(lab, machine, steps).tree for machine, steps in zip(lab.machines, histories, strict=True)
    }
    with tempfile.TemporaryDirectory(dir=tmp_path_factory.getbasetemp()) as temporary:
        folder = Path(temporary) / "evidence" / "copy"
        host.copy(lab, folder)
        with scan_folder(folder) as inventory:
            _require_all_found(inventory)
            assert {machine.name: _derived(machine) for machine in inventory.machines} == expected
            assert all(machine.tree.is_known for machine in inventory.machines)
            left = sum(len(machine.tree.leftovers) for machine in inventory.machines)
            event(f"{max(map(len, expected.values()))} states, {'some' if left else 'no'} files of deleted snapshots")
