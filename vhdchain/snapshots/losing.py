"""Which bytes of disk does nobody see any more after an operation?

Both states are taken back to the files as they were found: a file that was made since shows what stands below it, a
merged one what the highest of its parts showed. A sector is lost where some disk showed it before and none does after;
merging and moving lose nothing. Sector bitmaps are read, data is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.blockmap import account, family_of
from vhdchain.snapshots.actions import Loss, LossKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vhdchain.graph import Inventory
    from vhdchain.progress import Cancel
    from vhdchain.snapshots.state import State


def lost_sectors(
    inventory: Inventory, before: State, after: State, *, cancel: Cancel | None = None
) -> tuple[Loss, ...]:
    """Return a loss for every file of the scan of which some bytes were seen in ``before`` and are not in ``after``.

    Raises:
        ShortReadError: A file was truncated since it was scanned.
        CancelledError: ``cancel`` asked to stop.
    """
    views, left = _views(before), _views(after)
    losses = []
    for members in _families(inventory, views):
        seen = _seen(inventory, members, views, cancel)
        still = _seen(inventory, members, left, cancel)
        for path in members:
            gone = seen.get(path, 0) - still.get(path, 0)
            if gone > 0:
                losses.append(Loss(what=LossKind.SECTORS, path=path, bytes=gone, why="no state shows them any more"))
    return tuple(losses)


def _views(state: State) -> frozenset[str]:
    """Return the files, as they were found, whose disks somebody may want to see."""
    leaves = state.disks.keys() - state.children().keys()
    wanted = (state.used | state.needed | leaves) & state.disks.keys()
    found = (_found(state, path) for path in wanted)
    return frozenset(path for path in found if path is not None)


def _found(state: State, path: str) -> str | None:
    """Return the file that shows, as they were found, what ``path`` shows."""
    disk = state.disks[path]
    while not disk.content:
        if disk.parent is None:
            return None
        disk = state.disks[disk.parent]
    return disk.content[-1]


def _families(inventory: Inventory, views: Iterable[str]) -> list[list[str]]:
    """Return the files below ``views``, a family each, every parent before its children."""
    graph = inventory.graph
    families: dict[str, dict[str, None]] = {}
    for view in sorted(views):
        way = [view, *_below(graph.parents, view)]
        families.setdefault(way[-1], {}).update(dict.fromkeys(reversed(way)))
    return [list(members) for members in families.values()]


def _below(parents: Mapping[str, str], path: str) -> list[str]:
    way = []
    while (parent := parents.get(path)) is not None:
        way.append(parent)
        path = parent
    return way


def _seen(inventory: Inventory, members: list[str], views: frozenset[str], cancel: Cancel | None) -> dict[str, int]:
    """Return of each file how many bytes of disk it shows to any of ``views``."""
    parents = inventory.graph.parents
    wanted = {path for view in views.intersection(members) for path in (view, *_below(parents, view))}
    paths = [path for path in members if path in wanted]
    if not paths:
        return {}
    numbers = {path: number for number, path in enumerate(paths)}
    above = [None, *(numbers[parents[path]] for path in paths[1:])]
    family = family_of([inventory.image(path) for path in paths], above, [path in views for path in paths])
    found = account(family, cancel=cancel)
    return {path: usage.exclusive + usage.shared for path, usage in zip(paths, found.sectors, strict=True)}
