"""What is drawn in a diagram of a folder: boxes for files and states, frames for machines, arrows.

Keys are words of every diagram's language; labels are lines of text that are not quoted yet. An arrow leads from a disk
to its parent, and from a state to the one that it was made from; from a state to the files of its disks leads another
kind of arrow. What was not found has a box that says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from vhdchain.findings import Severity
from vhdchain.hyperv import NOW
from vhdchain.locate import shortened
from vhdchain.report.forest import missing_parents, wanted_name
from vhdchain.report.machine_forest import keyed_states
from vhdchain.report.names import folder_and_name, shown_name
from vhdchain.report.numbers import human_size
from vhdchain.report.text.image import disk_type_text
from vhdchain.report.text.machine_facts import power_text, state_name
from vhdchain.report.times import from_filetime
from vhdchain.structures import id_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.findings import Finding
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import AttachedDisk, Machine, MachineState

Arrow: TypeAlias = "tuple[str, str]"
"""From one key to another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box.

    Attributes:
        key: Its name in the diagram.
        label: Lines of text, as they are.
        damaged: Whether something is wrong with what it stands for.
    """

    key: str
    label: tuple[str, ...]
    damaged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A machine: a frame around the boxes of its states.

    Attributes:
        key: Its name in the diagram.
        label: Lines of text.
        snapshots: The boxes of its snapshots.
        now: The box of its present state, where that is known.
    """

    key: str
    label: tuple[str, ...]
    snapshots: tuple[Box, ...]
    now: Box | None


class Diagram:
    """Everything that is drawn of one folder.

    Attributes:
        disks: The boxes of all disks.
        missing: Those of parents, and of disks of machines, that were not found.
        frames: The machines.
        parents: Arrows from disks to their parents, and from states to what they were made from.
        uses: Arrows from states to the files of their disks.
    """

    def __init__(self, inventory: Inventory, findings: Iterable[Finding]) -> None:
        self._inventory = inventory
        self._keys = {path: f"d{number}" for number, path in enumerate(inventory.graph.nodes)}
        in_cycles = {path for cycle in inventory.graph.cycles for path in cycle}
        errors = {finding.location.path for finding in findings if finding.severity is Severity.ERROR}
        self._damaged = errors | in_cycles
        self.disks = tuple(self._disk(path, key) for path, key in self._keys.items())
        self.missing: list[Box] = []
        self.parents: list[Arrow] = [
            (self._keys[child], self._keys[parent]) for child, parent in inventory.graph.parents.items()
        ]
        self.uses: list[Arrow] = []
        for resolution, orphans in missing_parents(inventory):
            name = wanted_name(resolution) or id_text(resolution.wanted)
            key = self._missing_box(name, str(resolution.outcome))
            self.parents += [(self._keys[orphan], key) for orphan in orphans]
        self._states = 0
        self.frames = tuple(self._frame(number, machine) for number, machine in enumerate(inventory.machines))

    def _disk(self, path: str, key: str) -> Box:
        image = self._inventory.image(path)
        facts = f"{disk_type_text(image)}, {human_size(image.virtual_size)}, file {human_size(image.file_size)}"
        return Box(key=key, label=(*self._shown(path), facts), damaged=path in self._damaged)

    def _missing_box(self, name: str, why: str) -> str:
        key = f"m{len(self.missing)}"
        self.missing.append(Box(key=key, label=(name, why)))
        return key

    def _shown(self, path: str) -> tuple[str, ...]:
        """Return what a file is called; under the long folders of a host, the folder in a line of its own."""
        shown = shown_name(path, self._inventory.scanned)
        folder, name = folder_and_name(shown)
        return (name, f"in {folder}") if folder and len(self._inventory.machines) else (shown,)

    # ---------------------------------------------------------------------------------------------------- machines

    def _frame(self, number: int, machine: Machine) -> Frame:
        states = keyed_states(machine)
        keys = {path: f"s{self._states + place}" for place, path in enumerate(states)}
        self._states += len(states)
        boxes = {path: self._state(machine, path, state, keys[path]) for path, state in states.items()}
        now = boxes.pop(NOW, None)
        for path in states:
            parent = machine.tree.parents.get(path)
            if parent in keys:
                self.parents.append((keys[path], keys[parent]))
        self.uses += self._uses(machine, keys)
        label = (shortened(machine.name), power_text(machine.now) or "its configuration is not here")
        return Frame(key=f"v{number}", label=label, snapshots=tuple(boxes.values()), now=now)

    def _state(self, machine: Machine, path: str, state: MachineState, key: str) -> Box:
        created = from_filetime(state.configuration.created)
        label = ["now"] if path == NOW else [state_name(state)]
        if path != NOW and created is not None:
            label.append(f"{created:%Y-%m-%d %H:%M:%S} UTC")
        if path not in machine.tree.parents:
            label.append("parent unknown")
        return Box(key=key, label=tuple(label), damaged=state.path in self._damaged)

    def _uses(self, machine: Machine, keys: dict[str, str]) -> Iterator[Arrow]:
        lost: dict[str, str] = {}
        for path, state in keyed_states(machine).items():
            for disk in state.disks:
                key = self._keys.get(disk.path or "")
                if key is None:
                    stored = disk.found.stored
                    key = lost.get(stored) or lost.setdefault(stored, self._missing_box(*_lost(disk)))
                yield keys[path], key


def _lost(disk: AttachedDisk) -> tuple[str, str]:
    """Return what a disk without an image is called, and why it has none."""
    name = shortened(folder_and_name(disk.path or disk.found.stored)[1] or disk.found.stored)
    return name, str(disk.found.outcome) if disk.path is None else "not read"
