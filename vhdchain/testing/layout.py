"""How does a built image become the bytes of a file?

First every structure gets its place (`_Places`), in the order that the layout asks for; then the bytes are written. The
records and their ``build_*`` functions are those of ``vhdchain.structures``; that their bytes mean what was meant is
checked by the reference model's naive reader, which shares no code with them.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.structures import (
    UNUSED,
    BatmapHeader,
    DiskType,
    DiskTypeCode,
    DynamicHeader,
    Footer,
    ParentLocator,
    SpaceUnit,
    batmap_checksum,
    build_bat,
    build_batmap_header,
    build_bitmap,
    build_footer,
    build_header,
    geometry_for,
    with_footer_checksum,
    with_header_checksum,
)
from vhdchain.structures.batmap import BATMAP_HEADER_LENGTH
from vhdchain.structures.dynamic_header import HEADER_LENGTH, NO_LOCATORS
from vhdchain.structures.footer import FOOTER_LENGTH, NO_DATA_OFFSET, SHORT_FOOTER_LENGTH
from vhdchain.testing.dialects import LocatorsAt, Order
from vhdchain.testing.images import runs_of
from vhdchain.testing.parent_names import header_name, locator_data
from vhdchain.testing.sparse import SparseBytes
from vhdchain.units import (
    SECTOR_SIZE,
    bitmap_length,
    bytes_to_sectors,
    ceil_div,
    round_up_to_sector,
    sectors_to_bytes,
)

if TYPE_CHECKING:
    from vhdchain.testing.dialects import Locator
    from vhdchain.testing.images import BuiltBlock, BuiltImage

_RESERVED_LENGTH = 427
_CODES = {
    DiskType.FIXED: DiskTypeCode.FIXED,
    DiskType.DYNAMIC: DiskTypeCode.DYNAMIC,
    DiskType.DIFFERENCING: DiskTypeCode.DIFFERENCING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltFile:
    """A finished file and where its parts lie; offsets in bytes, None where the kind of image has no such part.

    Attributes:
        bitmaps: Offset of each allocated block's sector bitmap.
        locators: Offset of each locator's data, by slot.
        footer: Offset of the end footer; None for a raw disk.
    """

    content: SparseBytes
    footer: int | None = None
    header: int | None = None
    table: int | None = None
    batmap: int | None = None
    bitmaps: dict[int, int] = field(default_factory=dict)
    locators: dict[int, int] = field(default_factory=dict)

    def data_offset(self, block: int, block_size: int) -> int:
        """Return where the data of ``block`` begins in the file."""
        return self.bitmaps[block] + bitmap_length(block_size)


def build_file(image: BuiltImage, *, windows_folder: str) -> BuiltFile:
    """Return the file of ``image``; the same image always gives the same bytes."""
    if image.kind is DiskType.RAW:
        return BuiltFile(content=_flat(image))
    if image.kind is DiskType.FIXED:
        content = _flat(image)
        content.write(image.size, _footer_bytes(image))
        return BuiltFile(content=content, footer=image.size)
    places = _Places(image, windows_folder)
    content = SparseBytes()
    footer = _footer_bytes(image)
    # The copy has its full length also where the footer at the end lacks the last byte.
    content.write(0, footer.ljust(FOOTER_LENGTH, b"\0"))
    content.write(image.layout.header_offset, _header_bytes(image, places, windows_folder))
    _write_bat(content, image, places)
    for slot, data in places.locator_data.items():
        content.write(places.locators[slot].platform_data_offset, data)
    for index, block in image.blocks.items():
        _write_block(content, image, index, block, places.bitmaps[index])
    content.write(places.end, footer)
    return BuiltFile(
        content=content,
        footer=places.end,
        header=image.layout.header_offset,
        table=places.table,
        batmap=places.batmap,
        bitmaps=places.bitmaps,
        locators={slot: entry.platform_data_offset for slot, entry in places.locators.items()},
    )


class _Places:
    """Where everything in the file of a sparse image lies."""

    def __init__(self, image: BuiltImage, windows_folder: str) -> None:
        self.image = image
        self.windows_folder = windows_folder
        self.locators: dict[int, ParentLocator] = {}
        self.locator_data: dict[int, bytes] = {}
        self.bitmaps: dict[int, int] = {}
        layout = image.layout
        self.entries = image.block_count + layout.spare_entries
        self.end = layout.header_offset + HEADER_LENGTH
        self._locators_if(LocatorsAt.BEFORE_BAT)
        self.table = self.end if layout.table_offset is None else layout.table_offset
        self.end = max(self.end, self.table + round_up_to_sector(self.entries * 4))
        self.batmap = self._place_batmap() if layout.batmap else None
        self._locators_if(LocatorsAt.AFTER_BAT)
        self._place_blocks()
        self._locators_if(LocatorsAt.AFTER_DATA)

    def _place_batmap(self) -> int:
        # blktap looks for it right behind the BAT.
        offset = self.table + round_up_to_sector(self.entries * 4)
        self.end = max(self.end, offset + BATMAP_HEADER_LENGTH + round_up_to_sector(ceil_div(self.entries, 8)))
        return offset

    def _locators_if(self, place: LocatorsAt) -> None:
        if self.image.layout.locators_at is place and self.image.parent is not None:
            for number, locator in enumerate(self.image.locators):
                self._place_locator(number if locator.slot is None else locator.slot, locator, self.image.parent)

    def _place_locator(self, slot: int, locator: Locator, parent: BuiltImage) -> None:
        data = locator_data(locator, child=self.image.name, parent=parent.name, windows_folder=self.windows_folder)
        space = round_up_to_sector(len(data)) if locator.space is None else locator.space
        offset = round_up_to_sector(self.end) if locator.offset is None else locator.offset
        self.end = max(self.end, offset + space)
        in_sectors = locator.space_unit is SpaceUnit.SECTORS
        self.locator_data[slot] = data
        self.locators[slot] = ParentLocator(
            platform_code=locator.code if isinstance(locator.code, bytes) else locator.code.value,
            platform_data_space_raw=bytes_to_sectors(space) if in_sectors else space,
            platform_data_length=len(data),
            platform_data_offset=offset,
        )

    def _place_blocks(self) -> None:
        image = self.image
        bitmap, size = bitmap_length(image.block_size), image.block_size
        taken = sorted((block.at, block.at + bitmap + size) for block in image.blocks.values() if block.at is not None)
        for index in _ordered(image):
            given = image.blocks[index].at
            self.bitmaps[index] = offset = self._next_place(taken) if given is None else given
            length = size
            if image.layout.truncated_tail and index == image.block_count - 1:
                length = image.size - index * size
            self.end = max(self.end, offset + bitmap + length)

    def _next_place(self, taken: list[tuple[int, int]]) -> int:
        layout, size = self.image.layout, self.image.block_size
        bitmap = bitmap_length(size)
        start = self.end
        while True:
            data = ceil_div(start + layout.gap + bitmap, layout.data_alignment) * layout.data_alignment
            clash = [end for begin, end in taken if begin < data + size and data - bitmap < end]
            if not clash:
                return data - bitmap
            start = max(clash)


def _ordered(image: BuiltImage) -> list[int]:
    indexes = list(image.blocks)
    if image.layout.order is Order.INDEX:
        indexes.sort()
    elif image.layout.order is Order.SHUFFLED:
        image.random("order").shuffle(indexes)
    last = image.block_count - 1
    if image.layout.truncated_tail and last in image.blocks:
        indexes.remove(last)
        indexes.append(last)
    return indexes


def _flat(image: BuiltImage) -> SparseBytes:
    content = image.data.copy()
    content.truncate(image.size)
    return content


def _footer_bytes(image: BuiltImage) -> bytes:
    short = image.layout.footer_length == SHORT_FOOTER_LENGTH
    footer = Footer(
        features=image.dialect.features,
        data_offset=image.layout.header_offset if image.is_sparse else NO_DATA_OFFSET,
        time_stamp=image.created,
        creator_application=image.dialect.creator_application,
        creator_version=image.dialect.creator_version,
        creator_host_os=image.dialect.creator_host_os,
        original_size=image.original_size,
        current_size=image.size,
        geometry=geometry_for(image.size),
        disk_type_raw=_CODES[image.kind],
        unique_id=image.unique_id,
        reserved=_reserved(image)[: -1 if short else None],
    )
    footer = dataclasses.replace(footer, **image.footer_fields)
    # A test that plants a wrong checksum keeps it; any other planted field gets the checksum that it demands.
    return build_footer(footer if "checksum" in image.footer_fields else with_footer_checksum(footer))


def _reserved(image: BuiltImage) -> bytes:
    if not (image.layout.sector_0_in_footer and image.has(0)):
        return bytes(_RESERVED_LENGTH)
    return image.data.read(0, SECTOR_SIZE)[-_RESERVED_LENGTH:]


def _header_bytes(image: BuiltImage, places: _Places, windows_folder: str) -> bytes:
    header = DynamicHeader(
        table_offset=places.table,
        max_table_entries=places.entries,
        block_size=image.block_size,
        locators=tuple(places.locators.get(slot, none) for slot, none in enumerate(NO_LOCATORS)),
    )
    if image.parent is not None:
        header = dataclasses.replace(
            header,
            parent_unique_id=image.parent_unique_id,
            parent_time_stamp=image.parent_time_stamp,
            parent_unicode_name_raw=header_name(
                image.name_form, child=image.name, parent=image.parent.name, windows_folder=windows_folder
            ),
        )
    header = dataclasses.replace(header, **image.header_fields)
    return build_header(header if "checksum" in image.header_fields else with_header_checksum(header))


def _write_bat(content: SparseBytes, image: BuiltImage, places: _Places) -> None:
    entries = np.full(places.entries, UNUSED, dtype=np.uint32)
    for index, offset in places.bitmaps.items():
        entries[index] = bytes_to_sectors(offset)
    content.write(places.table, build_bat(entries, padding=image.layout.bat_padding))
    if places.batmap is None:
        return
    whole = np.zeros(places.entries, dtype=np.bool_)
    for index, block in image.blocks.items():
        whole[index] = bool(block.present.all())
    bitmap = np.packbits(whole).tobytes()
    bitmap = bitmap.ljust(round_up_to_sector(len(bitmap)), b"\0")
    header = BatmapHeader(
        batmap_offset=places.batmap + BATMAP_HEADER_LENGTH,
        batmap_sectors=bytes_to_sectors(len(bitmap)),
        checksum=batmap_checksum(bitmap),
    )
    content.write(places.batmap, build_batmap_header(header) + bitmap)


def _write_block(content: SparseBytes, image: BuiltImage, index: int, block: BuiltBlock, offset: int) -> None:
    content.write(offset, _bitmap_bytes(image, block))
    data, base = offset + bitmap_length(image.block_size), index * image.block_size
    room = image.block_size
    if image.layout.truncated_tail and index == image.block_count - 1:
        room = image.size - base
    # Holes have no pages, so the file gets its length from a write of nothing.
    content.write(data + room, b"")
    if block.clear is not None or image.layout.junk:
        clear = _junk(image, index) if block.clear is None else block.clear
        for start, end in runs_of(~block.present):
            first, last = sectors_to_bytes(start), min(sectors_to_bytes(end), room)
            content.write(data + min(first, room), clear[first:last])
    for start, end in runs_of(block.present):
        first, last = sectors_to_bytes(start), min(sectors_to_bytes(end), room)
        if first < last:
            content.write(data + first, image.data.read(base + first, last - first))


def _bitmap_bytes(image: BuiltImage, block: BuiltBlock) -> bytes:
    if block.bitmap is not None:
        return block.bitmap
    raw = build_bitmap(block.present)
    used = ceil_div(len(block.present), 8)
    return raw[:used] + bytes([image.layout.bitmap_padding]) * (len(raw) - used)


def _junk(image: BuiltImage, index: int) -> bytes:
    # Never zero and never text, so that junk which is taken for data shows.
    chunk = bytes(byte | 0x80 for byte in image.random(f"junk/{index}").randbytes(4096))
    return (chunk * ceil_div(image.block_size, len(chunk)))[: image.block_size]
