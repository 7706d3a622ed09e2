"""How does a disk look to code that wants a file?

A raw, seekable, read-only binary file object over a reader, of the disk's size; wrap it in `io.BufferedReader` for many
small reads. Each has its own cursor: threads that share a reader open one each.
"""

from __future__ import annotations

import io
from operator import index
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from vhdchain.read.reader import DiskReader


class DiskFile(io.RawIOBase):
    """The guest's disk as a binary file object."""

    def __init__(self, reader: DiskReader) -> None:
        super().__init__()
        self._reader = reader
        self._position = 0

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"at {self._position}"
        return f"<disk file of {self._reader!r}, {state}>"

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the cursor's offset in bytes."""
        self._check_open()
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the cursor and return its new offset; behind the end is allowed and reads as the end of the file.

        Raises:
            ValueError: The new offset is negative, or ``whence`` is none of the three.
        """
        self._check_open()
        bases = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._reader.size}
        if whence not in bases:
            raise ValueError(f"whence must be 0, 1 or 2, not {whence}")
        position = bases[whence] + index(offset)
        if position < 0:
            raise ValueError(f"cannot seek to the negative offset {position}")
        self._position = position
        return position

    def readinto(self, buffer: Buffer) -> int:
        """Fill ``buffer`` as far as the disk goes and return how many bytes that were; raises as `DiskReader.read`.

        In a partial view it stops before the first unknown byte, and raises where that is the next one: a buffer that
        reads ahead must not lose what is known.
        """
        self._check_open()
        view = memoryview(buffer).cast("B")
        count = max(0, min(len(view), self._reader.size - self._position))
        if count:
            count = self._reader.known_length(self._position, count) or count
            self._reader.readinto(self._position, view[:count])
            self._position += count
        return count

    def readall(self) -> bytes:
        """Return all bytes from the cursor to the end; raises as `DiskReader.read`."""
        self._check_open()
        count = max(0, self._reader.size - self._position)
        data = self._reader.read(self._position, count) if count else b""
        self._position += count
        return data

    def write(self, _data: Buffer) -> NoReturn:
        """Refuse: the disk is read-only.

        Raises:
            io.UnsupportedOperation: Always.
        """
        raise io.UnsupportedOperation("this disk is open for reading only")

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on a closed disk")
