"""Which blocks does blktap know to be whole?

blktap (XenServer, XCP-ng) puts a `tdbatmap` header right behind the BAT and a bitmap with one bit per block: set when
every sector of the block is in this file. It is an acceleration: the sector bitmaps stay the truth, and this package
never lets the batmap decide what a sector holds. Source: blktap's ``vhd.h`` and ``libvhd.c``; the structure is not in
the specification.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.structures import _declarations as declarations

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATMAP_HEADER_LENGTH = declarations.BATMAP_HEADER_LENGTH
BATMAP_COOKIE = b"tdbatmap"
BATMAP_VERSION_1_1 = 0x00010001
BATMAP_VERSION_1_2 = 0x00010002

_KEY_HASH_SET = 1
_NONCE = slice(1, 33)
_HASH = slice(33, 65)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHash:
    """What tells whether a key is the one that a disk's data was encrypted with.

    Attributes:
        nonce: 32 arbitrary bytes.
        digest: The SHA-256 of the nonce followed by the key.
    """

    nonce: bytes
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BatmapHeader:
    """The header of a batmap; ``batmap_offset`` in bytes, ``batmap_sectors`` in sectors, as stored."""

    cookie: bytes = BATMAP_COOKIE
    batmap_offset: int
    batmap_sectors: int
    batmap_version: int = BATMAP_VERSION_1_2
    checksum: int = 0
    marker: int = 0
    reserved: bytes = bytes(483)

    @property
    def key_hash(self) -> KeyHash | None:
        """The hash of the key with which the data is encrypted; None where none is set."""
        # Later blktap keeps it in what earlier ones left reserved.
        if self.reserved[0] != _KEY_HASH_SET:
            return None
        return KeyHash(nonce=self.reserved[_NONCE], digest=self.reserved[_HASH])


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


def batmap_field_offset(name: str) -> int:
    """Return the offset in bytes of a field of `BatmapHeader` from the header's beginning."""
    return declarations.BATMAP_OFFSETS[name]


def batmap_flags(bitmap: bytes, count: int) -> NDArray[np.bool_]:
    """Return which of the first ``count`` blocks the stored ``bitmap`` calls whole: a bool array of shape (count,).

    Blocks that the bitmap has no bit for are not whole, as in blktap.
    """
    flags = np.zeros(count, dtype=np.bool_)
    bits = np.unpackbits(np.frombuffer(bitmap, dtype=np.uint8), count=min(count, 8 * len(bitmap)), bitorder="big")
    flags[: len(bits)] = bits
    return flags


def batmap_checksum(bitmap: bytes, *, signed: bool = False) -> int:
    """Return the checksum of a batmap: the ones' complement of the sum of the bitmap's own bytes.

    Args:
        bitmap: The stored bits.
        signed: Whether bytes count as signed, as they did in version 1.1 on machines whose ``char`` is.
    """
    total = int(np.frombuffer(bitmap, dtype=np.int8 if signed else np.uint8).sum(dtype=np.int64))
    return ~total & 0xFFFFFFFF


def batmap_checksum_fits(header: BatmapHeader, bitmap: bytes) -> bool:
    """Say whether the stored checksum of a batmap fits its stored bits."""
    if header.checksum == batmap_checksum(bitmap):
        return True
    return header.batmap_version == BATMAP_VERSION_1_1 and header.checksum == batmap_checksum(bitmap, signed=True)
