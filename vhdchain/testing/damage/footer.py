"""Codes 101-138: damages of the footer that counts."""

from __future__ import annotations

from vhdchain.structures.footer import FOOTER_LENGTH, NO_DATA_OFFSET
from vhdchain.testing.damage.recipe import ANY, SPARSE, Recipe, recipe
from vhdchain.testing.edits import edit_footer, end_footer, flip_bit


def _no_footer(raw: bytes) -> bytes:
    return bytes(FOOTER_LENGTH) + raw[FOOTER_LENGTH:-FOOTER_LENGTH] + bytes(FOOTER_LENGTH)


RECIPES: tuple[Recipe, ...] = (
    recipe("VHD101", "all but the first 100 bytes are gone", ANY, lambda raw: raw[:100]),
    recipe("VHD102", "the end footer is cut off", SPARSE, lambda raw: raw[:-FOOTER_LENGTH]),
    recipe("VHD103", "both footers are zeroed", ANY, _no_footer),
    recipe("VHD106", "a bit of the end footer's time stamp is flipped", ANY, lambda raw: flip_bit(raw, len(raw) - 485)),
    recipe(
        "VHD107",
        "the hidden byte is set and the checksums stay",
        ANY,
        lambda raw: edit_footer(raw, checksum=False, reserved=b"\1" + end_footer(raw).reserved[1:]),
        # A hidden disk is one that others build on.
        options={"children": 1},
        VHD138="the flag is in the reserved bytes",
    ),
    recipe("VHD109", "the version is 2.0", ANY, lambda raw: edit_footer(raw, file_format_version=0x00020000)),
    recipe("VHD114", "the disk type is 5", SPARSE, lambda raw: edit_footer(raw, disk_type_raw=5)),
    recipe(
        "VHD116",
        "`data_offset` is that of a fixed disk",
        SPARSE,
        lambda raw: edit_footer(raw, data_offset=NO_DATA_OFFSET),
    ),
    recipe(
        "VHD119",
        "`data_offset` leads to the end footer",
        SPARSE,
        lambda raw: edit_footer(raw, data_offset=len(raw) - FOOTER_LENGTH),
    ),
    recipe(
        "VHD127",
        "the disk's size is zero",
        SPARSE,
        lambda raw: edit_footer(raw, current_size=0),
    ),
    recipe(
        "VHD128",
        "the disk ends within a sector",
        SPARSE,
        lambda raw: edit_footer(raw, current_size=end_footer(raw).current_size - 100),
    ),
)
