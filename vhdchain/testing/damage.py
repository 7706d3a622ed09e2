"""How is one single damage planted in an image that is otherwise healthy?

For each code of a finding that one file can show there is a `Recipe`: a pure function from the bytes of a healthy image
to the bytes of a damaged one. It changes as little as it can, through the records of ``vhdchain.structures`` with
checksums that fit, so that the checks find the stated code and nothing that the damage does not bring along (`also`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from vhdchain.structures import DiskType
from vhdchain.structures.bat import ENTRY_LENGTH, UNUSED
from vhdchain.structures.dynamic_header import HEADER_LENGTH
from vhdchain.structures.footer import FOOTER_LENGTH, NO_DATA_OFFSET
from vhdchain.testing.edits import (
    BLOCK_SIZE,
    USED_BLOCKS,
    edit_entry,
    edit_footer,
    edit_header,
    edit_locator,
    end_footer,
    entry_of,
    flip_bit,
    header_of,
    overwrite,
)
from vhdchain.units import SECTOR_SIZE, bytes_to_sectors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SPARSE = frozenset({DiskType.DYNAMIC, DiskType.DIFFERENCING})
FIXED = frozenset({DiskType.FIXED})
DYNAMIC = frozenset({DiskType.DYNAMIC})
DIFFERENCING = frozenset({DiskType.DIFFERENCING})
ANY = SPARSE | FIXED


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to plant one condition in one image.

    Attributes:
        code: The code that it plants.
        what: What is done to the file, as a clause.
        kinds: For which kinds of images it is meant; its bytes must be like those of `healthy`: a 512-byte footer,
            and in a sparse one a BAT within one sector, and the last block partial and last in the file.
        damage: From the bytes of a healthy image to those of the damaged one.
        also: Codes that unavoidably follow, each with the reason.
    """

    code: str
    what: str
    kinds: frozenset[DiskType]
    damage: Callable[[bytes], bytes]
    also: Mapping[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> frozenset[str]:
        """All the codes that the damaged image shows."""
        return frozenset({self.code, *self.also})


def _no_header(raw: bytes) -> bytes:
    return overwrite(raw, end_footer(raw).data_offset, bytes(HEADER_LENGTH))


def _no_footer(raw: bytes) -> bytes:
    return bytes(FOOTER_LENGTH) + raw[FOOTER_LENGTH:-FOOTER_LENGTH] + bytes(FOOTER_LENGTH)


def _other_identifier(raw: bytes) -> bytes:
    return edit_footer(raw, end=False, unique_id=bytes(byte ^ 0xFF for byte in end_footer(raw).unique_id))


def _table_shifted(raw: bytes) -> bytes:
    header = header_of(raw)
    length = header.max_table_entries * ENTRY_LENGTH
    table = raw[header.table_offset : header.table_offset + length]
    shifted = overwrite(raw, header.table_offset + ENTRY_LENGTH, table)
    return edit_header(shifted, table_offset=header.table_offset + ENTRY_LENGTH)


def _table_in_header(raw: bytes) -> bytes:
    header = header_of(raw)
    length = header.max_table_entries * ENTRY_LENGTH
    table = raw[header.table_offset : header.table_offset + length]
    # The header's second sector begins with the end of the parent's name, which is empty there.
    place = end_footer(raw).data_offset + SECTOR_SIZE
    return edit_header(overwrite(raw, place, table), table_offset=place)


def _table_cut(raw: bytes) -> bytes:
    # The first entries of a healthy image are unused, so what remains of the table leads nowhere.
    return raw[: header_of(raw).table_offset + min(USED_BLOCKS) * ENTRY_LENGTH] + raw[-FOOTER_LENGTH:]


def _last_block_cut(raw: bytes) -> bytes:
    header = header_of(raw)
    size = end_footer(raw).current_size
    return raw[: -FOOTER_LENGTH - (-size % header.block_size)] + raw[-FOOTER_LENGTH:]


def _locator_too_long(raw: bytes) -> bytes:
    space = SECTOR_SIZE
    return edit_locator(raw, 0, platform_data_space_raw=space, platform_data_length=space + 2)


def _recipe(
    code: str,
    what: str,
    kinds: frozenset[DiskType],
    damage: Callable[[bytes], bytes],
    **also: str,
) -> Recipe:
    return Recipe(code=code, what=what, kinds=kinds, damage=damage, also=MappingProxyType(also))


_ALL = (
    _recipe(
        "VHD002",
        "the dynamic header is zeroed",
        SPARSE,
        _no_header,
        VHD201="zeros are no cookie",
        VHD202="nor are they the checksum of zeros",
    ),
    _recipe(
        "VHD005",
        "the block size is 512 MiB",
        SPARSE,
        lambda raw: edit_header(raw, block_size=0x20000000),
    ),
    _recipe("VHD101", "all but the first 100 bytes are gone", ANY, lambda raw: raw[:100]),
    _recipe("VHD102", "the end footer is cut off", SPARSE, lambda raw: raw[:-FOOTER_LENGTH]),
    _recipe("VHD103", "both footers are zeroed", ANY, _no_footer),
    _recipe("VHD106", "a reserved bit of the end footer is flipped", ANY, lambda raw: flip_bit(raw, len(raw) - 100)),
    _recipe(
        "VHD107",
        "the hidden byte is set and the checksums stay",
        ANY,
        lambda raw: edit_footer(raw, checksum=False, reserved=b"\1" + end_footer(raw).reserved[1:]),
    ),
    _recipe("VHD109", "the version is 2.0", ANY, lambda raw: edit_footer(raw, file_format_version=0x00020000)),
    _recipe("VHD114", "the disk type is 5", SPARSE, lambda raw: edit_footer(raw, disk_type_raw=5)),
    _recipe(
        "VHD116",
        "`data_offset` is that of a fixed disk",
        SPARSE,
        lambda raw: edit_footer(raw, data_offset=NO_DATA_OFFSET),
    ),
    _recipe(
        "VHD119",
        "`data_offset` leads to the end footer",
        SPARSE,
        lambda raw: edit_footer(raw, data_offset=len(raw) - FOOTER_LENGTH),
    ),
    _recipe(
        "VHD127",
        "the disk's size is zero",
        SPARSE,
        lambda raw: edit_footer(raw, current_size=0),
    ),
    _recipe(
        "VHD128",
        "the disk ends within a sector",
        SPARSE,
        lambda raw: edit_footer(raw, current_size=end_footer(raw).current_size - 100),
    ),
    _recipe("VHD139", "the first sector is zeroed", SPARSE, lambda raw: overwrite(raw, 0, bytes(FOOTER_LENGTH))),
    _recipe("VHD140", "a reserved bit of the footer copy is flipped", SPARSE, lambda raw: flip_bit(raw, 400)),
    _recipe(
        "VHD141",
        "the copy names another creator version",
        SPARSE,
        lambda raw: edit_footer(raw, end=False, creator_version=0x00060002),
    ),
    _recipe("VHD142", "the copy has another identifier", SPARSE, _other_identifier, VHD141="the copies differ"),
    _recipe(
        "VHD144",
        "the last sector of data is gone",
        FIXED,
        lambda raw: raw[: -FOOTER_LENGTH - SECTOR_SIZE] + raw[-FOOTER_LENGTH:],
    ),
    _recipe("VHD201", "the header's cookie is another one", SPARSE, lambda raw: edit_header(raw, cookie=b"cxSparse")),
    _recipe(
        "VHD202",
        "the header's checksum is off by one",
        SPARSE,
        lambda raw: edit_header(raw, checksum=False, reserved_1=b"\0\0\0\1"),
    ),
    _recipe("VHD203", "the header's version is 2.0", SPARSE, lambda raw: edit_header(raw, header_version=0x00020000)),
    _recipe("VHD207", "the BAT begins four bytes later", SPARSE, _table_shifted),
    _recipe("VHD208", "the BAT lies in the header's second sector", SPARSE, _table_in_header),
    _recipe(
        "VHD209",
        "the BAT claims four thousand million entries",
        SPARSE,
        lambda raw: edit_header(raw, max_table_entries=UNUSED),
    ),
    _recipe(
        "VHD210", "the block size is 4,608", SPARSE, lambda raw: edit_header(raw, block_size=BLOCK_SIZE + SECTOR_SIZE)
    ),
    _recipe(
        "VHD213",
        "the block size is 256",
        SPARSE,
        lambda raw: edit_header(raw, block_size=256),
        VHD214="as many blocks of that size do not cover the disk",
    ),
    _recipe(
        "VHD214",
        "the BAT has one entry less",
        SPARSE,
        lambda raw: edit_header(raw, max_table_entries=header_of(raw).max_table_entries - 1),
    ),
    _recipe(
        "VHD301",
        "a locator is for an unknown platform",
        DIFFERENCING,
        lambda raw: edit_locator(raw, 0, platform_code=b"Be64"),
    ),
    _recipe("VHD306", "a locator's data is longer than its space", DIFFERENCING, _locator_too_long),
    _recipe(
        "VHD307",
        "a locator lies behind the end",
        DIFFERENCING,
        lambda raw: edit_locator(raw, 0, platform_data_offset=len(raw)),
    ),
    _recipe(
        "VHD401",
        "the file ends within the BAT, then comes the footer",
        DYNAMIC,
        _table_cut,
        VHD209="the whole table ends behind the file",
    ),
    _recipe(
        "VHD402",
        "a block lies over the dynamic header",
        SPARSE,
        lambda raw: edit_entry(raw, USED_BLOCKS[0], bytes_to_sectors(end_footer(raw).data_offset)),
    ),
    _recipe("VHD403", "a BAT entry is zero", SPARSE, lambda raw: edit_entry(raw, USED_BLOCKS[0], 0)),
    _recipe(
        "VHD404",
        "a block lies behind the end",
        SPARSE,
        lambda raw: edit_entry(raw, USED_BLOCKS[0], bytes_to_sectors(len(raw))),
    ),
    _recipe("VHD405", "the last block is stored only up to the disk's end", SPARSE, _last_block_cut),
    _recipe(
        "VHD406",
        "a block has the place of another one",
        SPARSE,
        lambda raw: edit_entry(raw, USED_BLOCKS[0], entry_of(raw, USED_BLOCKS[1])),
    ),
    _recipe(
        "VHD407",
        "a block begins one sector later, in its neighbour",
        SPARSE,
        lambda raw: edit_entry(raw, USED_BLOCKS[0], entry_of(raw, USED_BLOCKS[0]) + 1),
    ),
    _recipe("VHD552", "nothing is left", ANY, lambda _: b""),
)

RECIPES: Mapping[str, Recipe] = MappingProxyType({recipe.code: recipe for recipe in _ALL})
"""The recipe of every code that a single file can show by itself, in the order of the codes."""
