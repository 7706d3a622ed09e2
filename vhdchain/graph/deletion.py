"""What becomes of the files when a snapshot is deleted?

By the host's rules: the files that only this snapshot keeps are deleted where nothing builds on them, unless they are a
machine's own disk; where one disk of the machine builds on one, that disk is merged into it; where several do, it
stays. What earlier deletions left follows the same rules, so that one deletion may let several files go: its answer is
that for the files as they are, with every merge that can then be made.

Only files are looked at, not what is in them. That a host merges a disk that no configuration names into the file below
is not known; here such a file stays. Where a configuration cannot be read, nothing counts as free of use.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from vhdchain.graph.check_snapshot_disks import left_by_deleted
from vhdchain.graph.machine_words import identity, listed, shown_use
from vhdchain.graph.settling import Settling
from vhdchain.graph.unknown_uses import UnknownUses
from vhdchain.hyperv.snapshot_tree import base_files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.graph.inventory import Inventory
    from vhdchain.hyperv import Machine, MachineState


class Fate(StrEnum):
    """What becomes of a file."""

    DELETED = "deleted"
    MERGED = "merged"
    STAYS = "stays"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFate:
    """What becomes of one frozen disk of a snapshot.

    Attributes:
        path: The file.
        fate: `MERGED` where it takes up what builds on it, or is taken up itself.
        reason: Why it stays, as a clause; empty where it does not.
    """

    path: str
    fate: Fate
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """What becomes of the files when a snapshot is deleted, or when merges that are owed are made.

    Attributes:
        disks: The frozen disks of the snapshot, in the order of its drives.
        deleted: Files that go, in the order in which they can.
        merges: Files that become one: the file that takes the others up, then those from below to above.
    """

    disks: tuple[DiskFate, ...] = ()
    deleted: tuple[str, ...] = ()
    merges: tuple[tuple[str, ...], ...] = ()


class Deletions:
    """The answers for one inventory; what all of them need is found once."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._left = left_by_deleted(inventory)
        self._unknown = UnknownUses.of(inventory)
        self._bases = base_files([*self._left, *inventory.used], inventory.graph.parents)
        self._left_over: dict[str, list[str]] = {}
        for path in self._left:
            self._left_over.setdefault(self._bases[path], []).append(path)
        self._cyclic = frozenset(path for cycle in inventory.graph.cycles for path in cycle)

    def owed(self) -> Deletion:
        """Return what becomes of what earlier deletions left, once all machines are off."""
        work = self._settled(self._free(self._left))
        return Deletion(deleted=tuple(work.deleted), merges=work.runs())

    def of(self, machine: Machine, snapshot: MachineState) -> Deletion:
        """Return what becomes of the files when ``snapshot`` of ``machine`` is deleted and merges are made.

        What earlier deletions left counts where it lies in the families of the snapshot's disks and the answer with the
        snapshot differs from that without it.
        """
        keeps = {path: self._kept(path, snapshot) for path in snapshot.disk_paths}
        owner = identity(machine)
        freed = {path: {owner} for path, reason in keeps.items() if not reason and path not in self._cyclic}
        bases = dict.fromkeys(self._bases[path] for path in freed)
        left = [path for base in bases for path in self._left_over.get(base, ())]
        work = self._settled({**self._free(left), **freed}, without=snapshot)
        before = self._settled(self._free(left))
        known = set(before.runs())
        merges = tuple(run for run in work.runs() if run not in known)
        deleted = tuple(path for path in work.deleted if path not in before.deleted)
        disks = tuple(self._fate(path, reason, work) for path, reason in keeps.items())
        return Deletion(disks=disks, deleted=deleted, merges=merges)

    def _settled(self, freed: dict[str, set[str]], *, without: MachineState | None = None) -> Settling:
        """Return what becomes of ``freed``: files that nothing needs as they are, each with its owners."""
        graph = self._inventory.graph

        def is_used(path: str, freed_file: str) -> bool:
            uses = (use for use in self._inventory.uses(path) if use.state is not without)
            return any(identity(use.machine) in freed[freed_file] for use in uses)

        return Settling(freed, parents=graph.parents, children=graph.children, is_used=is_used)

    def _kept(self, path: str, snapshot: MachineState) -> str:
        """Return why a frozen disk stays whatever builds on it; empty where it need not."""
        others = [use for use in self._inventory.uses(path) if use.state is not snapshot]
        if others:
            return f"{listed(list(dict.fromkeys(map(shown_use, others))))} needs it, too"
        if self._unknown.may_be_used(path):
            return "a configuration may mean this file that names several"
        return self._unknown.doubt or ""

    def _free(self, paths: Iterable[str]) -> dict[str, set[str]]:
        """Return what earlier deletions left, as `_Work` wants it."""
        return {path: set(map(identity, self._left[path])) for path in paths if path not in self._cyclic}

    def _fate(self, path: str, reason: str, work: Settling) -> DiskFate:
        if reason:
            return DiskFate(path=path, fate=Fate.STAYS, reason=reason)
        if path in work.deleted:
            return DiskFate(path=path, fate=Fate.DELETED)
        if any(path in run for run in work.runs()):
            return DiskFate(path=path, fate=Fate.MERGED)
        children = work.children(path)
        if not children:
            return DiskFate(path=path, fate=Fate.STAYS, reason="it is the machine's own disk, which is never deleted")
        if len(children) == 1:
            reason = "the disk that builds on it is named by no configuration of the machine"
        else:
            reason = f"{len(children)} disks build on it, and only a later deletion may leave one of them"
        return DiskFate(path=path, fate=Fate.STAYS, reason=reason)
