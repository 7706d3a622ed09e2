"""Codes 001-005: where did the tool not look?"""

from __future__ import annotations

from vhdchain.structures.dynamic_header import HEADER_LENGTH
from vhdchain.testing.damage.recipe import SPARSE, Recipe, recipe
from vhdchain.testing.edits import edit_header, end_footer, overwrite


def _no_header(raw: bytes) -> bytes:
    return overwrite(raw, end_footer(raw).data_offset, bytes(HEADER_LENGTH))


RECIPES: tuple[Recipe, ...] = (
    recipe(
        "VHD002",
        "the dynamic header is zeroed",
        SPARSE,
        _no_header,
        VHD201="zeros are no cookie",
        VHD202="nor are they the checksum of zeros",
    ),
    recipe(
        "VHD005",
        "the block size is 512 MiB",
        SPARSE,
        lambda raw: edit_header(raw, block_size=0x20000000),
    ),
)
