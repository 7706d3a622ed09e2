"""Who supplies these few sectors?

A small read needs a few bits of few bitmaps, and not the map of millions of sectors around it. Here the bitmaps of the
blocks that were asked for are kept, as numbers without the bits that a layer above takes: what answers a read is then a
shift and a mask for each layer that has anything in the block. Whatever reaches over the border of a block, or beyond
what is known, is left to the block map.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from vhdchain.blockmap.extents import UNKNOWN
from vhdchain.blockmap.layers import below_all, row_sectors, sparse_layers
from vhdchain.structures.bat import UNUSED
from vhdchain.units import bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from vhdchain.chain import Chain

MOST_SECTORS = 128
"""For how many sectors at a time this is the shorter way."""

_KEPT_BITMAPS = 1 << 15
"""About 20 MiB; of disks without smaller blocks this is the map of 64 GiB."""


class Supply(NamedTuple):
    """What one layer supplies of a range of sectors.

    Attributes:
        layer: Its index in the chain.
        file_sector: Where in its file the range's first sector would lie, if the layer had it.
        bits: The sectors of the range that it has, the first one the highest bit.
    """

    layer: int
    file_sector: int
    bits: int


class FewSectors:
    """The bitmaps of a chain that were asked for. May be used from several threads at once."""

    __slots__ = ("_below", "_below_end", "_kept", "_kept_bitmaps", "_layers", "_lock", "_ones", "_sectors", "_unit")

    def __init__(self, chain: Chain) -> None:
        """Prepare the answers for ``chain``; reads nothing yet."""
        row = row_sectors(chain)
        self._layers = sparse_layers(chain, row)
        # Within a unit no layer has more than one block.
        self._unit = min([row, *(layer.block_sectors for layer in self._layers)])
        self._ones = (1 << self._unit) - 1
        self._sectors = bytes_to_sectors(chain.virtual_size)
        self._below, end = below_all(chain)
        self._below_end = bytes_to_sectors(end)
        self._kept: dict[int, tuple[Supply, ...]] = {}
        self._kept_bitmaps = 0
        self._lock = threading.Lock()

    def suppliers(self, first: int, count: int) -> list[Supply] | None:
        """Return who has which of ``count`` sectors from ``first`` on; what nobody has is zeros.

        None where another way has to be taken: the range is not in one block, not in the disk, or partly unknown.

        Raises:
            ShortReadError: A file was truncated after the chain was opened.
        """
        unit, start = divmod(first, self._unit)
        behind = self._unit - start - count
        if first < 0 or behind < 0 or first + count > self._sectors:
            return None
        kept = self._kept.get(unit)
        if kept is None:
            kept = self._load(unit)
        wanted = missing = (1 << count) - 1
        found = []
        for layer, file_sector, bits in kept:
            taken = bits >> behind & wanted
            if taken:
                found.append(Supply(layer, file_sector + start, taken))
                missing ^= taken
                if not missing:
                    return found
        if first < self._below_end:
            if self._below == UNKNOWN or first + count > self._below_end:
                return None
            found.append(Supply(self._below, first, missing))
        return found

    def _load(self, unit: int) -> tuple[Supply, ...]:
        first = unit * self._unit
        missing = self._ones
        found = []
        for layer in self._layers:
            block, start = divmod(first, layer.block_sectors)
            entry = int(layer.entries[block]) if block < len(layer.entries) else UNUSED
            if entry == UNUSED or first >= layer.visible:
                continue
            stored = int.from_bytes(layer.source.read_at(sectors_to_bytes(entry), layer.bitmap_bytes), "big")
            hidden = max(0, first + self._unit - layer.visible)
            bits = stored >> (layer.bitmap_bytes * 8 - start - self._unit + hidden) << hidden & missing
            if bits:
                missing ^= bits
                same = self._ones if bits == self._ones else bits
                found.append(Supply(layer.index, entry + layer.bitmap_sectors + start, same))
            if not missing:
                break
        return self._keep(unit, tuple(found))

    def _keep(self, unit: int, found: tuple[Supply, ...]) -> tuple[Supply, ...]:
        with self._lock:
            if unit not in self._kept:
                self._kept[unit] = found
                self._kept_bitmaps += 1 + len(found)
            while self._kept_bitmaps > _KEPT_BITMAPS and len(self._kept) > 1:
                self._kept_bitmaps -= 1 + len(self._kept.pop(next(iter(self._kept))))
        return found
