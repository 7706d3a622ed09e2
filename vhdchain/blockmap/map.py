"""Which file supplies every sector of this disk?

`BlockMap` merges the BATs and sector bitmaps of a chain into extents that cover the disk exactly. Nothing is read until
it is asked for; what is read is bounded by the range that is asked for, and so is the memory, unless the whole map is
asked for as one array. It refuses to guess: a range that only a missing parent could supply is `UNKNOWN`, never zeros.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from operator import index
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap.cover import continues, covering, extend_back, gathered, plain
from vhdchain.blockmap.extents import (
    EXTENT_DTYPE,
    UNKNOWN,
    ZERO,
    Extent,
    Extents,
    clipped,
    concatenated,
    joined,
    picked,
    records,
)
from vhdchain.blockmap.layers import MAX_LAYERS, below_all, row_sectors, sparse_layers
from vhdchain.blockmap.resolve import Resolver
from vhdchain.errors import ChainError, OutOfRangeError
from vhdchain.progress import check_cancel
from vhdchain.units import SECTOR_SIZE, ceil_div, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.chain import Chain
    from vhdchain.progress import Cancel, Progress

_GROUP_SECTORS = 1 << 16
"""Sectors (32 MiB of disk) whose extents are kept together for random reads; a row is never split."""

_CACHED_GROUPS = 4096
_CACHED_EXTENTS = 1 << 20


class BlockMap:
    """The merged map of a chain. May be used from several threads at once.

    Attributes:
        chain: The chain that is mapped.
        virtual_size: The size of the disk in bytes.
    """

    def __init__(self, chain: Chain) -> None:
        """Prepare the map of ``chain``; reads nothing yet.

        Raises:
            ChainError: The chain has more layers than the map can number (65,536).
        """
        if len(chain.layers) > MAX_LAYERS:
            raise ChainError(f"{chain.leaf.name}: {len(chain.layers)} layers; at most {MAX_LAYERS} can be mapped")
        self.chain = chain
        self.virtual_size = chain.virtual_size
        sectors_per_row = row_sectors(chain)
        self._row_bytes = sectors_to_bytes(sectors_per_row)
        self._resolver = Resolver(sparse_layers(chain, sectors_per_row), sectors_per_row)
        self._below, self._below_end = below_all(chain)
        self._group_bytes = self._row_bytes * max(1, _GROUP_SECTORS // sectors_per_row)
        self._groups: OrderedDict[int, Extents] = OrderedDict()
        self._cached_extents = 0
        self._lock = threading.Lock()
        self._whole: Extents | None = None

    def __repr__(self) -> str:
        return f"<block map of {self.chain.leaf.name!r}, {self.virtual_size} bytes>"

    @property
    def extents(self) -> Extents:
        """The whole map: an array of shape (n,) and dtype `EXTENT_DTYPE`, read-only, made once and kept."""
        if self._whole is None:
            whole = gathered(self.chunks(), 0, self.virtual_size)
            whole.setflags(write=False)
            self._whole = whole
        return self._whole

    def __iter__(self) -> Iterator[Extent]:
        """Yield the extents of the disk in order, as records, in bounded memory."""
        for chunk in self.chunks():
            yield from records(chunk)

    def chunks(
        self,
        start: int = 0,
        length: int | None = None,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> Iterator[Extents]:
        """Yield arrays of extents that together cover the range exactly and are maximal in it, in bounded memory.

        Args:
            start: First byte of the range.
            length: Its length in bytes; to the end of the disk by default.
            progress: Called with the bytes of the range that are mapped, and its length.
            cancel: Asked between chunks.

        Raises:
            OutOfRangeError: The range is not inside the disk.
            ShortReadError: A file was truncated after the chain was opened.
            CancelledError: ``cancel`` asked to stop.
        """
        start, end = self.checked_range(start, length)
        return self._chunks(start, end, progress, cancel)

    def slice(self, start: int, length: int) -> Extents:
        """Return the extents that cover ``length`` bytes from ``start``, cut at both ends; raises as `chunks`."""
        start, end = self.checked_range(start, length)
        if end == start:
            return np.empty(0, dtype=EXTENT_DTYPE)
        if self._whole is not None:
            return clipped(self._whole, start, end)
        if end - start > 4 * self._group_bytes:
            return gathered(self._chunks(start, end, None, None), start, end)
        groups = range(start // self._group_bytes, ceil_div(end, self._group_bytes))
        parts = [clipped(self._group(group), start, end) for group in groups]
        return parts[0] if len(parts) == 1 else joined(concatenated(parts))

    def at(self, offset: int) -> Extent:
        """Return the extent of the one sector that holds the byte at ``offset``; raises as `chunks`."""
        offset, _ = self.checked_range(offset, 1)
        start = offset - offset % SECTOR_SIZE
        return next(records(self.slice(start, min(SECTOR_SIZE, self.virtual_size - start))))

    def unknown(self) -> Extents:
        """Return the extents that only a missing parent could supply; empty where the chain is complete."""
        if self.chain.complete:
            return np.empty(0, dtype=EXTENT_DTYPE)
        return concatenated([picked(chunk, chunk["layer"] == UNKNOWN) for chunk in self.chunks()])

    def checked_range(self, start: int, length: int | None) -> tuple[int, int]:
        """Return where a range begins and ends, as plain ints: NumPy's own, unsigned ones above all, wrap around.

        Raises:
            OutOfRangeError: The range is not inside the disk.
        """
        start = index(start)
        end = self.virtual_size if length is None else start + index(length)
        if not 0 <= start <= end <= self.virtual_size:
            raise OutOfRangeError(
                f"{self.chain.leaf.name}: bytes {start} to {end} lie outside of this disk of {self.virtual_size} bytes"
            )
        return start, end

    def _chunks(self, start: int, end: int, progress: Progress | None, cancel: Cancel | None) -> Iterator[Extents]:
        held: Extents | None = None
        for piece in self._covering(start, end):
            check_cancel(cancel)
            # The last extent may go on in the next piece, so each piece is held back until that one is known.
            if held is not None:
                if continues(held, piece):
                    extend_back(piece, held)
                    held = held[:-1]
                if len(held):
                    yield held
            held = piece
            if progress:
                progress(int(held["start"][0]) - start, end - start)
        if held is not None:
            yield held
        if progress:
            progress(end - start, end - start)

    def _covering(self, start: int, end: int) -> Iterator[Extents]:
        """Yield non-empty pieces that cover ``[start, end)`` in order; neighbours of two pieces may still be joined."""
        cursor = start
        for owned in self._resolver.owned(start // self._row_bytes, ceil_div(end, self._row_bytes)):
            behind = min(sectors_to_bytes(owned.end), end)
            for low, high, below in self._split(cursor, behind):
                yield from covering(owned, low, high, below)
            cursor = max(cursor, behind)
        for low, high, below in self._split(cursor, end):
            yield plain(low, high, below)

    def _split(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield the parts of ``[start, end)`` that have one layer below all bitmaps: (start, end, layer)."""
        if start < (border := min(end, self._below_end)):
            yield start, border, self._below
        if (border := max(start, self._below_end)) < end:
            yield border, end, ZERO

    def _group(self, group: int) -> Extents:
        with self._lock:
            if (known := self._groups.get(group)) is not None:
                self._groups.move_to_end(group)
                return known
        start = group * self._group_bytes
        end = min(start + self._group_bytes, self.virtual_size)
        made = gathered(self._chunks(start, end, None, None), start, end)
        with self._lock:
            if group not in self._groups:
                self._groups[group] = made
                self._cached_extents += len(made)
            while len(self._groups) > _CACHED_GROUPS or self._cached_extents > _CACHED_EXTENTS:
                self._cached_extents -= len(self._groups.popitem(last=False)[1])
        return made
