"""How do the snapshots of a machine follow each other?

The disks are the authority: a snapshot's configuration names the file that was frozen when it was taken, so the parent
of a state (a snapshot, or now) is the nearest strict ancestor file of its disk that is some snapshot's frozen disk.
Files that deleted snapshots left are walked through. All disks of a machine must agree; one that was attached or
removed in between has no answer. What the configurations' ids say is no part of this; it only confirms or contradicts.

Hostile folders have cycles, and thousands of snapshots with one file: every walk is remembered, nothing recurses, and
states that would follow each other in a circle have no answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

NOW = ""
"""The key of the present state among the keys of snapshots, which are the paths of their configurations."""

SNAPSHOT_SUFFIX = ".avhd"
"""What the names of files end with that a host makes for snapshots; a differencing disk made by hand is a ``.vhd``."""

MOST_CANDIDATES = 256
"""Among how many snapshots one is looked for that all disks of a state allow: as many disks as a machine can have."""

_NO_DISK = "it has no disk in a file"
_NO_FILE = "none of its disks is here"
_BROKEN = "a file that its disks build on is missing"
A_DISK_AWAY = "one of its disks is not here, and the others say nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotTree:
    """The parents of a machine's states; snapshots are named by the paths of their configurations, now by `NOW`.

    Attributes:
        parents: State -> the snapshot that it was made from; None: from none. States without an answer are absent.
            Never a circle.
        unknown: State -> why there is no answer, as one clause.
        leftovers: Files in the chains of the states that no state names, and on which a snapshot's file (``.avhd``)
            builds: each was frozen by a snapshot that is gone, and is to be merged. In the order of the paths.
    """

    parents: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))
    unknown: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    leftovers: tuple[str, ...] = ()
    _children: dict[str | None, list[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        children: dict[str | None, list[str]] = {}
        for child, parent in self.parents.items():
            children.setdefault(parent, []).append(child)
        object.__setattr__(self, "_children", children)

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
        return tuple(self._children.get(state, ()))


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
    for state, number in _circles(answers).items():
        del answers[state]
        unknown[state] = f"its disks say that {number} snapshots were each made from the next, in a circle"
    return SnapshotTree(
        parents=MappingProxyType(answers),
        unknown=MappingProxyType({state: unknown[state] for state in states if state in unknown}),
        leftovers=search.leftovers(),
    )


def base_files(disks: Iterable[str], parents: Mapping[str, str]) -> dict[str, str]:
    """Return the file at the bottom of the chain of every disk, and of every file in these chains.

    Where files build on each other in a circle, one of them counts as the bottom.
    """
    bases: dict[str, str] = {}
    for disk in disks:
        way, node = {disk: None}, disk
        while node not in bases and (parent := parents.get(node)) is not None and parent not in way:
            way[parent] = None
            node = parent
        base = bases.get(node, node)
        bases.update(dict.fromkeys(way, base))
    return bases


@dataclass(frozen=True, slots=True)
class _Unknown:
    reason: str


class _Search:
    def __init__(
        self, states: Mapping[str, Sequence[str | None]], parents: Mapping[str, str], orphans: Collection[str]
    ) -> None:
        self._parents = parents
        self._orphans = orphans
        self._disks: dict[str, dict[str, None]] = {
            state: dict.fromkeys(disk for disk in disks if disk is not None) for state, disks in states.items()
        }
        self._lacking = {state for state, disks in states.items() if None in disks}
        self._named = dict.fromkeys(disk for disks in self._disks.values() for disk in disks)
        self._bases = base_files(self._named, parents)
        self._bases_of = {state: {self._bases[disk] for disk in disks} for state, disks in self._disks.items()}
        self._frozen: dict[str, dict[str, None]] = {}
        for state, disks in self._disks.items():
            for disk in disks if state != NOW else ():
                self._frozen.setdefault(disk, {})[state] = None
        self._above: dict[str, str | None] = {}
        self._broken: set[str] = set()

    def parent_of(self, state: str) -> str | _Unknown | None:
        disks = self._disks[state]
        if not disks:
            return _Unknown(_NO_FILE if state in self._lacking else _NO_DISK)
        said = self._said_by(disks, state)
        known = [answer for answer in said.values() if answer is not None]
        if any(len(answer) > MOST_CANDIDATES for answer in known):
            return _Unknown(_same_disk(max(map(len, known))))
        candidates = {snapshot: None for answer in known for snapshot in answer if snapshot != state}
        if not candidates:
            # A disk whose chain is broken, or one that is not here, may yet build on a snapshot's.
            if len(known) < len(said):
                return _Unknown(_BROKEN)
            return _Unknown(A_DISK_AWAY) if state in self._lacking else None
        if len(candidates) > MOST_CANDIDATES:
            return _Unknown(_disagree(len(candidates)))
        fitting = [item for item in candidates if all(self._fits(disk, said[disk], item) for disk in disks)]
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            return _Unknown(_disagree(len(candidates)))
        together = any(all(item in answer for item in fitting) for answer in known)
        return _Unknown(_same_disk(len(fitting)) if together else _not_at_once(len(fitting)))

    def _said_by(self, disks: Iterable[str], state: str) -> dict[str, Collection[str] | None]:
        """Return what each disk says: the snapshots that froze its nearest frozen ancestor; None where it cannot know.

        A file that ``state`` itself froze, and nobody else, is walked through.
        """
        said: dict[str, Collection[str] | None] = {}
        beyond: dict[str, Collection[str] | None] = {}
        for disk in disks:
            way: dict[str, None] = {}
            node, answer = disk, None
            while node not in way:
                if node in beyond:
                    answer = beyond[node]
                    break
                way[node] = None
                above = self._frozen_above(node)
                if above is None:
                    answer = None if node in self._broken else ()
                    break
                if self._frozen[above].keys() != {state}:
                    answer = self._frozen[above]
                    break
                node = above
            beyond.update(dict.fromkeys(way, answer))
            said[disk] = answer
        return said

    def _frozen_above(self, disk: str) -> str | None:
        """Return the nearest strict ancestor file that a snapshot froze; None: there is none, or ``_broken`` has it."""
        way: dict[str, None] = {}
        node, found, broken = disk, None, False
        while node not in self._above:
            way[node] = None
            parent = self._parents.get(node)
            if parent is None or parent in way:
                broken = parent is not None or node in self._orphans
                break
            if parent in self._frozen:
                found = parent
                break
            node = parent
        else:
            found, broken = self._above[node], node in self._broken
        self._above.update(dict.fromkeys(way, found))
        if broken:
            self._broken.update(way)
        return found

    def _fits(self, disk: str, answer: Collection[str] | None, snapshot: str) -> bool:
        """Say whether ``disk`` allows that its state was made from ``snapshot``.

        It does when it builds on the snapshot's disk, and it has nothing to say when the snapshot did not hold this
        disk at all: it was attached later, or away at the time.
        """
        return answer is None or snapshot in answer or self._bases[disk] not in self._bases_of[snapshot]

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


def _circles(parents: Mapping[str, str | None]) -> dict[str, int]:
    """Return the states that follow each other in circles, with the length of the circle."""
    found: dict[str, int] = {}
    done: set[str] = set()
    for state in parents:
        way: dict[str, None] = {}
        node: str | None = state
        while node is not None and node not in done and node not in way:
            way[node] = None
            node = parents.get(node)
        if node is not None and node in way:
            circle = list(way)[list(way).index(node) :]
            found.update(dict.fromkeys(circle, len(circle)))
        done.update(way)
    return found


def _disagree(number: int) -> str:
    if number == 1:
        return "its disks disagree: one builds on what a snapshot froze, and another does not"
    return f"its disks disagree: they were frozen by {number} snapshots in different orders"


def _same_disk(number: int) -> str:
    return f"{number} snapshots froze the same disk"


def _not_at_once(number: int) -> str:
    return f"its disks build on {number} snapshots that held none of them together"
