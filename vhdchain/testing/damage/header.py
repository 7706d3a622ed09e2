"""Codes 201-214: damages of the dynamic header's marks and of what says where data lies."""

from __future__ import annotations

from vhdchain.structures.bat import ENTRY_LENGTH, UNUSED
from vhdchain.structures.dynamic_header import HEADER_CHECKSUM_OFFSET
from vhdchain.testing.damage.recipe import SPARSE, Recipe, recipe
from vhdchain.testing.edits import BLOCK_SIZE, edit_header, end_footer, flip_bit, header_of, overwrite
from vhdchain.units import SECTOR_SIZE


def _table_shifted(raw: bytes) -> bytes:
    header = header_of(raw)
    length = header.max_table_entries * ENTRY_LENGTH
    table = raw[header.table_offset : header.table_offset + length]
    shifted = overwrite(raw, header.table_offset + ENTRY_LENGTH, table)
    return edit_header(shifted, table_offset=header.table_offset + ENTRY_LENGTH)


def _table_in_header(raw: bytes) -> bytes:
    header = header_of(raw)
    length = header.max_table_entries * ENTRY_LENGTH
    table = raw[header.table_offset : header.table_offset + length]
    # The header's second sector begins with the end of the parent's name, which is empty there.
    place = end_footer(raw).data_offset + SECTOR_SIZE
    return edit_header(overwrite(raw, place, table), table_offset=place)


RECIPES: tuple[Recipe, ...] = (
    recipe("VHD201", "the header's cookie is another one", SPARSE, lambda raw: edit_header(raw, cookie=b"cxSparse")),
    recipe(
        "VHD202",
        "the header's checksum is off by one",
        SPARSE,
        lambda raw: flip_bit(raw, end_footer(raw).data_offset + HEADER_CHECKSUM_OFFSET + 3),
    ),
    recipe("VHD203", "the header's version is 2.0", SPARSE, lambda raw: edit_header(raw, header_version=0x00020000)),
    recipe("VHD207", "the BAT begins four bytes later", SPARSE, _table_shifted),
    recipe("VHD208", "the BAT lies in the header's second sector", SPARSE, _table_in_header),
    recipe(
        "VHD209",
        "the BAT claims four thousand million entries",
        SPARSE,
        lambda raw: edit_header(raw, max_table_entries=UNUSED),
    ),
    recipe(
        "VHD210", "the block size is 4,608", SPARSE, lambda raw: edit_header(raw, block_size=BLOCK_SIZE + SECTOR_SIZE)
    ),
    recipe("VHD213", "the block size is 256", SPARSE, lambda raw: edit_header(raw, block_size=256)),
    recipe(
        "VHD214",
        "the BAT has one entry less",
        SPARSE,
        lambda raw: edit_header(raw, max_table_entries=header_of(raw).max_table_entries - 1),
    ),
)
