"""What happens to the files of a machine while an operation is worked out?

`Files` starts with those of a state, and remembers what is done to them: new differencing disks, files that go, files
that become one. The state itself stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.graph import Settling, is_snapshot_file
from vhdchain.snapshots.actions import Action, ActionKind
from vhdchain.snapshots.state import DiskFile, children_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from vhdchain.snapshots.state import Snapshot, State


class Files:
    """The files of a state as they become.

    Attributes:
        disks: Every file, by name.
        actions: What was done, in order.
        deleted: The files that went.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self.disks: dict[str, DiskFile] = dict(state.disks)
        self.actions: list[Action] = []
        self.deleted: list[str] = []

    def create(self, path: str, parent: str, place: str) -> None:
        """Make a differencing disk that holds nothing."""
        self.disks[path] = DiskFile(path=path, parent=parent, content=())
        self.actions.append(Action(kind=ActionKind.CREATE_DISK, path=path, source=parent, files=(place,)))

    def delete(self, path: str, why: str) -> None:
        """Delete a file on which nothing builds any more."""
        del self.disks[path]
        self.deleted.append(path)
        self.actions.append(Action(kind=ActionKind.DELETE_DISK, path=path, why=why))

    def children(self) -> dict[str, list[str]]:
        """Return the files that build on each file, in the order of their names."""
        return children_of(self.disks)

    def discard(self, paths: Iterable[str], used: Collection[str], why: str) -> None:
        """Delete those of ``paths`` that a host made for snapshots and nothing needs, and what was freed below them."""
        children = self.children()
        for start in paths:
            path: str | None = start
            while (
                path is not None
                and self._is_free(path, used, children)
                and (path == start or path in self._state.freed)
            ):
                parent = self.disks[path].parent
                self.delete(path, why)
                if parent is not None:
                    children[parent].remove(path)
                path = parent

    def settle(self, *, merging: bool) -> tuple[str, ...]:
        """Delete and merge what can be of the files that deleted snapshots left; return what is left for later.

        Args:
            merging: Whether the host merges now; it deletes at any time.
        """
        state, used = self._state, self._state.used
        open_ = [path for path in state.freed if path in self.disks and path not in used and path not in state.needed]
        if state.doubt:
            return tuple(open_)
        parents = {path: disk.parent for path, disk in self.disks.items() if disk.parent is not None}
        settled = Settling(
            open_,
            parents=parents,
            children=self.children(),
            is_used=lambda child, _: child in used,
            merging=merging,
        )
        for path in settled.deleted:
            self.delete(path, "no snapshot needs it any more, and nothing builds on it")
        # What lies above comes first: what it is merged into is then still as it was.
        for into, *others in sorted(settled.runs(), key=lambda run: -state.depth(run[0])):
            self._merge(into, others)
        # A base on which nothing builds stays where it is, and nothing is owed for it.
        return tuple(path for path in settled.left if self.children().get(path))

    def forget(self, snapshots: Iterable[Snapshot]) -> None:
        """Take away the configurations and saved states of snapshots."""
        for item in snapshots:
            self.actions.append(Action(kind=ActionKind.DELETE_SNAPSHOT, path=item.configuration))
            self.actions += [Action(kind=ActionKind.DELETE_STATE, path=path) for path in item.state_files]

    def _is_free(self, path: str, used: Collection[str], children: Mapping[str, list[str]]) -> bool:
        state = self._state
        return (
            path in self.disks
            and is_snapshot_file(path)
            and self.disks[path].parent is not None
            and not children.get(path)
            and path not in used
            and path not in state.needed
            and not state.doubt
        )

    def _merge(self, into: str, others: list[str]) -> None:
        target = self.disks[into]
        content = [*target.content, *(name for path in others for name in self.disks[path].content)]
        self.disks[into] = DiskFile(path=into, parent=target.parent, content=tuple(content))
        for child in self.children().get(others[-1], ()):
            disk = self.disks[child]
            self.disks[child] = DiskFile(path=child, parent=into, content=disk.content)
        for path in others:
            del self.disks[path]
        self.actions.append(Action(kind=ActionKind.MERGE, path=into, files=tuple(others)))

    def merged_into(self) -> dict[str, str]:
        """Return the files that were taken up, each with the file that took it up."""
        return {path: item.path for item in self.actions if item.kind is ActionKind.MERGE for path in item.files}
