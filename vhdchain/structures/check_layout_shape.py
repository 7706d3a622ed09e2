"""How does the file lie around its blocks?

What the checks of single places do not see: locators and batmap below a block, entries behind the disk that lead
nowhere, a table that was wiped, room that nothing uses, and the traces of the programs that wrote the file. What is
free is judged only where the whole table was read, and not where it was wiped; that one block's entry is damaged does
not hide its gap, which is where it may have been.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.structures.blocks_told import BAT, LISTED, ToldBlocks, blocks_within, entry_place
from vhdchain.structures.entries import count_within, joined, pieces_of, ranges_without, starts_over
from vhdchain.structures.footer import FOOTER_LENGTH, SHORT_FOOTER_LENGTH
from vhdchain.structures.free_space import first_fit, gaps_of, tail
from vhdchain.structures.layout import LARGEST_ALIGNMENT
from vhdchain.units import SECTOR_SIZE, bitmap_length, bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.bat import Bat
    from vhdchain.structures.layout import Layout
    from vhdchain.structures.layout_facts import LayoutOfFile

# So many blocks in a row of one alignment, and as many of another, are not chance: of blocks that lie side by side, one
# in eight is on a page.
_IN_A_ROW = 3
_PERCENT = 100


def check_layout_shape(layout: Layout) -> Iterator[Finding]:
    """Yield what the layout of a file as a whole tells."""
    file = layout.file
    yield from _check_padding(file.path, file.bat)
    yield from _check_file_size(file)
    if len(layout.leftovers.unsound):
        yield _behind_disk(layout)
    if layout.is_wiped:
        yield _wiped(layout)
        return
    if not layout.is_behind_metadata:
        yield from _check_extras(layout)
    yield from _check_alignment(layout)
    if file.is_whole:
        yield from _check_order(layout)
        yield from _check_gaps(layout)
        yield from _check_tail(layout)
        yield from _check_total(layout)


def _check_extras(layout: Layout) -> Iterator[Finding]:
    """Tell of blocks that lie over locators' data or the batmap, but for those that VHD402 tells of."""
    file = layout.file
    core = starts_over(file, file.core())
    over = {region.name: ranges_without(starts_over(file, [region]), core) for region in file.extras()}
    # Of a last block that is stored only as far as the disk goes less may lie there than of a whole one.
    needed = starts_over(file, file.extras(), length=file.last_length)
    entry = file.last_entry
    spared = entry if entry is not None and not _is_in(entry, needed) else None
    hit = {name: ranges for name, ranges in over.items() if _count(layout, ranges, spared)}
    if hit:
        ranges = joined(place for ranges in hit.values() for place in ranges)
        is_spared = spared is not None and _is_in(spared, ranges)
        told = blocks_within(layout, ranges, without=file.block_count - 1 if is_spared else None)
        message = f"{told.subject} would lie over {' and '.join(hit)}"
        block = told.blocks[0]
        yield finding("VHD408", entry_place(file, block), message, found=int(file.bat.entries[block]))


def _is_in(entry: int, ranges: list[tuple[int, int]]) -> bool:
    return any(first <= entry < behind for first, behind in ranges)


def _count(layout: Layout, ranges: list[tuple[int, int]], spared: int | None) -> int:
    return count_within(layout.places, ranges) - (spared is not None and _is_in(spared, ranges))


def _behind_disk(layout: Layout) -> Finding:
    file, unsound = layout.file, layout.leftovers.unsound
    told = ToldBlocks(total=len(unsound), blocks=unsound[:LISTED].tolist())
    subject = f"entry {told}" if told.total == 1 else f"each of {told.total} entries ({told})"
    message = (
        f"{subject} behind the disk's {file.block_count} blocks leads to a place where no block of its own can lie"
    )
    block = told.blocks[0]
    return finding("VHD409", entry_place(file, block), message, found=int(file.bat.entries[block]))


def _check_padding(path: str, bat: Bat) -> Iterator[Finding]:
    padding = bat.padding
    if not padding:
        return
    place = Location(path=path, structure=BAT, field="padding", offset=bat.entry_offset(bat.declared))
    first = padding[0]
    if first in (0x00, 0xFF) and padding.count(first) == len(padding):
        message = f"the BAT's last sector is filled up with 0x{first:02X}"
        yield finding("VHD410", place, message, found=f"0x{first:02X}")
        return
    message = f"the {len(padding)} bytes behind the BAT's last entry are neither all 0xFF nor all 0x00"
    found = f"0x{padding[:LISTED].hex().upper()}"
    yield finding("VHD410", place, message, expected="0xFF or 0x00", found=found, severity=Severity.WARNING)


def _check_alignment(layout: Layout) -> Iterator[Finding]:
    """Tell of blocks of two alignments one behind the other: a second program went on with the file."""
    places, ahead = layout.places, bytes_to_sectors(bitmap_length(layout.file.block_size))
    if layout.alignment == LARGEST_ALIGNMENT or len(places) < 2 * _IN_A_ROW:
        return
    mask = bytes_to_sectors(LARGEST_ALIGNMENT) - 1
    first, last = (
        any((entry + ahead) & mask for entry in edge.tolist()) for edge in (places[:_IN_A_ROW], places[-_IN_A_ROW:])
    )
    if first and last:
        return
    others = sum(int(np.count_nonzero((piece + np.uint32(ahead)) & np.uint32(mask))) for _, piece in pieces_of(places))
    if others < _IN_A_ROW:
        return
    aligned = "last" if first else "first"
    message = (
        f"the data of the {aligned} blocks in the file is aligned at {LARGEST_ALIGNMENT} bytes, "
        f"that of {others} of all {len(places)} is not: several programs wrote it"
    )
    yield finding("VHD411", Location(path=layout.file.path, structure=BAT), message, found=others)


