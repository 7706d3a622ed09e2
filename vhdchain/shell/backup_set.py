"""What lies in the folder of a backup set, and are two files the same byte for byte?

The set is scanned like any folder; what that passes over is listed besides, because a set may hold anything. Contents
are compared only when asked for, piece by piece, and never through links.
"""

# ruff: noqa: PTH112 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vhdchain.audit.backup import BackupSet, Compare, OtherFile
from vhdchain.errors import ConfigError, FormatError
from vhdchain.progress import check_cancel
from vhdchain.shell.facts import unreadable
from vhdchain.shell.files import open_source
from vhdchain.shell.folders import walk_folder

if TYPE_CHECKING:
    from vhdchain.graph import Inventory
    from vhdchain.progress import Cancel
    from vhdchain.source import ByteSource

_PIECE = 1 << 20


def backup_set(inventory: Inventory, *, exact: bool = False, cancel: Cancel | None = None) -> BackupSet:
    """Return the set whose folder was scanned, with all other files in it.

    Args:
        inventory: What `scan_folder` found in the set.
        exact: Whether the contents of files are to be compared, not only sizes and identifiers.
        cancel: Asked before every folder, and before every piece that is compared.

    Raises:
        CancelledError: ``cancel`` asked to stop.
    """
    others = []
    for folder in inventory.scanned:
        if os.path.isdir(folder):
            walk = walk_folder(os.path.realpath(folder), shown=folder, wanted=lambda _: True, cancel=cancel)
            others += [OtherFile(path=file.shown, size=file.size) for file in walk.files if not file.is_link]
    return BackupSet(inventory=inventory, others=tuple(others), compare=_comparing(cancel) if exact else None)


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


def _comparing(cancel: Cancel | None) -> Compare:
    def compare(path: str, other: str) -> str | None:
        try:
            return _difference(path, other, cancel)
        except (OSError, FormatError) as error:
            return f"its content could not be compared: {unreadable(other, error).reason}"

    return compare


def _difference(path: str, other: str, cancel: Cancel | None) -> str | None:
    first = open_source(os.path.realpath(path), name=path, follow=False, devices=False)
    try:
        second = open_source(os.path.realpath(other), name=other, follow=False, devices=False)
        try:
            return _compared(first, second, cancel)
        finally:
            second.close()
    finally:
        first.close()


def _compared(first: ByteSource, second: ByteSource, cancel: Cancel | None) -> str | None:
    if first.size != second.size:
        return f"it has {second.size} bytes, not {first.size}"
    for offset in range(0, first.size, _PIECE):
        check_cancel(cancel)
        length = min(_PIECE, first.size - offset)
        ours, theirs = first.read_at(offset, length), second.read_at(offset, length)
        if ours != theirs:
            at = next(index for index in range(length) if ours[index] != theirs[index])
            return f"its content differs, first at byte {offset + at}"
    return None
