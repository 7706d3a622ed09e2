"""Codes 129-147: damages of geometry, identity and flags, and files that are not what they seem."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import TYPE_CHECKING

from vhdchain.structures import DiskType, Geometry, build_footer, geometry_for, with_footer_checksum
from vhdchain.structures.footer import FOOTER_LENGTH, NULL_ID, POISON_COOKIE
from vhdchain.structures.geometry import LARGEST_GEOMETRY
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.damage.recipe import ANY, DYNAMIC, FIXED, SPARSE, Recipe, recipe
from vhdchain.testing.dialects import BLKTAP, QEMU, VIRTUALBOX
from vhdchain.testing.edits import edit_footer, end_footer, healthy, overwrite
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.testing.dialects import Dialect

_MOST = 2040 << 30


@cache
def _largest(kind: DiskType, dialect: Dialect) -> bytes:
    """Return an empty image of the largest size, with room in its BAT for more."""
    layout = dataclasses.replace(dialect.layout, spare_entries=1)
    tree = ChainBuilder(seed="largest", dialect=dataclasses.replace(dialect, layout=layout))
    if kind is DiskType.DYNAMIC:
        return bytes(tree.file(tree.dynamic("base.vhd", size=_MOST)).content)
    base = tree.dynamic("base.vhd", size=_MOST)
    return bytes(tree.file(tree.differencing("leaf.avhd", parent=base)).content)


def _larger(raw: bytes) -> bytes:
    return edit_footer(raw, current_size=_MOST + SECTOR_SIZE, original_size=_MOST + SECTOR_SIZE)


def _geometry(cylinders: int, heads: int, sectors_per_track: int) -> Callable[[bytes], bytes]:
    geometry = Geometry(cylinders=cylinders, heads=heads, sectors_per_track=sectors_per_track)
    return lambda raw: edit_footer(raw, geometry=geometry)


@cache
def _undisputed(kind: DiskType, dialect: Dialect) -> bytes:
    """Return a healthy image whose geometry is its size."""
    raw = healthy(kind, dialect)
    sectors = end_footer(raw).current_size // SECTOR_SIZE
    return edit_footer(raw, geometry=Geometry(cylinders=1, heads=1, sectors_per_track=sectors))


def _disputed(raw: bytes) -> bytes:
    usual = geometry_for(end_footer(raw).current_size)
    return edit_footer(raw, geometry=usual, creator_application=b"vpc ", creator_version=0x00050000)


def _reserved(offset: int, data: bytes) -> Callable[[bytes], bytes]:
    """Return a damage that puts ``data`` at ``offset`` of the footers, which is in their reserved bytes."""
    return lambda raw: edit_footer(raw, reserved=overwrite(end_footer(raw).reserved, offset - 85, data))


def _own_footer_first(raw: bytes) -> bytes:
    return raw[-FOOTER_LENGTH:] + raw[FOOTER_LENGTH:]


def _dynamic_footer_first(raw: bytes) -> bytes:
    other = dataclasses.replace(end_footer(raw), disk_type_raw=3, data_offset=512, unique_id=b"another disk's i")
    return build_footer(with_footer_checksum(other)) + raw[FOOTER_LENGTH:]


def _other_file(head: bytes) -> Callable[[bytes], bytes]:
    """Return a damage that leaves nothing of both footers and begins the file with ``head``."""
    return lambda raw: head.ljust(FOOTER_LENGTH, b"\0") + raw[FOOTER_LENGTH:-FOOTER_LENGTH] + bytes(FOOTER_LENGTH)


RECIPES: tuple[Recipe, ...] = (
    recipe(
        "VHD129",
        "the disk has a sector more than 2,040 GiB",
        SPARSE,
        _larger,
        # Disks of Windows of that size are an error: what they say of themselves cannot be.
        options={"base": _largest, "dialects": frozenset({BLKTAP.name, VIRTUALBOX.name, QEMU.name})},
    ),
    recipe(
        "VHD130",
        "the geometry is 2/4/17, more than the disk",
        ANY,
        _geometry(2, 4, 17),
        variants={"it is one sector more": _geometry(1, 1, 85), "it is nearly the largest": _geometry(65535, 16, 254)},
    ),
    recipe(
        "VHD131",
        "the geometry is 1/2/34",
        ANY,
        _geometry(1, 2, 34),
        variants={"it is the largest": lambda raw: edit_footer(raw, geometry=LARGEST_GEOMETRY)},
    ),
    recipe(
        "VHD132",
        "Virtual PC wrote a geometry that is less than the size",
        ANY,
        _disputed,
        options={"base": _undisputed},
    ),
    recipe(
        "VHD133",
        "the geometry has no cylinders",
        ANY,
        _geometry(0, 4, 17),
        variants={"no heads": _geometry(1, 0, 17), "no sectors": _geometry(1, 4, 0), "nothing": _geometry(0, 0, 0)},
    ),
    recipe("VHD134", "the identifier is null", ANY, lambda raw: edit_footer(raw, unique_id=NULL_ID)),
    recipe(
        "VHD135",
        "the saved state is 2",
        ANY,
        lambda raw: edit_footer(raw, saved_state=2),
        variants={"it is 255": lambda raw: edit_footer(raw, saved_state=255)},
    ),
    recipe("VHD136", "the saved state is 1", ANY, lambda raw: edit_footer(raw, saved_state=1)),
    recipe(
        "VHD137",
        "the hidden flag is 199",
        ANY,
        _reserved(85, b"\xc7"),
        variants={"it is set in a leaf": _reserved(85, b"\1")},
    ),
    recipe(
        "VHD138",
        "two reserved bytes are set",
        ANY,
        _reserved(300, b"\x07\x09"),
        variants={
            "simh's type of drive": _reserved(96, b"RA92"),
            "the end of a boot sector": _reserved(510, b"\x55\xaa"),
        },
    ),
    recipe(
        "VHD143",
        "the first sector of a fixed disk holds its footer",
        FIXED,
        _own_footer_first,
        variants={"or that of a dynamic disk with its size and time": _dynamic_footer_first},
    ),
    recipe(
        "VHD145",
        "the file begins like a VHDX",
        ANY,
        _other_file(b"vhdxfile"),
        variants={
            "like a qcow2": _other_file(b"QFI\xfb\0\0\0\3"),
            "like a VDI": _other_file(b"<<< Oracle VM VirtualBox Disk Image >>>\n"),
            "like a ZIP archive": _other_file(b"PK\x03\x04"),
            "like a web page": _other_file(b"<!DOCTYPE html>"),
        },
    ),
    recipe(
        "VHD146",
        "the disk is disabled",
        ANY,
        lambda raw: edit_footer(raw, cookie=POISON_COOKIE),
        variants={"only its end footer is yet": lambda raw: edit_footer(raw, copy=False, cookie=POISON_COOKIE)},
    ),
    recipe(
        "VHD147",
        "a disk with no parent is called .avhd",
        FIXED | DYNAMIC,
        lambda raw: raw,
        options={"name": "disk.avhd"},
    ),
)
