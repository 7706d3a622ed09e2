"""Which files of a scan have this name, lie in this place, or end like this path?

Built once over all files and asked for every path that a configuration holds, so that each question is a lookup. Letter
case is ignored, as Windows does. Paths are those that messages use, taken apart at their separators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from vhdchain.locate import fold_case

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST_END = 8
"""How many names of a path's end are told apart; paths that agree in so many are the same for this purpose."""

Names: TypeAlias = tuple[str, ...]


def names_of(path: str) -> Names:
    """Return the folded names of a local path, outermost first; a leading separator is a name of its own."""
    names = tuple(fold_case(name) for name in path.split("/") if name not in ("", "."))
    return ("/", *names) if path.startswith("/") else names


class KnownFiles:
    """The files of a scan, by place, by end, and by the folders above them."""

    def __init__(self, paths: Mapping[str, str]) -> None:
        """Take the files.

        Args:
            paths: Every name of a file -> the one by which it goes.
        """
        # Lists without repetitions that keep their order: a file may have several names in one folder.
        self._by_place: dict[Names, dict[str, None]] = {}
        self._by_end: dict[Names, dict[str, None]] = {}
        self._by_folder: dict[tuple[Names, str], dict[str, None]] = {}
        for path, file in paths.items():
            names = names_of(path)
            self._by_place.setdefault(names, {})[file] = None
            for length in range(1, min(LONGEST_END, len(names)) + 1):
                self._by_end.setdefault(names[-length:], {})[file] = None
            for depth in range(len(names)):
                self._by_folder.setdefault((names[:depth], names[-1]), {})[file] = None

    def at(self, names: Names) -> Sequence[str]:
        """Return the files at this place."""
        return tuple(self._by_place.get(names, ()))

    def ending(self, names: Names) -> Sequence[str]:
        """Return the files whose paths end with these names, `LONGEST_END` at most."""
        return tuple(self._by_end.get(names[-LONGEST_END:], ()))

    def below(self, folder: Names, name: str) -> Sequence[str]:
        """Return the files with this folded name anywhere below a folder."""
        return tuple(self._by_folder.get((folder, name), ()))


def common_end(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many names two paths have in common at their ends."""
    length = 0
    for left, right in zip(reversed(one), reversed(other), strict=False):
        if left != right:
            break
        length += 1
    return length


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many steps lead from one folder up and down to another."""
    shared = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        shared += 1
    return len(one) + len(other) - 2 * shared
