"""Codes 413 and 415: what is left between the structures."""

from __future__ import annotations

import dataclasses

from vhdchain.structures.bat import UNUSED
from vhdchain.structures.batmap import BATMAP_COOKIE
from vhdchain.structures.footer import build_footer, with_footer_checksum
from vhdchain.testing.damage.batmap import batmap_of, mark_whole
from vhdchain.testing.damage.bitmaps import bitmap_place, with_clear_bits
from vhdchain.testing.damage.recipe import SPARSE, Recipe, recipe
from vhdchain.testing.edits import USED_BLOCKS, edit_entry, end_footer, overwrite
from vhdchain.units import SECTOR_SIZE


def lose_block(raw: bytes, block: int) -> bytes:
    """Take the BAT entry of a block away, and its mark in the batmap where there is one."""
    if batmap_of(raw).cookie == BATMAP_COOKIE:
        raw = mark_whole(raw, block, whole=False)
    return edit_entry(raw, block, UNUSED)


def _with_ghost(raw: bytes) -> bytes:
    """Put an older and smaller footer before the first block of the file, where nothing is."""
    footer = end_footer(raw)
    old = dataclasses.replace(
        footer, current_size=footer.current_size // 2, original_size=footer.current_size // 2, time_stamp=86_400
    )
    place = min(bitmap_place(raw, block) for block in USED_BLOCKS) - SECTOR_SIZE
    return overwrite(raw, place, build_footer(with_footer_checksum(old)))


RECIPES: tuple[Recipe, ...] = (
    recipe(
        "VHD413",
        "the BAT entry of a block is lost",
        SPARSE,
        lambda raw: lose_block(raw, USED_BLOCKS[1]),
        variants={
            "of another one": lambda raw: lose_block(raw, USED_BLOCKS[2]),
            "of one with clear bits": lambda raw: lose_block(raw, USED_BLOCKS[0]),
            "of two neighbours": lambda raw: lose_block(lose_block(raw, USED_BLOCKS[1]), USED_BLOCKS[2]),
        },
        options={"base": with_clear_bits, "deep": True},
        VHD412="the room of the block is free",
    ),
    recipe("VHD415", "an old footer lies before the first block", SPARSE, _with_ghost, options={"deep": True}),
)
