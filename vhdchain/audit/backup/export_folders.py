r"""Which folders of a scan are exports, and which files lie in them?

A folder is one where the record of this program lies in it; or, in the form of 2008 and 2008 R2, a ``config.xml``
beside ``Virtual Machines``, or an ``.exp`` file in that folder with no configuration beside it. An export of 2012 or
later has nothing that a host's folder may not have; its layout alone suggests what it is. Of exports inside of one
another the innermost counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.hyperv import FileRole, is_host_folder
from vhdchain.hyperv.folders import DISKS_FOLDER, EXPORT_RECORD, MACHINES_FOLDER
from vhdchain.locate import fold_case

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import HostFile, Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFolder:
    """A folder that holds the export of a machine.

    Attributes:
        path: As messages call it.
        record: What it says of itself; None for a host's export.
        exported: The files that only an export of 2008 or 2008 R2 has.
    """

    path: str
    record: HostFile | None
    exported: tuple[HostFile, ...]

    def place(self, path: str) -> str:
        """Return where a file of the folder lies in it."""
        return path[len(self.path) + 1 :] if self.path else path


def export_folders(inventory: Inventory) -> Mapping[str, ExportFolder]:
    """Return the exports of ``inventory`` by their paths, in the order of the files that tell them."""
    records: dict[str, HostFile] = {}
    exported: dict[str, list[HostFile]] = {}
    hosts: set[str] = set()  # folders in whose `Virtual Machines` or `Snapshots` configurations lie
    for file in inventory.host_files:
        folder, name = folder_of(file.path)
        above, own = folder_of(folder)
        if file.role is FileRole.RECORD:
            records[folder] = file
        elif file.role is FileRole.EXPORTED:
            whole = fold_case(name) == fold_case(EXPORT_RECORD) or not is_host_folder(own)
            exported.setdefault(folder if whole else above, []).append(file)
        elif file.configuration is not None and is_host_folder(own):
            hosts.add(above)
    return {
        path: ExportFolder(path=path, record=records.get(path), exported=tuple(exported.get(path, ())))
        for path in dict.fromkeys((*records, *exported))
        if path in records or path not in hosts or any(_is_list(file) for file in exported[path])
    }


def _is_list(file: HostFile) -> bool:
    return fold_case(folder_of(file.path)[1]) == fold_case(EXPORT_RECORD)


def export_of(path: str, folders: Mapping[str, ExportFolder]) -> ExportFolder | None:
    """Return the export in which a file lies, the innermost; None where it lies in none."""
    return next((folders[above] for above in _above(path) if above in folders), None)


def is_laid_out_as_export(inventory: Inventory) -> bool:
    """Say whether every machine lies in a folder of its name with all its disks, as an export of 2012 or later does."""
    machines = inventory.machines
    return len(machines) > 0 and all(_is_laid_out(machine) for machine in machines)


def _is_laid_out(machine: Machine) -> bool:
    if machine.now is None:
        return False
    folder, kind = folder_of(folder_of(machine.now.path)[0])
    disks = f"{folder}/{DISKS_FOLDER}/"
    return (
        fold_case(kind) == fold_case(MACHINES_FOLDER)
        and fold_case(folder_of(folder)[1]) == fold_case(machine.name)
        and all(fold_case(path).startswith(fold_case(disks)) for state in machine.states for path in state.disk_paths)
    )


def folder_of(path: str) -> tuple[str, str]:
    """Return the folder and the name of a file; the folder is empty where nothing is above it."""
    folder, _, name = path.rpartition("/")
    return folder, name


def _above(path: str) -> Iterator[str]:
    folder = folder_of(path)[0]
    while folder:
        yield folder
        folder = folder_of(folder)[0]
    yield ""
