"""Which disks may be in use by a configuration that nobody could read?

That no configuration names a disk means something only where all configurations are known. Some are not: they are
damaged, or in a form that cannot be read, as in an export of 2008 R2; a link is here without what it leads to; a
machine's snapshots are here without the machine; and a path may mean several files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.graph.paths import folder_and_name, stem_of
from vhdchain.hyperv import FileRole, PathOutcome, is_guid
from vhdchain.locate import fold_case, parse_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.graph.inventory import Inventory


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownUses:
    """What stands in the way of saying that nothing uses a disk.

    Attributes:
        configurations: Files that are configurations of machines or snapshots, and cannot be read or are not here.
        machines: How many machines are known by their snapshots alone.
        folders: Folders of exports whose configuration cannot be read, with the separator at the end.
        files: Files that a path may mean which fits several of them.
        names: The names of such paths, folded.
    """

    configurations: tuple[str, ...]
    machines: int
    folders: frozenset[str]
    files: frozenset[str]
    names: frozenset[str]

    @classmethod
    def of(cls, inventory: Inventory) -> UnknownUses:
        """Return those of a scan."""
        ambiguous = [
            disk.found
            for machine in inventory.machines
            for state in machine.states
            for disk in state.disks
            if disk.found.outcome is PathOutcome.AMBIGUOUS
        ]
        exports = (file.path for file in inventory.host_files if file.role is FileRole.EXPORTED)
        return cls(
            configurations=tuple(_unread(inventory)),
            machines=sum(machine.now is None for machine in inventory.machines),
            folders=frozenset(_above(_above(path)) for path in exports),
            files=frozenset(file for found in ambiguous for file in found.candidates),
            names=frozenset(fold_case(parse_path(found.stored).basename or "") for found in ambiguous),
        )

    def may_be_used(self, path: str) -> bool:
        """Say whether there is a reason to take this very file for used."""
        if path in self.files or fold_case(folder_and_name(path)[1]) in self.names:
            return True
        folder = _above(path) if self.folders else ""
        while folder:
            if folder in self.folders:
                return True
            folder = _above(folder)
        return False

    @property
    def doubt(self) -> str | None:
        """Why any file may yet be used, as a clause; None where there is no reason."""
        if number := len(self.configurations):
            return "a configuration here cannot be read" if number == 1 else f"{number} configurations cannot be read"
        if self.machines:
            what = "a machine" if self.machines == 1 else f"{self.machines} machines"
            return f"of {what} only snapshots are here"
        return None


def _unread(inventory: Inventory) -> Iterator[str]:
    known = {stem_of(state.path) for machine in inventory.machines for state in machine.states}
    for file in inventory.host_files:
        # A link whose configuration came along by another way registers a machine that is known.
        if (file.role is FileRole.CONFIGURATION and file.configuration is None) or (
            file.role is FileRole.LINK and stem_of(file.path) not in known
        ):
            yield file.path
    for item in inventory.unreadable:
        if item.path.lower().endswith(".xml") and is_guid(stem_of(item.path)):
            yield item.path


def _above(path: str) -> str:
    """Return the folder of a file, or the one above a folder, with the separator at its end; empty above the top."""
    return folder_and_name(path.rstrip("/\\"))[0]
