"""Codes 507-509: a batmap whose bits do not agree with the BAT or the sector bitmaps."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from vhdchain.testing.damage.batmap import mark_whole, with_batmap
from vhdchain.testing.damage.bitmaps import with_bits
from vhdchain.testing.damage.recipe import SPARSE, Recipe, recipe
from vhdchain.testing.edits import USED_BLOCKS

if TYPE_CHECKING:
    from vhdchain.structures import DiskType
    from vhdchain.testing.dialects import Dialect

_UNUSED_BLOCK = 0


@cache
def _with_clear_bits(kind: DiskType, dialect: Dialect) -> bytes:
    raw = with_bits(with_batmap(kind, dialect), USED_BLOCKS[0], 0xFE)
    return with_bits(raw, USED_BLOCKS[-1], 0x70)


def _none_marked(raw: bytes) -> bytes:
    for block in USED_BLOCKS:
        raw = mark_whole(raw, block, whole=False)
    return raw


RECIPES: tuple[Recipe, ...] = (
    recipe(
        "VHD507",
        "the batmap calls an unused block whole",
        SPARSE,
        lambda raw: mark_whole(raw, _UNUSED_BLOCK),
        variants={
            "two of them": lambda raw: mark_whole(mark_whole(raw, _UNUSED_BLOCK), 9),
        },
        options={"base": with_batmap, "deep": True},
    ),
    recipe(
        "VHD508",
        "the batmap calls a block whole of which a sector is clear",
        SPARSE,
        lambda raw: mark_whole(raw, USED_BLOCKS[0]),
        variants={"the disk's last block": lambda raw: mark_whole(raw, USED_BLOCKS[-1])},
        options={"base": _with_clear_bits, "deep": True},
    ),
    recipe(
        "VHD509",
        "the batmap does not call a block whole that is",
        SPARSE,
        lambda raw: mark_whole(raw, USED_BLOCKS[0], whole=False),
        variants={
            "none of them": _none_marked,
        },
        options={"base": with_batmap, "deep": True},
    ),
)
