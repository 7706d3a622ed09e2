"""Where does everything lie in a new dynamic image that is written from its beginning to its end?

Copy of the footer, header, BAT, then block after block without gaps, each behind its bitmap, and the footer. All bits
of a block that is there are set: what is not zeros is there, and the rest of its block with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vhdchain.structures.bat import ENTRY_LENGTH
from vhdchain.structures.bitmap import build_bitmap
from vhdchain.structures.dynamic_header import HEADER_LENGTH, DynamicHeader, build_header, with_header_checksum
from vhdchain.structures.footer import (
    FOOTER_LENGTH,
    NO_DATA_OFFSET,
    DiskTypeCode,
    Footer,
    build_footer,
    with_footer_checksum,
)
from vhdchain.structures.geometry import geometry_for
from vhdchain.units import bitmap_length, blocks_for, bytes_to_sectors, round_up_to_sector

# qemu goes by the geometry, which holds fewer sectors than the disk, unless it knows the writer; all readers know this.
_CREATOR = b"win "
_CREATOR_VERSION = 0x000A0000
_CREATOR_HOST = b"Wi2k"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatLayout:
    """The places of a dynamic image; lengths and offsets in bytes.

    Attributes:
        disk_size: Length of the disk.
        block_size: Bytes of disk data in a block.
    """

    disk_size: int
    block_size: int

    @property
    def header_offset(self) -> int:
        """Where the dynamic header lies: right behind the footer's copy."""
        return FOOTER_LENGTH

    @property
    def table_offset(self) -> int:
        """Where the BAT lies."""
        return FOOTER_LENGTH + HEADER_LENGTH

    @property
    def entries(self) -> int:
        """How many entries the BAT has."""
        return blocks_for(self.disk_size, self.block_size)

    @property
    def bitmap_length(self) -> int:
        """What a bitmap takes."""
        return bitmap_length(self.block_size)

    @property
    def stride(self) -> int:
        """What a block takes with its bitmap."""
        return self.bitmap_length + self.block_size

    @property
    def data_offset(self) -> int:
        """Where the first block's bitmap lies."""
        return self.table_offset + round_up_to_sector(self.entries * ENTRY_LENGTH)

    def file_size(self, blocks: int) -> int:
        """Return the length of the file with so many blocks."""
        return self.data_offset + blocks * self.stride + FOOTER_LENGTH

    def bitmap(self) -> bytes:
        """Return the bitmap that every block has."""
        return build_bitmap(np.ones(bytes_to_sectors(self.block_size), dtype=np.bool_))

    def header(self) -> bytes:
        """Return the dynamic header."""
        plain = DynamicHeader(
            table_offset=self.table_offset, max_table_entries=self.entries, block_size=self.block_size
        )
        return build_header(with_header_checksum(plain))

    def footer(self, *, unique_id: bytes, time_stamp: int) -> bytes:
        """Return the footer, which is also the copy of it."""
        return new_footer(
            DiskTypeCode.DYNAMIC, self.disk_size, self.header_offset, unique_id=unique_id, time_stamp=time_stamp
        )


def fixed_footer(disk_size: int, *, unique_id: bytes, time_stamp: int) -> bytes:
    """Return the footer of a fixed disk of ``disk_size`` bytes."""
    return new_footer(DiskTypeCode.FIXED, disk_size, NO_DATA_OFFSET, unique_id=unique_id, time_stamp=time_stamp)


def new_footer(
    kind: DiskTypeCode,
    disk_size: int,
    data_offset: int,
    *,
    unique_id: bytes,
    time_stamp: int,
    creator_version: int = _CREATOR_VERSION,
) -> bytes:
    """Return the footer of an image that is made new, as Windows writes it.

    Args:
        kind: Of image.
        disk_size: Length of the disk in bytes.
        data_offset: Where the dynamic header lies, in bytes.
        unique_id: The image's identifier, 16 bytes.
        time_stamp: When it is made, in seconds since 2000.
        creator_version: Which version of Windows counts as its writer.
    """
    return build_footer(
        with_footer_checksum(
            Footer(
                data_offset=data_offset,
                time_stamp=time_stamp,
                creator_application=_CREATOR,
                creator_version=creator_version,
                creator_host_os=_CREATOR_HOST,
                original_size=disk_size,
                current_size=disk_size,
                geometry=geometry_for(disk_size),
                disk_type_raw=kind,
                unique_id=unique_id,
            )
        )
    )
