"""Codes 501-512: damages of what the dialects keep beside the specification."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import TYPE_CHECKING, Any

from vhdchain.structures import build_batmap_header, parse_batmap_header
from vhdchain.structures.bat import ENTRY_LENGTH
from vhdchain.structures.batmap import BATMAP_HEADER_LENGTH, batmap_checksum
from vhdchain.structures.dynamic_header import HEADER_LENGTH
from vhdchain.structures.footer import FOOTER_LENGTH
from vhdchain.structures.journal import Journal, build_journal
from vhdchain.testing.damage.recipe import DIFFERENCING, SPARSE, Recipe, recipe
from vhdchain.testing.dialects import BLKTAP
from vhdchain.testing.edits import end_footer, header_of, healthy, overwrite
from vhdchain.units import SECTOR_SIZE, round_up_to_sector

if TYPE_CHECKING:
    from vhdchain.structures import BatmapHeader, DiskType
    from vhdchain.testing.dialects import Dialect

JOURNAL_HEADER_LENGTH = 512
JOURNAL_ENTRY_COOKIE = bytes.fromhex("aaaa12344321aaaa")


@cache
def with_batmap(kind: DiskType, dialect: Dialect) -> bytes:
    """Return a healthy image with a batmap, whoever wrote it."""
    layout = dataclasses.replace(dialect.layout, batmap=True)
    return healthy(kind, dataclasses.replace(dialect, layout=layout))


def batmap_of(raw: bytes) -> BatmapHeader:
    """Return the header of the batmap behind the BAT."""
    return parse_batmap_header(raw[_place(raw) : _place(raw) + BATMAP_HEADER_LENGTH])


def edit_batmap(raw: bytes, **fields: Any) -> bytes:
    """Replace fields of the batmap's header."""
    return overwrite(raw, _place(raw), build_batmap_header(dataclasses.replace(batmap_of(raw), **fields)))


def mark_whole(raw: bytes, block: int, *, whole: bool = True) -> bytes:
    """Set or clear the bit of ``block`` in the batmap, and make its checksum fit."""
    header = batmap_of(raw)
    place, mask = header.batmap_offset + block // 8, 0x80 >> block % 8
    raw = overwrite(raw, place, bytes([raw[place] | mask if whole else raw[place] & ~mask]))
    bits = raw[header.batmap_offset :][: header.batmap_sectors * SECTOR_SIZE]
    return edit_batmap(raw, checksum=batmap_checksum(bits))


def _place(raw: bytes) -> int:
    header = header_of(raw)
    return header.table_offset + round_up_to_sector(header.max_table_entries * ENTRY_LENGTH)


def _signed_checksum(raw: bytes) -> bytes:
    header = batmap_of(raw)
    bits = raw[header.batmap_offset :][: header.batmap_sectors * SECTOR_SIZE]
    return edit_batmap(raw, checksum=batmap_checksum(bits, signed=True) ^ 0x100, batmap_version=0x00010001)


def _key_hash(raw: bytes) -> bytes:
    nonce, digest = bytes(range(32)), bytes(range(100, 132))
    return edit_batmap(raw, reserved=(b"\1" + nonce + digest).ljust(len(batmap_of(raw).reserved), b"\0"))


def _journal(raw: bytes) -> bytes:
    """Return the journal that blktap keeps while it resizes the disk: its metadata, and none of its blocks yet."""
    footer, header = end_footer(raw), header_of(raw)
    table = round_up_to_sector(header.max_table_entries * ENTRY_LENGTH)
    batmap = _place(raw)
    pieces = [
        (1, len(raw) - FOOTER_LENGTH, FOOTER_LENGTH),
        (2, 0, FOOTER_LENGTH),
        (3, footer.data_offset, HEADER_LENGTH),
        (5, header.table_offset, table),
        (6, batmap, BATMAP_HEADER_LENGTH),
        (7, batmap + BATMAP_HEADER_LENGTH, SECTOR_SIZE),
    ]
    entries = b"".join(_journal_entry(kind, offset, raw[offset : offset + length]) for kind, offset, length in pieces)
    return _journal_head(raw, len(pieces), JOURNAL_HEADER_LENGTH + len(entries)) + entries


