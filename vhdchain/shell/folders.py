"""Which files lie below a folder?

Walked without recursion, in the order of the names, and never through a symbolic link to a folder: what lies inside is
met under its own name anyway. Links to files are reported as links; their reader decides whether to follow. What cannot
be listed is told, not passed over.
"""

# ruff: noqa: PTH118 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.progress import Cancel

from vhdchain.progress import check_cancel

IMAGE_SUFFIXES = frozenset({".avhd", ".vhd", ".vhdp", ".vud"})
"""What names of disks end with: Hyper-V, Virtual PC's undo disks, and what other programs call them."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A regular file, or a symbolic link.

    Attributes:
        path: Absolute path.
        shown: What messages call it: below the folder as the caller wrote it.
        key: ``(st_dev, st_ino)``.
        is_link: Whether it is a symbolic link, to whatever.
    """

    path: str
    shown: str
    key: tuple[int, int]
    is_link: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What was met below a folder.

    Attributes:
        files: In the order of the walk.
        unreadable: Folders that could not be listed: (path as shown, reason).
    """

    files: list[FoundFile] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)


def is_image_name(path: str) -> bool:
    """Say whether a file's name is one that disks have."""
    return PurePath(path).suffix.lower() in IMAGE_SUFFIXES


def walk_folder(folder: str, *, shown: str, cancel: Cancel | None = None) -> Walk:
    """Return the files below ``folder`` (an absolute path without links), each folder's in the order of their names."""
    walk = Walk()
    pending = [(folder, shown)]
    while pending:
        check_cancel(cancel)
        path, name = pending.pop()
        try:
            below = _list(path, name, walk)
        except OSError as error:
            walk.unreadable.append((name or os.curdir, error.strerror or str(error)))
            continue
        pending.extend(reversed(below))
    return walk


def _list(path: str, shown: str, walk: Walk) -> list[tuple[str, str]]:
    """Add the files of one folder to ``walk`` and return the folders in it."""
    below = []
    # By descriptor: a folder that was swapped for a link since it was listed is not entered.
    fd = os.open(path, _FOLDER)
    try:
        for name in sorted(os.listdir(fd)):  # noqa: PTH208 - of a descriptor
            try:
                status = os.stat(name, dir_fd=fd, follow_symlinks=False)
            except FileNotFoundError:  # gone since it was listed
                continue
            place, label = os.path.join(path, name), os.path.join(shown, name)
            if stat.S_ISDIR(status.st_mode):
                below.append((place, label))
            elif stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
                key = (status.st_dev, status.st_ino)
                walk.files.append(FoundFile(path=place, shown=label, key=key, is_link=stat.S_ISLNK(status.st_mode)))
    finally:
        os.close(fd)
    return below
