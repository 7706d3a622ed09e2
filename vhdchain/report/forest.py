"""In which order are the disks of a folder shown, and how deep?

As a forest: every base with what builds on it below; disks whose parent was not found below a place for that parent,
those that want the same one together; a cycle below its first member. Disks that are shown elsewhere may be left out;
what builds on them then stands below their names. Depth first, children by path, without recursion: a chain of a
thousand disks is a walk, not a stack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from vhdchain.graph import DiskGraph, Inventory
    from vhdchain.locate import Resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One line of a forest.

    Attributes:
        path: The file; None for the place of a parent that was not found.
        missing: The search that failed, where this is such a place.
        elsewhere: Whether the file is shown elsewhere, and named here for what builds on it.
        depth: 0 for a tree's root.
        more: For each level from 1 on, whether that ancestor (last: this one) has a further sibling behind it.
    """

    path: str | None
    missing: Resolution | None = None
    elsewhere: bool = False
    depth: int = 0
    more: tuple[bool, ...] = ()


def forest(inventory: Inventory, *, without: Collection[str] = ()) -> Iterator[Place]:
    """Yield every file of ``inventory`` once, and a place for every parent that was not found.

    Args:
        inventory: What a scan found.
        without: Files that are shown elsewhere, each with all that it builds on.
    """
    graph = inventory.graph
    for base in graph.bases:
        if base not in without:
            yield from _tree(graph, Place(path=base))
    for parent in without and [path for path in graph.children if path in without]:
        yield from _below(graph, Place(path=parent, elsewhere=True), graph.children[parent], without)
    for resolution, orphans in missing_parents(inventory):
        yield from _below(graph, Place(path=None, missing=resolution), orphans, without)
    for cycle in graph.cycles:
        if cycle[0] not in without:
            yield from _tree(graph, Place(path=cycle[0]))


def _below(graph: DiskGraph, top: Place, children: Iterable[str], without: Collection[str]) -> Iterator[Place]:
    """Yield ``top`` with the trees below it, if there are any to show."""
    fresh = [child for child in children if child not in without]
    if fresh:
        yield top
    for number, child in enumerate(fresh, 1):
        yield from _tree(graph, Place(path=child, depth=1, more=(number < len(fresh),)))


def missing_parents(inventory: Inventory) -> list[tuple[Resolution, tuple[str, ...]]]:
    """Return each parent that was not found: one failed search for it, and the disks that want it, by path."""
    groups: dict[tuple[object, ...], list[Resolution]] = {}
    for orphan in inventory.graph.orphans:
        resolution = inventory.resolution(orphan)
        if resolution is not None:
            groups.setdefault((resolution.wanted, resolution.outcome, wanted_name(resolution)), []).append(resolution)
    return [(group[0], tuple(item.child for item in group)) for group in groups.values()]


def wanted_name(resolution: Resolution) -> str:
    """Return the last name of the first text that says where the parent is; empty where none does."""
    text = next((attempt.reference for attempt in resolution.attempts if attempt.reference), "")
    return text.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _tree(graph: DiskGraph, root: Place) -> Iterator[Place]:
    pending, met = [root], {root.path}
    while pending:
        place = pending.pop()
        yield place
        children = _fresh(graph.children.get(place.path or "", ()), met)
        pending.extend(
            Place(path=child, depth=place.depth + 1, more=(*place.more, number > 0))
            for number, child in enumerate(reversed(children))
        )


def _fresh(children: Iterable[str], met: set[str | None]) -> list[str]:
    """Return the children that were not shown yet: a cycle comes back to its first member."""
    fresh = [child for child in children if child not in met]
    met.update(fresh)
    return fresh
