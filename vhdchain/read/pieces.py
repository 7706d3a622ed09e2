"""In which pieces is a whole disk best read, in order?

A disk that is read from its first byte to its last needs its map only once: what the map gives is cut into runs that
are long enough for a call of their own (of one file, or of zeros) and into stretches where many short extents lie,
which are put together in memory. Pieces say where the bytes are; how they are moved is the caller's part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.blockmap import BlockMap, Extents
    from vhdchain.progress import Cancel
    from vhdchain.read.reader import DiskReader

LONG = 128 << 10
"""From this length on, an extent is a piece of its own."""

MIXED = -3
"""The layer of a piece that is put together from several extents."""

_SPAN = 1 << 21

LONGEST_MIXED = _SPAN + LONG
"""No mixed piece is longer: so much room its reader needs."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """Some of a disk that is moved in one go; pieces follow each other without a gap. In bytes.

    Attributes:
        start: Where it begins in the disk.
        length: How long it is; long runs are not cut.
        layer: Index of the layer that supplies it; `ZERO`, `UNKNOWN` or `MIXED`.
        file_offset: Where it lies in the layer's file; -1 where no one file supplies it.
        extents: What a mixed piece is made of, covering it exactly; zeros and unknown extents may be among them.
    """

    start: int
    length: int
    layer: int
    file_offset: int = -1
    extents: Extents | None = field(default=None, repr=False)

    @property
    def end(self) -> int:
        """The offset in the disk behind it."""
        return self.start + self.length


def disk_pieces(
    block_map: BlockMap, start: int = 0, length: int | None = None, *, cancel: Cancel | None = None
) -> Iterator[Piece]:
    """Yield the pieces of a range of the disk, in order, in bounded memory; arguments as of `BlockMap.chunks`."""
    for extents in block_map.chunks(start, length, cancel=cancel):
        yield from _pieces(extents)


def require_known(reader: DiskReader, piece: Piece) -> None:
    """Raise where only a missing parent could supply some of ``piece``.

    Raises:
        UnknownDataError: So it is.
    """
    if piece.layer == UNKNOWN:
        reader.read(piece.start, 1)
    if piece.extents is not None and not reader.chain.complete:
        unknown = piece.extents["start"][piece.extents["layer"] == UNKNOWN]
        if len(unknown):
            reader.read(int(unknown[0]), 1)


def _pieces(extents: Extents) -> Iterator[Piece]:
    starts = extents["start"]
    alone = extents["length"] >= LONG
    # A group ends where a long extent begins or ends, and where the disk's next span begins.
    cut = alone[1:] | alone[:-1]
    cut |= starts[1:] // _SPAN != starts[:-1] // _SPAN
    heads = np.concatenate(([0], np.flatnonzero(cut) + 1))
    behind = np.append(heads[1:], len(extents))
    first = extents[heads].tolist()
    ends = (starts[behind - 1] + extents["length"][behind - 1]).tolist()
    for low, high, (start, _, layer, offset), end in zip(heads.tolist(), behind.tolist(), first, ends, strict=True):
        if high - low == 1:
            yield Piece(start=start, length=end - start, layer=layer, file_offset=offset)
        else:
            yield Piece(start=start, length=end - start, layer=MIXED, extents=extents[low:high])
