"""What can this machine do at best? The loops of ``limits.c``, compiled where there is a compiler.

They get descriptors of the files and their BATs as stored; opening the files and reading the tables is not part of
them. What they give is what vhdchain gives, extent by extent (a test compares the two).
"""

from __future__ import annotations

import ctypes
import os
import shutil
import struct
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vhdchain import EXTENT_DTYPE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from numpy.typing import NDArray

_SOURCE = Path(__file__).with_name("limits.c")
RING = 1 << 16
"""Extents that are kept where they are only counted, as an iterator does."""


def compiled(work: Path) -> ctypes.CDLL | None:
    """Return the loops, compiled into ``work`` unless they are there.

    None without a compiler, and on a big-endian machine.
    """
    library = work / "limits.so"
    if not library.exists() or library.stat().st_mtime < _SOURCE.stat().st_mtime:
        compiler = shutil.which("cc")
        if compiler is None or sys.byteorder != "little":
            return None
        work.mkdir(parents=True, exist_ok=True)
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", library, _SOURCE], check=True)
    loops = ctypes.CDLL(os.fspath(library.resolve()))
    loops.resolve.restype = ctypes.c_size_t
    return loops


class LimitChain(AbstractContextManager["LimitChain"]):
    """A chain as the loops want it: descriptors and stored tables, the top layer first."""

    def __init__(self, loops: ctypes.CDLL, paths: Sequence[Path]) -> None:
        """Open the files of a chain, base first, and read their tables."""
        self._loops = loops
        self._files = [os.open(path, os.O_RDONLY) for path in reversed(paths)]
        self._tables = [_table(fd) for fd in self._files]
        count = len(self._files)
        self._descriptors = (ctypes.c_int * count)(*self._files)
        self._pointers = (ctypes.c_void_p * count)(*(table.ctypes.data for table in self._tables))
        self._blocks = len(self._tables[0])
        self.count = self.counted()
        """How many extents the disk has."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for fd in self._files:
            os.close(fd)

    def counted(self) -> int:
        """Resolve the chain in a little memory, and return the number of extents."""
        return self._resolve(np.empty(RING, dtype=EXTENT_DTYPE))

    def extents(self) -> NDArray[np.void]:
        """Resolve the chain into a new array."""
        result = np.empty(self.count, dtype=EXTENT_DTYPE)
        self._resolve(result)
        return result

    def merged_tables(self) -> tuple[NDArray[np.int16], NDArray[np.uint32]]:
        """Return, for each block, the topmost layer that has it, counted from the top, and its entry."""
        owner, entry = np.empty(self._blocks, dtype=np.int16), np.empty(self._blocks, dtype=np.uint32)
        self._loops.merge_tables(
            self._pointers,
            len(self._files),
            ctypes.c_size_t(self._blocks),
            ctypes.c_void_p(owner.ctypes.data),
            ctypes.c_void_p(entry.ctypes.data),
        )
        return owner, entry

    def _resolve(self, extents: NDArray[np.void]) -> int:
        return int(
            self._loops.resolve(
                self._pointers,
                self._descriptors,
                len(self._files),
                ctypes.c_size_t(self._blocks),
                ctypes.c_void_p(extents.ctypes.data),
                ctypes.c_size_t(len(extents)),
            )
        )


def _table(fd: int) -> NDArray[np.uint32]:
    """Return the BAT of a generated file as it is stored."""
    head = os.pread(fd, 1536, 0)
    table_offset, _, entries = struct.unpack_from(">QII", head, 512 + 16)
    return np.frombuffer(os.pread(fd, 4 * entries, table_offset), dtype=np.uint32)
