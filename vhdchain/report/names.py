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
    """

    def __init__(self, machine: Machine, scanned: Sequence[str]) -> None:
        self._scanned = scanned
        found = Counter(
            shown_name(path, scanned).rpartition("/")[0] for state in machine.states for path in state.disk_paths
        )
        self.folder = found.most_common(1)[0][0] if found else ""

    def disk(self, path: str) -> str:
        """Return what a disk is called: by its bare name in the machine's folder, else with a folder."""
        shown = shown_name(path, self._scanned)
        folder, slash, name = shown.rpartition("/")
        if folder == self.folder and (slash or not folder):
            return name
        return shown if slash else f"./{shown}"
