"""Where in the file does each block lie?

The block allocation table (BAT) holds, for each block of the disk, the *sector* offset of the block's sector bitmap,
behind which the data follows; 0xFFFFFFFF means unused. It may have more entries than the disk needs (XenServer
preallocates, Virtual PC rounds up): those are kept and never taken for disk data.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.units import SECTOR_SIZE, round_up_to_sector

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNUSED = 0xFFFFFFFF
ENTRY_LENGTH = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bat:
    """The entries that could be read of a BAT.

    Attributes:
        offset: Offset of the table in bytes in the file.
        declared: `max_table_entries` of the header.
        entries: uint32 array, native byte order, read-only, of shape (n,) with n <= ``declared``: sector offsets, or
            `UNUSED`. Shorter than declared where the file ends before, or a limit was reached.
        padding: The stored bytes from the last declared entry to the end of its sector, as far as the file holds them;
            empty where not all declared entries could be read.
    """

    offset: int
    declared: int
    entries: NDArray[np.uint32] = field(repr=False)
    padding: bytes = field(default=b"", repr=False)

    @property
    def allocated(self) -> int:
        """How many of the entries that were read are in use."""
        return int(np.count_nonzero(self.entries != UNUSED))

    @property
    def length(self) -> int:
        """The table's length in the file in bytes, padding to a whole sector included."""
        return round_up_to_sector(self.declared * ENTRY_LENGTH)

    def entry_offset(self, block: int) -> int:
        """Return the offset in bytes in the file of the entry of ``block`` itself."""
        return self.offset + block * ENTRY_LENGTH


def entry_offsets(entries: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return the offsets in bytes that used entries stand for: int64, because a sector offset may exceed 4 GiB."""
    return entries.astype(np.int64) * SECTOR_SIZE


def parse_bat(raw: bytes | bytearray | memoryview, *, offset: int, declared: int) -> Bat:
    """Return the table stored in ``raw`` (a multiple of four bytes, big-endian)."""
    return take_bat(np.frombuffer(raw, dtype=np.uint32).copy(), offset=offset, declared=declared)


def take_bat(stored: NDArray[np.uint32], *, offset: int, declared: int, padding: bytes = b"") -> Bat:
    """Return the table whose stored bytes were read into ``stored``, which becomes the table's own.

    Turned in place: a BAT may take a large part of the memory that the process is allowed.
    """
    if sys.byteorder == "little":
        stored.byteswap(inplace=True)
    stored.setflags(write=False)
    return Bat(offset=offset, declared=declared, entries=stored, padding=padding)


def build_bat(entries: NDArray[np.uint32], *, padding: int = 0xFF) -> bytes:
    """Return the stored form of ``entries``, padded to a whole sector with ``padding`` bytes (0xFF or 0x00)."""
    raw = entries.astype(">u4").tobytes()
    return raw.ljust(round_up_to_sector(len(raw)), bytes([padding]))
