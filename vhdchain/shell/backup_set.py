"""What lies in the folder of a backup set, and are files the same byte for byte, as each other or as a record says?

The set is scanned like any folder; what that passes over is listed besides, because a set may hold anything. Contents
are read only when asked for, piece by piece, and never through links.
"""

# ruff: noqa: PTH112 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vhdchain.audit.backup import BackupSet, OtherFile
from vhdchain.errors import ConfigError, FormatError
from vhdchain.progress import check_cancel
from vhdchain.shell.facts import unreadable
from vhdchain.shell.files import open_source
from vhdchain.shell.folders import walk_folder
from vhdchain.shell.single_file import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.audit.backup import Prove
    from vhdchain.graph import Inventory
    from vhdchain.progress import Cancel, Progress
    from vhdchain.source import ByteSource

_PIECE = 1 << 20


def backup_set(
    inventory: Inventory, *, exact: bool = False, progress: Progress | None = None, cancel: Cancel | None = None
) -> BackupSet:
    """Return the set whose folder was scanned, with all other files in it.

    Args:
        inventory: What `scan_folder` found in the set.
        exact: Whether the contents of files are to be compared, not only sizes and identifiers.
        progress: Called with the bytes of the set that were compared, and how many it has at most.
        cancel: Asked before every folder, and before every piece that is compared.

    Raises:
        CancelledError: ``cancel`` asked to stop.
    """
    others = all_files(inventory, cancel=cancel)
    compare = _Comparison(sum(other.size for other in others), progress, cancel) if exact else None
    return BackupSet(inventory=inventory, others=others, compare=compare)


def all_files(inventory: Inventory, *, cancel: Cancel | None = None) -> tuple[OtherFile, ...]:
    """Return every file in the folders that were scanned, links left out.

    Raises:
        CancelledError: ``cancel`` asked to stop.
    """
    files: list[OtherFile] = []
    for folder in inventory.scanned:
        if os.path.isdir(folder):
            walk = walk_folder(os.path.realpath(folder), shown=folder, wanted=lambda _: True, cancel=cancel)
            files += [OtherFile(path=file.shown, size=file.size) for file in walk.files if not file.is_link]
    return tuple(files)


def prove_with(total: int, *, progress: Progress | None = None, cancel: Cancel | None = None) -> Prove:
    """Return what compares files with digests.

    Args:
        total: How many bytes there are at most, for ``progress``.
        progress: Called with the bytes that were read, and ``total``.
        cancel: Asked before every piece; what is returned raises `CancelledError` then.
    """
    done = 0

    def told(length: int) -> None:
        nonlocal done
        done += length
        if progress is not None:
            progress(done, max(done, total))

    def prove(path: str, name: str, digest: str) -> str | None:
        try:
            with _opened(path) as source:
                found = digest_of(source, name, size=source.size, told=told, cancel=cancel)
        except (OSError, FormatError) as error:
            return f"its content could not be compared: {unreadable(path, error).reason}"
        return None if found == digest else f"its content has another digest ({name}) than the record says"

    return prove


def require_apart(folders: tuple[str, ...], held: str) -> None:
    """Refuse a set that lies in what it is compared with, or the other way round: a file would be its own backup.

    Raises:
        ConfigError: It does.
    """
    inside = os.path.realpath(held)
    for folder in folders:
        other = os.path.realpath(folder)
        common = os.path.commonpath([inside, other])
        if common in (inside, other):
            raise ConfigError(f"the set {held} and {folder} lie in one another, so that they cannot be compared")


class _Comparison:
    """Compares files of a host with files of a set."""

    def __init__(self, total: int, progress: Progress | None, cancel: Cancel | None) -> None:
        self._total = total
        self._progress = progress
        self._cancel = cancel
        self._done = 0

    def __call__(self, path: str, other: str) -> str | None:
        try:
            with _opened(path) as first, _opened(other) as second:
                return self._difference(first, second)
        except (OSError, FormatError) as error:
            return f"its content could not be compared: {unreadable(other, error).reason}"

    def _difference(self, first: ByteSource, second: ByteSource) -> str | None:
        if first.size != second.size:
            return f"it has {second.size} bytes, not {first.size}"
        for offset in range(0, first.size, _PIECE):
            check_cancel(self._cancel)
            length = min(_PIECE, first.size - offset)
            ours, theirs = first.read_at(offset, length), second.read_at(offset, length)
            if ours != theirs:
                at = next(index for index in range(length) if ours[index] != theirs[index])
                return f"its content differs, first at byte {offset + at}"
            self._told(length)
        return None

    def _told(self, length: int) -> None:
        self._done += length
        if self._progress is not None:
            self._progress(self._done, max(self._done, self._total))


@contextmanager
def _opened(path: str) -> Iterator[ByteSource]:
    source = open_source(os.path.realpath(path), name=path, follow=False, devices=False)
    try:
        yield source
    finally:
        source.close()
