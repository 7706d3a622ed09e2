"""Which file does a path of names lead to below one folder, if every step is looked at?

A walk goes down component by component with descriptors of folders (``openat``), never through a symbolic link, so
that nobody can swap a folder for a link between the look and the step. A name that does not exist as it is spelled
is looked for with letter case ignored, and counts where exactly one entry matches. Links are handed back to the
caller, who knows what they may lead to. No file is opened here, and nothing above the starting folder is touched.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.locate import Outcome, fold_case
from vhdchain.shell.descriptors import with_room

if TYPE_CHECKING:
    from collections.abc import Sequence

# O_PATH suffices to go through a folder that may be searched but not listed; it is Linux's own.
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LISTING = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The walk ended at something that is neither a link nor missing.

    Attributes:
        parts: The real names, from the starting folder.
        status: What is there.
    """

    parts: tuple[str, ...]
    status: os.stat_result


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The walk met a symbolic link.

    Attributes:
        folder: The real names of the folder that holds it.
        name: The link's name.
        target: What it says.
        rest: The names that are still to go.
    """

    folder: tuple[str, ...]
    name: str
    target: str
    rest: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadEnd:
    """The walk could not go on; fields as of `vhdchain.locate.Refusal`."""

    outcome: Outcome
    detail: str


class Walker:
    """Walks below folders, and remembers what it listed: one walker for one question, not for the life of a program."""

    def __init__(self) -> None:
        self._listings: dict[tuple[int, int], dict[str, list[str]]] = {}

    def walk(self, start: str, parts: Sequence[str]) -> Arrival | Link | DeadEnd:
        """Follow ``parts`` (no ``..`` among them) from the folder ``start``, an absolute path without links."""
        done: list[str] = []
        try:
            folder = with_room(lambda: os.open(start, _FOLDER))
        except OSError as error:
            return _dead_end(error, start)
        try:
            for index, part in enumerate(parts):
                try:
                    name, status = self._step(folder, part)
                    rest = tuple(parts[index + 1 :])
                    if stat.S_ISLNK(status.st_mode):
                        target = os.readlink(name, dir_fd=folder)
                        return Link(folder=tuple(done), name=name, target=target, rest=rest)
                    done.append(name)
                    if not rest:
                        return Arrival(parts=tuple(done), status=status)
                    below = _open_below(folder, name, _FOLDER)
                except OSError as error:
                    return _dead_end(error, part)
                except _AmbiguousError as error:
                    return DeadEnd(outcome=Outcome.AMBIGUOUS, detail=str(error))
                os.close(folder)
                folder = below
        finally:
            os.close(folder)
        return DeadEnd(outcome=Outcome.REFUSED, detail="it is a folder")

    def _step(self, folder: int, part: str) -> tuple[str, os.stat_result]:
        try:
            return part, os.stat(part, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            names = self._folded(folder).get(fold_case(part), [])
        if not names:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), part)
        if len(names) > 1:
            raise _AmbiguousError(f"{len(names)} names differ from it in letter case alone: {', '.join(names)}")
        return names[0], os.stat(names[0], dir_fd=folder, follow_symlinks=False)

    def _folded(self, folder: int) -> dict[str, list[str]]:
        status = os.fstat(folder)
        key = (status.st_dev, status.st_ino)
        if key not in self._listings:
            listing: dict[str, list[str]] = {}
            readable = _open_below(folder, ".", _LISTING)
            try:
                for name in sorted(with_room(lambda: os.listdir(readable))):  # noqa: PTH208 - of a descriptor
                    listing.setdefault(fold_case(name), []).append(name)
            finally:
                os.close(readable)
            self._listings[key] = listing
        return self._listings[key]


class _AmbiguousError(Exception):
    """Several entries match when letter case is ignored."""


def _open_below(folder: int, name: str, flags: int) -> int:
    return with_room(lambda: os.open(name, flags, dir_fd=folder))


_NOT_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP}


def _dead_end(error: OSError, part: str) -> DeadEnd:
    if error.errno in _NOT_THERE:
        return DeadEnd(outcome=Outcome.MISSING, detail=f"there is no {part}")
    if error.errno in (errno.EACCES, errno.EPERM):
        return DeadEnd(outcome=Outcome.ACCESS_DENIED, detail=f"access to {part} is denied")
    return DeadEnd(outcome=Outcome.UNREADABLE, detail=f"{part}: {error.strerror}")
