"""Codes 401-407: damages of the BAT and of the places of blocks."""

from __future__ import annotations

from vhdchain.structures.bat import ENTRY_LENGTH
from vhdchain.structures.footer import FOOTER_LENGTH
from vhdchain.testing.damage.recipe import DYNAMIC, SPARSE, Recipe, recipe
from vhdchain.testing.edits import USED_BLOCKS, edit_entry, end_footer, entry_of, header_of
from vhdchain.units import bytes_to_sectors

_GAP = "the place that the block had is a gap"


def _table_cut(raw: bytes) -> bytes:
    # The first entries of a healthy image are unused, so what remains of the table leads nowhere.
    return raw[: header_of(raw).table_offset + min(USED_BLOCKS) * ENTRY_LENGTH] + raw[-FOOTER_LENGTH:]


def _last_block_cut(raw: bytes) -> bytes:
    header = header_of(raw)
    size = end_footer(raw).current_size
    return raw[: -FOOTER_LENGTH - (-size % header.block_size)] + raw[-FOOTER_LENGTH:]


RECIPES: tuple[Recipe, ...] = (
    recipe(
        "VHD401",
        "the file ends within the BAT, then comes the footer",
        DYNAMIC,
        _table_cut,
        VHD209="the whole table ends behind the file",
        VHD418="the cut goes through a sector",
    ),
    recipe(
        "VHD402",
        "a block lies over the dynamic header",
        SPARSE,
        lambda raw: edit_entry(raw, USED_BLOCKS[0], bytes_to_sectors(end_footer(raw).data_offset)),
        VHD412=_GAP,
    ),
    recipe(
        "VHD403",
        "a BAT entry is zero",
        SPARSE,
        lambda raw: edit_entry(raw, USED_BLOCKS[0], 0),
        VHD412=_GAP,
    ),
    recipe(
        "VHD404",
        "a block lies behind the end",
        SPARSE,
        lambda raw: edit_entry(raw, USED_BLOCKS[0], bytes_to_sectors(len(raw))),
        VHD412=_GAP,
    ),
    recipe("VHD405", "the last block is stored only up to the disk's end", SPARSE, _last_block_cut),
    recipe(
        "VHD406",
        "a block has the place of another one",
        SPARSE,
        lambda raw: edit_entry(raw, USED_BLOCKS[0], entry_of(raw, USED_BLOCKS[1])),
        VHD412=_GAP,
    ),
    recipe(
        "VHD407",
        "a block begins one sector later, in its neighbour",
        SPARSE,
        lambda raw: edit_entry(raw, USED_BLOCKS[0], entry_of(raw, USED_BLOCKS[1]) + 1),
        VHD412=_GAP,
    ),
)
