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

from vhdchain.blockmap.extents import (
    EXTENT_DTYPE,
    NO_OFFSET,
    UNKNOWN,
    ZERO,
    Extent,
    Extents,
    clipped,
    joined,
    make_extents,
    records,
)
from vhdchain.blockmap.layers import MAX_LAYERS, row_sectors, sparse_layers, visible_sizes
from vhdchain.blockmap.resolve import Owned, Resolver
from vhdchain.errors import ChainError, OutOfRangeError
from vhdchain.progress import check_cancel
from vhdchain.units import SECTOR_SIZE, ceil_div, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

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
        self._below, self._below_end = _below(chain)
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
            whole = _gathered(self.chunks())
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
            return _gathered(self._chunks(start, end, None, None))
        groups = range(start // self._group_bytes, ceil_div(end, self._group_bytes))
        parts = [clipped(self._group(group), start, end) for group in groups]
        return parts[0] if len(parts) == 1 else joined(np.concatenate(parts))

    def at(self, offset: int) -> Extent:
        """Return the extent of the one sector that holds the byte at ``offset``; raises as `chunks`."""
        offset, _ = self.checked_range(offset, 1)
        start = offset - offset % SECTOR_SIZE
        return next(records(self.slice(start, min(SECTOR_SIZE, self.virtual_size - start))))

    def unknown(self) -> Extents:
        """Return the extents that only a missing parent could supply; empty where the chain is complete."""
        if self.chain.complete:
            return np.empty(0, dtype=EXTENT_DTYPE)
        return _gathered(chunk[chunk["layer"] == UNKNOWN] for chunk in self.chunks())

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
        for covering in self._covering(start, end):
            check_cancel(cancel)
            piece = covering if held is None else joined(np.concatenate((held, covering)))
            # The last extent may go on in the next piece; it is held back until that is known.
            ready, held = piece[:-1], piece[-1:]
            if len(ready):
                yield ready
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
            if behind > cursor:
                yield clipped(self._filled(owned, cursor, behind), cursor, behind)
            cursor = max(cursor, behind)
        if cursor < end:
            yield self._filled(None, cursor, end)

    def _filled(self, owned: Owned | None, start: int, end: int) -> Extents:
        """Return maximal extents of at least ``[start, end)``: what bitmaps claim, and what lies below in between."""
        if owned is None:
            none = np.empty(0, dtype=np.int64)
            claimed = make_extents(none, none, none, none)
        else:
            claimed = make_extents(
                owned.start * SECTOR_SIZE, owned.length * SECTOR_SIZE, owned.layer, owned.file_sector * SECTOR_SIZE
            )
        claim_ends = claimed["start"] + claimed["length"]
        gap_start = np.concatenate(([start], claim_ends))
        gap_end = np.concatenate((claimed["start"], [end]))
        gaps = self._below_in(gap_start, gap_end)
        merged = np.concatenate((claimed, gaps))
        return joined(merged[np.argsort(merged["start"], kind="stable")])

    def _below_in(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> Extents:
        """Return what lies below all bitmaps in the ranges: the base or the unknown, then zeros behind its end."""
        below_end = np.minimum(end, self._below_end)
        zero_start = np.maximum(start, self._below_end)
        offset = start if self._below >= 0 else np.full(len(start), NO_OFFSET)
        base = make_extents(start, below_end - start, np.full(len(start), self._below), offset)
        zeros = make_extents(zero_start, end - zero_start, np.full(len(start), ZERO), np.full(len(start), NO_OFFSET))
        both = np.concatenate((base, zeros))
        return both[both["length"] > 0]

    def _group(self, group: int) -> Extents:
        with self._lock:
            if (known := self._groups.get(group)) is not None:
                self._groups.move_to_end(group)
                return known
        start = group * self._group_bytes
        made = _gathered(self._chunks(start, min(start + self._group_bytes, self.virtual_size), None, None))
        with self._lock:
            if group not in self._groups:
                self._groups[group] = made
                self._cached_extents += len(made)
            while len(self._groups) > _CACHED_GROUPS or self._cached_extents > _CACHED_EXTENTS:
                self._cached_extents -= len(self._groups.popitem(last=False)[1])
        return made


def _below(chain: Chain) -> tuple[int, int]:
    """Return what supplies sectors that no bitmap claims, and up to which byte of the disk it does."""
    end = visible_sizes(chain)[0]
    if not chain.complete:
        return UNKNOWN, end
    return (ZERO, 0) if chain.base.is_sparse else (0, end)


def _gathered(chunks: Iterator[Extents]) -> Extents:
    """Return all chunks as one array that grows in place, so that it is never held twice."""
    gathered = np.empty(1024, dtype=EXTENT_DTYPE)
    count = 0
    for chunk in chunks:
        if count + len(chunk) > len(gathered):
            gathered.resize(max(count + len(chunk), len(gathered) * 3 // 2), refcheck=False)
        gathered[count : count + len(chunk)] = chunk
        count += len(chunk)
    gathered.resize(count, refcheck=False)
    return gathered
