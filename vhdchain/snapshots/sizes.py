"""How large is every file in a state that nobody has made yet, and how much room does an operation need?

Files that were found have their length, new differencing disks the length that their structures take, and merged ones
that of the file that took the others up with the blocks that it gets. Sector bitmaps are read, data is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.blockmap import account, family_of
from vhdchain.snapshots.actions import ActionKind
from vhdchain.snapshots.new_disk import ParentOfNew, new_disk_size
from vhdchain.structures.footer import NULL_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.graph import Inventory
    from vhdchain.progress import Cancel
    from vhdchain.snapshots.actions import Result
    from vhdchain.snapshots.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The room that an operation takes, in bytes of disks; configurations and saved states are not counted.

    Attributes:
        made: What new disks take.
        grown: What merges add to the files that take others up.
        copied: What disks take that get another parent, and are copied for that.
        freed: What the files take that go.
    """

    made: int
    grown: int
    copied: int
    freed: int

    @property
    def peak(self) -> int:
        """The most that is taken beyond what there is now, at any moment."""
        return self.made + self.grown + self.copied

    @property
    def lasting(self) -> int:
        """How much more is taken in the end; negative where room is freed."""
        return self.made + self.grown - self.freed


class Sizes:
    """The sizes of files of one scan, and of what becomes of them; what was found out is remembered."""

    def __init__(
        self, inventory: Inventory, *, windows: Callable[[str], str] = str, cancel: Cancel | None = None
    ) -> None:
        """Prepare it.

        Args:
            inventory: The scan; its images are open.
            windows: Returns what Windows calls a local file: long paths take more room in a new disk.
            cancel: Asked while bitmaps are read.
        """
        self._inventory = inventory
        self._windows = windows
        self._cancel = cancel
        self._merged: dict[tuple[str, ...], int] = {}

    def of(self, state: State, path: str) -> int:
        """Return the size of a file of ``state`` in bytes.

        Raises:
            ShortReadError: A file was truncated since it was scanned.
            CancelledError: The caller asked to stop.
        """
        content = state.disks[path].content
        if not content:
            return self._made(state, path)
        if len(content) == 1:
            return self._inventory.image(content[0]).file_size
        if content not in self._merged:
            self._merged[content] = self._measured(content)
        return self._merged[content]

    def room(self, result: Result) -> Room:
        """Return the room that an operation takes; raises as `of`."""
        before, after = result.before, result.state
        made = sum(self.of(after, item.path) for item in result.actions if item.kind is ActionKind.CREATE_DISK)
        gone = [path for path in before.disks if path not in after.disks]
        grown = copied = 0
        for item in result.actions:
            if item.kind is ActionKind.MERGE:
                grown += self.of(after, item.path) - self.of(before, item.path)
                copied += sum(self.of(before, path) for path in before.children().get(item.files[-1], ()))
        return Room(made=made, grown=grown, copied=copied, freed=sum(self.of(before, path) for path in gone))

    def _made(self, state: State, path: str) -> int:
        image = self._inventory.image(_found_below(state, path))
        below = self._windows(state.disks[path].parent or "")
        parent = ParentOfNew(
            path=below, unique_id=NULL_ID, modified=0, disk_size=image.virtual_size, block_size=image.block_size
        )
        return new_disk_size(parent, self._windows(path))

    def _measured(self, content: tuple[str, ...]) -> int:
        """Return the size of the first file when it has taken up the others; each was found above the one before."""
        way = list(reversed(self._inventory.graph.path_to_base(content[-1])))
        images = [self._inventory.image(path) for path in way]
        parents = [None, *range(len(way) - 1)]
        family = family_of(images, parents, [path == content[-1] for path in way])
        run = tuple(way.index(path) for path in content)
        return account(family, [run], cancel=self._cancel).merges[0].after


def _found_below(state: State, path: str) -> str:
    """Return the nearest file below ``path`` that was found."""
    disk = state.disks[path]
    while not disk.content:
        assert disk.parent is not None  # what was made builds on something
        disk = state.disks[disk.parent]
    return disk.content[-1]
