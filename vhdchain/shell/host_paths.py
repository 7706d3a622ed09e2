"""Where do files lie here that messages call by paths as the caller wrote them, and where does a path map lead?

The search for the files that configurations name compares places, so that every place is told by its real folders,
whichever way the caller spelled them. Folders below one that was walked are taken together name by name, since no walk
goes through links: the file system is asked once for each folder that the caller gave.
"""

# ruff: noqa: PTH118 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vhdchain.hyperv import FoundPath, PathAttempt, PathOutcome, PathRule
from vhdchain.hyperv.known_files import names_of
from vhdchain.locate import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vhdchain.hyperv.known_files import Names
    from vhdchain.locate import Candidate, PathMap


class LocalPlaces:
    """The real places of files, as folded names, by the paths that messages call them."""

    def __init__(self, folders: Iterable[str]) -> None:
        """Take the folders as the caller wrote them."""
        self._folders = {os.path.split(os.path.join(folder, "x"))[0]: _real_names(folder) for folder in folders}

    def __call__(self, shown: str) -> Names:
        """Return the place of the file that messages call ``shown``."""
        folder, name = os.path.split(shown)
        return (*self._of_folder(folder), *names_of(name))

    def _of_folder(self, folder: str) -> Names:
        pending: list[str] = []
        while folder not in self._folders:
            above, name = os.path.split(folder)
            if above == folder or not name:
                self._folders[folder] = _real_names(folder)
                break
            pending.append(name)
            folder = above
        names = self._folders[folder]
        for name in reversed(pending):
            folder = os.path.join(folder, name)
            names = self._folders[folder] = (*names, *names_of(name))
        return names


def _real_names(folder: str) -> Names:
    return names_of(os.path.realpath(folder))


class MappedPaths:
    """What the caller's path map leads to; every path is followed once."""

    def __init__(self, path_map: PathMap, follow: Callable[[str, str], Candidate | Refusal]) -> None:
        """Take the map.

        Args:
            path_map: The caller's.
            follow: Says what a local path leads to, if that may be opened, and takes it into the scan; its second
                argument is the path of the host.
        """
        self._map = path_map
        self._follow = follow
        self._met: dict[str, FoundPath | None] = {}

    def __call__(self, stored: str) -> FoundPath | None:
        """Return what the map leads to; None where it says nothing of ``stored``."""
        if not self._map:
            return None
        if stored not in self._met:
            self._met[stored] = self._find(stored)
        return self._met[stored]

    def _find(self, stored: str) -> FoundPath | None:
        local = self._map.to_local(stored)
        if local is None:
            return None
        met = self._follow(local, stored)
        if isinstance(met, Refusal):
            attempt = PathAttempt(rule=PathRule.MAP, detail=f"{local}: {met.detail or met.outcome}")
            return FoundPath(stored=stored, outcome=PathOutcome.MISSING, attempts=(attempt,))
        attempt = PathAttempt(rule=PathRule.MAP, candidates=(met.path,), detail=met.note)
        return FoundPath(
            stored=stored, outcome=PathOutcome.FOUND, path=met.path, rule=PathRule.MAP, attempts=(attempt,)
        )
