"""Codes 104-126: damages of single fields of the footer that counts, and of its place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from vhdchain.structures import DiskType, Geometry, to_timestamp
from vhdchain.structures.dynamic_header import HEADER_LENGTH
from vhdchain.structures.footer import FOOTER_COOKIE, FOOTER_LENGTH
from vhdchain.testing.damage.recipe import ANY, DYNAMIC, FIXED, LOOKED_AT, SPARSE, Damage, Recipe, recipe
from vhdchain.testing.edits import edit_footer, edit_header, end_footer, healthy, overwrite
from vhdchain.units import SECTOR_SIZE, sectors_to_bytes

if TYPE_CHECKING:
    from vhdchain.testing.dialects import Dialect

_HOUR = 3600
_BEFORE_2003 = to_timestamp(datetime(2002, 12, 31, 23, 59, 59, tzinfo=UTC))
# Between the metadata of a healthy image and its first block, whoever wrote it.
_ROOM = 5 << 10


def _set(**fields: Any) -> Damage:
    return lambda raw: edit_footer(raw, **fields)


def _header_at(offset: int) -> Damage:
    """Return the damage that moves the dynamic header to ``offset``."""

    def move(raw: bytes) -> bytes:
        place = end_footer(raw).data_offset
        header = raw[place : place + HEADER_LENGTH]
        moved = overwrite(overwrite(raw, place, bytes(HEADER_LENGTH)), offset, header)
        return edit_footer(moved, data_offset=offset)

    return move


def _created(time: int) -> Damage:
    """Return the damage that names another time of creation; a parent's time, which would be later, is not kept."""

    def name(raw: bytes) -> bytes:
        if end_footer(raw).disk_type is DiskType.DIFFERENCING:
            raw = edit_header(raw, parent_time_stamp=0)
        return edit_footer(raw, time_stamp=time)

    return name


def _resized(factor: int, divisor: int = 1) -> Damage:
    """Return the damage that names another original size."""

    def name(raw: bytes) -> bytes:
        return edit_footer(raw, original_size=end_footer(raw).current_size * factor // divisor)

    return name


def _reserved_kept(offset: int, kept: bytes) -> Damage:
    """Return the damage that puts bytes into the reserved ones and leaves the checksum as it is."""

    def keep(raw: bytes) -> bytes:
        reserved = end_footer(raw).reserved
        return edit_footer(raw, checksum=False, reserved=overwrite(reserved, offset, kept))

    return keep


def _windows(kind: DiskType, dialect: Dialect) -> bytes:
    """Return the healthy image as if its writer had run on Windows; blktap names no system."""
    return edit_footer(healthy(kind, dialect), creator_host_os=b"Wi2k")


def _undisputed(kind: DiskType, dialect: Dialect) -> bytes:
    """Return the healthy image with a geometry that is just as large as the disk.

    Whether the geometry counts for other readers depends on the creator.
    """
    geometry = Geometry(cylinders=1, heads=4, sectors_per_track=21)
    raw = edit_footer(healthy(kind, dialect), geometry=geometry)
    assert geometry.size == end_footer(raw).current_size
    return raw


RECIPES: tuple[Recipe, ...] = (
    recipe("VHD104", "the footer's last byte, a zero, is gone", ANY, lambda raw: raw[:-1]),
    recipe(
        "VHD105",
        "a sector of zeros follows the footer",
        ANY,
        lambda raw: raw + bytes(SECTOR_SIZE),
        variants={
            "many sectors": lambda raw: raw + b"\xa5" * (sectors_to_bytes(300)),
            "nearly a mebibyte": lambda raw: raw + bytes((1 << 20) - FOOTER_LENGTH),
            "the cookie of a footer": lambda raw: raw + FOOTER_COOKIE.ljust(FOOTER_LENGTH, b"\0") + bytes(SECTOR_SIZE),
        },
    ),
    recipe(
        "VHD108",
        "reserved bytes are set and the checksums stay",
        ANY,
        _reserved_kept(40, b"kept"),
        variants={"the last ones": _reserved_kept(425, b"\xff\xff"), "with the hidden one": _reserved_kept(0, b"\1\1")},
    ),
    recipe(
        "VHD110",
        "the version is 1.1",
        ANY,
        _set(file_format_version=0x00010001),
        variants={"1.65535": _set(file_format_version=0x0001FFFF)},
    ),
    recipe("VHD111", "no feature bit is set", ANY, _set(features=0)),
    recipe(
        "VHD112",
        "an unknown feature bit is set",
        ANY,
        _set(features=0x00008002),
        variants={
            "the highest": _set(features=0x80000002),
            "that of healthy files": _set(features=0x00000102),
            "both": _set(features=0x80000102),
        },
    ),
    recipe("VHD113", "the disk is marked as temporary", ANY, _set(features=0x3)),
    recipe(
        "VHD115",
        "`data_offset` of a fixed disk is that of a dynamic one",
        FIXED,
        _set(data_offset=512),
        variants={"zero": _set(data_offset=0), "half of the ones": _set(data_offset=0xFFFFFFFF)},
    ),
    recipe(
        "VHD117",
        "the header is moved to a place within a sector",
        SPARSE,
        _header_at(_ROOM - 8),
        variants={"by one byte": _header_at(_ROOM - 1)},
    ),
    recipe("VHD118", "the header is moved behind the BAT", SPARSE, _header_at(_ROOM)),
    recipe(
        "VHD120",
        "it was created tomorrow",
        ANY,
        _set(time_stamp=to_timestamp(LOOKED_AT) + 24 * _HOUR),
        variants={
            "a second too late": _set(time_stamp=to_timestamp(LOOKED_AT) + 14 * _HOUR + 1),
            "the last second": _set(time_stamp=0xFFFFFFFF),
        },
    ),
    recipe("VHD121", "no time is set", ANY, _created(0), variants={"2002": _created(_BEFORE_2003)}),
    recipe(
        "VHD122",
        "another program wrote it",
        ANY,
        _set(creator_application=b"zork"),
        variants={"nothing is said": _set(creator_application=bytes(4))},
        options={"base": _undisputed},
    ),
    recipe(
        "VHD123",
        "blktap 1.4 wrote it",
        ANY,
        _set(creator_application=b"tap\0", creator_version=0x00010004),
        variants={"0.1": _set(creator_application=b"tap\0", creator_version=0x00000001)},
    ),
    recipe(
        "VHD124",
        "the writer's system is not named",
        ANY,
        _set(creator_host_os=bytes(4)),
        variants={"another one": _set(creator_host_os=b"Lnx ")},
        options={"base": _windows},
    ),
    # In a differencing disk it is a warning: tests/structures/test_check_footer_fields.py.
    recipe("VHD125", "it was made half as large", FIXED | DYNAMIC, _resized(1, 2)),
    recipe("VHD126", "it was made twice as large", ANY, _resized(2)),
)
