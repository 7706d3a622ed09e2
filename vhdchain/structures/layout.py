"""Where do the blocks of a sparse file lie?

The facts that all checks of the BAT share, computed once: the used entries in the order of the file, how close and how
far apart neighbours are, what they are aligned to, and which entries behind the disk lead somewhere. Entries stay
uint32 sectors and are looked at a piece at a time, so that beside the BAT no more than one copy of it is made, and none
where the blocks lie in the disk's order. Nothing is judged here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vhdchain.structures.bat import UNUSED
from vhdchain.structures.entries import is_used, neighbours, pieces_of, starts_beyond, starts_over, within
from vhdchain.units import bitmap_length, bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vhdchain.structures.layout_facts import LayoutOfFile, Region

FEW = 128
"""Up to so many entries a table is looked at one by one."""

LARGEST_ALIGNMENT = 4096
"""The coarsest alignment that writers use: blktap, and Windows 8 and later, put data on pages of 4 KiB."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leftovers:
    """The used BAT entries behind the disk's blocks, by their index; uint32 arrays in ascending order.

    Attributes:
        sound: Those that point to a place where a whole block can lie beside all blocks of the disk.
        unsound: Those whose place is in metadata, behind the end of the data, or taken by a block of the disk.
    """

    sound: NDArray[np.uint32]
    unsound: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """What the BAT of one file says about it; distances in sectors.

    Attributes:
        file: The facts that it was computed from.
        places: The used entries of the disk's blocks, ascending; neither 0 nor unused.
        zeros: How many of the disk's blocks have the entry 0.
        apart: How many blocks of the disk are not followed at once, in the file, by the next block that is in use.
        closest: The smallest distance of two neighbours in the file; `UNUSED` where there are not two.
        widest: The largest such distance; 0 where there are not two.
        alignment: The largest power of two, up to 4,096 bytes, that the offsets of all blocks' data are multiples of,
            of the sound leftovers too; 0 where there is no block.
        leftovers: The used entries behind the disk's blocks.
        metadata: The ranges that are not for blocks, in the order of the file.
        metadata_end: Where the last of them ends that begins before the end of the data.
    """

    file: LayoutOfFile
    places: NDArray[np.uint32] = field(repr=False)
    zeros: int
    apart: int
    closest: int
    widest: int
    alignment: int
    leftovers: Leftovers = field(repr=False)
    metadata: tuple[Region, ...] = field(repr=False)
    metadata_end: int

    @property
    def is_behind_metadata(self) -> bool:
        """Whether all blocks of the disk lie behind all metadata, as nearly all writers leave it."""
        return not len(self.places) or sectors_to_bytes(int(self.places[0])) >= self.metadata_end

    @property
    def is_wiped(self) -> bool:
        """Whether the entries hold one value over and over: all of them 0, or the three or more used ones the same."""
        if self.zeros:
            return self.zeros == self.file.readable > 1
        return len(self.places) >= _MANY and self.widest == 0


# Two blocks with the same entry are one damaged entry; more are no accident.
_MANY = 3
_NOTHING = np.empty(0, dtype=np.uint32)
_NO_LEFTOVERS = Leftovers(sound=_NOTHING, unsound=_NOTHING)


def layout_of(file: LayoutOfFile) -> Layout:
    """Return the facts that the BAT of a file holds about its layout, in O(n log n) and at most one copy of the BAT."""
    entries = file.bat.entries[: file.readable]
    length = bytes_to_sectors(file.stored_length)
    ahead = bytes_to_sectors(bitmap_length(file.block_size))
    facts = _facts_of_few(entries, length, ahead) if len(entries) <= FEW else _facts(entries, length, ahead)
    alignment, leftovers = facts.alignment, _leftovers(file, facts.places)
    if len(leftovers.sound):
        others = alignment_of(file.bat.entries[leftovers.sound], ahead)
        alignment = min(alignment, others) if alignment else others
    metadata = tuple(sorted(file.metadata()))
    return Layout(
        file=file,
        places=facts.places,
        zeros=facts.zeros,
        apart=facts.apart,
        closest=facts.closest,
        widest=facts.widest,
        alignment=alignment,
        leftovers=leftovers,
        metadata=metadata,
        metadata_end=max((region.end for region in metadata if region.begin < file.data_end), default=0),
    )


class _Facts(NamedTuple):
    """Fields of `Layout` that the entries of the disk's blocks tell."""

    places: NDArray[np.uint32]
    zeros: int
    apart: int
    closest: int
    widest: int
    alignment: int


def _facts(entries: NDArray[np.uint32], length: int, ahead: int) -> _Facts:
    used, zeros = _used(entries)
    apart = 0
    if not _is_ascending(used):
        apart = _count_apart(used, length)
        if used is entries:
            used = np.sort(used)
        else:
            used.sort()
    closest, widest = _distances(used)
    return _Facts(used, zeros, apart, closest, widest, alignment_of(used, ahead))


