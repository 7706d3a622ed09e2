"""What must be known of one file to judge where its blocks lie?

The facts that the checks of the layout are given, and which ranges of the file its structures take. A structure that
cannot lie where it claims to takes no range: it is a finding of its own, and no block is blamed for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from vhdchain.structures.bat import ENTRY_LENGTH, UNUSED, Bat
from vhdchain.structures.batmap import BATMAP_HEADER_LENGTH
from vhdchain.structures.dynamic_header import HEADER_LENGTH
from vhdchain.structures.footer import FOOTER_LENGTH
from vhdchain.units import (
    bitmap_length,
    blocks_for,
    ceil_div,
    round_up_to_sector,
    sectors_for,
    sectors_to_bytes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.batmap import BatmapHeader
    from vhdchain.structures.locator import StoredLocator
    from vhdchain.structures.stored import Stored


class Region(NamedTuple):
    """A range of the file that a structure takes, in bytes; ``end`` is behind it. Regions sort by their place."""

    begin: int
    end: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutOfFile:
    """The facts of one file that the checks of its layout judge; sizes and offsets in bytes.

    Attributes:
        path: What messages call the file.
        bat: The entries that could be read.
        header_offset: Where the dynamic header begins.
        block_size: A power of two, at least 512.
        virtual_size: The disk's size.
        data_end: The offset behind which no data may lie: the end footer's, or the end of a file that has none.
        file_size: The file's length.
        is_differencing: Whether the locators lead to a parent; those of other disks are leftovers.
        locators: The used parent locators.
        batmap: blktap's batmap header, if there is one.
    """

    path: str
    bat: Bat
    header_offset: int
    block_size: int
    virtual_size: int
    data_end: int
    file_size: int
    is_differencing: bool = False
    locators: tuple[StoredLocator, ...] = ()
    batmap: Stored[BatmapHeader] | None = None

    @property
    def block_count(self) -> int:
        """How many blocks the disk has."""
        return blocks_for(self.virtual_size, self.block_size)

    @property
    def inside(self) -> int:
        """How many entries the space before the end of the data can hold."""
        return max(0, self.data_end - self.bat.offset) // ENTRY_LENGTH

    @property
    def readable(self) -> int:
        """How many entries of the disk's blocks lie before the end of the data and were read."""
        return min(len(self.bat.entries), self.inside, self.block_count)

    @property
    def is_whole(self) -> bool:
        """Whether the table was read as far as it is declared, stands clear of the header, and has all blocks.

        Only then is free what its entries leave free, and only then are entries behind the disk's blocks entries.
        """
        declared, header = self.bat.declared, self.header_offset
        if not 0 < self.block_count <= declared == len(self.bat.entries) or declared > self.inside:
            return False
        begin = self.bat.offset
        return begin >= FOOTER_LENGTH and (begin >= header + HEADER_LENGTH or self.table_end <= header)

    @property
    def table_end(self) -> int:
        """Where the BAT and its padding end; of a table that claims more than the file can hold only what is needed."""
        declared = self.bat.declared
        count = declared if declared <= self.inside else min(declared, self.block_count)
        return round_up_to_sector(self.bat.offset + count * ENTRY_LENGTH)

    @property
    def stored_length(self) -> int:
        """Bytes that a whole block takes: bitmap and data."""
        return bitmap_length(self.block_size) + self.block_size

    @property
    def last_length(self) -> int:
        """Bytes that the disk's last block takes at least: bitmap and what belongs to the disk, in whole sectors."""
        cut = self.block_count * self.block_size - self.virtual_size
        return round_up_to_sector(self.stored_length - cut)

    @property
    def last_entry(self) -> int | None:
        """The entry of the disk's last block; None where it is 0, unused or was not read."""
        last = self.block_count - 1
        entry = int(self.bat.entries[last]) if 0 <= last < self.readable else 0
        return entry if 0 < entry < UNUSED else None

    @property
    def footer_begin(self) -> int:
        """Where the end footer begins, or should: a file that lost it ends with something in its place."""
        return self.data_end if self.data_end < self.file_size else self.file_size - FOOTER_LENGTH

    def core(self) -> tuple[Region, ...]:
        """Return the ranges of the structures that no block may touch: footer copy, header, BAT."""
        return (
            Region(0, FOOTER_LENGTH, "the footer copy"),
            Region(self.header_offset, self.header_offset + HEADER_LENGTH, "the dynamic header"),
            Region(self.bat.offset, self.table_end, "the BAT"),
        )

    def extras(self) -> Iterator[Region]:
        """Yield the ranges of what else lies beside the blocks: locators' data by its length, and the batmap."""
        if self.is_differencing:
            for locator in self.locators:
                begin, length = locator.entry.platform_data_offset, locator.entry.platform_data_length
                if length and begin + length <= self.data_end:
                    yield Region(begin, begin + length, f"the data of locator {locator.slot} ({locator.name})")
        yield from self._of_batmap()

    def _of_batmap(self) -> Iterator[Region]:
        if self.batmap is None:
            return
        begin = self.batmap.offset
        yield Region(begin, begin + BATMAP_HEADER_LENGTH, "the batmap's header")
        begin = self.batmap.record.batmap_offset
        # Of one that claims more than its one bit per entry only the bits count.
        needed = sectors_for(ceil_div(self.bat.declared, 8))
        end = begin + sectors_to_bytes(min(self.batmap.record.batmap_sectors, needed))
        if begin < end <= self.data_end:
            yield Region(begin, end, "the batmap")

    def metadata(self) -> Iterator[Region]:
        """Yield the ranges before the end of the data that are not for blocks; of a locator its whole space."""
        yield from self.core()
        yield from self._of_batmap()
        for locator in self.locators:
            entry = locator.entry
            begin, length = entry.platform_data_offset, entry.platform_data_length
            # The claimed space counts where it can be; the data's length is what readers go by.
            for size in (max(entry.platform_data_space, length), length):
                if 0 < size <= self.data_end - begin:
                    yield Region(begin, begin + size, "the space of a locator")
                    break
