r"""Which machines are there, with which snapshots and disks?

A `Machine` is what the files of one virtual machine come to: its configuration, its snapshots', the files that these
name as far as they are here, and the snapshot tree. Paths in configurations are those of the host (``C:\...``); a
`FoundPath` says which local file each of them means, by which rule, and what was tried.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from vhdchain.hyperv.records import ControllerKind
from vhdchain.hyperv.snapshot_tree import SnapshotTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.hyperv.records import Configuration, Drive


class PathRule(StrEnum):
    """What led from a stored path to a local file, the most trusted first."""

    MAP = "path map"
    SAME_PLACE = "same place relative to the configuration"
    SUFFIX = "common end of the path"
    BESIDE = "beside the configuration"
    DISKS_FOLDER = "in Virtual Hard Disks"
    NAME = "name alone"


class PathOutcome(StrEnum):
    """What came of it."""

    FOUND = "found"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class PathAttempt:
    """One rule that was tried.

    Attributes:
        rule: Which one.
        candidates: The local files that fit, as messages call them.
        detail: One clause; empty where the candidates say it all.
    """

    rule: PathRule
    candidates: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPath:
    """Which local file a path in a configuration means.

    Attributes:
        stored: The path as the configuration has it.
        outcome: What came of the search.
        path: The file as messages call it; None unless found.
        rule: The rule that led to it; None unless found.
        exact: Whether the file lies where the stored path says, seen from the other files; False where only its name
            fits, or one of several files was taken because it is nearest.
        candidates: The files that fit equally well, where the path is ambiguous.
        attempts: The trace, in the order of the tries.
        problem: Why the path is refused, as one clause; empty where it is not.
    """

    stored: str
    outcome: PathOutcome
    path: str | None = None
    rule: PathRule | None = None
    exact: bool = True
    candidates: tuple[str, ...] = ()
    attempts: tuple[PathAttempt, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedDisk:
    """A disk that a configuration names.

    Attributes:
        drive: The slot.
        found: The file.
        number: Which SCSI controller of the machine it hangs on, from 0, in the order of the manifest; 0 for others.
    """

    drive: Drive
    found: FoundPath
    number: int = 0

    @property
    def path(self) -> str | None:
        """The local file; None where it was not found."""
        return self.found.path

    @property
    def place(self) -> str:
        """Where it is attached, for people: ``IDE 0:1``, or ``SCSI 2:0`` at the third SCSI controller."""
        if self.drive.controller is ControllerKind.SCSI:
            return f"{self.drive.controller} {self.number}:{self.drive.slot}"
        return self.drive.place


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineState:
    """A configuration with the files that it names: what a machine is now, or what a snapshot keeps.

    Attributes:
        configuration: The configuration.
        disks: Its disks in files, in the order of the drives.
        memory: The ``.bin`` file of its saved state; None where none is named.
        devices: The ``.vsv`` file, likewise.
    """

    configuration: Configuration
    disks: tuple[AttachedDisk, ...] = ()
    memory: FoundPath | None = None
    devices: FoundPath | None = None

    @property
    def id(self) -> str:
        """The id of the machine or snapshot, upper case; empty where the configuration has none."""
        return self.configuration.id

    @property
    def name(self) -> str:
        """The name, or the id where there is none."""
        return self.configuration.name or self.configuration.id

    @property
    def path(self) -> str:
        """The configuration's file."""
        return self.configuration.path

    @property
    def state_files(self) -> tuple[FoundPath, ...]:
        """The files of the saved state that are named."""
        return tuple(item for item in (self.memory, self.devices) if item is not None)

    @property
    def disk_paths(self) -> tuple[str, ...]:
        """The disks that were found, each once, in the order of the drives."""
        return tuple(dict.fromkeys(disk.path for disk in self.disks if disk.path is not None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One virtual machine.

    Attributes:
        id: Its id, upper case, without braces; empty where its configuration has none.
        name: Its name, or the id.
        now: The present state; None where only snapshots of the machine are here.
        snapshots: The snapshots, by the time when they were made as far as that is known, then by path.
        tree: How they follow each other, derived from the disks.
    """

    id: str
    name: str
    now: MachineState | None
    snapshots: tuple[MachineState, ...] = ()
    tree: SnapshotTree = field(default_factory=SnapshotTree)

    @property
    def states(self) -> tuple[MachineState, ...]:
        """The present state, if it is known, and all snapshots."""
        return (*(() if self.now is None else (self.now,)), *self.snapshots)

    def snapshot(self, name: str) -> MachineState:
        """Return the snapshot with this id or name.

        Raises:
            KeyError: There is none, or several have this name.
        """
        return _only(name, [item for item in self.snapshots if name in (item.configuration.name, item.path)], self)

    def __repr__(self) -> str:
        return f"<machine {self.name!r}, {len(self.snapshots)} snapshots>"


def _only(name: str, named: list[MachineState], machine: Machine) -> MachineState:
    known = [item for item in machine.snapshots if item.id == name.strip("{}").upper()] or named
    if len(known) != 1:
        what = "no snapshot" if not known else f"{len(known)} snapshots"
        raise KeyError(f"{machine.name} has {what} called {name!r}")
    return known[0]


class Machines:
    """The machines of a scan, in the order of their configurations' paths; one is taken by its name or id."""

    __slots__ = ("_by_key", "_machines")

    def __init__(self, machines: Iterable[Machine] = ()) -> None:
        self._machines = tuple(machines)
        self._by_key: dict[str, list[Machine]] = {}
        for machine in self._machines:
            for key in {machine.id, machine.name} - {""}:
                self._by_key.setdefault(key, []).append(machine)

    def __len__(self) -> int:
        return len(self._machines)

    def __iter__(self) -> Iterator[Machine]:
        return iter(self._machines)

    def __getitem__(self, name: str) -> Machine:
        """Return the machine with this name or id.

        Raises:
            KeyError: There is none, or several; the message says which.
        """
        found = self._by_key.get(name) or self._by_key.get(name.strip("{}").upper(), [])
        if len(found) == 1:
            return found[0]
        if not found:
            raise KeyError(f"no machine is called {name!r}")
        raise KeyError(f"{len(found)} machines are called {name!r}: take one by its id")

    def __repr__(self) -> str:
        return f"Machines({list(self._machines)!r})"
