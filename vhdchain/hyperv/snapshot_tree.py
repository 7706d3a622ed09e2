"""How do the snapshots of a machine follow each other?

The disks are the authority: a snapshot's configuration names the file that was frozen when it was taken, so the parent
of a state (a snapshot, or now) is the nearest strict ancestor file of its disk that is some snapshot's frozen disk.
Files that deleted snapshots left are walked through. All disks of a machine must agree; one that was attached or
removed in between has no answer. What the configurations' ids say is no part of this; it only confirms or contradicts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

NOW = ""
"""The key of the present state among the keys of snapshots, which are the paths of their configurations."""

SNAPSHOT_SUFFIX = ".avhd"
"""What the names of files end with that a host makes for snapshots; a differencing disk made by hand is a ``.vhd``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotTree:
    """The parents of a machine's states; snapshots are named by the paths of their configurations, now by `NOW`.

    Attributes:
        parents: State -> the snapshot that it was made from; None: from none. States without an answer are absent.
        unknown: State -> why there is no answer, as one clause.
        leftovers: Files in the chains of the states that no state names, and on which a snapshot's file (``.avhd``)
            builds: each was frozen by a snapshot that is gone, and is to be merged. In the order of the paths.
    """

    parents: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))
    unknown: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    leftovers: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether every state has an answer."""
        return not self.unknown

    @property
    def current(self) -> str | None:
        """The snapshot that the present state was made from; None where there is none, or no answer."""
        return self.parents.get(NOW)

    def children(self, state: str | None) -> tuple[str, ...]:
        """Return the states that were made from the snapshot ``state`` (None: from none), in their order."""
        return tuple(child for child, parent in self.parents.items() if parent == state)


def derive_tree(
    states: Mapping[str, Sequence[str | None]],
    parents: Mapping[str, str],
    *,
    orphans: Collection[str] = (),
) -> SnapshotTree:
    """Return the tree of one machine.

    Args:
        states: State -> the local files of its disks, None for one that was not found; `NOW` among the keys if the
            present state is known. The order of the keys is kept.
        parents: Disk file -> its parent file, over the whole folder.
        orphans: Disk files that need a parent and have none here.
    """
    search = _Search(states, parents, orphans)
    answers: dict[str, str | None] = {}
    unknown: dict[str, str] = {}
    for state in states:
        answer = search.parent_of(state)
        if isinstance(answer, _Unknown):
            unknown[state] = answer.reason
        else:
            answers[state] = answer
    return SnapshotTree(
        parents=MappingProxyType(answers), unknown=MappingProxyType(unknown), leftovers=search.leftovers()
    )


@dataclass(frozen=True, slots=True)
class _Unknown:
    reason: str


class _Search:
    def __init__(
        self, states: Mapping[str, Sequence[str | None]], parents: Mapping[str, str], orphans: Collection[str]
    ) -> None:
        self._states = states
        self._parents = parents
        self._orphans = orphans
        self._frozen: dict[str, list[str]] = {}
        self._named: set[str] = set()
        self._bases: dict[str, str] = {}
        for state, disks in states.items():
            for disk in dict.fromkeys(disk for disk in disks if disk is not None):
                self._named.add(disk)
                if state != NOW:
                    self._frozen.setdefault(disk, []).append(state)

    def parent_of(self, state: str) -> str | _Unknown | None:
        if not self._states[state]:
            return _Unknown("it has no disk in a file")
        disks = [disk for disk in self._states[state] if disk is not None]
        if not disks:
            return _Unknown("none of its disks is here")
        said = {disk: self._nearest(disk, state) for disk in disks}
        known = {disk: answer for disk, answer in said.items() if answer is not None}
        if not known:
            return _Unknown("a file that its disks build on is missing")
        candidates = dict.fromkeys(snapshot for answer in known.values() for snapshot in answer)
        if not candidates:
            # A disk whose chain is broken may yet build on a snapshot's disk.
            if len(known) < len(said):
                return _Unknown("a file that its disks build on is missing")
            return None
        fitting = [item for item in candidates if all(self._fits(disk, said[disk], item) for disk in disks)]
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            return _Unknown(f"its disks disagree: they were frozen by {len(candidates)} snapshots in different orders")
        return _Unknown(f"{len(fitting)} snapshots froze the same disk")

    def _nearest(self, disk: str, state: str) -> Sequence[str] | None:
        """Return the snapshots that froze the nearest ancestor file that was frozen; None where that is not known."""
        met, node = {disk}, self._parents.get(disk)
        last = disk
        while node is not None and node not in met:
            if frozen := [item for item in self._frozen.get(node, ()) if item != state]:
                return frozen
            met.add(node)
            last, node = node, self._parents.get(node)
        return None if node is not None or last in self._orphans else ()

    def _fits(self, disk: str, answer: Sequence[str] | None, snapshot: str) -> bool:
        """Say whether ``disk`` allows that its state was made from ``snapshot``.

        It does when it builds on the snapshot's disk, and it has nothing to say when the snapshot did not hold this
        disk at all: it was attached later, or away at the time.
        """
        if answer is None or snapshot in answer:
            return True
        base = self._base_of(disk)
        return all(other is None or self._base_of(other) != base for other in self._states[snapshot])

    def _base_of(self, disk: str) -> str:
        way, node = {disk}, disk
        while node not in self._bases and (parent := self._parents.get(node)) is not None and parent not in way:
            way.add(parent)
            node = parent
        base = self._bases.get(node, node)
        for item in way:
            self._bases[item] = base
        return base

    def leftovers(self) -> tuple[str, ...]:
        met: set[str] = set()
        found: set[str] = set()
        for disk in self._named:
            child = disk
            while child not in met and (node := self._parents.get(child)) is not None:
                met.add(child)
                if node not in self._named and child.lower().endswith(SNAPSHOT_SUFFIX):
                    found.add(node)
                child = node
        return tuple(sorted(found))
