"""What is a machine with its snapshots, as far as its files go?

A `State` is frozen: which file every slot has now, what each snapshot keeps, what deleted snapshots left to be merged,
whether the machine is on. Operations (`vhdchain.snapshots.operations`) lead from one state to the next. Files are known
by name, parent and what they hold; no byte of them is looked at here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Power(StrEnum):
    """Whether a machine is on."""

    OFF = "off"
    RUNNING = "running"
    SAVED = "saved"
    PAUSED = "paused"


STATE_SUFFIXES = (".bin", ".vsv")
"""What the names of the two files of a saved state end with: memory, and devices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFile:
    """An image of the machine's families.

    Attributes:
        path: The file.
        parent: The file that it builds on; None for a base.
        content: Whose sectors it holds, by the names of the files as they were found, the lowest first: its own name
            for one that was found, none for one that was made since, several after a merge.
    """

    path: str
    parent: str | None
    content: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place where a disk in a file is attached.

    Attributes:
        place: Where, for people: ``IDE 0:1``.
        path: The file.
    """

    place: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a snapshot keeps.

    Attributes:
        id: Its id, upper case.
        name: Its name.
        parent: The id of the snapshot that it was made from; None: from none.
        slots: Its disks, frozen.
        configuration: Its configuration's file.
        state_files: The files of its saved state; empty where the machine was off when it was taken.
    """

    id: str
    name: str
    parent: str | None
    slots: tuple[Slot, ...]
    configuration: str
    state_files: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Its disks, each once, in the order of the slots."""
        return tuple(dict.fromkeys(slot.path for slot in self.slots))


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A machine with its snapshots.

    Attributes:
        id: The machine's id, upper case.
        name: Its name.
        configuration: Its configuration's file.
        slots: Its disks now.
        disks: Every file of the families of its disks, by name.
        snapshots: In the order in which they were taken.
        parent: The id of the snapshot that the present was made from, by taking or applying it; None: from none.
        power: Whether it is on.
        state_files: The files of its saved state; empty where there is none.
        freed: Files that deleted snapshots left, and that the host merges or deletes when it may.
        needed: Files that others need as they are: other machines, or what nobody can read.
        doubt: Why any file may yet be needed, as a clause: then none is merged or deleted; empty where there is no
            reason.
        pass_through: The places where disks of the host are attached, of which no snapshot can be taken.
        domain_controller: Whether its guest is a domain controller.
    """

    id: str
    name: str
    configuration: str
    slots: tuple[Slot, ...]
    disks: Mapping[str, DiskFile]
    snapshots: tuple[Snapshot, ...] = ()
    parent: str | None = None
    power: Power = Power.OFF
    state_files: tuple[str, ...] = ()
    freed: tuple[str, ...] = ()
    needed: frozenset[str] = frozenset()
    doubt: str = ""
    pass_through: tuple[str, ...] = ()
    domain_controller: bool = False
    _by_id: dict[str, Snapshot] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {item.id: item for item in self.snapshots})

    @property
    def paths(self) -> tuple[str, ...]:
        """Its disks now, each once, in the order of the slots."""
        return tuple(dict.fromkeys(slot.path for slot in self.slots))

    @property
    def used(self) -> frozenset[str]:
        """The files that it or a snapshot of it names."""
        return frozenset(self.paths).union(*(item.paths for item in self.snapshots))

    def snapshot(self, id_: str) -> Snapshot:
        """Return the snapshot with this id.

        Raises:
            KeyError: There is none.
        """
        return self._by_id[id_]

    def find(self, name: str) -> Snapshot:
        """Return the snapshot with this id or name.

        Raises:
            KeyError: There is none, or several have this name; the message says which.
        """
        known = self._by_id.get(name.strip("{}").upper())
        named = [item for item in self.snapshots if item.name == name] if known is None else [known]
        if len(named) != 1:
            what = "no snapshot" if not named else f"{len(named)} snapshots"
            raise KeyError(f"{self.name} has {what} called {name!r}")
        return named[0]

    def below(self, id_: str) -> tuple[Snapshot, ...]:
        """Return the snapshot and all that were made from it, parents before children."""
        found, members = [self.snapshot(id_)], {id_}
        # One pass may miss a child that stands before its parent: orders that were read come from file times.
        while more := [item for item in self.snapshots if item.parent in members and item.id not in members]:
            found += more
            members |= {item.id for item in more}
        return tuple(found)

    def children(self) -> dict[str, list[str]]:
        """Return the files that build on each file, in the order of their names."""
        return children_of(self.disks)

    def depth(self, path: str) -> int:
        """Return how many files lie below ``path``."""
        return len(self.below_file(path))

    def below_file(self, path: str) -> list[str]:
        """Return the files below ``path``, down to its base."""
        found: list[str] = []
        below = self.disks[path].parent
        while below is not None:
            found.append(below)
            below = self.disks[below].parent
        return found

    def waiting(self) -> tuple[str, ...]:
        """Return the freed files on which a single file builds, so that they could be merged now."""
        children = self.children()
        return tuple(path for path in self.freed if len(children.get(path, ())) == 1)

    def shared_with_now(self) -> tuple[Snapshot, ...]:
        """Return the snapshots whose files the machine writes to as soon as it runs: applied in place."""
        own = set(self.paths)
        return tuple(item for item in self.snapshots if own.intersection(item.paths))


def children_of(disks: Mapping[str, DiskFile]) -> dict[str, list[str]]:
    """Return the files that build on each file, in the order of their names."""
    children: dict[str, list[str]] = {}
    for path in sorted(disks):
        parent = disks[path].parent
        if parent is not None:
            children.setdefault(parent, []).append(path)
    return children
