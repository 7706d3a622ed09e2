"""What must a right reader say about a built disk?

The map follows from painting the layers over each other, base first: a layer hides everything beyond its own size
(there nothing from below shows through), then supplies the sectors whose bits are set. The bytes follow from the map
and from what the guest wrote to each layer. Nothing of the package's readers is used.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from vhdchain.units import bitmap_length

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vhdchain.testing.images import BuiltImage
    from vhdchain.testing.layout import BuiltFile

ZERO = -1
"""The layer of what no file supplies: it reads as zeros."""

_CHUNK = 1 << 20


class ExpectedExtent(NamedTuple):
    """A run of the disk, in bytes, and what supplies it; `layer` and `file_offset` are -1 for zeros."""

    start: int
    length: int
    layer: int
    file_offset: int


class ExpectedDisk:
    """What the guest sees of a disk, without holding it in memory; equal to bytes of the same content.

    Attributes:
        size: The disk's size in bytes.
        extents: The runs that partition it, in order, each as long as it can be.
    """

    def __init__(self, stack: Sequence[BuiltImage], files: Mapping[str, BuiltFile]) -> None:
        self._stack = tuple(stack)
        self.size = self._stack[-1].size
        self.extents = _extents(self._stack, files)
        self._starts = [extent.start for extent in self.extents]

    def read(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset``, clipped at the disk's end."""
        end = min(offset + length, self.size)
        parts = []
        number = bisect_right(self._starts, offset) - 1
        while offset < end:
            extent = self.extents[number]
            stop = min(extent.start + extent.length, end)
            supplied = extent.layer != ZERO
            parts.append(
                self._stack[extent.layer].data.read(offset, stop - offset) if supplied else bytes(stop - offset)
            )
            offset, number = stop, number + 1
        return b"".join(parts)

    def chunks(self) -> Iterator[bytes]:
        """Yield the disk's bytes in pieces of at most 1 MiB."""
        for offset in range(0, self.size, _CHUNK):
            yield self.read(offset, _CHUNK)

    def sha256(self) -> str:
        """Return the SHA-256 of the disk's bytes as hex digits."""
        digest = hashlib.sha256()
        for chunk in self.chunks():
            digest.update(chunk)
        return digest.hexdigest()

    def __bytes__(self) -> bytes:
        return self.read(0, self.size)

    def __len__(self) -> int:
        return self.size

    def __eq__(self, other: object) -> bool:
        if isinstance(other, bytes | bytearray | memoryview):
            return len(other) == self.size and all(
                chunk == other[index * _CHUNK : (index + 1) * _CHUNK] for index, chunk in enumerate(self.chunks())
            )
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # equal to mutable buffers

    def __repr__(self) -> str:
        return f"<what {self._stack[-1].name!r} must read as, {self.size} bytes>"


def _extents(stack: Sequence[BuiltImage], files: Mapping[str, BuiltFile]) -> list[ExpectedExtent]:
    extents: list[ExpectedExtent] = []
    for layer, image in enumerate(stack):
        supplied = _supplied(layer, image, files[image.name])
        extents = list(_joined(_painted(extents, supplied, image.size)))
    return extents


def _supplied(layer: int, image: BuiltImage, file: BuiltFile) -> Iterator[ExpectedExtent]:
    for start, end in image.runs():
        offset = start
        if image.is_sparse:
            block, within = divmod(start, image.block_size)
            offset = file.bitmaps[block] + bitmap_length(image.block_size) + within
        yield ExpectedExtent(start, end - start, layer, offset)


def _painted(below: Sequence[ExpectedExtent], above: Iterable[ExpectedExtent], size: int) -> Iterator[ExpectedExtent]:
    """Yield ``above`` over ``below``, cut or extended with zeros to ``size``."""
    position, number = 0, 0
    for over in (*above, ExpectedExtent(size, 0, ZERO, ZERO)):
        while position < over.start:
            while number < len(below) and below[number].start + below[number].length <= position:
                number += 1
            if number == len(below):
                yield ExpectedExtent(position, over.start - position, ZERO, ZERO)
                break
            under = below[number]
            skipped, end = position - under.start, min(under.start + under.length, over.start)
            offset = ZERO if under.layer == ZERO else under.file_offset + skipped
            yield ExpectedExtent(position, end - position, under.layer, offset)
            position = end
        if over.length:
            yield over
        position = over.start + over.length


def _joined(extents: Iterable[ExpectedExtent]) -> Iterator[ExpectedExtent]:
    last: ExpectedExtent | None = None
    for extent in extents:
        if last is not None and _continues(last, extent):
            last = last._replace(length=last.length + extent.length)
            continue
        if last is not None:
            yield last
        last = extent
    if last is not None:
        yield last


def _continues(last: ExpectedExtent, extent: ExpectedExtent) -> bool:
    if last.layer != extent.layer:
        return False
    return extent.layer == ZERO or last.file_offset + last.length == extent.file_offset
