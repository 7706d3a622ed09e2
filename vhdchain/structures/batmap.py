"""Which blocks does blktap know to be whole?

blktap (XenServer, XCP-ng) puts a `tdbatmap` header right behind the BAT and a bitmap with one bit per block: set when
every sector of the block is in this file. It is an acceleration: the sector bitmaps stay the truth, and this package
never lets the batmap decide what a sector holds. Source: blktap's ``vhd.h``; the structure is not in the specification.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from vhdchain.structures import _declarations as declarations

BATMAP_HEADER_LENGTH = declarations.BATMAP_HEADER_LENGTH
BATMAP_COOKIE = b"tdbatmap"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatmapHeader:
    """The header of a batmap; ``batmap_offset`` in bytes, ``batmap_sectors`` in sectors, as stored."""

    cookie: bytes = BATMAP_COOKIE
    batmap_offset: int
    batmap_sectors: int
    batmap_version: int = 0x00010002
    checksum: int = 0
    marker: int = 0
    reserved: bytes = bytes(483)


def parse_batmap_header(raw: bytes) -> BatmapHeader:
    """Return the batmap header in the 512 bytes ``raw``.

    Raises:
        ValueError: ``raw`` does not have 512 bytes.
    """
    if len(raw) != BATMAP_HEADER_LENGTH:
        raise ValueError(f"a batmap header has 512 bytes, not {len(raw)}")
    return BatmapHeader(**declarations.parse_batmap_fields(raw))


def build_batmap_header(header: BatmapHeader) -> bytes:
    """Return the 512 stored bytes of ``header``."""
    return declarations.build_batmap_fields(dataclasses.asdict(header))


def batmap_checksum(bitmap: bytes) -> int:
    """Return the checksum of a batmap: the ones' complement of the sum of the bitmap's own bytes (version 1.2)."""
    return ~sum(bitmap) & 0xFFFFFFFF
