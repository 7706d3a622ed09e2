"""Codes 139-144: damages between the two footers."""

from __future__ import annotations

from vhdchain.structures.footer import FOOTER_LENGTH
from vhdchain.testing.damage.recipe import FIXED, SPARSE, Recipe, recipe
from vhdchain.testing.edits import edit_footer, end_footer, flip_bit, overwrite
from vhdchain.units import SECTOR_SIZE


def _other_identifier(raw: bytes) -> bytes:
    return edit_footer(raw, end=False, unique_id=bytes(byte ^ 0xFF for byte in end_footer(raw).unique_id))


RECIPES: tuple[Recipe, ...] = (
    recipe("VHD139", "the first sector is zeroed", SPARSE, lambda raw: overwrite(raw, 0, bytes(FOOTER_LENGTH))),
    recipe("VHD140", "a bit of the footer copy's time stamp is flipped", SPARSE, lambda raw: flip_bit(raw, 27)),
    recipe(
        "VHD141",
        "the copy names another creator version",
        SPARSE,
        lambda raw: edit_footer(raw, end=False, creator_version=0x00060002),
    ),
    recipe("VHD142", "the copy has another identifier", SPARSE, _other_identifier, VHD141="the copies differ"),
    recipe(
        "VHD144",
        "the last sector of data is gone",
        FIXED,
        lambda raw: raw[: -FOOTER_LENGTH - SECTOR_SIZE] + raw[-FOOTER_LENGTH:],
    ),
)
