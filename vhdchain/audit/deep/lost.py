"""Which gaps look like blocks that the BAT lost?

A host writes a new block first and its BAT entry last; when it dies in between, or the table is damaged, bitmap and
data stay without an entry. A stretch is taken for such a block only where its bitmap and the data behind it tell the
same story: every sector that holds anything has its bit set, most set bits have data, and the bits are no filling.
Bytes that merely happen to lie in a gap do not pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.audit.deep.reading import UNREADABLE
from vhdchain.audit.deep.tally import LISTED
from vhdchain.findings import Finding, Location, finding
from vhdchain.structures.free_space import first_fit
from vhdchain.structures.layout import LARGEST_ALIGNMENT
from vhdchain.units import bytes_to_sectors, ceil_div, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vhdchain.audit.deep.gaps import Window
    from vhdchain.image import Image
    from vhdchain.structures.layout import Layout

_HEAD_BITS = 64
# Fewer sectors with data than this could agree with any bytes by chance, unless bits and data agree in every sector.
_SECTORS_NEEDED = 8


class LostBlocks:
    """Looks for blocks in the gaps of one image, window by window, in ascending order."""

    def __init__(self, image: Image, layout: Layout) -> None:
        self._image = image
        self._layout = layout
        self._bitmap_sectors = bytes_to_sectors(image.bitmap_length)
        self._sectors = bytes_to_sectors(image.block_size)
        self._free_from = 0
        self._gap = (0, 0)
        self._count = 0
        self._found: list[tuple[int, int, int]] = []

    def add(self, window: Window) -> None:
        """Look through a window."""
        if window.gap != self._gap:
            self._gap = window.gap
            self._free_from = window.gap[0]
        if window.gap[1] - window.gap[0] < self._layout.file.stored_length:
            return
        for sector in self._candidates(window).tolist():
            offset = window.begin + sectors_to_bytes(sector)
            if offset >= self._free_from and self._is_block(window, sector, offset):
                self._free_from = offset + self._layout.file.stored_length

    def _candidates(self, window: Window) -> NDArray[np.int64]:
        """Return sectors that may be bitmaps as far as their first bits and the sectors these stand for can tell."""
        last = len(window.filled) - self._bitmap_sectors - self._sectors
        count = min(window.sectors, last + 1)
        if count <= 0:
            return np.empty(0, dtype=np.int64)
        possible = window.filled[:count].copy()
        # Eight bytes, or the fewer bits that a small block has.
        for bit in range(min(_HEAD_BITS, self._sectors)):
            data = self._bitmap_sectors + bit
            clear = (window.heads[:count] & np.uint64(1 << _HEAD_BITS - 1 - bit)) == 0
            possible &= ~(clear & window.filled[data : data + count])
        return np.flatnonzero(possible)

    def _is_block(self, window: Window, sector: int, offset: int) -> bool:
        stored = self._stored_bitmap(offset)
        if stored is None:
            return False
        used = ceil_div(self._sectors, 8)
        padding = stored[used:]
        if len(padding) and not ((padding == 0).all() or (padding == 0xFF).all()):
            return False
        bits = np.unpackbits(stored[:used])
        if bits[self._sectors :].any() and not bits[self._sectors :].all():
            return False
        first = sector + self._bitmap_sectors
        return self._agree(bits[: self._sectors].view(np.bool_), window.filled[first : first + self._sectors], offset)

    def _agree(self, present: NDArray[np.bool_], filled: NDArray[np.bool_], offset: int) -> bool:
        data, bits = int(np.count_nonzero(filled)), int(np.count_nonzero(present))
        if not data or (filled & ~present).any() or 2 * data < bits:
            return False
        if bits == self._sectors:
            # A sector of ones says little by itself: only where a writer would have put the next block.
            agree = offset in self._next_places() and not self._is_filling(offset)
        else:
            agree = data >= _SECTORS_NEEDED or data == bits
        if agree:
            self._count += 1
            self._found += [(offset, bits, data)][: LISTED - len(self._found)]
        return agree

    def _next_places(self) -> tuple[int, ...]:
        """Return where a writer would put a block in what is left of the gap."""
        fit = first_fit(self._layout, self._free_from)
        if self._layout.alignment:
            return (fit,)
        # No block is left to tell the alignment by.
        ahead = self._image.bitmap_length
        return fit, ceil_div(self._free_from + ahead, LARGEST_ALIGNMENT) * LARGEST_ALIGNMENT - ahead

    def _stored_bitmap(self, offset: int) -> NDArray[np.uint8] | None:
        try:
            return np.frombuffer(self._image.source.read_at(offset, self._image.bitmap_length), dtype=np.uint8)
        except UNREADABLE:
            return None

    def _is_filling(self, offset: int) -> bool:
        """Say whether a gap is filled with ones, so that its first sector is no bitmap."""
        try:
            behind = self._image.source.read_at(offset + self._image.bitmap_length, self._image.bitmap_length)
        except UNREADABLE:
            return True
        return not behind.strip(b"\xff")

    def findings(self) -> Iterator[Finding]:
        """Yield what was found."""
        if not self._count:
            return
        details = [
            f"at {offset}: {bits} of {self._sectors} bits set, data in {data} sectors, all of them under set bits"
            for offset, bits, data in self._found
        ]
        length = self._layout.file.stored_length
        subject = (
            f"a stretch of {length} bytes looks like a block"
            if self._count == 1
            else f"{self._count} stretches of {length} bytes look like blocks"
        )
        message = f"{subject} that no BAT entry leads to: a bitmap, and data only where its bits are set"
        place = Location(path=self._image.name, structure="gap", offset=self._found[0][0])
        yield finding("VHD413", place, message, found=self._count, details=details)
