"""Which unit does a number carry, and how does one unit become another?

A VHD counts in three units: bytes (file offsets, sizes), sectors of 512 bytes (BAT entries, bitmap bits) and
blocks (BAT indices). Mixing them up is the commonest fault in readers of the format, so every conversion in
this package is one of the named functions below and no other module multiplies by 512.

Sizes and offsets in the public API are always bytes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NewType

Bytes = NewType("Bytes", int)
"""A length in bytes, or an offset in bytes from the beginning of a file or disk."""

Sectors = NewType("Sectors", int)
"""A length in sectors of 512 bytes, or a sector's number."""

Blocks = NewType("Blocks", int)
"""A number of blocks, or a block's index in the BAT."""

SECTOR_SIZE = Bytes(512)
"""Bytes in a sector; the format knows no other sector size."""


def sectors_to_bytes(sectors: int) -> Bytes:
    """Return how many bytes ``sectors`` sectors are."""
    return Bytes(sectors * SECTOR_SIZE)


def bytes_to_sectors(size: int) -> Sectors:
    """Return how many whole sectors fit into ``size`` bytes (rounded down)."""
    return Sectors(size // SECTOR_SIZE)


def sectors_for(size: int) -> Sectors:
    """Return how many sectors are needed to hold ``size`` bytes (rounded up)."""
    return Sectors(ceil_div(size, SECTOR_SIZE))


def is_sector_aligned(offset: int) -> bool:
    """Say whether ``offset`` bytes is a whole number of sectors."""
    return offset % SECTOR_SIZE == 0


def round_up_to_sector(size: int) -> Bytes:
    """Return the smallest whole number of sectors, in bytes, that holds ``size`` bytes."""
    return sectors_to_bytes(sectors_for(size))


def blocks_for(size: int, block_size: int) -> Blocks:
    """Return how many blocks of ``block_size`` bytes are needed to hold ``size`` bytes.

    Raises:
        ValueError: ``block_size`` is not positive.
    """
    if block_size <= 0:
        raise ValueError(f"block_size must be positive, not {block_size}")
    return Blocks(ceil_div(size, block_size))


@lru_cache(maxsize=64)  # asked over and over for the few sizes that writers use
def bitmap_length(block_size: int) -> Bytes:
    """Return the bytes that a block's sector bitmap takes in the file.

    One bit per sector, rounded up to whole bytes and then to a whole sector: a 4 KiB block, whose bitmap needs
    one byte, still stores 512 (the specification's "padded to a 512-byte sector boundary").
    """
    return round_up_to_sector(ceil_div(bytes_to_sectors(block_size), 8))


def ceil_div(dividend: int, divisor: int) -> int:
    """Return ``dividend / divisor`` rounded up, in exact integer arithmetic."""
    return -(-dividend // divisor)
