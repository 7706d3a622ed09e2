"""What do the bytes of a VHD mean?

Bytes to frozen records and back, for every structure of the format: footer, geometry, dynamic header, parent locators,
BAT, sector bitmap, and blktap's batmap. ``parse_*`` judges nothing and never fails on content; ``build_*`` gives the
same bytes again. construct is used in here and nowhere else.
"""

from __future__ import annotations

from vhdchain.structures.bat import UNUSED, Bat, build_bat, parse_bat
from vhdchain.structures.batmap import BatmapHeader, batmap_checksum, build_batmap_header, parse_batmap_header
from vhdchain.structures.bitmap import build_bitmap, parse_bitmap, sector_is_set
from vhdchain.structures.dynamic_header import (
    DynamicHeader,
    build_header,
    encode_parent_name,
    header_checksum,
    parse_header,
    with_header_checksum,
)
from vhdchain.structures.footer import (
    ChecksumFit,
    DiskType,
    DiskTypeCode,
    Footer,
    build_footer,
    checksum_fit,
    footer_checksum,
    from_timestamp,
    parse_footer,
    to_timestamp,
    with_footer_checksum,
)
from vhdchain.structures.geometry import Geometry, geometry_for
from vhdchain.structures.identifiers import guid_text, id_text
from vhdchain.structures.locator import (
    ParentLocator,
    PlatformCode,
    SpaceUnit,
    StoredLocator,
    decode_locator,
    encode_locator_text,
)
from vhdchain.structures.stored import Stored

__all__ = [
    "UNUSED",
    "Bat",
    "BatmapHeader",
    "ChecksumFit",
    "DiskType",
    "DiskTypeCode",
    "DynamicHeader",
    "Footer",
    "Geometry",
    "ParentLocator",
    "PlatformCode",
    "SpaceUnit",
    "Stored",
    "StoredLocator",
    "batmap_checksum",
    "build_bat",
    "build_batmap_header",
    "build_bitmap",
    "build_footer",
    "build_header",
    "checksum_fit",
    "decode_locator",
    "encode_locator_text",
    "encode_parent_name",
    "footer_checksum",
    "from_timestamp",
    "geometry_for",
    "guid_text",
    "header_checksum",
    "id_text",
    "parse_bat",
    "parse_batmap_header",
    "parse_bitmap",
    "parse_footer",
    "parse_header",
    "sector_is_set",
    "to_timestamp",
    "with_footer_checksum",
    "with_header_checksum",
]