def _check_gaps(layout: Layout) -> Iterator[Finding]:
    found = gaps_of(layout, listed=LISTED)
    if not found.count:
        return
    listed = ", ".join(map(str, found.offsets)) + (", …" if found.count > len(found.offsets) else "")
    if found.count == 1:
        message = f"a gap of {found.size} bytes at {listed} has room for a block and belongs to nothing"
    else:
        message = f"{found.count} gaps of {found.size} bytes together, at {listed}, have room for blocks"
        message += " and belong to nothing"
    place = Location(path=layout.file.path, structure="gap", offset=found.offsets[0])
    yield finding("VHD412", place, message, expected=0, found=found.size)


def _check_tail(layout: Layout) -> Iterator[Finding]:
    """Judge what lies between the last block, or the metadata of a file without blocks, and the end footer."""
    file = layout.file
    begin, end = tail(layout)
    length = end - begin
    if length < SECTOR_SIZE or _is_aligned_tail(layout, begin, end):
        return
    place = Location(path=file.path, structure="gap", offset=begin)
    has_room = first_fit(layout, begin) + file.stored_length <= end
    if has_room and not len(layout.places) and not layout.zeros and not len(layout.leftovers.sound):
        message = f"no block is in use, but {length} bytes lie between the metadata and the footer"
        yield finding("VHD417", place, message, expected=0, found=length)
        return
    message = f"{length} bytes right before the footer belong to nothing"
    if has_room:
        yield finding("VHD414", place, f"{message}; a whole block has room there", expected=0, found=length)
    else:
        yield finding("VHD414", place, message, expected=0, found=length, severity=Severity.NOTE)


def _is_aligned_tail(layout: Layout, begin: int, end: int) -> bool:
    """Say whether pages of 4 KiB explain the bytes before the footer.

    Windows 8 and later round what they have written up to a page, and put the footer at the end of the next page, where
    the next block's bitmap would lie: up to 7,679 bytes stay free, also in a file without blocks.
    """
    if 0 < layout.alignment < LARGEST_ALIGNMENT:
        return False
    at_page = 0 in (end % LARGEST_ALIGNMENT, (end + FOOTER_LENGTH) % LARGEST_ALIGNMENT)
    return end - begin < (2 * LARGEST_ALIGNMENT if at_page else LARGEST_ALIGNMENT)


def _wiped(layout: Layout) -> Finding:
    file = layout.file
    entry = int(layout.places[0]) if len(layout.places) else 0
    count = len(layout.places) or layout.zeros
    subject = f"all {count} entries" if count == file.readable else f"all {count} used entries"
    message = f"{subject} of the BAT are {entry if entry < SECTOR_SIZE else f'0x{entry:08X}'}: the table was wiped"
    return finding("VHD416", Location(path=file.path, structure=BAT, offset=file.bat.offset), message, found=entry)


def _check_file_size(file: LayoutOfFile) -> Iterator[Finding]:
    """Tell of a file that is no number of whole sectors, but for the footer of 511 bytes that old programs wrote."""
    rest = file.file_size % SECTOR_SIZE
    # What follows a footer that is not the last of the file is a finding of its own.
    if rest not in (0, SHORT_FOOTER_LENGTH) and file.file_size - file.data_end <= FOOTER_LENGTH:
        message = f"the file has {file.file_size} bytes, {rest} more than a whole number of sectors"
        yield finding("VHD418", Location(path=file.path), message, expected=file.file_size - rest, found=file.file_size)


def _check_order(layout: Layout) -> Iterator[Finding]:
    if not layout.apart:
        return
    pairs = len(layout.places) - 1
    share = max(1, _PERCENT * layout.apart // pairs)
    message = (
        f"blocks lie out of order: {layout.apart} of {pairs} ({share} %) "
        "are not followed in the file by the one that follows in the disk"
    )
    yield finding("VHD419", Location(path=layout.file.path, structure=BAT), message, expected=0, found=share)


def _check_total(layout: Layout) -> Iterator[Finding]:
    """Compare the file's length with what all blocks of the disk, each with its alignment, could ever need."""
    file = layout.file
    blocks = file.block_count + len(layout.leftovers.sound)
    # What follows a footer that is not the last of the file is a finding of its own.
    length = min(file.file_size, file.data_end + FOOTER_LENGTH)
    limit = blocks * (file.stored_length + LARGEST_ALIGNMENT) + 2 * LARGEST_ALIGNMENT
    if length <= limit:
        return
    limit += _metadata_length(layout)
    if length > limit:
        message = (
            f"the file has {length} bytes, but all {blocks} blocks of the disk and their metadata "
            f"need no more than {limit}"
        )
        yield finding("VHD420", Location(path=file.path), message, expected=limit, found=length)


def _metadata_length(layout: Layout) -> int:
    """Return how many bytes the metadata takes: all up to its end before the first block, and what lies behind that."""
    first = sectors_to_bytes(int(layout.places[0])) if len(layout.places) else layout.file.file_size
    front = behind = 0
    for region in layout.metadata:
        if region.begin < first:
            front = max(front, region.end)
        else:
            behind += region.end - region.begin
    return front + behind + FOOTER_LENGTH
