"""Which bytes does the guest see in this range?

The block map says from where; this reads them, positionally and without a cursor, so that several threads may share a
reader. Ranges that no file holds are zeros; a range that only a missing parent could supply raises.
"""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap import (
    MOST_SECTORS,
    UNKNOWN,
    ZERO,
    BlockMap,
    Extent,
    FewSectors,
    ends_of,
    gather,
    within_ranges,
)
from vhdchain.errors import UnknownDataError
from vhdchain.progress import check_cancel
from vhdchain.read.few import read_few
from vhdchain.read.file import DiskFile
from vhdchain.units import sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Buffer

    from vhdchain.blockmap import Extents, Ranges
    from vhdchain.chain import Chain
    from vhdchain.progress import Cancel, Progress

DEFAULT_CHUNK_SIZE = 4 * 1024 * 1024

_FEW = sectors_to_bytes(MOST_SECTORS)


class DiskReader:
    """Reads the disk of a chain. May be used from several threads at once.

    Attributes:
        chain: The chain that is read.
        block_map: Its map.
    """

    __slots__ = ("_few", "_sources", "block_map", "chain")

    def __init__(self, chain: Chain, block_map: BlockMap | None = None) -> None:
        """Prepare to read ``chain``, by ``block_map`` where the caller has it already; reads nothing yet."""
        self.chain = chain
        self.block_map = block_map or BlockMap(chain)
        self._sources = [layer.image.source for layer in chain.layers]
        self._few = FewSectors(chain)

    def __repr__(self) -> str:
        return f"<reader of {self.chain.leaf.name!r}, {self.size} bytes>"

    @property
    def size(self) -> int:
        """The size of the disk in bytes."""
        return self.chain.virtual_size

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly ``length`` bytes of the disk from ``offset`` (both in bytes, of any alignment).

        Raises:
            OutOfRangeError: The range is not inside the disk.
            UnknownDataError: Part of it is only in a missing parent.
            ShortReadError: A file was truncated after the chain was opened.
        """
        offset, length = index(offset), index(length)
        if 0 < length <= _FEW and (data := read_few(self._few, self._sources, offset, length)) is not None:
            return data
        # The range is checked before memory is taken for it.
        extents = self.block_map.slice(offset, length)
        if len(extents) == 1 and (only := Extent(*extents[0].tolist())).layer >= 0:
            return self._sources[only.layer].read_at(only.file_offset, length)
        buffer = bytearray(length)
        self._fill(extents, offset, memoryview(buffer), zeroed=True)
        return bytes(buffer)

    def readinto(self, offset: int, buffer: Buffer) -> None:
        """Fill ``buffer`` (C-contiguous, writable) with the disk's bytes from ``offset``; raises as `read`."""
        offset, view = index(offset), memoryview(buffer).cast("B")
        length = len(view)
        if 0 < length <= _FEW and (data := read_few(self._few, self._sources, offset, length)) is not None:
            view[:] = data
        else:
            self._fill(self.block_map.slice(offset, length), offset, view, zeroed=False)

    def readinto_ranges(self, ranges: Ranges, offset: int, buffer: Buffer) -> None:
        """Read some ranges of the disk into their places in ``buffer``, and nothing else; raises as `read`.

        Args:
            ranges: Sorted and disjoint, at least one; what lies behind the end of the disk becomes zeros.
            offset: Where ``buffer`` begins in the disk, in bytes.
            buffer: C-contiguous, writable; covers all of the ranges. Between them, its bytes mean nothing afterwards.
        """
        offset, view = index(offset), memoryview(buffer).cast("B")
        start, end = int(ranges["start"][0]), int(ends_of(ranges)[-1])
        known = max(start, min(end, self.size))
        if known < end:
            view[known - offset : end - offset] = bytes(end - known)
        if start < known:
            extents = self.block_map.slice(start, known - start)
            self._fill(within_ranges(extents, ranges), offset, view, zeroed=False)

    def chunks(
        self,
        start: int = 0,
        length: int | None = None,
        *,
        chunk_size: int = DEFAULT_CHUNK_SIZE,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> Iterator[memoryview]:
        """Yield the bytes of a range in order, ``chunk_size`` at a time; progress in bytes; raises as `read`.

        Each chunk is a read-only view of memory of its own, except that all-zero chunks share one.

        Raises:
            ValueError: ``chunk_size`` is not positive.
        """
        if chunk_size <= 0:
            raise ValueError(f"chunk_size must be positive, not {chunk_size}")
        first, end = self.block_map.checked_range(start, length)
        return self._chunks(first, end, chunk_size, progress, cancel)

    def _chunks(
        self, first: int, end: int, chunk_size: int, progress: Progress | None, cancel: Cancel | None
    ) -> Iterator[memoryview]:
        zeros = memoryview(bytes(min(chunk_size, end - first)))
        for offset in range(first, end, chunk_size):
            check_cancel(cancel)
            count = min(chunk_size, end - offset)
            extents = self.block_map.slice(offset, count)
            if len(extents) == 1 and extents["layer"][0] == ZERO:
                yield zeros[:count]
            else:
                chunk = np.empty(count, dtype=np.uint8).data
                self._fill(extents, offset, chunk, zeroed=False)
                yield chunk.toreadonly()
            if progress:
                progress(offset + count - first, end - first)

    def known_length(self, offset: int, length: int) -> int:
        """Return how many of ``length`` bytes from ``offset`` on can be read before the first unknown one."""
        if self.chain.complete:
            return length
        extents = self.block_map.slice(offset, length)
        unknown = extents["start"][extents["layer"] == UNKNOWN]
        return int(unknown[0]) - offset if len(unknown) else length

    def open(self) -> DiskFile:
        """Return the disk as a seekable, read-only binary file object with a cursor of its own."""
        return DiskFile(self)

    def _fill(self, extents: Extents, offset: int, view: memoryview, *, zeroed: bool) -> None:
        if not self.chain.complete:
            unknown = extents[extents["layer"] == UNKNOWN]
            if len(unknown):
                raise self._unknown(Extent(*unknown[0].tolist()))
        gather.fill(extents, self._sources, offset, view, zeroed=zeroed)

    def _unknown(self, extent: Extent) -> UnknownDataError:
        base = self.chain.base
        return UnknownDataError(
            f"{self.chain.leaf.name}: bytes {extent.start} to {extent.end} of the disk are in the parent of "
            f"{base.name}, which was not found; only the ranges that its children hold can be read"
        )
