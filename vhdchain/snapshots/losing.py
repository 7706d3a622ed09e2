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


class Losing:
    """Counts the bytes that states of one scan show; what was found out is remembered for the next operation."""

    def __init__(self, inventory: Inventory, *, cancel: Cancel | None = None) -> None:
        """Prepare it.

        Args:
            inventory: The scan; its images are open.
            cancel: Asked while bitmaps are read.
        """
        self._inventory = inventory
        self._cancel = cancel
        self._known: dict[tuple[str, frozenset[str]], dict[str, int]] = {}

    def lost(self, before: State, after: State) -> tuple[Loss, ...]:
        """Return a loss for every file of the scan of which some bytes are seen in ``before`` and not in ``after``.

        Raises:
            ShortReadError: A file was truncated since it was scanned.
            CancelledError: The caller asked to stop.
        """
        views, left = _views(before), _views(after)
        if views <= left:
            return ()
        losses = []
        for members in _families(self._inventory, views):
            seen, still = self._seen(members, views), self._seen(members, left)
            for path in members:
                gone = seen.get(path, 0) - still.get(path, 0)
                if gone > 0:
                    why = "no state shows them any more"
                    losses.append(Loss(what=LossKind.SECTORS, path=path, bytes=gone, why=why))
        return tuple(losses)

    def _seen(self, members: list[str], views: frozenset[str]) -> dict[str, int]:
        """Return of each file how many bytes of disk it shows to any of ``views``."""
        mine = views.intersection(members)
        key = members[0], mine
        if key not in self._known:
            self._known[key] = _seen(self._inventory, members, mine, self._cancel)
        return self._known[key]


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
    parents = inventory.graph.parents
    wanted = {path for view in views for path in (view, *_below(parents, view))}
    paths = [path for path in members if path in wanted]
    if not paths:
        return {}
    numbers = {path: number for number, path in enumerate(paths)}
    above = [None, *(numbers[parents[path]] for path in paths[1:])]
    family = family_of([inventory.image(path) for path in paths], above, [path in views for path in paths])
    found = account(family, cancel=cancel)
    return {path: usage.exclusive + usage.shared for path, usage in zip(paths, found.sectors, strict=True)}
