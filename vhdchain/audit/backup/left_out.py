"""What does an export lack because it was told to?

Its record says whether snapshots were left out, or disks written anew. What a machine has beyond the state that was
exported, and the files whose contents went into others, are then no fault of the set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.backup.export_record import parse_record
from vhdchain.audit.backup.required import Part
from vhdchain.errors import ConfigError
from vhdchain.hyperv import FileRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.audit.backup.export_record import ExportRecord
    from vhdchain.audit.backup.required import RequiredFile
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine, MachineState

_COMPACT = "the export was made with compact disks: what this file holds is in the files that they are"
_WITHOUT = "the export was made without snapshots"
_ONE = "the export was made of one snapshot alone"


class LeftOut:
    """What the records in a set say that they left out."""

    def __init__(self, inventory: Inventory, held: Inventory) -> None:
        """Take what the list of files was made of, and the set."""
        self._inventory = inventory
        self._compact: set[str] = set()  # machines, by the path that tells them apart
        self._kept: dict[str, set[str]] = {}  # such a machine -> the files of the state that was exported
        self._why: dict[str, str] = {}
        for record in _records(held):
            for machine in inventory.machines:
                self._take(record, machine)

    def why(self, file: RequiredFile) -> str | None:
        """Return why a file is not in the set, as a clause; None where it should be there."""
        if not file.machines:
            return None
        if file.part is Part.DISK and self._compact.issuperset(file.machines):
            return _COMPACT
        left = [key for key in file.machines if key in self._kept and file.path not in self._kept[key]]
        return self._why[left[0]] if len(left) == len(file.machines) else None

    def _take(self, record: ExportRecord, machine: Machine) -> None:
        snapshot = next((state for state in machine.snapshots if state.id and state.id == record.snapshots), None)
        if snapshot is None and (not machine.id or machine.id != record.machine_id):
            return
        key = machine.states[0].path
        if record.compact:
            self._compact.add(key)
        state = machine.now if snapshot is None else snapshot
        if record.snapshots != "all" and state is not None:
            self._kept[key] = {state.path, *self._files(state)} if snapshot is None else {*self._files(state)}
            self._why[key] = _WITHOUT if snapshot is None else _ONE

    def _files(self, state: MachineState) -> Iterator[str]:
        """Yield the files of a state but its configuration."""
        yield from (found.path for found in state.state_files if found.path is not None)
        for path in state.disk_paths:
            node: str | None = path
            met: set[str] = set()
            while node is not None and node not in met:
                met.add(node)
                yield node
                node = self._inventory.graph.parent(node)


def _records(held: Inventory) -> Iterator[ExportRecord]:
    for file in held.host_files:
        if file.role is FileRole.RECORD:
            try:
                yield parse_record(file.content, name=file.path)
            except ConfigError:  # told where the set is judged by itself
                continue
