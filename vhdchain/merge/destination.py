"""What becomes of the structures of an image that takes layers up?

Its BAT gets the entries of new blocks, its footer goes to the new end, and blktap's batmap learns which blocks are
whole now. All of it follows from the moves and from the image as it was; nothing is written here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.merge.moves import bitmaps_with, grown_file
from vhdchain.structures.bat import ENTRY_LENGTH
from vhdchain.structures.batmap import batmap_checksum, batmap_checksum_fits, batmap_field_offset
from vhdchain.units import SECTOR_SIZE, bytes_to_sectors, ceil_div, round_up_to_sector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vhdchain.merge.moves import Measured, MergeMap, Moves


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """What becomes of the destination's file; offsets and lengths in bytes.

    Attributes:
        map: The moves.
        measured: What they come to.
        new_size: The file's length afterwards.
        whole: Blocks that turned out to be whole, as far as they were noted; see `note_whole`.
    """

    map: MergeMap = field(repr=False)
    measured: Measured = field(repr=False)
    new_size: int
    whole: dict[int, bool] = field(default_factory=dict, repr=False)

    @property
    def new_blocks(self) -> NDArray[np.int64]:
        """The blocks that the destination gets, ascending."""
        return self.measured.new_blocks

    @property
    def table(self) -> tuple[int, int] | None:
        """Where the sectors of the BAT lie that change, and their length; None where none does."""
        bat = self.map.destination.bat
        if bat is None or not len(self.new_blocks):
            return None
        first = bytes_to_sectors(int(self.new_blocks[0]) * ENTRY_LENGTH) * SECTOR_SIZE
        end = round_up_to_sector((int(self.new_blocks[-1]) + 1) * ENTRY_LENGTH)
        return bat.offset + first, min(end, bat.length) - first

    @property
    def has_batmap(self) -> bool:
        """Whether there is a batmap that says what it means, so that it can be kept up."""
        image = self.map.destination
        return (
            image.batmap is not None
            and image.batmap_bits is not None
            and batmap_checksum_fits(image.batmap.record, image.batmap_bits)
        )

    @property
    def replaced(self) -> list[tuple[int, int]]:
        """The structures that are written over, offset and length of each; the old footer, which comes last."""
        image = self.map.destination
        places = []
        if (table := self.table) is not None:
            places.append(table)
        if self.has_batmap and image.batmap is not None and image.batmap_bits is not None:
            places.append((image.batmap.offset, len(image.batmap.raw)))
            places.append((image.batmap.record.batmap_offset, len(image.batmap_bits)))
        if self.new_size != image.file_size and image.footer_end is not None:
            places.append((image.footer_end.offset, len(image.footer_end.raw)))
        return places

    @property
    def cleared(self) -> list[tuple[int, int]]:
        """What of the old footer no new block takes: it becomes zeros."""
        footer, places = self.map.destination.footer_end, self.map.places
        if footer is None or places is None or self.new_size == self.map.destination.file_size:
            return []
        end = min(footer.offset + len(footer.raw), places.first)
        return [(footer.offset, end - footer.offset)] if end > footer.offset else []

    def new_bitmaps(self, blocks: NDArray[np.int64], moves: Moves) -> NDArray[np.uint8]:
        """Return the stored bitmaps of new ``blocks``, shape (n, bytes of a bitmap), that get ``moves``.

        Of a disk that nothing lies below every sector is the file's: what it does not hold is zeros anyway, and readers
        that do not look at single bits read it right.
        """
        image, count = self.map.destination, self.map.block_sectors
        bitmaps = np.zeros((len(blocks), image.bitmap_length), dtype=np.uint8)
        if not image.is_differencing:
            inside = np.clip(bytes_to_sectors(image.virtual_size) - blocks * count, 0, count)
            bits = np.arange(image.bitmap_length * 8) < inside[:, np.newaxis]
            bitmaps = np.packbits(bits, axis=1)
        bitmaps_with(moves, bitmaps, blocks, count)
        return bitmaps

    def note_whole(self, blocks: NDArray[np.int64], bitmaps: NDArray[np.uint8]) -> None:
        """Note which of ``blocks`` have every bit set in their stored ``bitmaps``; only a batmap asks for it."""
        if self.has_batmap:
            count = self.map.block_sectors
            bits = np.unpackbits(bitmaps, axis=1, count=count)
            whole: list[bool] = np.all(bits, axis=1).tolist()
            self.whole.update(zip(blocks.tolist(), whole, strict=True))

    def structures(self) -> Iterator[tuple[int, bytes]]:
        """Yield what is written to the structures, in this order: the BAT, then the batmap and its header."""
        image = self.map.destination
        if (table := self.table) is not None and self.map.places is not None and image.bat is not None:
            offset, length = table
            entries = np.frombuffer(image.source.read_at(offset, length), dtype=">u4").copy()
            places = self.map.bitmap_places(self.new_blocks, self.new_blocks) // SECTOR_SIZE
            entries[self.new_blocks - (offset - image.bat.offset) // ENTRY_LENGTH] = places
            yield offset, entries.tobytes()
        if self.has_batmap and image.batmap is not None and image.batmap_bits is not None:
            bits = np.unpackbits(np.frombuffer(image.batmap_bits, dtype=np.uint8))
            known = [block for block in self.whole if block < len(bits)]
            bits[known] = [self.whole[block] for block in known]
            packed = np.packbits(bits).tobytes()
            signed = image.batmap.record.checksum != batmap_checksum(image.batmap_bits)
            header = bytearray(image.batmap.raw)
            at = batmap_field_offset("checksum")
            header[at : at + 4] = batmap_checksum(packed, signed=signed).to_bytes(4, "big")
            yield image.batmap.record.batmap_offset, packed
            yield image.batmap.offset, bytes(header)

    def saved_length(self) -> int:
        """Return how long the file gets in which all that is written over is kept, at the most."""
        measured, image = self.measured, self.map.destination
        bitmaps = measured.kept_blocks * image.bitmap_length if self.map.block_sectors else 0
        tables = 8 * measured.chunks + 16 * (measured.runs_inside + measured.kept_blocks)
        return tables + bitmaps + measured.inside * SECTOR_SIZE + sum(length for _, length in self.replaced)


def change_of(found: MergeMap, measured: Measured) -> Change:
    """Return what becomes of the destination of a merge."""
    size = grown_file(found.destination, found.places, len(measured.new_blocks))
    return Change(map=found, measured=measured, new_size=size)


def last_place(change: Change) -> int:
    """Return the sector at which the last new block begins; 0 where there is none. A BAT holds 32 bits of it."""
    places, count = change.map.places, len(change.new_blocks)
    return 0 if places is None or not count else ceil_div(places.first + (count - 1) * places.stride, SECTOR_SIZE)
