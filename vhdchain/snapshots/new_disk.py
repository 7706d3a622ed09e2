r"""Which bytes is a new differencing disk made of, before anything is written to it?

As Hyper-V 2008 R2 makes them: footer copy, dynamic header, BAT of unused entries, locators (absolute, then relative),
footer; the full path of the parent as its name. The disk's size, geometry and block size are the parent's.
"""

from __future__ import annotations

import ntpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.structures import (
    UNUSED,
    DiskTypeCode,
    DynamicHeader,
    ParentLocator,
    PlatformCode,
    build_bat,
    build_header,
    encode_locator_text,
    encode_parent_name,
    with_header_checksum,
)
from vhdchain.structures.bat import ENTRY_LENGTH
from vhdchain.structures.dynamic_header import HEADER_LENGTH, PARENT_NAME_LENGTH
from vhdchain.structures.flat_layout import new_footer
from vhdchain.structures.footer import FOOTER_LENGTH
from vhdchain.structures.locator import LOCATOR_COUNT
from vhdchain.units import blocks_for, round_up_to_sector

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCK_SIZE = 2 << 20
"""The block size of a disk whose parent has none, in bytes."""

_VERSION = 0x00060001  # Windows 6.1: 2008 R2
_TABLE = FOOTER_LENGTH + HEADER_LENGTH
_ROOM = 256  # of the name, with the NUL that ends it


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentOfNew:
    r"""What a new disk must know of its parent; sizes in bytes, times in seconds since 2000.

    Attributes:
        path: Its Windows path: ``D:\VMs\srv.vhd``.
        unique_id: The 16 stored bytes.
        modified: When the file was modified last.
        disk_size: Of the disk.
        block_size: Of its blocks; 0 for a fixed or raw disk.
    """

    path: str
    unique_id: bytes
    modified: int
    disk_size: int
    block_size: int = 0


def new_differencing_disk(parent: ParentOfNew, *, path: str, unique_id: bytes, created: int) -> bytes:
    r"""Return the file of an empty differencing disk.

    Args:
        parent: What it builds on.
        path: Its own Windows path: ``D:\VMs\srv_1.avhd``.
        unique_id: Its identifier, 16 bytes.
        created: When it is made, in seconds since 2000.
    """
    block_size = parent.block_size or BLOCK_SIZE
    entries = blocks_for(parent.disk_size, block_size)
    table = build_bat(np.full(entries, UNUSED, dtype=np.uint32))
    texts = list(_texts(path, parent.path))
    locators, data = _locators(texts, _TABLE + len(table))
    header = with_header_checksum(
        DynamicHeader(
            table_offset=_TABLE,
            max_table_entries=entries,
            block_size=block_size,
            parent_unique_id=parent.unique_id,
            parent_time_stamp=parent.modified,
            parent_unicode_name_raw=_name(parent.path),
            locators=locators,
        )
    )
    footer = new_footer(
        DiskTypeCode.DIFFERENCING,
        parent.disk_size,
        FOOTER_LENGTH,
        unique_id=unique_id,
        time_stamp=created,
        creator_version=_VERSION,
    )
    return b"".join((footer, build_header(header), table, data, footer))


def new_disk_size(parent: ParentOfNew, path: str) -> int:
    """Return how long the file is that `new_differencing_disk` gives, without making it."""
    entries = blocks_for(parent.disk_size, parent.block_size or BLOCK_SIZE)
    texts = sum(round_up_to_sector(len(encode_locator_text(code, text))) for code, text in _texts(path, parent.path))
    return _TABLE + round_up_to_sector(entries * ENTRY_LENGTH) + texts + FOOTER_LENGTH


def _name(path: str) -> bytes:
    """Return the parent's name: its whole path where that fits, as hosts store it."""
    whole = len(path.encode("utf-16-be")) // 2 < _ROOM
    raw = encode_parent_name(path if whole else ntpath.basename(path))
    return raw.ljust(PARENT_NAME_LENGTH, b"\0")


def _texts(child: str, parent: str) -> list[tuple[PlatformCode, str]]:
    texts = [(PlatformCode.W2KU, parent)]
    # No relative path leads from one drive to another.
    if ntpath.splitdrive(child)[0].casefold() == ntpath.splitdrive(parent)[0].casefold():
        relative = ntpath.relpath(parent, ntpath.dirname(child))
        texts.append((PlatformCode.W2RU, relative if relative.startswith("..") else f".\\{relative}"))
    return texts


def _locators(texts: Sequence[tuple[PlatformCode, str]], offset: int) -> tuple[tuple[ParentLocator, ...], bytes]:
    """Return the eight entries for texts that stand one behind the other from ``offset``, and their bytes."""
    entries, parts = [], []
    for code, text in texts:
        raw = encode_locator_text(code, text)
        room = round_up_to_sector(len(raw))
        entries.append(
            ParentLocator(
                platform_code=code.value,
                platform_data_space_raw=room,
                platform_data_length=len(raw),
                platform_data_offset=offset,
            )
        )
        parts.append(raw.ljust(room, b"\0"))
        offset += room
    entries += [ParentLocator()] * (LOCATOR_COUNT - len(entries))
    return tuple(entries), b"".join(parts)
