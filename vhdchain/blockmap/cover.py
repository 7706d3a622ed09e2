"""How do the claims of bitmaps become extents that cover a range exactly?

Claims are disjoint and sorted; what lies between them is supplied by whatever is below all bitmaps. Starts of claims
and of the gaps before them are laid out in pairs and those that exist are picked, so that the columns of the result are
made in order, without sorting them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from vhdchain.blockmap.extents import EXTENT_DTYPE, NO_OFFSET, concatenated, put
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from vhdchain.blockmap.extents import Extents
    from vhdchain.blockmap.resolve import Owned

_Column: TypeAlias = "NDArray[np.int64]"
_Claims: TypeAlias = "tuple[_Column, _Column, _Column, _Column]"  # starts, ends, layers, offsets in the file

_ROOM = 1.1  # what an array gets beyond the size that is foreseen for it
_MOST_GROWTH = 16
_PIECE = 1 << 14
_LARGE = 16 << 20  # bytes of extents that may be held twice
_GROWTH = 1 << 20  # extents at the most: NumPy writes zeros to what an array grows by


def plain(start: int, end: int, layer: int) -> Extents:
    """Return the one extent of ``[start, end)`` (bytes) where nothing is claimed; ``layer`` may be zeros or unknown."""
    return np.array([(start, end - start, layer, start if layer >= 0 else NO_OFFSET)], dtype=EXTENT_DTYPE)


def covering(owned: Owned, start: int, end: int, below: int) -> Iterator[Extents]:
    """Yield the maximal extents that cover ``[start, end)`` exactly, in pieces that a processor's cache can hold.

    Args:
        owned: What bitmaps claim, in sectors; it may reach beyond the range.
        start: First byte.
        end: The byte behind the last.
        below: The layer that supplies the rest: a file at the same offset as in the disk, or zeros, or the unknown.
    """
    first = owned.start * SECTOR_SIZE
    behind = first + owned.length * SECTOR_SIZE
    low, high = int(np.searchsorted(behind, start, side="right")), int(np.searchsorted(first, end, side="left"))
    if low >= high:
        yield plain(start, end, below)
        return
    first, behind = first[low:high], behind[low:high]
    layer, offset = owned.layer[low:high], owned.file_sector[low:high] * SECTOR_SIZE
    if first[0] < start:
        offset[0] += start - first[0]
        first[0] = start
    behind[-1] = min(int(behind[-1]), end)
    first, behind, layer, offset = _joined(first, behind, layer, offset)
    for piece in range(0, len(first), _PIECE):
        last = piece + _PIECE >= len(first)
        part = slice(piece, piece + _PIECE)
        until = end if last else int(behind[part][-1])
        claims = first[part], behind[part], layer[part], offset[part]
        yield _with_gaps(claims, start, until, below)
        start = until


def _joined(first: _Column, behind: _Column, layer: _Column, offset: _Column) -> _Claims:
    """Return the claims with those joined that continue each other in one file.

    Between the data of two blocks lies a bitmap, so that only a BAT that is damaged leads here.
    """
    touching = np.flatnonzero(first[1:] == behind[:-1])
    same = layer[touching] == layer[touching + 1]
    same &= offset[touching] + behind[touching] - first[touching] == offset[touching + 1]
    if not same.any():
        return first, behind, layer, offset
    drop = touching[same]
    heads = np.ones(len(first), dtype=np.bool_)
    heads[drop + 1] = False
    tails = np.ones(len(first), dtype=np.bool_)
    tails[drop] = False
    return first[heads], behind[tails], layer[heads], offset[heads]


def _with_gaps(claims: _Claims, start: int, end: int, below: int) -> Extents:
    first, behind, layer, offset = claims
    count = len(first)
    starts = np.empty((count + 1, 2), dtype=np.int64)
    starts[0, 0], starts[1:, 0] = start, behind
    starts[:-1, 1], starts[-1, 1] = first, end
    gaps = starts[:, 0] < starts[:, 1]
    exists: NDArray[np.bool_] | slice
    if gaps[1:-1].all():  # as nearly everywhere
        exists = slice(int(not gaps[0]), 2 * count + int(gaps[-1]))
    else:
        exists = np.ones(2 * count + 1, dtype=np.bool_)
        exists[0::2] = gaps
    picked = starts.reshape(-1)[:-1][exists]
    extents = np.empty(len(picked), dtype=EXTENT_DTYPE)
    extents["start"] = picked
    extents["length"] = np.diff(picked, append=end)
    owners = np.empty((count + 1, 2), dtype=np.int32)
    owners[:, 0] = below
    owners[:-1, 1] = layer
    extents["layer"] = owners.reshape(-1)[:-1][exists]
    if below < 0:
        starts[:, 0] = NO_OFFSET
    starts[:-1, 1] = offset
    extents["file_offset"] = starts.reshape(-1)[:-1][exists]
    return extents


def continues(before: Extents, after: Extents) -> bool:
    """Say whether the first extent of ``after`` continues the last one of ``before``, so that they are one."""
    _, length, layer, offset = before[-1].tolist()
    _, _, other, other_offset = after[0].tolist()
    return bool(layer == other and (layer < 0 or offset + length == other_offset))


def extend_back(after: Extents, before: Extents) -> None:
    """Make the first extent of ``after`` begin where the last one of ``before`` does, which it continues."""
    start, length, layer, offset = before[-1].tolist()
    after[0] = (start, length + int(after["length"][0]), layer, offset)


def gathered(chunks: Iterable[Extents], start: int, end: int) -> Extents:
    """Return all chunks, which cover ``[start, end)``, as one array.

    The first ones are kept as they are. When they are many, they tell how large the array will be, and it is made; what
    is allocated and not written to takes no memory. Where that was too little it grows in place, so that a large array
    is never held twice.
    """
    parts: list[Extents] = []
    held = count = 0
    whole: Extents | None = None
    for chunk in chunks:
        if whole is None and held <= _LARGE:
            parts.append(chunk)
            held += chunk.nbytes
            continue
        reached = int(chunk["start"][-1] + chunk["length"][-1]) - start
        if whole is None:
            whole, count = _room_for([*parts, chunk], reached / (end - start))
            parts.clear()
            continue
        needed = count + len(chunk)
        if needed > len(whole):
            foreseen = int(needed * _ROOM * (end - start) / reached)
            whole.resize(max(needed, min(foreseen, needed + _GROWTH)), refcheck=False)
        put(whole[count:needed], chunk)
        count = needed
    if whole is None:
        return parts[0] if len(parts) == 1 else concatenated(parts)
    whole.resize(count, refcheck=False)
    return whole


def _room_for(parts: Sequence[Extents], covered: float) -> tuple[Extents, int]:
    """Return an array that begins with ``parts`` and has room for the rest, and how many extents it holds."""
    count = sum(len(part) for part in parts)
    whole = np.empty(max(count, min(int(count * _ROOM / covered), _MOST_GROWTH * count)), dtype=EXTENT_DTYPE)
    at = 0
    for part in parts:
        put(whole[at : at + len(part)], part)
        at += len(part)
    return whole, count
