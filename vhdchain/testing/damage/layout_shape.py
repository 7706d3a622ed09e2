"""Codes 408-420: damages of the layout as a whole."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from vhdchain.structures import UNUSED, DiskType
from vhdchain.structures.bat import ENTRY_LENGTH
from vhdchain.structures.footer import FOOTER_LENGTH
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.damage.recipe import DIFFERENCING, SPARSE, Recipe, recipe
from vhdchain.testing.edits import (
    BLOCK_SIZE,
    USED_BLOCKS,
    edit_entry,
    edit_header,
    edit_locator,
    end_footer,
    entry_of,
    header_of,
    healthy,
    overwrite,
    used_locator,
)
from vhdchain.units import SECTOR_SIZE, bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.testing.dialects import Dialect

_BLOCKS = 11
_STORED = SECTOR_SIZE + BLOCK_SIZE
_FULL_SECTOR = SECTOR_SIZE // ENTRY_LENGTH
_PAGE = 4096


def _with_spare(count: int) -> Callable[[DiskType, Dialect], bytes]:
    """Return what makes healthy images whose BAT has ``count`` unused entries behind the disk's."""

    def base(kind: DiskType, dialect: Dialect) -> bytes:
        layout = dataclasses.replace(dialect.layout, spare_entries=count)
        return healthy(kind, dataclasses.replace(dialect, layout=layout))

    return base


def _in_order(kind: DiskType, dialect: Dialect) -> bytes:
    """Return a healthy image whose blocks lie in the disk's order."""
    return _exchanged(healthy(kind, dialect))


def _at_pages(kind: DiskType, dialect: Dialect) -> bytes:
    """Return a healthy image of eight blocks whose data lies at pages of 4 KiB."""
    layout = dataclasses.replace(dialect.layout, data_alignment=_PAGE)
    tree = ChainBuilder(seed="pages", dialect=dataclasses.replace(dialect, layout=layout))
    first = DiskType.FIXED if kind is DiskType.DIFFERENCING else kind
    image = tree.create(first, "base.vhd", size=_BLOCKS * BLOCK_SIZE, block_size=BLOCK_SIZE)
    if kind is DiskType.DIFFERENCING:
        image = tree.differencing("leaf.avhd", parent=image, block_size=BLOCK_SIZE)
    for block in range(8):
        tree.block(image, block)
    return bytes(tree.file(image).content)


def _exchanged(raw: bytes) -> bytes:
    first, second = USED_BLOCKS[:2]
    return edit_entry(edit_entry(raw, first, entry_of(raw, second)), second, entry_of(raw, first))


def _inserted(raw: bytes, sector: int, size: int) -> bytes:
    """Return the image with ``size`` zeros before the block at ``sector``, and the entries from there on moved."""
    entries = [entry_of(raw, block) for block in range(header_of(raw).max_table_entries)]
    for block, entry in enumerate(entries):
        if sector <= entry < UNUSED:
            raw = edit_entry(raw, block, entry + bytes_to_sectors(size))
    place = sectors_to_bytes(sector)
    return raw[:place] + bytes(size) + raw[place:]


def _before_footer(raw: bytes, filling: bytes) -> bytes:
    return raw[:-FOOTER_LENGTH] + filling + raw[-FOOTER_LENGTH:]


def _locator_in_block(raw: bytes) -> bytes:
    entry = used_locator(raw, 0)
    data = raw[entry.platform_data_offset :][: entry.platform_data_length]
    place = sectors_to_bytes(entry_of(raw, USED_BLOCKS[0])) + SECTOR_SIZE
    return edit_locator(overwrite(raw, place, data), 0, platform_data_offset=place)


def _spare_leads(raw: bytes, entry: int) -> bytes:
    return edit_entry(raw, _BLOCKS, entry)


