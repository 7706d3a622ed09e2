"""What was done to a folder, one operation at a time?

Records of what a `RecordingLayer` saw. A file is meant by a number of its own (an inode), because names come and go;
paths are relative to the recorded folder, with ``/``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes written to a file."""

    file: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file made shorter or longer."""

    file: int
    size: int


@dataclass(frozen=True, slots=True)
class SetTime:
    """A modification time that was set."""

    file: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Sync:
    """A file whose contents, size and time are safe from here on."""

    file: int


@dataclass(frozen=True, slots=True)
class Names:
    """Names of one folder that change at once: a file's number, -1 for a folder, None for a name that goes."""

    folder: str
    changes: tuple[tuple[str, int | None], ...]
    what: str


@dataclass(frozen=True, slots=True)
class SyncFolder:
    """A folder whose names are safe from here on."""

    folder: str


Operation: TypeAlias = Write | Truncate | SetTime | Sync | Names | SyncFolder

FOLDER = -1
"""What stands for a folder where a file's number is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A run, and what the folder held before it.

    Attributes:
        start: By path: contents and modification time; None for a folder.
        numbers: By path of the files in ``start``: their numbers.
        operations: In the order in which they were done. A rename between two folders is two operations.
    """

    start: dict[str, tuple[bytes, int] | None]
    numbers: dict[str, int]
    operations: tuple[Operation, ...]


def snapshot(folder: str) -> dict[str, tuple[bytes, int] | None]:
    """Return what lies below a folder, as of `Recording.start`."""
    found: dict[str, tuple[bytes, int] | None] = {}
    for path in sorted(Path(folder).rglob("*")):
        name = path.relative_to(folder).as_posix()
        found[name] = None if path.is_dir() else (path.read_bytes(), path.stat().st_mtime_ns)
    return found
