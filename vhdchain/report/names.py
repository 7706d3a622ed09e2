"""How is a file called where a person reads it?

Without the folder that was scanned, where it is a single one. Files of a machine also without the folder that holds
most of its disks, which is told once: under a host's own folders, every name would be longer than a line.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.hyperv import Machine


def shown_name(path: str, scanned: Sequence[str]) -> str:
    """Return ``path`` without the folder that was scanned, where it is a single one."""
    if len(scanned) == 1:
        folder = scanned[0].rstrip("/\\")
        if path.startswith(folder) and path[len(folder) : len(folder) + 1] in ("/", "\\"):
            return path[len(folder) + 1 :]
    return path


def folder_and_name(path: str) -> tuple[str, str]:
    """Return the folder and the last name of a path, of this machine or of Windows; no folder: empty."""
    at = max(path.rfind("/"), path.rfind("\\"))
    return (path[:at], path[at + 1 :]) if at >= 0 else ("", path)


class MachineNames:
    """What the files of one machine are called below its name.

    Attributes:
        folder: The folder that holds most of its disks, as it is shown; empty: the scanned one, or there are none.
        snapshots: The one that holds the configurations of its snapshots; empty also where these are several.
    """

    def __init__(self, machine: Machine, scanned: Sequence[str]) -> None:
        self._scanned = scanned
        # The first snapshot's disks first: the bases, where every other file has a folder of its own.
        states = (*machine.snapshots, *(() if machine.now is None else (machine.now,)))
        found = Counter(self._parts(path)[0] for state in states for path in state.disk_paths)
        self.folder = found.most_common(1)[0][0] if found else ""
        folders = {self._parts(state.path)[0] for state in machine.snapshots}
        self.snapshots = folders.pop() if len(folders) == 1 else ""
        own = "" if machine.now is None else self._parts(machine.now.path)[0]
        self._told = tuple(folder for folder in (self.snapshots, own) if "/" in folder)

    def disk(self, path: str) -> str:
        """Return what a disk is called: by its bare name in the machine's folder, else with a folder."""
        where, name = self.place(path)
        return f"{where}/{name}" if where else name

    def place(self, path: str) -> tuple[str, str]:
        """Return the folder and the bare name of a disk; no folder where it is the machine's.

        Hosts of 2008 keep a snapshot's files below its folder, so that paths are longer than a line. Of the folders of
        configurations, which are told, only the last name stands before the rest: ``.../Snapshots/<id>``.
        """
        folder, name = self._parts(path)
        if folder == self.folder:
            return "", name
        for told in self._told:
            if f"{folder}/".startswith(f"{told}/"):
                return f".../{told.rpartition('/')[2]}{folder[len(told) :]}", name
        return folder or ".", name

    def _parts(self, path: str) -> tuple[str, str]:
        folder, _, name = shown_name(path, self._scanned).rpartition("/")
        return folder, name
