"""What does an export lack, or hold in another form, because it was told to?

Its record says whether snapshots were left out, or disks written anew. What a machine has beyond the state that was
exported is then no fault of the set, and neither are the files that were made anew, which cannot be compared with the
host's: those of a snapshot that became a machine with an id of its own, and compact disks with what names them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.backup.export_folders import folder_of
from vhdchain.audit.backup.export_record import ExportedPart, parse_record
from vhdchain.audit.backup.required import Part
from vhdchain.errors import ConfigError
from vhdchain.hyperv import FileRole
from vhdchain.hyperv.known_files import names_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from vhdchain.audit.backup.export_record import ExportRecord
    from vhdchain.audit.backup.required import RequiredFile
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import HostFile, Machine, MachineState
    from vhdchain.hyperv.known_files import Names

_COMPACT = "the export was made with compact disks: what the guest sees of this file is in the disks that it has"
_WITHOUT = "the export was made without snapshots"
_ONE = "the export was made of one snapshot alone"


class LeftOut:
    """What the records in a set say that they left out, or made anew."""

    def __init__(self, inventory: Inventory, held: Inventory) -> None:
        """Take what the list of files was made of, and the set."""
        self._inventory = inventory
        self._compact: set[str] = set()  # machines, by the path that tells them apart
        self._kept: dict[str, set[str]] = {}  # such a machine -> the files of the state that was exported
        self._why: dict[str, str] = {}
        self._anew: set[Names] = set()
        for file, record in _records(held):
            for machine in inventory.machines:
                self._take(file, record, machine)

    def why(self, file: RequiredFile) -> str | None:
        """Return why a file is not in the set, as a clause; None where it should be there."""
        if not file.machines:
            return None
        if file.part is Part.DISK and self._compact.issuperset(file.machines):
            return _COMPACT
        left = [key for key in file.machines if key in self._kept and file.path not in self._kept[key]]
        return self._why[left[0]] if len(left) == len(file.machines) else None

    def is_anew(self, path: str) -> bool:
        """Say whether a file of the set was made by the export, and is no copy of one."""
        return names_of(path) in self._anew

    def _take(self, file: HostFile, record: ExportRecord, machine: Machine) -> None:
        snapshot = next((state for state in machine.snapshots if state.id and state.id == record.snapshots), None)
        if snapshot is None and (not machine.id or machine.id != record.machine_id):
            return
        key = machine.states[0].path
        anew: Collection[ExportedPart] = ()
        if snapshot is not None:
            self._kept[key], self._why[key] = {*self._disks(snapshot)}, _ONE
            anew = (ExportedPart.CONFIGURATION, ExportedPart.MEMORY, ExportedPart.DEVICES)
        elif record.snapshots != "all" and machine.now is not None:
            states = (found.path for found in machine.now.state_files if found.path is not None)
            self._kept[key], self._why[key] = {machine.now.path, *states, *self._disks(machine.now)}, _WITHOUT
        if record.compact:
            self._compact.add(key)
            anew = (*anew, ExportedPart.CONFIGURATION, ExportedPart.DISK)
        folder = folder_of(file.path)[0]
        self._anew.update(names_of(f"{folder}/{item.path}") for item in record.files if item.part in anew)

    def _disks(self, state: MachineState) -> Iterator[str]:
        """Yield the disks of a state with all that they build on."""
        for path in state.disk_paths:
            yield from self._inventory.graph.path_to_base(path)


def _records(held: Inventory) -> Iterator[tuple[HostFile, ExportRecord]]:
    for file in held.host_files:
        if file.role is FileRole.RECORD:
            try:
                yield file, parse_record(file.content, name=file.path)
            except ConfigError:  # told where the set is judged by itself
                continue
