"""Which chain is measured? Valid differencing chains that anyone can rebuild, from a seed.

Sparse files with a real payload: every present sector holds 64 words derived from its layer and its number, so that no
two sectors are equal and none is zero. Sectors whose bit is clear are holes. Blocks are allocated in groups of 16 whose
order is shuffled, as after years of use.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.structures import (
    UNUSED,
    DiskTypeCode,
    DynamicHeader,
    Footer,
    ParentLocator,
    PlatformCode,
    build_bat,
    build_footer,
    build_header,
    encode_locator_text,
    encode_parent_name,
    geometry_for,
    with_footer_checksum,
    with_header_checksum,
)
from vhdchain.units import SECTOR_SIZE, bitmap_length, blocks_for, round_up_to_sector

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

GIB = 1 << 30
BLOCK_SIZE = 2 << 20
_SECTORS = BLOCK_SIZE // SECTOR_SIZE
_TABLE_OFFSET = 1536
_EPOCH = 946_684_800  # of the format: 2000-01-01, in Unix seconds
_TIME = 700_000_000
_WORDS = np.random.default_rng(12345).integers(0, 1 << 64, 64, dtype=np.uint64)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
PATTERNS = ("full", "clustered", "random", "mixed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A chain to generate.

    Attributes:
        name: What tables call it.
        size: The size of its disk in bytes; a multiple of the block's.
        layers: How many files it has.
        pattern: The pattern of the bitmaps of all layers but the base.
        base_pattern: That of the base.
        base_share: Which part of its blocks the base allocates.
        share: Which part every other layer allocates.
        payload: Whether present sectors hold data; without, files are bitmaps and holes, and read as zeros.
        seed: What everything random is drawn from.
    """

    name: str
    size: int
    layers: int
    pattern: str
    base_pattern: str = "full"
    base_share: float = 0.10
    share: float = 0.01
    payload: bool = True
    seed: int = 1


