"""What does a disk hold, portion by portion, for somebody who writes it elsewhere?

The disk is read once, in order, and no more of it than must be: zeros of the map and holes of the files are told and
not read. Memory is bounded by one buffer, whatever the disk's size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vhdchain.blockmap import ZERO
from vhdchain.progress import check_cancel
from vhdchain.read import LONGEST_MIXED, MIXED, MixedReader, Piece, disk_pieces, require_known
from vhdchain.shell.files import FileSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from vhdchain.chain import Chain
    from vhdchain.progress import Cancel
    from vhdchain.shell.handle import OpenChain

_PORTION = 512 << 10  # what a processor's cache holds is written faster
_LONGEST_HOLE = 256 << 20  # so often a caller is asked whether to stop


class Portion(NamedTuple):
    """Some bytes of a disk: ``data`` from ``start`` on, valid until the next portion; None: ``length`` zeros."""

    start: int
    length: int
    data: NDArray[np.uint8] | None


def portions(chain: OpenChain, start: int = 0, *, cancel: Cancel | None = None) -> Iterator[Portion]:
    """Yield the disk of ``chain`` from ``start`` on, in order and without a gap.

    Raises:
        UnknownDataError: The chain is a partial view and some of the disk is unknown.
        ShortReadError: A file of the chain was truncated meanwhile.
        CancelledError: ``cancel`` asked to stop.
        OSError: The operating system could not read.
    """
    buffer = np.empty(LONGEST_MIXED, dtype=np.uint8)
    mixed = MixedReader(chain.chain)
    length = chain.virtual_size - start
    for piece in solid_pieces(chain.chain, disk_pieces(chain.block_map(), start, length, cancel=cancel)):
        require_known(chain.reader, piece)
        if piece.layer == MIXED:
            check_cancel(cancel)
            mixed.readinto(piece, buffer[: piece.length].data)
            yield Portion(piece.start, piece.length, buffer[: piece.length])
            continue
        source = None if piece.layer == ZERO else chain.layers[piece.layer].image.source
        for at, count in _cut(piece.length, _LONGEST_HOLE if source is None else _PORTION):
            check_cancel(cancel)
            if source is None:
                yield Portion(piece.start + at, count, None)
            else:
                source.readinto_at(piece.file_offset + at, buffer[:count].data)
                yield Portion(piece.start + at, count, buffer[:count])


def solid_pieces(chain: Chain, pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield the pieces with what lies in holes of the files turned into zeros; a mixed piece stays as it is."""
    for piece in pieces:
        source = chain.layers[piece.layer].image.source if piece.layer >= 0 else None
        if isinstance(source, FileSource) and source.allocated < source.size:
            yield from _without_holes(piece, source)
        else:
            yield piece


def _without_holes(piece: Piece, source: FileSource) -> Iterator[Piece]:
    end, distance = piece.file_offset + piece.length, piece.start - piece.file_offset
    at = piece.file_offset
    while at < end:
        hole, behind = source.hole_in(at, end) or (end, end)
        if at < hole:
            yield Piece(start=at + distance, length=hole - at, layer=piece.layer, file_offset=at)
        if hole < behind:
            yield Piece(start=hole + distance, length=behind - hole, layer=ZERO)
        at = behind


def _cut(length: int, longest: int) -> Iterator[tuple[int, int]]:
    for at in range(0, length, longest):
        yield at, min(longest, length - at)