def _finished_journal(raw: bytes) -> bytes:
    return _journal_head(raw, 0, JOURNAL_HEADER_LENGTH)


def _journal_head(raw: bytes, entries: int, end: int) -> bytes:
    head = build_journal(
        Journal(
            unique_id=end_footer(raw).unique_id,
            footer_offset=len(raw) - FOOTER_LENGTH,
            data_entries=0,
            metadata_entries=entries,
        )
    )
    # Where data and metadata begin, and the journal's end, which blktap leaves in the order of its machine.
    head += end.to_bytes(8, "big") + JOURNAL_HEADER_LENGTH.to_bytes(8, "big") + end.to_bytes(8, "little")
    return head.ljust(JOURNAL_HEADER_LENGTH, b"\0")


def _journal_entry(kind: int, offset: int, data: bytes) -> bytes:
    head = JOURNAL_ENTRY_COOKIE + kind.to_bytes(4, "big") + len(data).to_bytes(4, "big") + offset.to_bytes(8, "big")
    # Its checksum is left out, and with it the padding of its record: nothing here reads them.
    return head.ljust(32, b"\0") + data


_WITH_BATMAP = {"base": with_batmap}

RECIPES: tuple[Recipe, ...] = (
    recipe(
        "VHD501",
        "the batmap's cookie is another one",
        SPARSE,
        lambda raw: edit_batmap(raw, cookie=b"tdbatmaq"),
        # Nobody else's disks are expected to have one.
        options={"dialects": frozenset({BLKTAP.name})},
    ),
    recipe(
        "VHD502",
        "the batmap's version is 1.3",
        SPARSE,
        lambda raw: edit_batmap(raw, batmap_version=0x00010003),
        variants={
            "version 2.0": lambda raw: edit_batmap(raw, batmap_version=0x00020000),
            "version 0.0": lambda raw: edit_batmap(raw, batmap_version=0),
        },
        options=_WITH_BATMAP,
    ),
    recipe(
        "VHD503",
        "the batmap's checksum is off by one bit",
        SPARSE,
        lambda raw: edit_batmap(raw, checksum=batmap_of(raw).checksum ^ 1),
        variants={"a wrong sum of signed bytes in version 1.1": _signed_checksum},
        options=_WITH_BATMAP,
    ),
    recipe(
        "VHD504",
        "the batmap has no sectors",
        SPARSE,
        lambda raw: edit_batmap(raw, batmap_sectors=0),
        options=_WITH_BATMAP,
    ),
    recipe(
        "VHD505",
        "the batmap's bits begin within a sector",
        SPARSE,
        lambda raw: edit_batmap(raw, batmap_offset=batmap_of(raw).batmap_offset + 8),
        variants={"they begin at offset 0": lambda raw: edit_batmap(raw, batmap_offset=0)},
        options=_WITH_BATMAP,
    ),
    recipe(
        "VHD506",
        "the batmap's bits begin at the end footer",
        SPARSE,
        lambda raw: edit_batmap(raw, batmap_offset=len(raw) - SECTOR_SIZE),
        variants={
            "they have 2 TiB": lambda raw: edit_batmap(raw, batmap_sectors=0xFFFFFFFF),
            "they begin behind the file": lambda raw: edit_batmap(raw, batmap_offset=1 << 60),
        },
        options=_WITH_BATMAP,
    ),
    recipe(
        "VHD510",
        "the file is the journal of a resize",
        SPARSE,
        _journal,
        variants={"of one that was finished": _finished_journal},
        # Nobody else resizes with a journal.
        options={"dialects": frozenset({BLKTAP.name})},
    ),
    recipe(
        "VHD511",
        "the name is that of an undo disk",
        DIFFERENCING,
        lambda raw: raw,
        options={"name": "VirtualPCUndo_disk_0_0_1234560102012.vud"},
    ),
    recipe("VHD512", "the hash of a key is stored", SPARSE, _key_hash, options=_WITH_BATMAP),
)