def _facts_of_few(entries: NDArray[np.uint32], length: int, ahead: int) -> _Facts:
    """Return what `_facts` does, sooner where a call for an array costs more than its few entries."""
    stored: list[int] = entries.tolist()
    used = [entry for entry in stored if 0 < entry < UNUSED]
    places, apart = sorted(used), 0
    if places != used:
        # Differences wrap around as those of an array do.
        apart = sum((upper - lower - 1) & UNUSED >= 2 * length - 1 for lower, upper in pairwise(used))
    distances = [upper - lower for lower, upper in pairwise(places)]
    bits = 0
    for place in places:
        bits |= (place + ahead) & UNUSED
    return _Facts(
        places=entries if places == stored else np.array(places, dtype=np.uint32),
        zeros=stored.count(0),
        apart=apart,
        closest=min(distances, default=UNUSED),
        widest=max(distances, default=0),
        alignment=min(sectors_to_bytes(bits & -bits), LARGEST_ALIGNMENT),
    )


def _used(entries: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], int]:
    """Return the entries that are neither 0 nor unused, in their order (a view where possible), and how many are 0."""
    pieces = []
    for _, piece in pieces_of(entries):
        # Indexes, not a mask: with a mask every entry is a branch that nothing predicts.
        at = (piece != UNUSED).nonzero()[0]
        pieces.append(piece if len(at) == len(piece) else piece.take(at))
    count = sum(map(len, pieces))
    used = entries if count == len(entries) else pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
    zeros = count - int(np.count_nonzero(used))
    return used[used != 0] if zeros else used, zeros


def _is_ascending(entries: NDArray[np.uint32]) -> bool:
    return all(bool((upper >= lower).all()) for lower, upper in neighbours(entries))


def _count_apart(used: NDArray[np.uint32], length: int) -> int:
    # The next block begins behind this one, and no other fits between: a distance from 1 to less than two blocks.
    room = np.uint32(2 * length - 1)
    count = 0
    for lower, upper in neighbours(used):
        distance = upper - lower
        distance -= np.uint32(1)
        count += int(np.count_nonzero(distance >= room))
    return count


def _distances(places: NDArray[np.uint32]) -> tuple[int, int]:
    closest, widest = UNUSED, 0
    for lower, upper in neighbours(places):
        distance = upper - lower
        closest, widest = min(closest, int(distance.min())), max(widest, int(distance.max()))
    return closest, widest


def alignment_of(places: NDArray[np.uint32], ahead: int) -> int:
    """Return the largest power of two up to 4,096 that ``places`` with ``ahead`` sectors added are multiples of.

    In bytes; 0 where there is no place. With the bitmap's length as ``ahead`` it is the alignment of the blocks' data,
    with 0 that of their bitmaps.
    """
    bits = 0
    for _, piece in pieces_of(places):
        bits |= int(np.bitwise_or.reduce(piece + np.uint32(ahead)))
        if bits & 1:
            break
    return min(sectors_to_bytes(bits & -bits), LARGEST_ALIGNMENT) if len(places) else 0


def _leftovers(file: LayoutOfFile, places: NDArray[np.uint32]) -> Leftovers:
    """Judge the used entries behind the disk's blocks; an entry of 0 there is filling."""
    begin, end = file.block_count, len(file.bat.entries)
    if begin >= end or not file.is_whole:
        return _NO_LEFTOVERS
    forbidden = [*starts_over(file, (*file.core(), *file.extras())), *starts_beyond(file)]
    sound, unsound = [_NOTHING], [_NOTHING]
    for first, piece in pieces_of(file.bat.entries[begin:end]):
        blocks = np.flatnonzero(is_used(piece))
        if len(blocks):
            entries = piece[blocks]
            bad = within(entries, forbidden) | _is_taken(file, entries, places)
            numbers = (blocks + (begin + first)).astype(np.uint32)
            sound.append(numbers[~bad])
            unsound.append(numbers[bad])
    return Leftovers(sound=np.concatenate(sound), unsound=np.concatenate(unsound))


def _is_taken(file: LayoutOfFile, entries: NDArray[np.uint32], places: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Say of each entry whether a block of the disk begins less than a whole block before it or behind it."""
    length = np.uint32(bytes_to_sectors(file.stored_length))
    low = places.searchsorted(np.where(entries < length, np.uint32(0), entries - length + np.uint32(1)))
    high = places.searchsorted(np.where(entries > UNUSED - length, np.uint32(UNUSED), entries + length))
    taken: NDArray[np.bool_] = low < high
    return taken