def generate(shape: Shape, folder: Path) -> list[Path]:
    """Write the chain into ``folder`` and return its files, base first."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(shape.seed)
    paths: list[Path] = []
    parent_id: bytes | None = None
    for index in range(shape.layers):
        path = folder / f"layer{index:03}.vhd"
        parent_id = _write_layer(
            shape, path, index, parent=paths[-1].name if paths else None, parent_id=parent_id, rng=rng
        )
        paths.append(path)
    return paths


def _write_layer(
    shape: Shape, path: Path, index: int, *, parent: str | None, parent_id: bytes | None, rng: np.random.Generator
) -> bytes:
    entries = np.full(blocks_for(shape.size, BLOCK_SIZE), UNUSED, dtype=np.uint32)
    share = shape.base_share if parent is None else shape.share
    blocks = np.sort(rng.choice(len(entries), max(1, int(len(entries) * share)), replace=False))
    blocks = _shuffled_in_groups(blocks, rng)
    bitmaps = make_bitmaps(shape.base_pattern if parent is None else shape.pattern, len(blocks), rng)
    locator_offset = _TABLE_OFFSET + len(build_bat(entries))
    first = locator_offset + SECTOR_SIZE
    stride = bitmap_length(BLOCK_SIZE) + BLOCK_SIZE
    offsets = first + np.arange(len(blocks), dtype=np.int64) * stride
    entries[blocks] = (offsets // SECTOR_SIZE).astype(np.uint32)
    unique_id = uuid.UUID(bytes=rng.bytes(16), version=4).bytes  # vhd-lib takes no others
    footer = build_footer(
        _footer(shape.size, DiskTypeCode.DYNAMIC if parent is None else DiskTypeCode.DIFFERENCING, unique_id)
    )
    header, locator = _header(len(entries), parent, parent_id, locator_offset)
    end = first + len(blocks) * stride
    with path.open("wb") as file:
        file.truncate(end + SECTOR_SIZE)
        os.pwrite(file.fileno(), footer + header + build_bat(entries) + locator, 0)
        for block, offset, bitmap in zip(blocks.tolist(), offsets.tolist(), bitmaps, strict=True):
            os.pwrite(file.fileno(), bitmap.tobytes(), offset)
            if shape.payload:
                _write_payload(file.fileno(), offset + bitmap_length(BLOCK_SIZE), index, block, bitmap)
        os.pwrite(file.fileno(), footer, end)
    # Children name the time of their parent.
    os.utime(path, (_EPOCH + _TIME, _EPOCH + _TIME))
    return unique_id


def _write_payload(fd: int, offset: int, layer: int, block: int, bitmap: NDArray[np.uint8]) -> None:
    bits = np.unpackbits(bitmap)
    sectors = np.arange(_SECTORS, dtype=np.uint64) + np.uint64(block * _SECTORS)
    tags = np.uint64((layer + 1) << 48) | sectors
    data = ((tags * _MULTIPLIER)[:, None] ^ _WORDS[None, :]).view(np.uint8).reshape(_SECTORS, SECTOR_SIZE)
    edges = np.flatnonzero(np.diff(bits.view(np.int8), prepend=0, append=0))
    if len(edges) > 400:
        # A hole for each clear sector would cost more than it saves: zeros, written at once.
        data[bits == 0] = 0
        os.pwrite(fd, data.tobytes(), offset)
        return
    for start, stop in edges.reshape(-1, 2).tolist():
        os.pwrite(fd, data[start:stop].tobytes(), offset + start * SECTOR_SIZE)


def make_bitmaps(pattern: str, count: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return ``count`` sector bitmaps of a pattern, shape (count, 512).

    ``full``: every sector. ``random``: each sector with even odds. ``clustered``: runs of 4 KiB pages, 6 present and 14
    absent on average. ``mixed``: 70 % full, 25 % clustered, 5 % random.
    """
    shape = (count, _SECTORS // 8)
    if pattern == "full":
        return np.full(shape, 0xFF, dtype=np.uint8)
    if pattern == "random":
        return rng.integers(0, 256, shape, dtype=np.uint8)
    if pattern == "clustered":
        pages = count * shape[1]
        runs = np.stack((rng.geometric(1 / 14, pages // 8 + 16), rng.geometric(1 / 6, pages // 8 + 16)), axis=1)
        values = np.tile(np.array([0x00, 0xFF], dtype=np.uint8), len(runs))
        return np.repeat(values, runs.reshape(-1))[:pages].reshape(shape)
    kind = rng.random(count)
    bitmaps = make_bitmaps("full", count, rng)
    for name, picked in (("clustered", (kind >= 0.70) & (kind < 0.95)), ("random", kind >= 0.95)):
        if picked.any():
            bitmaps[picked] = make_bitmaps(name, int(picked.sum()), rng)
    return bitmaps


def _shuffled_in_groups(blocks: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    groups = [blocks[at : at + 16] for at in range(0, len(blocks), 16)]
    return np.concatenate([groups[at] for at in rng.permutation(len(groups))])


def _footer(size: int, disk_type: DiskTypeCode, unique_id: bytes) -> Footer:
    return with_footer_checksum(
        Footer(
            data_offset=SECTOR_SIZE,
            time_stamp=_TIME,
            creator_application=b"win ",
            creator_version=0x000A0000,
            creator_host_os=b"Wi2k",
            original_size=size,
            current_size=size,
            geometry=geometry_for(size),
            disk_type_raw=disk_type,
            unique_id=unique_id,
        )
    )


def _header(entries: int, parent: str | None, parent_id: bytes | None, locator_offset: int) -> tuple[bytes, bytes]:
    plain = DynamicHeader(table_offset=_TABLE_OFFSET, max_table_entries=entries, block_size=BLOCK_SIZE)
    if parent is None or parent_id is None:
        return build_header(with_header_checksum(plain)), b""
    text = encode_locator_text(PlatformCode.W2RU, f".\\{parent}")
    locator = ParentLocator(
        platform_code=PlatformCode.W2RU.value,
        platform_data_space_raw=round_up_to_sector(len(text)),
        platform_data_length=len(text),
        platform_data_offset=locator_offset,
    )
    header = DynamicHeader(
        table_offset=_TABLE_OFFSET,
        max_table_entries=entries,
        block_size=BLOCK_SIZE,
        parent_unique_id=parent_id,
        parent_time_stamp=_TIME,
        parent_unicode_name_raw=encode_parent_name(parent),
        locators=(locator, *plain.locators[1:]),
    )
    return build_header(with_header_checksum(header)), text.ljust(SECTOR_SIZE, b"\0")
