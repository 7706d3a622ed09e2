"""Codes 451-460: damages of sector bitmaps, and of the data beneath them. VHD451 needs a source that fails."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from vhdchain.structures import DiskType
from vhdchain.structures.batmap import BATMAP_COOKIE
from vhdchain.structures.footer import FOOTER_LENGTH
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.damage.batmap import batmap_of, mark_whole
from vhdchain.testing.damage.recipe import DIFFERENCING, DYNAMIC, SPARSE, Recipe, recipe
from vhdchain.testing.edits import BLOCK_SIZE, USED_BLOCKS, entry_of, header_of, healthy, overwrite
from vhdchain.units import SECTOR_SIZE, bitmap_length, sectors_to_bytes

if TYPE_CHECKING:
    from vhdchain.testing.dialects import Dialect

_BLOCK = USED_BLOCKS[0]
_LAST = USED_BLOCKS[-1]
_WIDE = 64 * 1024
_SECTORS_OF_WIDE = _WIDE // SECTOR_SIZE
_STALE = b"what lay here before".ljust(SECTOR_SIZE, b"\xee")


def bitmap_place(raw: bytes, block: int) -> int:
    """Return where the bitmap of an allocated block begins."""
    return sectors_to_bytes(entry_of(raw, block))


def sector_place(raw: bytes, block: int, sector: int) -> int:
    """Return where a sector of an allocated block lies."""
    return bitmap_place(raw, block) + bitmap_length(header_of(raw).block_size) + sectors_to_bytes(sector)


def with_bits(raw: bytes, block: int, bits: int) -> bytes:
    """Give a block of eight sectors these bits, zeros under the clear ones, and the mark in the batmap that fits."""
    raw = overwrite(raw, bitmap_place(raw, block), bytes([bits]))
    for sector in range(8):
        if not bits & 0x80 >> sector:
            raw = overwrite(raw, sector_place(raw, block, sector), bytes(SECTOR_SIZE))
    if batmap_of(raw).cookie == BATMAP_COOKIE:
        raw = mark_whole(raw, block, whole=bits == 0xFF)
    return raw


@cache
def with_clear_bits(kind: DiskType, dialect: Dialect) -> bytes:
    """Return a healthy image in which bits of the first and of the last allocated block are clear."""
    return with_bits(with_bits(healthy(kind, dialect), _BLOCK, 0x5A), _LAST, 0xD0)


@cache
def with_wide_blocks(kind: DiskType, dialect: Dialect) -> bytes:
    """Return a healthy image with blocks of 64 KiB of which some sectors are in the file, one of them zeros."""
    tree = ChainBuilder(seed="wide", dialect=dialect)
    size = 10 * _WIDE + _WIDE // 2
    base = tree.create(
        DiskType.FIXED if kind is DiskType.DIFFERENCING else kind, "base.vhd", size=size, block_size=_WIDE
    )
    image = tree.differencing("leaf.avhd", parent=base, block_size=_WIDE) if kind is DiskType.DIFFERENCING else base
    for block in USED_BLOCKS:
        tree.block(image, block, sectors=[*range(0, _SECTORS_OF_WIDE // 2, 8), *range(1, 16, 8), 40, 41])
    raw = bytes(tree.file(image).content)
    return overwrite(raw, sector_place(raw, _BLOCK, 41), bytes(SECTOR_SIZE))


def _turned(raw: bytes) -> bytes:
    for block in USED_BLOCKS:
        place = bitmap_place(raw, block)
        bits = raw[place : place + _SECTORS_OF_WIDE // 8]
        raw = overwrite(raw, place, bytes(int(f"{byte:08b}"[::-1], 2) for byte in bits))
    return raw


def _stale(raw: bytes, block: int, sector: int) -> bytes:
    return overwrite(raw, sector_place(raw, block, sector), _STALE)


def _cut(raw: bytes, sectors: int) -> bytes:
    return raw[: -FOOTER_LENGTH - sectors_to_bytes(sectors)] + raw[-FOOTER_LENGTH:]


def _zeroed(raw: bytes, block: int, sector: int) -> bytes:
    return overwrite(raw, sector_place(raw, block, sector), bytes(SECTOR_SIZE))


def _bitmap_byte(raw: bytes, block: int, number: int, value: int) -> bytes:
    return overwrite(raw, bitmap_place(raw, block) + number, bytes([value]))


RECIPES: tuple[Recipe, ...] = (
    recipe(
        "VHD452",
        "a sector whose bit is clear holds data",
        SPARSE,
        lambda raw: _stale(raw, _BLOCK, 0),
        variants={
            "the last sector of a block": lambda raw: _stale(raw, _BLOCK, 7),
            "the disk's last block": lambda raw: _stale(raw, _LAST, 2),
            "only the last byte is not zero": lambda raw: overwrite(
                raw, sector_place(raw, _BLOCK, 0) + SECTOR_SIZE - 1, b"\1"
            ),
        },
        options={"base": with_clear_bits, "deep": True},
    ),
    recipe(
        "VHD453",
        "a bit is set in the padding of a bitmap",
        SPARSE,
        lambda raw: _bitmap_byte(raw, _BLOCK, 1, 0x80),
        variants={
            "the padding's last bit": lambda raw: _bitmap_byte(raw, _BLOCK, SECTOR_SIZE - 1, 0x01),
            "behind the disk's end, in the last block": lambda raw: _bitmap_byte(raw, _LAST, 0, 0xF4),
        },
        options={"deep": True},
    ),
    recipe(
        "VHD454",
        "all bits and the data of a block are cleared",
        SPARSE,
        lambda raw: with_bits(raw, _BLOCK, 0),
        variants={"the disk's last block": lambda raw: with_bits(raw, _LAST, 0)},
        options={"deep": True},
    ),
    recipe(
        "VHD455",
        "half of a block's bits and their data are cleared",
        DYNAMIC,
        lambda raw: with_bits(raw, _BLOCK, 0xF0),
        variants={
            "one bit": lambda raw: with_bits(raw, _BLOCK, 0xFE),
            "all but one": lambda raw: with_bits(raw, _BLOCK, 0x80),
        },
        options={"deep": True},
    ),
    recipe(
        "VHD456",
        "the data of a sector whose bit is set is cleared",
        DIFFERENCING,
        lambda raw: _zeroed(raw, _BLOCK, 3),
        variants={"the disk's last sector": lambda raw: _zeroed(raw, _LAST, BLOCK_SIZE // 2 // SECTOR_SIZE - 1)},
        options={"deep": True},
    ),
    recipe(
        "VHD458",
        "the bits of every byte of the bitmaps are turned around",
        SPARSE,
        _turned,
        options={"base": with_wide_blocks, "deep": True},
        VHD452="the data lies under bits that are clear when they are counted as the format says",
    ),
    recipe(
        "VHD459",
        "every other bit of a block and its data are cleared",
        DIFFERENCING,
        lambda raw: with_bits(raw, _BLOCK, 0xA5),
        variants={
            "only the first bit stays": lambda raw: with_bits(raw, _BLOCK, 0x80),
            "only the last bit stays": lambda raw: with_bits(raw, _BLOCK, 0x01),
        },
        options={"deep": True},
    ),
    recipe(
        "VHD460",
        "the file ends one sector before the disk does",
        SPARSE,
        lambda raw: _cut(raw, 5),
        variants={"all data of the last block is missing": lambda raw: _cut(raw, 8)},
        options={"deep": True},
        VHD404="the block does not end inside the file",
    ),
)
