"""How is what a large step writes over kept, so that it can be put back on a full disk?

In a file of the executor beside the one that is changed: frames of pieces, each with a table of where they came from,
and behind them a few patches whose places stand in the step's checkpoint. It is written and synced as a whole before
anything is changed; until then nothing in it counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.errors import PlanRefusedError
from vhdchain.shell.executor.pieces import Pieces, copy_pieces
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from vhdchain.shell.executor.layer import WritableFile
    from vhdchain.shell.files import FileSource

HEAD_LENGTH = 8
"""Bytes before the table of a frame: how many pieces it has."""

ENTRY_LENGTH = 16
"""Bytes of the table for each piece: where it came from, and its length."""


class SavedWriter:
    """A file of saved pieces that is being written.

    Attributes:
        end: Where its last frame ends, in bytes.
    """

    def __init__(self, file: WritableFile, source: FileSource, advance: Callable[[int], None]) -> None:
        """Write to ``file``, which is empty, what ``source`` holds."""
        self._file = file
        self._source = source
        self._advance = advance
        self.end = 0

    def add(self, offset: NDArray[np.int64], length: NDArray[np.int64]) -> None:
        """Save the pieces at ``offset`` of the source, whole sectors each; arrays of shape (n,), in bytes."""
        table = np.empty((len(offset), 2), dtype="<i8")
        table[:, 0], table[:, 1] = offset, length
        head = np.array([len(offset)], dtype="<i8").tobytes() + table.tobytes()
        self._file.write_at(self.end, head)
        begin = self.end + len(head)
        copy_pieces(_pieces(offset, _packed(begin, length), length), [self._source], self._file, self._advance)
        self.end = begin + int(length.sum())

    def add_bytes(self, data: bytes) -> None:
        """Put ``data`` behind what is there."""
        self._file.write_at(self.end, data)
        self.end += len(data)


def put_back(source: FileSource, end: int, target: WritableFile, advance: Callable[[int], None]) -> None:
    """Write the pieces of all frames before ``end`` back to where they came from.

    Raises:
        PlanRefusedError: The file of saved pieces is not what was written.
    """
    for offset, place, length in _frames(source, end):
        # What lies between two pieces may be written with them, and a bitmap lies between the data of two blocks.
        order = np.argsort(offset, kind="stable")
        copy_pieces(_pieces(place[order], offset[order], length[order]), [source], target, advance)


def _frames(source: FileSource, end: int) -> Iterator[tuple[NDArray[np.int64], ...]]:
    """Yield where the pieces of each frame came from, where they lie in ``source``, and their lengths."""
    at = 0
    while at < end:
        count = int(np.frombuffer(_part(source, at, HEAD_LENGTH, end), dtype="<i8")[0])
        if count < 0:
            raise _broken(source, at)
        table = np.frombuffer(_part(source, at + HEAD_LENGTH, count * ENTRY_LENGTH, end), dtype="<i8").reshape(-1, 2)
        offset, length = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
        begin = at + HEAD_LENGTH + count * ENTRY_LENGTH
        at = begin + int(length.sum())
        if at > end or (length <= 0).any() or (length % SECTOR_SIZE).any() or (offset < 0).any():
            raise _broken(source, begin)
        yield offset, _packed(begin, length), length


def _part(source: FileSource, offset: int, length: int, end: int) -> bytes:
    if offset + length > min(end, source.size):
        raise _broken(source, offset)
    return source.read_at(offset, length)


def _broken(source: FileSource, offset: int) -> PlanRefusedError:
    return PlanRefusedError(f"{source.name} @0x{offset:X}: not what was saved here; another program changed the file")


def _packed(begin: int, length: NDArray[np.int64]) -> NDArray[np.int64]:
    return begin + np.cumsum(length) - length


def _pieces(source: NDArray[np.int64], target: NDArray[np.int64], length: NDArray[np.int64]) -> Pieces:
    nothing = np.zeros(len(length), dtype=np.int64)
    return Pieces(
        file=nothing, source=source, target=target, length=length, group=nothing, is_fresh=nothing.astype(np.bool_)
    )
