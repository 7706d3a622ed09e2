"""What happens when the operating system refuses one operation?

`FailingLayer` counts the operations and lets one of them fail; a write may be carried out by half before. A disk that
is full stays full: from then on no file is made and none grows, and everything else goes on.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from vhdchain.testing.faults.quick import QuickFile, QuickLayer

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Buffer

    from vhdchain.shell.files import FileSource


class FailingFile(QuickFile):
    """A file of `FailingLayer`."""

    __slots__ = ("_layer",)

    def __init__(self, descriptor: int, name: str, layer: FailingLayer) -> None:
        super().__init__(descriptor, name)
        self._layer = layer

    def write_at(self, offset: int, data: Buffer) -> None:
        """Write, by half where this is the operation that fails by half."""
        view = memoryview(data).cast("B")
        half = len(view) // 2
        grows = offset + len(view) > self.size()
        self._layer.step(self.name, lambda: super(FailingFile, self).write_at(offset, view[:half]), grows=grows)
        super().write_at(offset, view)

    def copy_from(self, source: FileSource, source_offset: int, offset: int, length: int) -> None:
        """As `write_at`."""
        begin = super().copy_from
        grows = offset + length > self.size()
        self._layer.step(self.name, lambda: begin(source, source_offset, offset, length // 2), grows=grows)
        begin(source, source_offset, offset, length)

    def truncate(self, size: int) -> None:
        """Truncate or fail; a file that only gets longer needs no room."""
        self._layer.step(self.name)
        super().truncate(size)

    def punch(self, offset: int, length: int) -> None:
        """Punch or fail."""
        self._layer.step(self.name)
        super().punch(offset, length)

    def set_modified(self, mtime_ns: int) -> None:
        """Set the time or fail."""
        self._layer.step(self.name)
        super().set_modified(mtime_ns)

    def sync(self) -> None:
        """Fail or do nothing."""
        self._layer.step(self.name)


class FailingLayer(QuickLayer):
    """Does everything, and fails at one operation.

    Args:
        at: At which operation, counted from 0; -1: at none.
        error: The number of the error, such as ``errno.ENOSPC``.
        short: Whether half of a write is carried out before it fails.
        full: Whether the disk is full from there on.

    Attributes:
        count: How many operations there were.
    """

    def __init__(self, *, at: int = -1, error: int = errno.EIO, short: bool = False, full: bool = False) -> None:
        self.count = 0
        self._at = at
        self._error = error
        self._short = short
        self._full = full

    def step(self, path: str, half: Callable[[], None] | None = None, *, grows: bool = False) -> None:
        """Count an operation, and fail where it is the one, or needs room that a full disk has not.

        Args:
            path: What it is about.
            half: Carries out half of it.
            grows: Whether it needs room.
        """
        self.count += 1
        if self.count - 1 == self._at or (self._full and grows and 0 <= self._at < self.count - 1):
            if self._short and half is not None:
                half()
            raise OSError(self._error, os.strerror(self._error), path)

    def open(self, path: str) -> FailingFile:
        """Open or fail."""
        self.step(path)
        return FailingFile(super().open(path).detach(), path, self)

    def create(self, path: str) -> FailingFile:
        """Make a file or fail."""
        self.step(path, grows=True)
        return FailingFile(super().create(path).detach(), path, self)

    def rename(self, path: str, to: str) -> None:
        """Rename or fail."""
        self.step(path)
        super().rename(path, to)

    def rename_free(self, path: str, to: str) -> None:
        """Rename or fail."""
        self.step(path)
        super().rename_free(path, to)

    def link(self, path: str, to: str) -> bool:
        """Link or fail."""
        self.step(path)
        return super().link(path, to)

    def unlink(self, path: str) -> None:
        """Unlink or fail."""
        self.step(path)
        super().unlink(path)

    def make_folder(self, path: str) -> None:
        """Make a folder or fail."""
        self.step(path, grows=True)
        super().make_folder(path)

    def remove_folder(self, path: str) -> None:
        """Remove a folder or fail."""
        self.step(path)
        super().remove_folder(path)

    def sync_folder(self, path: str) -> None:
        """Fail or do nothing."""
        self.step(path)
