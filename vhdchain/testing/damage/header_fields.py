"""Codes 204-218: damages of the dynamic header's fields beside those that say where data lies."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from vhdchain.structures import (
    DiskType,
    ParentLocator,
    build_header,
    encode_parent_name,
    geometry_for,
    with_header_checksum,
)
from vhdchain.structures.dynamic_header import HEADER_LENGTH, NO_LOCATORS
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.damage.recipe import DYNAMIC, SPARSE, Recipe, recipe
from vhdchain.testing.edits import BLOCK_SIZE, edit_footer, edit_header, end_footer, header_of, overwrite
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from vhdchain.testing.damage.recipe import Damage
    from vhdchain.testing.dialects import Dialect

FREE = 10 * SECTOR_SIZE
"""Where a healthy image has 1,024 free bytes, between its metadata and its first block."""


def _one_block(kind: DiskType, dialect: Dialect) -> bytes:
    """Return an empty image of 1 MiB in the usual blocks: any block size from that up gives it one block."""
    tree = ChainBuilder(seed="one block", dialect=dialect)
    image = tree.create(DiskType.FIXED if kind is DiskType.DIFFERENCING else kind, "base.vhd", size=1 << 20)
    if kind is DiskType.DIFFERENCING:
        image = tree.differencing("leaf.avhd", parent=image)
    return bytes(tree.file(image).content)


def _block_size(size: int) -> Damage:
    return lambda raw: edit_header(raw, block_size=size)


def _next(offset: int) -> Damage:
    return lambda raw: edit_header(raw, data_offset=offset)


def _further(**fields: Any) -> Damage:
    """Put a second header into the free space, and let the first one lead to it."""

    def plant(raw: bytes) -> bytes:
        assert not any(raw[FREE : FREE + HEADER_LENGTH])
        header = with_header_checksum(dataclasses.replace(header_of(raw), **fields))
        return edit_header(overwrite(raw, FREE, build_header(header)), data_offset=FREE)

    return plant


def _shorter(blocks: int) -> Damage:
    """Take the disk's last blocks away in the footers, so that their entries stay behind its end."""

    def shrink(raw: bytes) -> bytes:
        size = end_footer(raw).current_size - blocks * BLOCK_SIZE
        return edit_footer(raw, current_size=size, original_size=size, geometry=geometry_for(size))

    return shrink


def _locator(raw: bytes) -> bytes:
    left = ParentLocator(
        platform_code=b"W2ku", platform_data_space_raw=512, platform_data_length=20, platform_data_offset=FREE
    )
    return edit_header(raw, locators=(left, *NO_LOCATORS[1:]))


RECIPES: tuple[Recipe, ...] = (
    recipe(
        "VHD204",
        "the header's `data_offset` is zero",
        SPARSE,
        _next(0),
        variants={
            "32 ones": _next(0xFFFFFFFF),
            "unaligned": _next(1000),
            "behind the end": _next(1 << 40),
            "the end footer": lambda raw: edit_header(raw, data_offset=len(raw) - SECTOR_SIZE),
            "zeros": _next(FREE),
        },
    ),
    recipe(
        "VHD205",
        "the header's `data_offset` leads to itself",
        SPARSE,
        lambda raw: edit_header(raw, data_offset=end_footer(raw).data_offset),
        variants={
            "round by a second header": lambda raw: _further(data_offset=end_footer(raw).data_offset)(raw),
            "backwards to the BAT": lambda raw: _further(data_offset=header_of(raw).table_offset)(raw),
        },
    ),
    recipe(
        "VHD206",
        "a second header follows",
        SPARSE,
        _further(),
        variants={"an unknown structure": _further(cookie=b"cxfuture")},
    ),
    recipe(
        "VHD211",
        "the blocks have 4 MiB",
        SPARSE,
        _block_size(1 << 22),
        variants={"256 MiB": _block_size(1 << 28)},
        options={"base": _one_block},
    ),
    recipe("VHD212", "the blocks have 1 MiB", SPARSE, _block_size(1 << 20), options={"base": _one_block}),
    recipe(
        "VHD215",
        "the BAT has one entry more than the disk has blocks",
        SPARSE,
        lambda raw: edit_header(raw, max_table_entries=header_of(raw).max_table_entries + 1),
    ),
    recipe(
        "VHD216",
        "the disk became one block shorter, and the block stays",
        SPARSE,
        _shorter(1),
        variants={"four blocks shorter": _shorter(4)},
        VHD215="the table is longer for it",
    ),
    recipe(
        "VHD217",
        "the last reserved byte is not zero",
        SPARSE,
        lambda raw: edit_header(raw, reserved_2=bytes(255) + b"\1"),
        variants={"the first ones": lambda raw: edit_header(raw, reserved_1=b"\0\1\2\3", reserved_2=b"\xff" * 256)},
    ),
    recipe(
        "VHD218",
        "a dynamic disk names a parent",
        DYNAMIC,
        lambda raw: edit_header(
            _locator(raw), parent_unique_id=b"\1" * 16, parent_unicode_name_raw=encode_parent_name("base.vhd")
        ),
        variants={
            "its identifier": lambda raw: edit_header(raw, parent_unique_id=bytes(15) + b"\1"),
            "its name": lambda raw: edit_header(raw, parent_unicode_name_raw=encode_parent_name("base.vhd")),
            "its time": lambda raw: edit_header(raw, parent_time_stamp=1),
            "a locator": _locator,
        },
    ),
)
