"""Which operations on snapshots are tried in tests of crashes, and what must be true of the folder at every moment?"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from vhdchain.errors import VhdChainError
from vhdchain.shell.scanning import scan_folder
from vhdchain.snapshots import parse_request
from vhdchain.testing.snapshot_reference import NOW
from vhdchain.testing.snapshot_world import SnapshotWorld, check_folder, disk_of, relative_to

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vhdchain.graph import Inventory
    from vhdchain.testing.snapshot_reference import Disk


class Played:
    """An operation that is about to be carried out in a folder.

    Attributes:
        plan: Its plan.
    """

    def __init__(self, world: SnapshotWorld, asked: str) -> None:
        request = parse_request(asked)
        result, self.plan = world.plan(request)
        self._states = relative_to(result.before, world.folder), relative_to(result.state, world.folder)
        self._before = copy.deepcopy(world.reference)
        world.follow(request, result, world.policy)
        self._after = world.reference

    def check(self, folder: Path) -> None:
        """Raise AssertionError unless every snapshot that stays reads as before, under its old or its new name."""
        before, after = ({item.id: item for item in state.snapshots} for state in self._states)
        with scan_folder(folder) as inventory:
            for id_ in before.keys() & after.keys():
                for old, new in zip(before[id_].slots, after[id_].slots, strict=True):
                    wanted = self._before.disks[id_][old.place]
                    paths = dict.fromkeys((old.path, new.path))
                    assert any(_read(inventory, f"{folder}/{path}") == wanted for path in paths), before[id_].name

    def check_done(self, folder: Path) -> None:
        """Raise AssertionError unless everything is as the models say of the end."""
        check_folder(folder, self._states[1], self._after)

    def check_undone(self, folder: Path) -> None:
        """Raise AssertionError unless everything is as the models say of the beginning."""
        check_folder(folder, self._states[0], self._before)


def _read(inventory: Inventory, path: str) -> Disk | None:
    try:
        return disk_of(inventory, path)
    except (KeyError, VhdChainError):
        return None


def _world(folder: Path, *steps: str, disks: int = 1, saved: bool = False, fixed: bool = False) -> SnapshotWorld:
    """Return a folder in which ``steps`` were done, each after the guest had written to its disks."""
    world = SnapshotWorld(folder, disks=disks, saved=saved, fixed=fixed)
    for number, step in enumerate((*steps, "")):
        for place in world.reference.disks[NOW]:
            world.write(place, 5 * number, 9)
        if step:
            assert world.do(step) is not None, step
    return world


SCENES: dict[str, tuple[Callable[[Path], SnapshotWorld], str]] = {
    "take": (lambda folder: _world(folder, "take:first"), "take:second"),
    "take of two disks in saved state": (lambda folder: _world(folder, disks=2, saved=True), "take:first"),
    "apply": (lambda folder: _world(folder, "take:first", "take:second"), "apply:first"),
    "apply with a saved state": (lambda folder: _world(folder, "take:first", saved=True), "apply:first"),
    "revert of two disks": (lambda folder: _world(folder, "take:first", disks=2), "revert"),
    "delete with a merge": (lambda folder: _world(folder, "take:first", "take:second"), "delete:second"),
    "delete with merges of two disks": (
        lambda folder: _world(folder, "take:first", "take:second", disks=2, fixed=True),
        "delete:first",
    ),
    "delete of what nothing builds on": (
        lambda folder: _world(folder, "take:first", "take:second", "apply:first"),
        "delete:second",
    ),
    "delete of a subtree": (lambda folder: _world(folder, "take:first", "take:second"), "delete-subtree:first"),
    "stop with a merge that waited": (
        lambda folder: _world(folder, "take:first", "take:second", "delete:second", saved=True),
        "stop",
    ),
    "rename": (lambda folder: _world(folder, "take:first"), "rename:first=other"),
}
"""What is done beforehand, and what is stopped at every operation on files."""
