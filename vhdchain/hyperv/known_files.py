"""Which files of a scan lie in this place, have this name, or end like this path?

Built once over all files and asked for every path that a configuration holds. Files that share a name (every machine
may have a ``disk.vhd``) are sorted by their places, so that those below a folder stand together, and told apart by the
ends of their paths when that is first asked: no question walks over all of them. Letter case is ignored, as Windows
does.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeAlias

from vhdchain.locate import fold_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SHORTEST_END, LONGEST_END = 2, 8
"""How many names of a path's end must agree, as a name alone says little; and how many are looked at."""

MOST_TOLD = 20
"""How many files that fit equally well are told."""

Names: TypeAlias = tuple[str, ...]

_Entry: TypeAlias = tuple[Names, str]  # a place, and the file that lies there


def names_of(path: str) -> Names:
    r"""Return the folded names of a local path, outermost first; a leading separator is a name of its own.

    A ``\`` separates, too: archives that were packed on Windows and unpacked elsewhere leave names such as
    ``Virtual Machines\x.xml``.
    """
    names = tuple([fold_case(name) for name in path.replace("\\", "/").split("/") if name not in ("", ".")])
    return ("/", *names) if path.startswith("/") else names


def common_start(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many names two paths have in common at their beginnings."""
    for length, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return length
    return min(len(one), len(other))


def common_end(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many names two paths have in common at their ends."""
    return common_start(one[::-1], other[::-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The files that fit best.

    Attributes:
        files: Those among which nothing decides, `MOST_TOLD` at most.
        nearest: Whether others fitted as well, and lie farther away.
    """

    files: tuple[str, ...] = ()
    nearest: bool = False


class NearFiles:
    """Files in the order of their places, of which those near to a folder are found by bisection."""

    __slots__ = ("_entries", "_ranges", "_some")

    def __init__(self, entries: list[_Entry]) -> None:
        """Take files in the order of their places."""
        self._entries = entries
        self._ranges: dict[tuple[int, int], tuple[tuple[str, ...], int]] = {}
        self._some: tuple[str, ...] | None = None

    @property
    def some(self) -> tuple[str, ...]:
        """The files, `MOST_TOLD` of them at most."""
        if self._some is None:
            self._some = tuple(islice(dict.fromkeys(file for _, file in self._entries), MOST_TOLD))
        return self._some

    def at(self, place: Names) -> tuple[str, ...]:
        """Return the files at a place: one, or several that letter case alone tells apart."""
        first = bisect_left(self._entries, (place, ""))
        last = bisect_right(self._entries, place, first, key=_place)
        return tuple(dict.fromkeys(file for _, file in self._entries[first:last]))

    def nearest(self, folder: Names, *, below: Names = ()) -> Fit:
        """Return the files below a folder whose places have the longest beginning in common with ``folder``.

        Of several the ones with the fewest names: what lies beside a folder is nearer than what lies deep inside
        another copy that is kept beside it.
        """
        first, last = self._below(below, 0, len(self._entries))
        if first == last:
            return Fit()
        at = bisect_left(self._entries, (folder, ""), first, last)
        # Whatever shares the longest beginning stands beside the place where the folder itself would stand.
        beside = self._entries[max(at - 1, first) : min(at + 1, last)]
        shared = max(common_start(place[:-1], folder) for place, _ in beside)
        files, _ = self._shallowest(*self._below(folder[:shared], first, last))
        _, total = self._shallowest(first, last)
        return Fit(files=files[:MOST_TOLD], nearest=total > len(files))

    def _below(self, folder: Names, first: int, last: int) -> tuple[int, int]:
        """Return the range below ``folder`` inside of a range."""
        depth = len(folder)

        def above(entry: _Entry) -> Names:
            return entry[0][:depth]

        start = bisect_left(self._entries, folder, first, last, key=above)
        return start, bisect_right(self._entries, folder, start, last, key=above)

    def _shallowest(self, first: int, last: int) -> tuple[tuple[str, ...], int]:
        """Return the files of a range whose places have the fewest names, and how many files the range has."""
        if (first, last) not in self._ranges:
            some = self._entries[first:last]
            least = min(len(place) for place, _ in some)
            files = dict.fromkeys(file for place, file in some if len(place) == least)
            self._ranges[first, last] = tuple(files), len({file for _, file in some})
        return self._ranges[first, last]


NO_FILES = NearFiles([])


class KnownFiles:
    """The files of a scan by the places where they lie; a file may lie in several."""

    def __init__(self, paths: Mapping[str, str]) -> None:
        """Take the files.

        Args:
            paths: Where each file lies -> what messages call it.
        """
        self._take((names_of(path), file) for path, file in paths.items())

    @classmethod
    def at_places(cls, entries: Iterable[tuple[Names, str]]) -> KnownFiles:
        """Return the files that lie in these places: the folded names, and what messages call the file."""
        known = cls({})
        known._take(entries)
        return known

    def _take(self, entries: Iterable[tuple[Names, str]]) -> None:
        self._entries: dict[str, list[_Entry]] = {}
        # Filled when a name is first asked for: most are those of one file, and found in their place.
        self._named: dict[str, NearFiles] = {}
        self._ending: dict[str, dict[Names, NearFiles]] = {}
        self._folders: list[Names] | None = None
        for place, file in entries:
            if place:
                self._entries.setdefault(place[-1], []).append((place, file))

    def add(self, place: Names, file: str) -> None:
        """Make known that a file lies at a place."""
        self._entries.setdefault(place[-1], []).append((place, file))
        for index in (self._named, self._ending):
            index.pop(place[-1], None)
        self._folders = None

    def __iter__(self) -> Iterator[tuple[Names, str]]:
        """Yield every place with its file."""
        return chain.from_iterable(self._entries.values())

    def at(self, place: Names) -> tuple[str, ...]:
        """Return the files at a place: one, or several that letter case alone tells apart."""
        return self.named(place[-1]).at(place) if place else ()

    def named(self, name: str) -> NearFiles:
        """Return the files with this folded name."""
        if name not in self._entries:
            return NO_FILES
        if name not in self._named:
            self._named[name] = NearFiles(sorted(self._entries[name]))
        return self._named[name]

    def ending(self, names: Names, *, folder: Names, below: Names = ()) -> Fit:
        """Return the files whose paths have the longest end in common with ``names``, `SHORTEST_END` names at least.

        Args:
            names: A path.
            folder: Of several the ones nearest to this folder are taken.
            below: Only files below this folder count.
        """
        ends = self._ends(names[-1]) if names else {}
        for length in range(min(LONGEST_END, len(names)), SHORTEST_END - 1, -1):
            some = ends.get(names[-length:])
            fit = some.nearest(folder, below=below) if some is not None else Fit()
            if fit.files:
                return fit
        return Fit()

    def holds(self, folder: Names) -> bool:
        """Say whether any file lies below a folder."""
        if self._folders is None:
            self._folders = sorted({place[:-1] for place, _ in self})
        at = bisect_left(self._folders, folder)
        return at < len(self._folders) and self._folders[at][: len(folder)] == folder

    def _ends(self, name: str) -> Mapping[Names, NearFiles]:
        if name not in self._entries:
            return {}
        if name not in self._ending:
            ends: dict[Names, list[_Entry]] = {}
            for place, file in sorted(self._entries[name]):
                for length in range(SHORTEST_END, min(LONGEST_END, len(place)) + 1):
                    ends.setdefault(place[-length:], []).append((place, file))
            self._ending[name] = {end: NearFiles(some) for end, some in ends.items()}
        return self._ending[name]


def _place(entry: _Entry) -> Names:
    return entry[0]
