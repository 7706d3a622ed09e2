"""How does the content of a disk become an image file, in order, so that it can be gone on with after a crash?

An `ImageWriter` is given the disk from its first byte to its last. Where a byte lies follows from the bytes before it,
so that whoever goes on writes the same bytes to the same places. The file lacks its structures until the end: it cannot
be mistaken for an image before it is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from vhdchain.shell.sparse import runs_of_data
from vhdchain.structures import UNUSED, build_bat
from vhdchain.structures.bat import ENTRY_LENGTH
from vhdchain.structures.flat_layout import FlatLayout, fixed_footer
from vhdchain.units import bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vhdchain.plan import WriteDisk
    from vhdchain.shell.executor.layer import WritableFile


class ImageWriter(Protocol):
    """Writes one image."""

    def put(self, start: int, data: NDArray[np.uint8]) -> None:
        """Write bytes of the disk from ``start`` on; what is never put is zeros."""
        ...

    def state(self, done: int) -> dict[str, Any]:
        """Return, after writing what belongs to it, what `go_on` needs to know; everything before ``done`` was put."""
        ...

    def go_on(self, done: int, state: Mapping[str, Any]) -> None:
        """Go on in a file that an earlier run wrote as far as ``done``; what it wrote behind is forgotten."""
        ...

    def read_back(self, start: int, length: int) -> bytes | None:
        """Return what was put there; None where it is all zeros."""
        ...

    def complete(self) -> None:
        """Write what makes it an image; the file has its full length then."""
        ...


class FlatWriter:
    """Writes a raw image, or a fixed one, which is the same with a footer behind it."""

    def __init__(self, file: WritableFile, disk_size: int, footer: bytes = b"") -> None:
        self._file = file
        self._size = disk_size
        self._footer = footer

    def put(self, start: int, data: NDArray[np.uint8]) -> None:
        """See `ImageWriter.put`."""
        for first, end in runs_of_data(data, start):
            self._file.write_at(start + first, data[first:end].data)

    def state(self, done: int) -> dict[str, Any]:  # noqa: ARG002  # where a byte lies is known
        """See `ImageWriter.state`."""
        return {}

    def go_on(self, done: int, state: Mapping[str, Any]) -> None:  # noqa: ARG002  # same
        """See `ImageWriter.go_on`."""
        self._file.truncate(done)

    def read_back(self, start: int, length: int) -> bytes | None:
        """See `ImageWriter.read_back`."""
        return self._file.read_at(start, length).ljust(length, b"\0")

    def complete(self) -> None:
        """See `ImageWriter.complete`."""
        self._file.truncate(self._size + len(self._footer))
        if self._footer:
            self._file.write_at(self._size, self._footer)


class DynamicWriter:
    """Writes a compact dynamic image: a block gets its place when something other than zeros is put into it."""

    def __init__(self, file: WritableFile, layout: FlatLayout, footer: bytes) -> None:
        self._file = file
        self._layout = layout
        self._footer = footer
        self._bitmap = layout.bitmap()
        self._entries = np.full(layout.entries, UNUSED, dtype=np.uint32)
        self._next = layout.data_offset
        self._saved = 0

    def put(self, start: int, data: NDArray[np.uint8]) -> None:
        """See `ImageWriter.put`."""
        size = self._layout.block_size
        at = 0
        while at < len(data):
            block, within = divmod(start + at, size)
            part = data[at : at + size - within]
            self._put_in_block(block, within, part)
            at += len(part)

    def _put_in_block(self, block: int, within: int, data: NDArray[np.uint8]) -> None:
        known = int(self._entries[block])
        place = self._next if known == UNUSED else sectors_to_bytes(known)
        offset = place + self._layout.bitmap_length + within
        for first, end in runs_of_data(data, offset):
            if known == UNUSED:
                known = bytes_to_sectors(place)
                self._entries[block] = known
                self._file.write_at(place, self._bitmap)
                self._next += self._layout.stride
            self._file.write_at(offset + first, data[first:end].data)

    def state(self, done: int) -> dict[str, Any]:
        """See `ImageWriter.state`: the BAT as far as it is known is in the file."""
        end = min(done // self._layout.block_size + 1, len(self._entries))
        if self._saved < end:
            raw = self._entries[self._saved : end].astype(">u4").tobytes()
            self._file.write_at(self._layout.table_offset + self._saved * ENTRY_LENGTH, raw)
        self._saved = done // self._layout.block_size
        return {"next": self._next}

    def go_on(self, done: int, state: Mapping[str, Any]) -> None:
        """See `ImageWriter.go_on`."""
        self._next, self._saved = int(state["next"]), done // self._layout.block_size
        end = min(self._saved + 1, len(self._entries))
        raw = self._file.read_at(self._layout.table_offset, end * ENTRY_LENGTH)
        self._entries[:end] = np.frombuffer(raw, dtype=">u4")
        # A checkpoint that was not recorded any more may have left a place: the block gets it again.
        self._entries[self._entries >= bytes_to_sectors(self._next)] = UNUSED
        self._file.truncate(self._next)

    def read_back(self, start: int, length: int) -> bytes | None:
        """See `ImageWriter.read_back`; the range lies in one block."""
        block, within = divmod(start, self._layout.block_size)
        entry = int(self._entries[block])
        if entry == UNUSED:
            return None
        place = sectors_to_bytes(entry) + self._layout.bitmap_length + within
        return self._file.read_at(place, length).ljust(length, b"\0")

    def complete(self) -> None:
        """See `ImageWriter.complete`."""
        self._file.truncate(self._next + len(self._footer))
        self._file.write_at(self._layout.table_offset, build_bat(self._entries))
        self._file.write_at(self._layout.header_offset, self._layout.header())
        self._file.write_at(self._next, self._footer)
        self._file.write_at(0, self._footer)


def writer_for(step: WriteDisk, file: WritableFile) -> ImageWriter:
    """Return what writes the image that ``step`` asks for into ``file``."""
    if step.form == "dynamic":
        layout = FlatLayout(disk_size=step.disk_size, block_size=step.block_size)
        return DynamicWriter(file, layout, layout.footer(unique_id=step.unique_id, time_stamp=step.time_stamp))
    footer = b""
    if step.form == "fixed":
        footer = fixed_footer(step.disk_size, unique_id=step.unique_id, time_stamp=step.time_stamp)
    return FlatWriter(file, step.disk_size, footer)