def _padded_with(raw: bytes, byte: int | None) -> bytes:
    """Return the image with a BAT that is one entry shorter, so that the last of its sector is padding."""
    raw = edit_header(raw, max_table_entries=_FULL_SECTOR - 1)
    padding = b"\x00\xff\x00\xff" if byte is None else bytes([byte]) * ENTRY_LENGTH
    return overwrite(raw, header_of(raw).table_offset + (_FULL_SECTOR - 1) * ENTRY_LENGTH, padding)


def _all_entries(raw: bytes, entry: int) -> bytes:
    return overwrite(raw, header_of(raw).table_offset, entry.to_bytes(ENTRY_LENGTH, "big") * _BLOCKS)


def _used_entries(raw: bytes, entry: int) -> bytes:
    for block in USED_BLOCKS:
        raw = edit_entry(raw, block, entry)
    return raw


RECIPES: tuple[Recipe, ...] = (
    recipe("VHD408", "a locator's text lies in a block's data", DIFFERENCING, _locator_in_block),
    recipe(
        "VHD409",
        "a spare entry leads to a block of the disk",
        SPARSE,
        lambda raw: _spare_leads(raw, entry_of(raw, USED_BLOCKS[0])),
        variants={
            "one sector into a block": lambda raw: _spare_leads(raw, entry_of(raw, USED_BLOCKS[0]) + 1),
            "into the header": lambda raw: _spare_leads(raw, bytes_to_sectors(end_footer(raw).data_offset)),
            "behind the end": lambda raw: _spare_leads(raw, bytes_to_sectors(len(raw))),
        },
        options={"base": _with_spare(1)},
    ),
    recipe(
        "VHD410",
        "the BAT leaves four bytes of its sector",
        SPARSE,
        lambda raw: _padded_with(raw, 0xFF),
        variants={"zeros": lambda raw: _padded_with(raw, 0x00), "both": lambda raw: _padded_with(raw, None)},
        options={"base": _with_spare(_FULL_SECTOR - _BLOCKS)},
    ),
    recipe(
        "VHD411",
        "from the fourth block on, data lies one sector behind a page",
        SPARSE,
        lambda raw: _inserted(raw, entry_of(raw, 3), SECTOR_SIZE),
        variants={"from the fifth block on": lambda raw: _inserted(raw, entry_of(raw, 4), SECTOR_SIZE)},
        options={"base": _at_pages},
    ),
    recipe(
        "VHD412",
        "room for a block lies before the second one",
        SPARSE,
        lambda raw: _inserted(raw, entry_of(raw, USED_BLOCKS[1]), 2 * _PAGE),
        variants={"before the last one": lambda raw: _inserted(raw, entry_of(raw, USED_BLOCKS[-1]), 8 * _PAGE)},
    ),
    recipe(
        "VHD414",
        "room for three blocks lies before the footer",
        SPARSE,
        lambda raw: _before_footer(raw, bytes(3 * _STORED)),
        variants={"filled with ones": lambda raw: _before_footer(raw, b"\xff" * 4 * _STORED)},
    ),
    recipe(
        "VHD416",
        "all entries of the BAT are zero",
        SPARSE,
        lambda raw: _all_entries(raw, 0),
        variants={
            "a fill pattern": lambda raw: _all_entries(raw, 0xF6F6F6F6),
            "the used ones are all the first": lambda raw: _used_entries(raw, entry_of(raw, USED_BLOCKS[0])),
        },
    ),
    recipe("VHD417", "all entries are unused", SPARSE, lambda raw: _used_entries(raw, UNUSED)),
    recipe(
        "VHD418",
        "a hundred bytes stand before the footer",
        SPARSE,
        lambda raw: _before_footer(raw, bytes(100)),
        variants={"one byte": lambda raw: _before_footer(raw, bytes(1))},
    ),
    recipe("VHD419", "two blocks have changed places", SPARSE, _exchanged, options={"base": _in_order}),
    recipe(
        "VHD420",
        "more bytes than the whole disk needs lie before the footer",
        SPARSE,
        lambda raw: _before_footer(raw, bytes(len(raw) + 3 * _BLOCKS * _STORED)),
        VHD414="these bytes lie between the last block and the footer",
    ),
)
