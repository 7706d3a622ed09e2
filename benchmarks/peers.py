"""How do the other readers do the same? Those that are installed; an absent one leaves its column empty."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import ModuleType


def seven_zip() -> str | None:
    """Return 7-Zip's console program, where it is installed."""
    return shutil.which("7zz") or shutil.which("7z")


def libvhdi() -> ModuleType | None:
    """Return libvhdi's Python module, where it is installed."""
    try:
        return importlib.import_module("pyvhdi")
    except ImportError:
        return None


def seven_zip_to_null(program: str, leaf: Path) -> None:
    """Let 7-Zip write the disk of ``leaf`` to the null device."""
    command: list[str | Path] = [program, "x", "-so", "-tVHD", leaf]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


class LibvhdiChain:
    """A chain opened by libvhdi, which wants to be told every parent."""

    def __init__(self, module: ModuleType, paths: Sequence[Path]) -> None:
        self._files: list[Any] = []
        for path in paths:
            file = module.file()
            file.open(os.fspath(path))
            if self._files:
                file.set_parent(self._files[-1])
            self._files.append(file)

    def read(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes of the disk from ``offset``."""
        data: bytes = self._files[-1].read_buffer_at_offset(length, offset)
        return data

    def close(self) -> None:
        """Close all files, the leaf first."""
        for file in reversed(self._files):
            file.close()
