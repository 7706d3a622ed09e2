"""Where does the end footer lie in a file that goes on behind it?

A copy on a block device, or one that was padded, has bytes behind its footer. It is looked for only where it can be, in
a bounded number of bytes at whole sectors, and taken only where there is no doubt: its checksum must match, and

* a fixed disk's footer must lie exactly where the disk ends that it describes, within the file's last mebibyte;
* a sparse image's must describe the same disk as the valid copy at offset 0, and lie behind the BAT and every block
  that it names, not further than a mebibyte. A footer between blocks is a leftover of the file's growth.

Anything else stays a file without an end footer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.structures.bat import UNUSED
from vhdchain.structures.dynamic_header import HEADER_LENGTH
from vhdchain.structures.footer import (
    FOOTER_COOKIE,
    FOOTER_LENGTH,
    ChecksumFit,
    DiskTypeCode,
    Footer,
    checksum_fit,
    parse_footer,
)
from vhdchain.structures.stored import Stored
from vhdchain.units import SECTOR_SIZE, bitmap_length, blocks_for, round_up_to_sector, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.image.reading import Reads
    from vhdchain.structures import Bat, DynamicHeader

SEARCHED_LENGTH = 1 << 20
_PIECE = 1 << 16


def earlier_fixed_footer(reads: Reads) -> Stored[Footer] | None:
    """Return the footer of a fixed disk that ends where its footer lies; of several the last one."""
    size = reads.source.size
    # A disk without a single sector is none, so the first sector is never the footer.
    first = max(SECTOR_SIZE, round_up_to_sector(size - SEARCHED_LENGTH))
    found = None
    for stored in _intact_footers(reads, first, size):
        footer = stored.record
        if footer.disk_type_raw == DiskTypeCode.FIXED and footer.current_size == stored.offset:
            found = stored
    return found


def earlier_sparse_footer(
    reads: Reads, copy: Footer, header: Stored[DynamicHeader], bat: Bat | None
) -> Stored[Footer] | None:
    """Return the first footer behind the last block that describes the same disk as ``copy``, which must be valid."""
    first = _end_of_blocks(copy, header, bat)
    if first is None:
        return None
    for stored in _intact_footers(reads, first, min(first + SEARCHED_LENGTH, reads.source.size)):
        if _same_disk(stored.record, copy):
            return stored
    return None


def _same_disk(one: Footer, other: Footer) -> bool:
    return (one.unique_id, one.disk_type_raw, one.current_size, one.data_offset) == (
        other.unique_id,
        other.disk_type_raw,
        other.current_size,
        other.data_offset,
    )


def _end_of_blocks(footer: Footer, header: Stored[DynamicHeader], bat: Bat | None) -> int | None:
    """Return where the structures and blocks of the disk end; None where not all entries of its blocks are known."""
    block_size = header.record.block_size
    if bat is None or block_size < SECTOR_SIZE or len(bat.entries) < blocks_for(footer.current_size, block_size):
        return None
    end = max(header.offset + HEADER_LENGTH, bat.offset + bat.length)
    entries = bat.entries[: blocks_for(footer.current_size, block_size)]
    last = int(np.max(entries, where=entries != UNUSED, initial=0))
    if last:
        end = max(end, sectors_to_bytes(last) + bitmap_length(block_size) + block_size)
    return round_up_to_sector(end)


def _intact_footers(reads: Reads, first: int, end: int) -> Iterator[Stored[Footer]]:
    """Yield the footers with a matching checksum at whole sectors of [first, end); ``first`` is a whole sector."""
    for begin in range(first, end, _PIECE):
        piece = reads.read("footer", begin, min(_PIECE, end - begin))
        if piece is None:
            return
        for at in range(0, len(piece) - FOOTER_LENGTH + 1, SECTOR_SIZE):
            if piece.startswith(FOOTER_COOKIE, at):
                raw = piece[at : at + FOOTER_LENGTH]
                stored = Stored(offset=begin + at, raw=raw, record=parse_footer(raw))
                if checksum_fit(stored) in (ChecksumFit.EXACT, ChecksumFit.WITHOUT_HIDDEN):
                    yield stored
