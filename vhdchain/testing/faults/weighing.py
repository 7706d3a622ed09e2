"""How many bytes do the files of a folder have at the most while a plan is carried out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.testing.faults.quick import QuickFile, QuickLayer

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Buffer

    from vhdchain.shell.files import FileSource


class WeighingLayer(QuickLayer):
    """Notes the most bytes that the files below a folder have at any moment; nothing is synced.

    Attributes:
        most: The most so far; 0 before anything was written.
    """

    def __init__(self, folder: Path) -> None:
        layer = self

        class File(QuickFile):
            __slots__ = ()

            def write_at(self, offset: int, data: Buffer) -> None:
                super().write_at(offset, data)
                layer.weigh()

            def copy_from(self, source: FileSource, source_offset: int, offset: int, length: int) -> None:
                super().copy_from(source, source_offset, offset, length)
                layer.weigh()

            def truncate(self, size: int) -> None:
                super().truncate(size)
                layer.weigh()

        self._folder = folder
        self.most = 0
        self.file_class = File

    def weigh(self) -> None:
        """Note what the files have now, the executor's own among them."""
        self.most = max(self.most, weight(self._folder))


def weight(folder: Path) -> int:
    """Return how many bytes the files below ``folder`` have, each counted once."""
    stats = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return sum({(stat.st_dev, stat.st_ino): stat.st_size for stat in stats}.values())
