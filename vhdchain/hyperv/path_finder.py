"""Which local file does each path mean that any configuration of a scan holds?

What the configurations say together is worth more than one path by itself. First every path is looked for in its own
place; the files that lie there are settled. A file has one path on the host, and lies in one copy of it, so that only
what nobody's path led to is searched for the rest. A path that another configuration of the same machine found in its
place is found for all of them. Where paths that differ would lead to one file, the one that is most like it wins; where
none is, it is nobody's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vhdchain.hyperv.find_path import find_path
from vhdchain.hyperv.known_files import KnownFiles, Names, common_end, names_of
from vhdchain.hyperv.machines import FoundPath, PathAttempt, PathOutcome, PathRule
from vhdchain.hyperv.viewpoint import Viewpoint, host_path

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from vhdchain.hyperv.records import Configuration
    from vhdchain.hyperv.viewpoint import HostPath

_ELSEWHERE = "where another configuration of the machine has it"
_CONTESTED = "another path fits this file as well as this one, and it can be only one of them"


@dataclass(frozen=True, slots=True)
class _Asked:
    """One path of one configuration."""

    configuration: Configuration
    stored: str
    path: HostPath
    viewpoint: Viewpoint

    @property
    def names(self) -> Names:
        return self.path.names

    @property
    def machine(self) -> str:
        return self.configuration.machine_id or self.configuration.id


class PathFinder:
    """The files that the configurations of a scan name, looked for once and all together."""

    def __init__(
        self,
        configurations: Iterable[Configuration],
        *,
        known: KnownFiles,
        mapped: Callable[[str], FoundPath | None] | None = None,
        place_of: Callable[[str], Names] = names_of,
        look: Callable[[Names], str | None] | None = None,
    ) -> None:
        """Find them.

        Args:
            configurations: Every configuration, each by a path of its own.
            known: The disks and state files of the scan.
            mapped: Says what the caller's path map leads to; None where it says nothing of a path.
            place_of: Says where a configuration lies that messages call so.
            look: Says which file lies at a place of which the scan does not know; None: it knows of all.
        """
        self._known = known
        self._mapped: Callable[[str], FoundPath | None] = mapped or (lambda _: None)
        self._found: dict[tuple[str, str], FoundPath] = {}
        asked = list(_asked(list(configurations), place_of))
        if look is not None:
            self._look_at_places(asked, look)
        rest = self._settle(asked)
        if rest:
            self._search(rest)

    def find(self, configuration: Configuration, stored: str) -> FoundPath:
        """Return the file that a path in ``configuration`` means: one of its disks, or of its saved state."""
        return self._found[configuration.path, stored]

    def _look_at_places(self, asked: Iterable[_Asked], look: Callable[[Names], str | None]) -> None:
        """Make known what lies where paths say, or beside their configuration."""
        for item in asked:
            for place in item.viewpoint.likely_places(item.path):
                if self._known.at(place):
                    break
                if (file := look(place)) is not None:
                    self._known.add(place, file)
                    break

    # ---------------------------------------------------------------------------------------------------- their place

    def _settle(self, asked: list[_Asked]) -> list[_Asked]:
        """Find what lies in its place; return the rest."""
        nothing = KnownFiles({})
        settled: dict[str, Configuration] = {}
        by_path: dict[tuple[str, Names], dict[str, None]] = {}
        rest = []
        for item in asked:
            found = self._find(item, nothing)
            self._keep(item, found)
            if found.outcome is PathOutcome.MISSING:
                rest.append(item)
            elif found.path is not None:
                by_path.setdefault((item.machine, item.names), {})[found.path] = None
                settled.setdefault(item.configuration.path, item.configuration)
        links = _followed_links({item.configuration.path: item for item in rest}.values(), settled)
        return [
            item
            for item in rest
            if not self._as_another(item, tuple(by_path.get((item.machine, item.names), ())), links)
        ]

    def _as_another(self, item: _Asked, files: tuple[str, ...], links: Collection[str]) -> bool:
        """Take what other configurations of the machine found for the same path, where that is one file."""
        if len(files) != 1 or not item.machine:
            return False
        if not item.viewpoint.only_copy and item.configuration.path not in links:
            return False
        before = self._found[item.configuration.path, item.stored].attempts
        attempt = PathAttempt(rule=PathRule.SAME_PLACE, candidates=files, detail=_ELSEWHERE)
        found = FoundPath(
            stored=item.stored,
            outcome=PathOutcome.FOUND,
            path=files[0],
            rule=PathRule.SAME_PLACE,
            attempts=(*before, attempt),
        )
        self._keep(item, found)
        return True

    def _find(self, item: _Asked, free: KnownFiles) -> FoundPath:
        return find_path(
            item.stored,
            viewpoint=item.viewpoint,
            known=self._known,
            free=free,
            mapped=self._mapped(item.stored),
            path=item.path,
        )

    # ------------------------------------------------------------------------------------------------------- the rest

    def _search(self, rest: list[_Asked]) -> None:
        settled = {found.path for found in self._found.values() if found.path is not None}
        free = KnownFiles.at_places((place, file) for place, file in self._known if file not in settled)
        by_file: dict[str, list[_Asked]] = {}
        for item in rest:
            found = self._find(item, free)
            self._keep(item, found)
            if found.path is not None:
                by_file.setdefault(found.path, []).append(item)
        contested = {file: items for file, items in by_file.items() if len({item.names for item in items}) > 1}
        places = _places_of(contested, free) if contested else {}
        for file, items in contested.items():
            for item, judged in self._judged(items, places[file]):
                self._keep(item, judged)

    def _judged(self, items: list[_Asked], places: list[Names]) -> Iterator[tuple[_Asked, FoundPath]]:
        """Yield what becomes of paths that differ and led to the one file that lies in ``places``."""
        paths = {item.names for item in items}
        likeness = {names: max(common_end(place, names) for place in places) for names in paths}
        most = max(likeness.values())
        best = [item for item in items if likeness[item.names] == most]
        # A machine's older states may know its disk by another path, but no state has one disk twice.
        of_states = Counter(item.configuration.path for item in best)
        several = len({item.names for item in best}) > 1
        lost = several and (len({item.machine for item in best}) > 1 or max(of_states.values()) > 1)
        for item in items:
            found = self._found[item.configuration.path, item.stored]
            if likeness[item.names] < most or lost:
                yield item, _lost(found)
            elif several:
                yield item, replace(found, exact=False)

    def _keep(self, item: _Asked, found: FoundPath) -> None:
        self._found[item.configuration.path, item.stored] = found


def _asked(configurations: list[Configuration], place_of: Callable[[str], Names]) -> Iterator[_Asked]:
    """Yield every path of every configuration."""
    seen = {item.path: Viewpoint.of(item, place=place_of(item.path)) for item in configurations}
    machines = Counter(seen[item.path].root for item in configurations if not item.is_snapshot)
    copies = Counter(item.id for item in configurations if item.id)
    for item in configurations:
        viewpoint = seen[item.path]
        viewpoint = replace(viewpoint, alone=machines[viewpoint.root] <= 1, only_copy=copies[item.id] <= 1)
        for stored in stored_paths(item):
            yield _Asked(item, stored, host_path(stored), viewpoint)


def stored_paths(configuration: Configuration) -> Iterator[str]:
    """Yield the paths of files in a configuration, each once: of its disks, and of its saved state."""
    saved = configuration.saved_state
    named = (*(drive.path for drive in configuration.disks), saved.memory, saved.devices)
    return iter(dict.fromkeys(path for path in named if path.strip()))


def _followed_links(rest: Iterable[_Asked], settled: Mapping[str, Configuration]) -> frozenset[str]:
    """Return the configurations that are another one once more, and lie where a host has links to such.

    Machines that are stored elsewhere are registered by links, which some programs follow when they copy. Such a file
    says what the true one says, lies in a folder that is not called like its own root, and none of its files is there.
    """
    true = {item.id: item for item in settled.values() if item.id}
    return frozenset(
        item.configuration.path
        for item in rest
        if item.configuration.path not in settled
        and not item.viewpoint.is_at_home
        and (twin := true.get(item.configuration.id)) is not None
        and item.configuration.tree == twin.tree
    )


def _lost(found: FoundPath) -> FoundPath:
    *before, last = found.attempts
    attempts = (*before, replace(last, detail=_CONTESTED))
    return FoundPath(stored=found.stored, outcome=PathOutcome.MISSING, attempts=attempts)


def _places_of(files: Collection[str], known: KnownFiles) -> dict[str, list[Names]]:
    places: dict[str, list[Names]] = {file: [] for file in files}
    for place, file in known:
        if file in places:
            places[file].append(place)
    return places
