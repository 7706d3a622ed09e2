"""What becomes of files that nothing needs as they are?

The rules of the host, over any tree of files: one that nothing builds on is deleted if it was made for a snapshot; one
on which a single file builds that the owner has, or that is free itself, takes that one up; on which several build, it
stays. Each step may let the next be made, so that the answer is what is left when nothing can be done any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.hyperv.snapshot_tree import SNAPSHOT_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


class Settling:
    """The tree as it becomes: what nothing builds on is deleted, then what one disk builds on is merged.

    Attributes:
        deleted: Files that go, in the order in which they can.
    """

    def __init__(
        self,
        freed: Iterable[str],
        *,
        parents: Mapping[str, str],
        children: Mapping[str, Sequence[str]],
        is_used: Callable[[str, str], bool],
        merging: bool = True,
    ) -> None:
        """Settle ``freed``.

        Args:
            freed: The files that nothing needs as they are; no circle runs through them.
            parents: File -> the file that it builds on.
            children: File -> the files that build on it.
            is_used: Says whether the owner of a freed file (the second argument) has the first one: merging what is
                nobody's is not for the host to do.
            merging: Whether the host merges now; it deletes at any time.
        """
        self._freed = dict.fromkeys(freed)
        self._parents = parents
        self._given = children
        self._is_used_by_owner = is_used
        self._children: dict[str, list[str]] = {}
        self._taken: dict[str, list[str]] = {}
        self._wanted: set[str] = set()
        self.deleted: list[str] = []
        given = list(self._freed)
        for path in given:
            self._delete(path)
        for path in sorted(given) if merging else ():
            self._merge(path)

    @property
    def left(self) -> tuple[str, ...]:
        """The freed files that still lie there, for a later time."""
        return tuple(self._freed)

    def children(self, path: str) -> Sequence[str]:
        """Return the files that then build on ``path``."""
        return self._children.get(path, self._given.get(path, ()))

    def runs(self) -> tuple[tuple[str, ...], ...]:
        """Return the files that become one: the file that takes the others up, then those from below to above."""
        return tuple((into, *others) for into, others in sorted(self._taken.items()))

    def _delete(self, path: str) -> None:
        parent = self._parents.get(path)
        while path in self._freed and not self.children(path) and parent is not None and is_snapshot_file(path):
            del self._freed[path]
            self.deleted.append(path)
            self._children[parent] = [child for child in self.children(parent) if child != path]
            path, parent = parent, self._parents.get(parent)
            if parent is None:
                return

    def _merge(self, path: str) -> None:
        while path in self._freed and len(children := self.children(path)) == 1:
            (child,) = children
            wanted = child not in self._freed
            if wanted and child not in self._wanted and not self._is_used_by_owner(child, path):
                return
            self._taken.setdefault(path, []).extend((child, *self._taken.pop(child, ())))
            self._children[path] = list(self.children(child))
            # What takes up a file that is wanted is wanted itself.
            del self._freed[path if wanted else child]
            if wanted:
                self._wanted.add(path)


def is_snapshot_file(path: str) -> bool:
    """Say whether a file was made for a snapshot, by its name: the host deletes no other."""
    return path.lower().endswith(SNAPSHOT_SUFFIX)
