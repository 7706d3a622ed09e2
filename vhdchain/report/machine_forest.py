"""In which order are the states of a machine shown, and which files are its own?

A machine's history is a line: each state stands below the one that it was made from, in the same column. Where several
were made from one, the branches lead aside to the right before the line goes on; it goes on with the branch that leads
to the present, or else with the one of most states. So a chain of fifty snapshots stays in one column, and no history
of n states needs more than log2(n) + 1 columns. Nothing recurses, and no state is shown twice: hostile folders have
snapshots that are made from each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from vhdchain.hyperv import NOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine, MachineState, SnapshotTree

MOST_OWNERS = 4
"""How many machines are counted for one file; a base may be shared by hundreds."""

CYCLE = "these snapshots were made from each other"
"""The reason where parents lead in a circle."""

_NOT_DERIVED = "it was not looked for"
_NOT_HERE = "the snapshot that it was made from is not here"


S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePlace(Generic[S]):
    """One state of a history.

    Attributes:
        key: The path of the snapshot's configuration, or `NOW`.
        state: The state, whatever stands for it.
        parent: What it was made from, as shown; None for the first of a history.
        depth: How many branches lead aside to it.
        is_branch: Whether it is the first of a branch that leads aside.
        goes_on: Whether the line goes on below it, in its own column.
    """

    key: str
    state: S
    parent: S | None = None
    depth: int = 0
    is_branch: bool = False
    goes_on: bool = False

    @property
    def is_now(self) -> bool:
        """Whether it is the present state."""
        return self.key == NOW


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """States that were made from each other, in the order in which they are shown.

    Attributes:
        places: The states; the first of each tree has no parent.
        reason: Why it is not known what the first ones were made from; None: from no snapshot, which is known.
    """

    places: tuple[StatePlace[MachineState], ...]
    reason: str | None = None


def keyed_states(machine: Machine) -> dict[str, MachineState]:
    """Return the states of a machine by the keys of its snapshot tree: snapshots in their order, then the present."""
    states = {state.path: state for state in machine.snapshots}
    if machine.now is not None:
        states[NOW] = machine.now
    return states


def histories(machine: Machine) -> tuple[History, ...]:
    """Return every state of ``machine`` once: what is known first, then by the reasons why something is not."""
    states = keyed_states(machine)
    shape = Shape(states, machine.tree.parents)
    roots: dict[str | None, list[str]] = {None: []}
    for key in states:
        if key not in shape.parents:
            roots.setdefault(_reason(machine.tree, key), []).append(key)
    groups = [(reason, shape.trees(keys)) for reason, keys in roots.items()]
    groups += [(CYCLE, shape.trees([key])) for key in shape.cycles()]
    return tuple(History(places=tuple(places), reason=reason) for reason, places in groups if places)


def _reason(tree: SnapshotTree, key: str) -> str | None:
    if key not in tree.parents:
        return tree.unknown.get(key, _NOT_DERIVED)
    return None if tree.parents[key] is None else _NOT_HERE


class Shape(Generic[S]):
    """Who was made from whom among the states that there are.

    Attributes:
        parents: State -> the state that it was made from, where that is here.
    """

    def __init__(self, states: Mapping[str, S], parents: Mapping[str, str | None]) -> None:
        """Take the states by their keys, with `NOW` for the present, and what each was made from."""
        self._states = states
        self.parents = {
            key: parent for key, parent in parents.items() if key in states and parent is not None and parent in states
        }
        self._children: dict[str, list[str]] = {}
        for key in states:
            if key in self.parents:
                self._children.setdefault(self.parents[key], []).append(key)
        self._met: set[str] = set()

    def trees(self, roots: Iterable[str]) -> list[StatePlace[S]]:
        """Return the trees below ``roots``, the one with the present last."""
        trees = [self._tree(root) for root in roots]
        trees.sort(key=lambda places: any(place.is_now for place in places))
        return [place for places in trees for place in places]

    def cycles(self) -> Iterator[str]:
        """Yield the first member of each circle that was not met yet; its tree must be taken before the next."""
        place = {key: number for number, key in enumerate(self._states)}
        for key in self._states:
            if key in self._met:
                continue
            way: dict[str, None] = {}
            node = key
            while node not in way:
                way[node] = None
                node = self.parents[node]
            members = list(way)
            yield min(members[members.index(node) :], key=lambda member: place[member])

    def _tree(self, root: str) -> list[StatePlace[S]]:
        children = self._below(root)
        weight = self._weights(children)
        places = []
        pending: list[tuple[str, S | None, int, bool]] = [(root, None, 0, False)]
        while pending:
            key, parent, depth, is_branch = pending.pop()
            below = sorted(children[key], key=lambda child: weight[child])
            # The order of the children stays, but for the one with which the line goes on.
            aside = [child for child in children[key] if child != below[-1]] if below else []
            state = self._states[key]
            places.append(
                StatePlace(key=key, state=state, parent=parent, depth=depth, is_branch=is_branch, goes_on=bool(below))
            )
            pending += [(child, state, depth, False) for child in below[-1:]]
            pending += [(child, state, depth + 1, True) for child in reversed(aside)]
        return places

    def _below(self, root: str) -> dict[str, list[str]]:
        """Return the children of ``root`` and of all below it, each before its own; a circle ends where it began."""
        self._met.add(root)
        children: dict[str, list[str]] = {}
        pending = [root]
        while pending:
            key = pending.pop()
            children[key] = [child for child in self._children.get(key, ()) if child not in self._met]
            self._met.update(children[key])
            pending += children[key]
        return children

    def _weights(self, children: dict[str, list[str]]) -> dict[str, int]:
        """Return for every state how much speaks for going on with it: the present, then the number of states."""
        weight: dict[str, int] = {}
        for key in reversed(children):
            own = len(self._states) if key == NOW else 1
            weight[key] = own + sum(weight[child] for child in children[key])
        return weight


def owners_of(inventory: Inventory) -> dict[str, tuple[Machine, ...]]:
    """Return every file in the chains of machines' disks, with the machines: `MOST_OWNERS` at most, in their order."""
    owners: dict[str, list[Machine]] = {}
    for machine in inventory.machines:
        for start in (path for state in machine.states for path in state.disk_paths):
            node: str | None = start
            while node is not None:
                known = owners.setdefault(node, [])
                # Whoever was here before walked on to the base: each file is met a few times, however many share it.
                if len(known) >= MOST_OWNERS or (known and known[-1] is machine):
                    break
                known.append(machine)
                node = inventory.graph.parent(node)
    return {path: tuple(machines) for path, machines in owners.items()}
