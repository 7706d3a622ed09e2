"""Where do a plan's paths lead, now?

A plan names files as its maker wrote them. The executor turns each name once into an absolute one, with the links of
its folders resolved, so that neither a change of the working folder nor of a link leads elsewhere in the middle.

A journal that is found later may have moved with its folder: names below that folder lead into the new one. Because a
journal is a file like any other, and anybody may have written it, nothing outside of its own folder is touched unless
the caller names the folder.
"""

# ruff: noqa: PTH112, PTH118, PTH120 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
from pathlib import PurePath
from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError, PlanRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vhdchain.shell.executor.records import Header

_MOST_FOLDERS = 3  # in one command
_LEAST_DEPTH = 3  # "/", and two names: "/mnt" instead of several folders in it would allow too much


class Places:
    """Turns the paths of one plan into absolute ones.

    Args:
        cwd: The folder that relative paths start from.
        moved: (the folder as it was called, as it is called now) where a journal moved with its folder.
    """

    def __init__(self, cwd: str, moved: tuple[str, str] | None = None) -> None:
        self._cwd = cwd
        self._moved = moved
        self._known: dict[str, str] = {}
        self._shown: dict[str, str] = {}

    def path(self, path: str) -> str:
        """Return where ``path`` lies: absolute, its last name as it is and the folders without links."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._resolved(path)
            self._shown.setdefault(known, path)
        return known

    def shown(self, path: str) -> str:
        """Return an absolute path as the plan's maker wrote it; also that of a file of the executor beside it."""
        if path in self._shown:
            return self._shown[path]
        found = max((known for known in self._shown if path.startswith(known)), key=len, default=None)
        return path if found is None else self._shown[found] + path[len(found) :]

    def _resolved(self, path: str) -> str:
        if not path or "\0" in path:
            raise ConfigError(f"{path!r} is no path")
        absolute = os.path.join(self._cwd, path)
        if self._moved is not None:
            was, now = self._moved
            tidy = os.path.normpath(absolute)
            if _is_inside(tidy, was):
                absolute = os.path.join(now, os.path.relpath(tidy, was))
        folder, name = os.path.split(absolute.rstrip("/") or "/")
        if name in ("", os.curdir, os.pardir):
            return os.path.realpath(absolute)
        return os.path.join(os.path.realpath(folder), name)


def places_of_journal(header: Header, path: str, within: Sequence[str], paths: Iterable[str]) -> Places:
    """Return the places of a journal that was found at ``path``, ``paths`` held to the folders that it may name.

    Raises:
        PlanRefusedError: A path leads outside of the journal's folder and of every folder of ``within``.
    """
    folder = os.path.dirname(os.path.realpath(path))
    places = Places(header.cwd, None if folder == header.folder else (header.folder, folder))
    roots = [folder, *(os.path.realpath(root) for root in within)]
    outside = list(_outside(places, roots, paths))
    if outside:
        options = " ".join(
            f'--within "{root}"' if " " in root else f"--within {root}" for root in _few([root for _, root in outside])
        )
        named = list(dict.fromkeys(each for each, _ in outside))
        which = f"{named[0]!r}, which is" if len(named) == 1 else f"{len(named)} paths, such as {named[0]!r}, that are"
        raise PlanRefusedError(
            f"{path}: names {which} outside of the journal's folder; '{options}' allows it, if you trust the journal"
        )
    return places


def folders_outside(places: Places, folder: str, paths: Iterable[str]) -> list[str]:
    """Return folders that hold those of ``paths`` that lie outside of ``folder``: a few, where there are many."""
    return _few([root for _, root in _outside(places, [os.path.realpath(folder)], paths)])


def _outside(places: Places, roots: Sequence[str], paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the paths that lead outside of all roots, with the folders that hold what they lead to."""
    for each in paths:
        place = places.path(each)
        # A link that is only read leads to a file that must be inside as well; what is written is never a link.
        for real in dict.fromkeys((place, os.path.realpath(place))):
            if not any(_is_inside(real, root) for root in roots):
                yield each, real if os.path.isdir(real) else os.path.dirname(real)


def _few(folders: Iterable[str]) -> list[str]:
    """Return folders that hold all of ``folders``: as many as can be typed, as long as each says something."""
    few = _highest(PurePath(folder).parts for folder in folders)
    depth = max(map(len, few), default=0)
    while len(few) > _MOST_FOLDERS and depth > _LEAST_DEPTH:
        depth -= 1
        few = _highest(parts[:depth] for parts in few)
    return [os.path.join(*parts) for parts in few]


def _highest(folders: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return those that lie in no other one; what lies in a folder stands right behind it."""
    kept: list[tuple[str, ...]] = []
    for parts in sorted(set(folders)):
        if not kept or parts[: len(kept[-1])] != kept[-1]:
            kept.append(parts)
    return kept


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))
