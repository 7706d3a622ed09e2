r"""What does the host call a file that lies here?

The other way round from `find_path`: configurations name files by the host's paths (``D:\VMs\srv.vhd``), and where each
of them was found here is known; so a new file in the same folder, or in one beside it, has a path of the host, too. A
path map, where there is one, says it directly. What neither tells is not made up.
"""

from __future__ import annotations

import ntpath
import posixpath
from typing import TYPE_CHECKING

from vhdchain.hyperv.folders import MACHINES_FOLDER, SNAPSHOTS_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from vhdchain.hyperv.machines import Machine, MachineState


class WindowsNames:
    """The host's names of the folders of one machine.

    Attributes:
        folders: Local folder -> the host's path of it.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Take what is known: pairs of a local file and the host's path of it; of two for a folder the first counts."""
        self.folders: dict[str, str] = {}
        for local, stored in pairs:
            self._learn(posixpath.dirname(local), ntpath.dirname(stored))

    def of(self, path: str) -> str | None:
        """Return the host's path of the local file ``path``; None where nothing tells it."""
        folder, rest = posixpath.dirname(path), [posixpath.basename(path)]
        while folder not in self.folders:
            above, name = posixpath.split(folder)
            if not name or above == folder:
                return None
            folder, rest = above, [name, *rest]
        return ntpath.join(self.folders[folder], *rest)

    def _learn(self, folder: str, stored: str) -> None:
        """Take a pair of folders, and those above as long as both have the same name."""
        while stored and folder not in self.folders:
            self.folders[folder] = stored
            if posixpath.basename(folder).casefold() != ntpath.basename(stored).casefold():
                return
            folder, stored = posixpath.dirname(folder), ntpath.dirname(stored)


def windows_names(machine: Machine, path_map: Mapping[str, str] | None = None) -> WindowsNames:
    """Return the host's names of the folders of ``machine``, from what its configurations say.

    Args:
        machine: The machine.
        path_map: Local file -> the host's path of it, where a path map says so; it is believed first.
    """
    pairs = list((path_map or {}).items())
    for state in machine.states:
        pairs += _named(state)
    return WindowsNames(pairs)


def _named(state: MachineState) -> Iterator[tuple[str, str]]:
    configuration = state.configuration
    for disk in state.disks:
        if disk.path is not None:
            yield disk.path, disk.drive.path
    for file in state.state_files:
        if file.path is not None:
            yield file.path, file.stored
    root = configuration.snapshot_root if configuration.is_snapshot else configuration.data_root
    folder = SNAPSHOTS_FOLDER if configuration.is_snapshot else MACHINES_FOLDER
    if root:
        yield configuration.path, ntpath.join(root, folder, posixpath.basename(configuration.path))
