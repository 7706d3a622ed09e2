"""Which cases ask how one file is taken apart: footers, fields, places, damage?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vhdchain.structures.footer import FOOTER_LENGTH
from vhdchain.testing.conformance.case import BuiltChain, Case, Right
from vhdchain.testing.conformance.suite.parts import BASE, BLOCK, on_bytes, pair, single
from vhdchain.testing.damage import RECIPES
from vhdchain.testing.dialects import BLKTAP, HYPER_V_2008_R2, PLAIN, LocatorsAt, Order
from vhdchain.testing.edits import edit_entry, edit_footer, entry_of, flip_bit
from vhdchain.units import bytes_to_sectors, round_up_to_sector

if TYPE_CHECKING:
    from collections.abc import Callable

_HIDDEN = b"\1" + bytes(426)


def _damaged(code: str) -> Callable[[bytes], bytes]:
    return RECIPES[code].damage


def _twice(raw: bytes) -> bytes:
    return edit_entry(raw, 1, entry_of(raw, 0))


def _beyond(raw: bytes) -> bytes:
    return edit_entry(raw, 1, bytes_to_sectors(len(raw)))


def _torn_resize(raw: bytes) -> bytes:
    return edit_footer(raw, copy=False, current_size=BLOCK)


def _wrong_checksums(raw: bytes) -> bytes:
    for footer in (0, len(raw) - FOOTER_LENGTH):
        raw = flip_bit(raw, footer + 64)
    return raw


def _half(raw: bytes) -> bytes:
    return raw[: round_up_to_sector(len(raw) // 2)]


def _creator(code: bytes) -> Callable[[], BuiltChain]:
    return lambda: pair(dialect=replace(HYPER_V_2008_R2, creator_application=code, creator_version=0x00070000))


def _shuffled() -> BuiltChain:
    tree, leaf = pair(layout=replace(PLAIN, order=Order.SHUFFLED, locators_at=LocatorsAt.AFTER_DATA, gap=1536))
    tree.block(leaf, 1, bitmap=b"\x00\xff")
    return BuiltChain(tree, leaf)


def _far_away() -> BuiltChain:
    tree, leaf = single()
    tree.block(leaf, 1, at=5 << 30)
    return BuiltChain(tree, leaf)


CASES = (
    Case(
        name="short-footer",
        trap=6,
        asks="the footer has 511 bytes",
        build=lambda: single(layout=replace(PLAIN, footer_length=511)),
    ),
    Case(
        name="end-footer-torn",
        trap=7,
        asks="the footer at the end is overwritten, its copy is whole",
        build=single,
        change=on_bytes(BASE, _damaged("VHD102")),
    ),
    Case(
        name="footer-copy-torn",
        trap=7,
        asks="the copy is damaged, the footer at the end is whole",
        build=single,
        change=on_bytes(BASE, _damaged("VHD140")),
    ),
    Case(
        name="footers-disagree",
        trap=7,
        asks="both footers are valid and tell different sizes",
        build=single,
        change=on_bytes(BASE, _torn_resize),
        right=Right.REFUSAL,
    ),
    Case(
        name="reserved-byte",
        trap=8,
        asks="byte 85 of the footer is set, and the checksum counts it",
        build=lambda: single(footer={"reserved": _HIDDEN}),
    ),
    Case(
        name="wrong-checksum",
        trap=8,
        asks="the checksum of both footers is wrong",
        build=single,
        change=on_bytes(BASE, _wrong_checksums),
        right=Right.REFUSAL,
    ),
    Case(
        name="no-feature-bit", trap=9, asks="feature bit 0x2 is missing", build=lambda: single(footer={"features": 0})
    ),
    Case(
        name="unknown-feature-bit",
        trap=9,
        asks="feature bit 0x100 is set",
        build=lambda: single(footer={"features": 0x102}),
    ),
    Case(
        name="saved-state",
        trap=10,
        asks="the disk belongs to a saved machine",
        build=lambda: pair(footer={"saved_state": 1}),
    ),
    Case(
        name="entry-zero",
        trap=12,
        asks="a BAT entry is 0",
        build=single,
        change=on_bytes(BASE, lambda raw: edit_entry(raw, 1, 0)),
        right=Right.REFUSAL,
    ),
    Case(
        name="entry-twice",
        trap=12,
        asks="two BAT entries name one block",
        build=single,
        change=on_bytes(BASE, _twice),
        right=Right.REFUSAL,
    ),
    Case(
        name="entry-beyond-the-file",
        trap=12,
        asks="a BAT entry leads behind the end of the file",
        build=single,
        change=on_bytes(BASE, _beyond),
        right=Right.REFUSAL,
    ),
    Case(
        name="blktap",
        trap=14,
        asks="data is aligned at 4 KiB, and a batmap follows the BAT",
        build=lambda: pair(dialect=BLKTAP, layout=BLKTAP.layout, locators=BLKTAP.locators),
    ),
    Case(
        name="shuffled",
        trap=15,
        asks="blocks lie in another order, with gaps, in front of the locators",
        build=_shuffled,
    ),
    Case(name="behind-4-gib", trap=29, asks="a block lies 5 GiB into the file", build=_far_away),
    Case(
        name="huge-table",
        trap=29,
        asks="the header claims 4 G entries",
        build=lambda: single(header={"max_table_entries": 0xFFFFFFFF}),
        right=Right.REFUSAL,
    ),
    Case(
        name="overflowing-table",
        trap=29,
        asks="the header claims so many entries that their bytes overflow 32 bits",
        build=lambda: single(header={"max_table_entries": 0x40000001}),
        right=Right.REFUSAL,
    ),
    Case(
        name="cut-file",
        trap=31,
        asks="the second half of the file is missing",
        build=single,
        change=on_bytes(BASE, _half),
        right=Right.REFUSAL,
    ),
    Case(
        name="cut-parent",
        trap=31,
        asks="the second half of the parent is missing",
        build=pair,
        change=on_bytes(BASE, _half),
        right=Right.REFUSAL,
    ),
    Case(name="unknown-creator", trap=32, asks="a program that nobody knows made it", build=_creator(b"zzz1")),
    Case(name="virtualbox-creator", trap=32, asks="VirtualBox made it", build=_creator(b"vbox")),
    Case(name="undo-disk", trap=33, asks="an undo disk", build=lambda: pair(leaf="disk.vud")),
)
"""Traps 6 to 10, 12, 14, 15, 29 and 31 to 33."""
