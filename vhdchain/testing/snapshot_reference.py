"""What do a machine and its snapshots hold, as its guest knows it?

A dict of sectors for the present and for each snapshot, and the snapshot that each was made from. Nothing here knows
of files, and nothing of the package is used.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = ""
"""The key of the present among the ids of snapshots."""

Disk: TypeAlias = "dict[int, bytes]"
"""Sector -> what a guest reads there; what is absent reads as zeros."""


@dataclass(slots=True, kw_only=True)
class Reference:
    """A machine with its snapshots, as its guest knows it.

    Attributes:
        disks: By id of a snapshot, or `NOW`: by place, the sectors of the disk.
        parents: By the same: the snapshot that it was made from.
    """

    disks: dict[str, dict[str, Disk]]
    parents: dict[str, str | None] = field(default_factory=lambda: {NOW: None})

    def take(self, made: str) -> None:
        """Keep the present as the snapshot ``made``."""
        self.disks[made] = _copied(self.disks[NOW])
        self.parents[made], self.parents[NOW] = self.parents[NOW], made

    def apply(self, snapshot: str) -> None:
        """Go back to a snapshot."""
        self.disks[NOW] = _copied(self.disks[snapshot])
        self.parents[NOW] = snapshot

    def apply_in_place(self, snapshot: str) -> None:
        """Go on in a snapshot itself: all that was made from it is lost."""
        for below in self._below(snapshot)[1:]:
            self._forget(below)
        self.disks[NOW] = _copied(self.disks[snapshot])
        self.parents[NOW] = self.parents[snapshot]

    def delete(self, snapshot: str) -> None:
        """Forget a snapshot; what was made from it gets its parent."""
        for child, parent in self.parents.items():
            if parent == snapshot:
                self.parents[child] = self.parents[snapshot]
        self._forget(snapshot)

    def delete_subtree(self, snapshot: str) -> None:
        """Forget a snapshot and all that were made from it."""
        for doomed in reversed(self._below(snapshot)):
            self.delete(doomed)

    def sectors(self) -> Counter[bytes]:
        """Return what can be read of any state, each content once."""
        return Counter(
            {content: 1 for state in self.disks.values() for disk in state.values() for content in disk.values()}
        )

    def _below(self, snapshot: str) -> list[str]:
        found = [snapshot]
        for above in found:
            found += [child for child, parent in self.parents.items() if parent == above and child != NOW]
        return found

    def _forget(self, snapshot: str) -> None:
        del self.disks[snapshot], self.parents[snapshot]


def _copied(disks: Mapping[str, Disk]) -> dict[str, Disk]:
    return {place: dict(disk) for place, disk in disks.items()}
