"""How is one structure of a finished image edited, and what does a small healthy image look like?

Pure functions on the bytes of an image. A structure is parsed, fields are replaced, and it is built again with a
checksum that fits, unless a wrong one is wanted. Recipes and tests plant their damages with them.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from vhdchain.structures import (
    DiskType,
    build_footer,
    build_header,
    parse_footer,
    parse_header,
    with_footer_checksum,
    with_header_checksum,
)
from vhdchain.structures.bat import ENTRY_LENGTH
from vhdchain.structures.dynamic_header import HEADER_LENGTH
from vhdchain.structures.footer import FOOTER_LENGTH
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.dialects import HYPER_V_2008_R2
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from vhdchain.structures import DynamicHeader, Footer, ParentLocator
    from vhdchain.testing.dialects import Dialect

BLOCK_SIZE = 4096
USED_BLOCKS = (5, 4, 7, 10)
"""The allocated blocks of a healthy sparse image, in the order in which they lie in its file."""


def healthy(kind: DiskType, dialect: Dialect = HYPER_V_2008_R2) -> bytes:
    """Return the bytes of a small healthy image: 10½ blocks of 4 KiB, four of them in the file.

    Raises:
        ValueError: ``kind`` is raw; there is nothing to damage.
    """
    tree = ChainBuilder(seed="healthy", dialect=dialect)
    size = 10 * BLOCK_SIZE + BLOCK_SIZE // 2
    if kind is DiskType.RAW:
        raise ValueError("a raw disk has no structure that could be damaged")
    image = tree.create(
        DiskType.FIXED if kind is DiskType.DIFFERENCING else kind, "base.vhd", size=size, block_size=BLOCK_SIZE
    )
    if kind is DiskType.DIFFERENCING:
        image = tree.differencing("leaf.avhd", parent=image, block_size=BLOCK_SIZE)
    if kind is not DiskType.FIXED:
        for block, place in zip(USED_BLOCKS, _places(dialect), strict=True):
            tree.block(image, block, at=place)
    return bytes(tree.file(image).content)


def _places(dialect: Dialect) -> list[int]:
    """Return where the blocks lie: one entry can be led into the metadata without touching another block."""
    if dialect.layout.data_alignment > SECTOR_SIZE:
        return [2 * BLOCK_SIZE - SECTOR_SIZE + number * 2 * BLOCK_SIZE for number in range(len(USED_BLOCKS))]
    first = BLOCK_SIZE + 4 * SECTOR_SIZE
    return [first + number * (SECTOR_SIZE + BLOCK_SIZE) for number in range(len(USED_BLOCKS))]


def end_footer(raw: bytes) -> Footer:
    """Return the footer in the last 512 bytes of an image."""
    return parse_footer(raw[-FOOTER_LENGTH:])


def edit_footer(raw: bytes, *, end: bool = True, copy: bool = True, checksum: bool = True, **fields: Any) -> bytes:
    """Replace fields of the end footer, of the copy at the front where there is one, or of both.

    Args:
        raw: An image with a 512-byte footer.
        end: Whether the end footer is edited.
        copy: Whether the copy is edited; a fixed image has none.
        checksum: Whether the checksum is made to fit.
        fields: Fields of `Footer`.
    """
    if end:
        raw = raw[:-FOOTER_LENGTH] + _edited_footer(raw[-FOOTER_LENGTH:], checksum=checksum, **fields)
    if copy and end_footer(raw).disk_type is not DiskType.FIXED:
        raw = _edited_footer(raw[:FOOTER_LENGTH], checksum=checksum, **fields) + raw[FOOTER_LENGTH:]
    return raw


def _edited_footer(stored: bytes, *, checksum: bool, **fields: Any) -> bytes:
    footer = dataclasses.replace(parse_footer(stored), **fields)
    return build_footer(with_footer_checksum(footer) if checksum else footer)


def header_of(raw: bytes) -> DynamicHeader:
    """Return the dynamic header of a sparse image."""
    offset = end_footer(raw).data_offset
    return parse_header(raw[offset : offset + HEADER_LENGTH])


def edit_header(raw: bytes, *, checksum: bool = True, **fields: Any) -> bytes:
    """Replace fields of the dynamic header of a sparse image, with a checksum that fits unless told otherwise."""
    header = dataclasses.replace(header_of(raw), **fields)
    return overwrite(
        raw, end_footer(raw).data_offset, build_header(with_header_checksum(header) if checksum else header)
    )


def edit_locator(raw: bytes, number: int, **fields: Any) -> bytes:
    """Replace fields of the ``number``-th used parent locator."""
    locators = list(header_of(raw).locators)
    slot = [slot for slot, entry in enumerate(locators) if entry.is_used][number]
    locators[slot] = dataclasses.replace(locators[slot], **fields)
    return edit_header(raw, locators=tuple(locators))


def used_locator(raw: bytes, number: int) -> ParentLocator:
    """Return the ``number``-th used parent locator."""
    return [entry for entry in header_of(raw).locators if entry.is_used][number]


def entry_of(raw: bytes, block: int) -> int:
    """Return the BAT entry of ``block``."""
    offset = header_of(raw).table_offset + block * ENTRY_LENGTH
    return int.from_bytes(raw[offset : offset + ENTRY_LENGTH], "big")


def edit_entry(raw: bytes, block: int, entry: int) -> bytes:
    """Replace the BAT entry of ``block`` by ``entry`` (sectors)."""
    return overwrite(raw, header_of(raw).table_offset + block * ENTRY_LENGTH, entry.to_bytes(ENTRY_LENGTH, "big"))


def overwrite(raw: bytes, offset: int, data: bytes) -> bytes:
    """Return ``raw`` with ``data`` at ``offset``; the length stays."""
    return raw[:offset] + data + raw[offset + len(data) :]


def flip_bit(raw: bytes, offset: int) -> bytes:
    """Return ``raw`` with the lowest bit of the byte at ``offset`` inverted."""
    return overwrite(raw, offset, bytes([raw[offset] ^ 1]))
