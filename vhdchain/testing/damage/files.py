"""Codes 551-558: damages of the file as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vhdchain.structures.bat import UNUSED
from vhdchain.structures.footer import FOOTER_LENGTH
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.damage.recipe import ANY, DIFFERENCING, Recipe, recipe
from vhdchain.testing.edits import BLOCK_SIZE, edit_entry, entry_of
from vhdchain.units import SECTOR_SIZE, sectors_to_bytes

if TYPE_CHECKING:
    from vhdchain.structures import DiskType
    from vhdchain.testing.dialects import Dialect

_BLOCK = 3


def _one_block(kind: DiskType, dialect: Dialect) -> bytes:
    """Return a differencing image of one block, right behind the metadata; one sector, so that no batmap knows it."""
    tree = ChainBuilder(seed="healthy", dialect=dialect)
    base = tree.fixed("base.vhd", size=10 * BLOCK_SIZE)
    layout = replace(dialect.layout, data_alignment=SECTOR_SIZE)
    image = tree.create(kind, "leaf.avhd", parent=base, block_size=BLOCK_SIZE, layout=layout)
    tree.block(image, _BLOCK, sectors=[1])
    return bytes(tree.file(image).content)


def _without_block(raw: bytes) -> bytes:
    first = sectors_to_bytes(entry_of(raw, _BLOCK))
    return edit_entry(raw, _BLOCK, UNUSED)[:first] + raw[-FOOTER_LENGTH:]


RECIPES: tuple[Recipe, ...] = (
    recipe("VHD552", "nothing is left", ANY, lambda _: b""),
    recipe("VHD558", "its only block is gone", DIFFERENCING, _without_block, options={"base": _one_block}),
)
