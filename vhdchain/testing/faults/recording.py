"""What does a run do to a folder, so that a crash can be tried at every point without running it again?

`RecordingLayer` carries every operation out and writes it down. What is copied from another file is recorded as the
bytes that were written.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from vhdchain.testing.faults.operations import (
    FOLDER,
    Names,
    Operation,
    Recording,
    SetTime,
    Sync,
    SyncFolder,
    Truncate,
    Write,
    snapshot,
)
from vhdchain.testing.faults.quick import QuickFile, QuickLayer

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Buffer

    from vhdchain.shell.executor.system import SystemFile
    from vhdchain.shell.files import FileSource


class RecordedFile(QuickFile):
    """A file whose changes are recorded."""

    __slots__ = ("_number", "_record")

    def __init__(self, descriptor: int, name: str, number: int, record: Callable[[Operation], None]) -> None:
        super().__init__(descriptor, name)
        self._number = number
        self._record = record

    def write_at(self, offset: int, data: Buffer) -> None:
        """Write, and record it."""
        super().write_at(offset, data)
        self._record(Write(self._number, offset, bytes(data)))

    def copy_from(self, source: FileSource, source_offset: int, offset: int, length: int) -> None:
        """Copy, and record it as a write."""
        super().copy_from(source, source_offset, offset, length)
        self._record(Write(self._number, offset, self.read_at(offset, length)))

    def truncate(self, size: int) -> None:
        """Truncate, and record it."""
        super().truncate(size)
        self._record(Truncate(self._number, size))

    def punch(self, offset: int, length: int) -> None:
        """Punch, and record it as zeros that are written."""
        super().punch(offset, length)
        self._record(Write(self._number, offset, bytes(max(min(offset + length, self.size()) - offset, 0))))

    def set_modified(self, mtime_ns: int) -> None:
        """Set the time, and record it."""
        super().set_modified(mtime_ns)
        self._record(SetTime(self._number, mtime_ns))

    def sync(self) -> None:
        """Record the sync; the disk is not waited for."""
        self._record(Sync(self._number))


class RecordingLayer(QuickLayer):
    """Carries out and records what is done below one folder; elsewhere it refuses.

    Args:
        folder: The folder; what it holds now is where the recording starts from.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._root = os.path.realpath(folder)
        self._start = snapshot(self._root)
        names = [name for name, content in self._start.items() if content is not None]
        identities: dict[tuple[int, int], int] = {}
        self._numbers: dict[str, int] = {}
        for name in names:
            status = Path(self._root, name).stat()
            self._numbers[name] = identities.setdefault((status.st_dev, status.st_ino), len(identities))
        self._next = len(identities)
        self._start_numbers = dict(self._numbers)
        self._operations: list[Operation] = []

    def recording(self) -> Recording:
        """Return what was recorded so far."""
        return Recording(start=self._start, numbers=self._start_numbers, operations=tuple(self._operations))

    def open(self, path: str) -> RecordedFile:
        """Open a file whose changes are recorded."""
        file = super().open(path)
        return self._recorded(file, path)

    def create(self, path: str) -> RecordedFile:
        """Make a file, and record its name."""
        file = super().create(path)
        number, self._next = self._next, self._next + 1
        self._names("create", (path, number))
        return self._recorded(file, path)

    def _recorded(self, file: SystemFile, path: str) -> RecordedFile:
        return RecordedFile(file.detach(), path, self._numbers[self._name(path)], self._operations.append)

    def rename(self, path: str, to: str) -> None:
        """Rename, and record it: at once in one folder, as two operations between two."""
        super().rename(path, to)
        self._moved("rename", path, to)

    def rename_free(self, path: str, to: str) -> None:
        """As `rename`."""
        super().rename_free(path, to)
        self._moved("rename", path, to)

    def _moved(self, what: str, path: str, to: str) -> None:
        number = self._numbers[self._name(path)]
        if os.path.dirname(path) == os.path.dirname(to):  # noqa: PTH120 - as texts
            self._names(what, (path, None), (to, number))
        else:
            self._names(what, (to, number))
            self._names(what, (path, None))

    def link(self, path: str, to: str) -> bool:
        """Link, and record it."""
        made = super().link(path, to)
        if made:
            self._names("link", (to, self._numbers[self._name(path)]))
        return made

    def unlink(self, path: str) -> None:
        """Unlink, and record it."""
        super().unlink(path)
        self._names("unlink", (path, None))

    def make_folder(self, path: str) -> None:
        """Make a folder, and record it."""
        super().make_folder(path)
        self._names("make folder", (path, FOLDER))

    def remove_folder(self, path: str) -> None:
        """Remove a folder, and record it."""
        super().remove_folder(path)
        self._names("remove folder", (path, None))

    def sync_folder(self, path: str) -> None:
        """Record the sync; the disk is not waited for."""
        assert Path(path).is_dir(), path
        self._operations.append(SyncFolder(self._name(path)))

    def _names(self, what: str, *changes: tuple[str, int | None]) -> None:
        named = tuple((self._name(path), number) for path, number in changes)
        for name, number in named:
            if number is None:
                self._numbers.pop(name, None)
            elif number != FOLDER:
                self._numbers[name] = number
        folder = os.path.dirname(named[0][0]) or "."  # noqa: PTH120 - as texts
        self._operations.append(Names(folder, named, what))

    def _name(self, path: str) -> str:
        name = os.path.relpath(os.path.realpath(os.path.dirname(path)) + "/" + os.path.basename(path), self._root)  # noqa: PTH119, PTH120
        assert not name.startswith(".."), f"{path} lies outside of the recorded folder {self._root}"
        return name
