"""How are many short extents that lie between each other read fastest?

Where single sectors of a block come from one file and their neighbours from another, a call for every extent costs more
than the bytes. So the file that supplies most of the stretch is read over all of it, right into its place; what others
supply is then laid over it, read once as well and picked by sector, and zeros are cleared. What the first file holds
between its sectors is covered by then, since extents cover a piece exactly.

That works where extents of a file lie as far apart in the file as in the disk, as within a block. Where they do not,
or where there are few of them, each is read by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap import ZERO, gather
from vhdchain.read.pieces import LONGEST_MIXED
from vhdchain.units import SECTOR_SIZE, is_sector_aligned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vhdchain.blockmap import Extents
    from vhdchain.chain import Chain
    from vhdchain.read.pieces import Piece
    from vhdchain.source import ByteSource

_MANY = 64  # extents in a piece from which on it is read by sectors
_MOST_GROUPS = 8
_SECTOR = np.dtype((np.void, SECTOR_SIZE))  # NumPy moves one of these at the speed of memory
_NOTHING = np.zeros(1, dtype=_SECTOR)


class MixedReader:
    """Puts the mixed pieces of a chain together, one after the other; its buffers are for one thread."""

    def __init__(self, chain: Chain) -> None:
        self._sources = [layer.image.source for layer in chain.layers]
        self._scratch = np.empty(LONGEST_MIXED, dtype=np.uint8)

    def readinto(self, piece: Piece, view: memoryview) -> None:
        """Fill ``view``, which is as long as ``piece``, with its bytes; none of them may be unknown.

        Raises:
            ShortReadError: A file was truncated after the chain was opened.
        """
        assert piece.extents is not None
        if len(piece.extents) < _MANY or not (is_sector_aligned(piece.start) and is_sector_aligned(piece.length)):
            self._one_by_one(piece.extents, piece.start, view)
            return
        layers, distances, owner = _groups(piece.extents)
        if len(layers) > _MOST_GROUPS:
            gather.fill(piece.extents, self._sources, piece.start, view)
        else:
            self._by_sectors(piece, view, layers, distances, owner)

    def _one_by_one(self, extents: Extents, offset: int, view: memoryview) -> None:
        target = np.frombuffer(view, dtype=np.uint8)
        for start, length, layer, file_offset in extents.tolist():
            if layer == ZERO:
                target[start - offset : start - offset + length] = 0
            else:
                self._sources[layer].readinto_at(file_offset, view[start - offset : start - offset + length])

    def _by_sectors(
        self, piece: Piece, view: memoryview, layers: list[int], distances: list[int], owner: NDArray[np.intp]
    ) -> None:
        target = np.frombuffer(view, dtype=_SECTOR)
        shares = np.bincount(owner, minlength=len(layers))
        main = int(shares.argmax())
        if layers[main] == ZERO or not _reaches(self._sources[layers[main]], piece, distances[main]):
            main = -1
        else:
            self._sources[layers[main]].readinto_at(piece.start + distances[main], view)
        for group, (layer, distance) in enumerate(zip(layers, distances, strict=True)):
            if group == main:
                continue
            sectors = np.flatnonzero(owner == group)
            if layer == ZERO:
                target[sectors] = _NOTHING
            else:
                first = int(sectors[0])
                stretch = self._scratch[: (int(sectors[-1]) + 1 - first) * SECTOR_SIZE]
                self._sources[layer].readinto_at(piece.start + first * SECTOR_SIZE + distance, stretch.data)
                target[sectors] = stretch.view(_SECTOR)[sectors - first]


def _groups(extents: Extents) -> tuple[list[int], list[int], NDArray[np.intp]]:
    """Return layer and distance (file offset - disk offset) of each group, and the group of each sector."""
    layer = extents["layer"]
    distance = np.where(layer == ZERO, 0, extents["file_offset"] - extents["start"])
    heads = [0]
    group = np.zeros(len(extents), dtype=np.intp)
    left = np.ones(len(extents), dtype=np.bool_)
    while len(heads) <= _MOST_GROUPS + 1:
        same = (layer == layer[heads[-1]]) & (distance == distance[heads[-1]])
        group[same] = len(heads) - 1
        left &= ~same
        if not left.any():
            break
        heads.append(int(left.argmax()))
    owner = np.repeat(group, extents["length"] // SECTOR_SIZE)
    return layer[heads].tolist(), distance[heads].tolist(), owner


def _reaches(source: ByteSource, piece: Piece, distance: int) -> bool:
    return piece.start + distance >= 0 and piece.end + distance <= source.size
