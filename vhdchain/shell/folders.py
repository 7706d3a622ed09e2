"""Which files lie below a folder?

Walked without recursion, in the order of the names, and never through a symbolic link to a folder: what lies inside is
met under its own name anyway. Links to files are reported as links; their reader decides whether to follow. What cannot
be listed is told, not passed over.
"""

# ruff: noqa: PTH118, PTH119 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vhdchain.progress import check_cancel
from vhdchain.shell.descriptors import with_room

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.progress import Cancel

IMAGE_SUFFIXES = frozenset({".avhd", ".vhd", ".vhdp", ".vud"})
"""What names of disks end with: Hyper-V, Virtual PC's undo disks, and what other programs call them."""

_BESIDE = (
    *(".merge.json", ".tmp", ".part", "~"),
    *(".vhdchain-journal", ".vhdchain-journal-new", ".vhdchain-undo", ".vhdchain-new", ".vhdchain-old"),
)
# What other files are called that are left over from work on a disk: Xen Orchestra's state of a merge, which it calls
# ``.<disk>.merge.json``, copies that were never finished, and what this program keeps while it carries out a plan.

MAX_ENTRIES = 1_000_000
"""How many names an index of identifiers looks at below one root at most; a scan that was asked for has no limit."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A regular file, or a symbolic link.

    Attributes:
        path: Absolute path.
        shown: What messages call it: below the folder as the caller wrote it.
        key: ``(st_dev, st_ino)``.
        is_link: Whether it is a symbolic link, to whatever.
        size: Length in bytes; of a link, of its text.
        mtime_ns: Modification time in nanoseconds since 1970 (UTC).
    """

    path: str
    shown: str
    key: tuple[int, int]
    is_link: bool = False
    size: int = 0
    mtime_ns: int = 0

    @property
    def name(self) -> str:
        """The file's own name."""
        return os.path.basename(self.path)


@dataclass(slots=True, kw_only=True)
class Walk:
    """What was met below a folder.

    Attributes:
        files: The wanted ones, in the order of the walk.
        leftovers: Other files beside them that `is_leftover_name` knows, as shown.
        unreadable: Folders that could not be listed: (path as shown, what the system said).
        complete: Whether the walk came to its end before it had met as many names as it may.
    """

    files: list[FoundFile] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    unreadable: list[tuple[str, OSError]] = field(default_factory=list)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class _Folder:
    path: str
    shown: str
    key: tuple[int, int] | None  # None: the folder that the walk begins with


def is_image_name(name: str) -> bool:
    """Say whether a file's name is one that disks have."""
    stem, dot, suffix = name.rpartition(".")
    # A name that only begins with a dot has no suffix, whatever follows.
    return bool(stem) and f"{dot}{suffix.lower()}" in IMAGE_SUFFIXES


def is_leftover_name(name: str) -> bool:
    """Say whether a file's name is that of a disk with something behind that says that work on it has not ended."""
    end = next((end for end in _BESIDE if name.endswith(end)), None)
    return end is not None and is_image_name(name.removesuffix(end))


def walk_folder(
    folder: str,
    *,
    shown: str,
    wanted: Callable[[str], bool],
    max_entries: int | None = None,
    cancel: Cancel | None = None,
) -> Walk:
    """Return the files below a folder, each folder's in the order of their names.

    Args:
        folder: An absolute path without links.
        shown: What messages call it.
        wanted: Says by its name whether a file is of interest; the others are not kept.
        max_entries: After how many names the walk ends; None: never.
        cancel: Asked before every folder.

    Raises:
        CancelledError: ``cancel`` asked to stop.
    """
    walk, met = Walk(), 0
    pending = [_Folder(folder, shown, None)]
    while pending:
        check_cancel(cancel)
        if max_entries is not None and met >= max_entries:
            walk.complete = False
            break
        here = pending.pop()
        try:
            names, below = _list(here, walk, wanted)
        except OSError as error:
            walk.unreadable.append((here.shown or os.curdir, error))
            continue
        met += names
        pending.extend(reversed(below))
    return walk


def _list(folder: _Folder, walk: Walk, wanted: Callable[[str], bool]) -> tuple[int, list[_Folder]]:
    """Add the files of one folder to ``walk``; return how many names it has, and the folders in it."""
    below = []
    fd = with_room(lambda: os.open(folder.path, _FOLDER))
    try:
        own = os.fstat(fd)
        if folder.key not in (None, (own.st_dev, own.st_ino)):
            raise NotADirectoryError(errno.ENOTDIR, "replaced by another folder while it was listed", folder.shown)
        names = sorted(with_room(lambda: os.listdir(fd)))  # noqa: PTH208 - of a descriptor
        for name in names:
            try:
                status = os.stat(name, dir_fd=fd, follow_symlinks=False)
            except FileNotFoundError:  # gone since it was listed
                continue
            path, shown = os.path.join(folder.path, name), os.path.join(folder.shown, name)
            key, is_link = (status.st_dev, status.st_ino), stat.S_ISLNK(status.st_mode)
            if stat.S_ISDIR(status.st_mode):
                below.append(_Folder(path, shown, key))
            elif is_link or stat.S_ISREG(status.st_mode):
                if wanted(name):
                    found = FoundFile(
                        path=path,
                        shown=shown,
                        key=key,
                        is_link=is_link,
                        size=status.st_size,
                        mtime_ns=status.st_mtime_ns,
                    )
                    walk.files.append(found)
                elif is_leftover_name(name):
                    walk.leftovers.append(shown)
    finally:
        os.close(fd)
    return len(names), below
