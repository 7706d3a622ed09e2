"""What do the bitmaps of a group of blocks say, and in which sectors is there anything?

Blocks are read in file order, bitmap and data, the data in pieces of bounded size. What stays in memory of a block are
bits: which sectors its bitmap claims, which of them hold anything but zeros, which equal the parent's, which of those
the parent's own file holds, and which could not be read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.errors import ShortReadError
from vhdchain.progress import check_cancel
from vhdchain.units import SECTOR_SIZE, bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from vhdchain.audit.deep.blocks import Blocks
    from vhdchain.audit.deep.parent import ParentData
    from vhdchain.progress import Cancel
    from vhdchain.source import ByteSource

PIECE = 4 << 20
# Around a sector that cannot be read its neighbours are tried down to this length: disks fail in 4 KiB.
_SMALLEST_TRY = 4096
WORDS_PER_SECTOR = SECTOR_SIZE // 8
UNREADABLE = (ShortReadError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """What was read of a group of blocks. Rows of packed bits, first sector = top bit, one row a block.

    Attributes:
        numbers: The blocks, ascending: int64, shape (n,).
        stored: The bitmaps as they are stored: uint8, shape (n, bitmap length).
        read: Which bitmaps could be read: bool, shape (n,). Where one could not, its bits are all clear.
        inside: The sectors that belong to the disk: uint8, shape (n, bytes with bits), as all below.
        present: Those whose bit is set.
        filled: Those that hold anything but zeros, whatever their bit.
        lost: Those that could not be read.
        same: Those that equal what the parent shows in their place; all clear where there is no parent to compare.
            Of sectors that could not be read it means nothing.
        own: Those whose place in the parent's disk the parent's own file supplies, and none below it; likewise.
        reasons: Why something could not be read, in the system's words.
    """

    numbers: NDArray[np.int64]
    stored: NDArray[np.uint8] = field(repr=False)
    read: NDArray[np.bool_] = field(repr=False)
    inside: NDArray[np.uint8] = field(repr=False)
    present: NDArray[np.uint8] = field(repr=False)
    filled: NDArray[np.uint8] = field(repr=False)
    lost: NDArray[np.uint8] = field(repr=False)
    same: NDArray[np.uint8] = field(repr=False)
    own: NDArray[np.uint8] = field(repr=False)
    reasons: dict[str, None] = field(default_factory=dict)


def read_groups(
    blocks: Blocks, *, parent: ParentData | None, told: Callable[[int], None], cancel: Cancel | None
) -> Iterator[Group]:
    """Yield what the blocks hold, in ascending order.

    Args:
        blocks: The blocks of one image.
        parent: What the chain below it shows, to compare with.
        told: Called with the bytes that were read since the last call.
        cancel: Asked before every piece.
    """
    reader = _Reader(blocks, parent, told, cancel)
    for numbers in blocks.groups():
        group = reader.bitmaps(numbers)
        for row in np.argsort(blocks.entries[numbers], kind="stable").tolist():
            if group.read[row]:
                reader.data(group, row)
        yield group


class _Reader:
    """The reads of one image, through buffers that are used again and again."""

    def __init__(
        self, blocks: Blocks, parent: ParentData | None, told: Callable[[int], None], cancel: Cancel | None
    ) -> None:
        self._blocks = blocks
        self._source: ByteSource = blocks.image.source
        self._parent = parent
        self._told = told
        self._cancel = cancel
        room = min(PIECE, blocks.image.block_size)
        self._buffer = np.empty(room, dtype=np.uint8)
        self._other = np.empty(room if parent is not None else 0, dtype=np.uint8)

    def bitmaps(self, numbers: NDArray[np.int64]) -> Group:
        """Return a group of which the bitmaps are read and nothing is known of the data."""
        blocks, count = self._blocks, len(numbers)
        stored = np.zeros((count, blocks.image.bitmap_length), dtype=np.uint8)
        read = np.ones(count, dtype=np.bool_)
        reasons: dict[str, None] = {}
        for row in np.argsort(blocks.entries[numbers], kind="stable").tolist():
            check_cancel(self._cancel)
            try:
                self._source.readinto_at(blocks.bitmap_offset(numbers[row]), stored[row].data)
            except UNREADABLE as error:
                read[row] = False
                stored[row] = 0
                reasons[reason(error)] = None
            self._told(blocks.image.bitmap_length)
        inside = self._inside(numbers)
        present = stored[:, : blocks.bit_bytes] & inside
        filled, lost, same, own = np.zeros((4, *inside.shape), dtype=np.uint8)
        return Group(
            numbers=numbers,
            stored=stored,
            read=read,
            inside=inside,
            present=present,
            filled=filled,
            lost=lost,
            same=same,
            own=own,
            reasons=reasons,
        )

    def _inside(self, numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
        whole = _ones(self._blocks.sectors, self._blocks.bit_bytes)
        inside = np.repeat(whole[np.newaxis], len(numbers), axis=0)
        last = int(numbers[-1])
        inside[-1] = _ones(self._blocks.sectors_inside(last), self._blocks.bit_bytes)
        return inside

    def data(self, group: Group, row: int) -> None:
        """Read the data of one block into its row of the group."""
        block = int(group.numbers[row])
        count, place = self._blocks.sectors_inside(block), self._blocks.data_offset(block)
        there = min(count, max(0, bytes_to_sectors(self._blocks.data_end - place)))
        if there < count:
            _store(group.lost, row, 0, np.arange(count) >= there)
        # As many sectors as whole bytes of a bitmap stand for, or all that so small a block has.
        step = bytes_to_sectors(len(self._buffer))
        for first in range(0, there, step):
            check_cancel(self._cancel)
            length = sectors_to_bytes(min(step, there - first))
            self._piece(group, row, first, place + sectors_to_bytes(first), length)
            if self._parent is not None and group.present[row].any():
                same, own = self._compared(self._parent, block, first, length)
                _store(group.same, row, first, same)
                _store(group.own, row, first, own)
            self._told(length)

    def _piece(self, group: Group, row: int, first: int, offset: int, length: int) -> None:
        """Read a piece that begins with sector ``first`` of the block into the buffer, and note what it holds."""
        data = self._buffer[:length]
        try:
            self._source.readinto_at(offset, data.data)
        except UNREADABLE as error:
            group.reasons[reason(error)] = None
            lost = np.zeros(bytes_to_sectors(length), dtype=np.bool_)
            self._salvage(offset, data, lost)
            _store(group.lost, row, first, lost)
        _store(group.filled, row, first, _any_bit(data))

    def _salvage(self, offset: int, data: NDArray[np.uint8], lost: NDArray[np.bool_]) -> None:
        """Read what can be read of a piece, halving it around every fault; the rest becomes zeros and ``lost``."""
        open_parts = [(0, len(data))]
        while open_parts:
            check_cancel(self._cancel)
            begin, end = open_parts.pop()
            try:
                self._source.readinto_at(offset + begin, data[begin:end].data)
            except UNREADABLE:
                if end - begin <= _SMALLEST_TRY:
                    data[begin:end] = 0
                    lost[bytes_to_sectors(begin) : bytes_to_sectors(end)] = True
                else:
                    middle = begin + sectors_to_bytes(bytes_to_sectors(end - begin) // 2)
                    open_parts += [(begin, middle), (middle, end)]

    def _compared(
        self, parent: ParentData, block: int, first: int, length: int
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which sectors in the buffer, the block's from ``first`` on, equal the parent's, and which are its own.

        What is its own is not looked up where nothing equals.
        """
        equal, own = np.zeros((2, bytes_to_sectors(length)), dtype=np.bool_)
        start = sectors_to_bytes(self._blocks.disk_sector(block, first))
        both = min(length, max(0, sectors_to_bytes(bytes_to_sectors(parent.size - start))))
        if both and parent.readinto(start, self._other[:both]):
            differs = self._buffer[:both].view(np.uint64) ^ self._other[:both].view(np.uint64)
            equal[: bytes_to_sectors(both)] = ~_any_bit(differs)
            if equal.any():
                own[: bytes_to_sectors(both)] = parent.own(start, both)
        return equal, own


def reason(error: Exception) -> str:
    """Return why a read failed, in few words."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "the file became shorter while it was read"


def _any_bit(data: NDArray[np.uint8] | NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which sectors of ``data`` hold anything but zeros."""
    words = data.view(np.uint64).reshape(-1, WORDS_PER_SECTOR)
    held: NDArray[np.bool_] = np.bitwise_or.reduce(words, axis=1) != 0
    return held


def _ones(count: int, length: int) -> NDArray[np.uint8]:
    """Return ``length`` bytes of which the first ``count`` bits are set."""
    return np.packbits(np.arange(length * 8) < count)


def _store(packed: NDArray[np.uint8], row: int, first: int, bits: NDArray[np.bool_]) -> None:
    """Set the bits of sectors from ``first`` on, a multiple of eight, in a row of ``packed``."""
    row_bytes = np.packbits(bits)
    packed[row, first // 8 : first // 8 + len(row_bytes)] |= row_bytes
