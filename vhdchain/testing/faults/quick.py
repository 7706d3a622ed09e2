"""How are files changed where nobody pulls a plug?

A test that does not ask what a crash leaves need not wait for the disk: this layer does everything but sync.
"""

from __future__ import annotations

from vhdchain.shell.executor.system import SystemFile, SystemLayer


class QuickFile(SystemFile):
    """A file of `QuickLayer`."""

    __slots__ = ()

    def sync(self) -> None:
        """Do not wait."""

    def push(self) -> None:
        """Do not wait."""


class QuickLayer(SystemLayer):
    """The operating system's layer without syncs."""

    file_class = QuickFile

    def sync_folder(self, path: str) -> None:
        """Do not wait."""
