"""Which cases ask where single sectors come from: bits, zeros, sizes, block sizes?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vhdchain.testing.conformance.case import BuiltChain, Case
from vhdchain.testing.conformance.suite.parts import BLOCK, SIZE, pair, single
from vhdchain.testing.dialects import PLAIN, VIRTUALBOX, NameForm
from vhdchain.units import bytes_to_sectors

if TYPE_CHECKING:
    from collections.abc import Callable

_JUNK = b"\xee" * BLOCK


def _bits(pattern: bytes) -> Callable[[], BuiltChain]:
    # Text also under clear bits: whoever takes them for set ones shows it.
    return lambda: pair(
        bitmap=pattern * 64, data=b"what the child wrote once".ljust(512, b".") * bytes_to_sectors(BLOCK)
    )


def _zeros(*, whole: bool) -> Callable[[], BuiltChain]:
    return lambda: pair(bitmap=b"\xff" * 512 if whole else b"\x0f" * 64, data=bytes(512))


def _several_blocks(block_size: int) -> Callable[[], BuiltChain]:
    def build() -> BuiltChain:
        # The child's blocks have clear bits among whole bytes of set ones.
        tree, leaf = pair(base_options={"size": 4 * block_size, "block_size": block_size})
        for block in range(3):
            tree.block(leaf, block, bitmap=b"\xff\x00\xff")
        return BuiltChain(tree, leaf)

    return build


def _grown() -> BuiltChain:
    tree, leaf = single()
    tree.resize(leaf, 2 * SIZE)
    tree.block(leaf, leaf.block_count - 1)
    return BuiltChain(tree, leaf)


def _allocated_behind_the_end() -> BuiltChain:
    tree, leaf = single(size=3 * BLOCK, layout=replace(PLAIN, spare_entries=2))
    tree.edit(leaf, size=2 * BLOCK, original_size=2 * BLOCK)
    return BuiltChain(tree, leaf)


def _child_longer() -> BuiltChain:
    return pair(size=2 * SIZE)


def _child_shorter() -> BuiltChain:
    return pair(size=BLOCK + 512 * 7)


def _longer_in_the_middle() -> BuiltChain:
    # What the base holds behind the end of the middle one stays hidden, also where the leaf is long again.
    tree, middle = pair(leaf="middle.avhd", size=BLOCK)
    leaf = tree.snapshot(middle, "leaf.avhd", size=SIZE, name_form=NameForm.BASENAME)
    tree.block(leaf, 0, bitmap=b"\x00\xff")
    return BuiltChain(tree, leaf)


def _mixed_blocks() -> BuiltChain:
    tree, middle = pair(leaf="middle.avhd", block_size=512 * 1024, bitmap=b"\xff\x0f")
    leaf = tree.snapshot(middle, "leaf.avhd", block_size=2 * BLOCK, name_form=NameForm.BASENAME)
    tree.block(leaf, 0, bitmap=b"\x00\xff\x00\xff")
    return BuiltChain(tree, leaf)


CASES = (
    Case(name="bits-0x80", trap=1, asks="each byte of the child's bitmap is 0x80", build=_bits(b"\x80")),
    Case(name="bits-0x01", trap=1, asks="each byte of the child's bitmap is 0x01", build=_bits(b"\x01")),
    Case(name="bits-0xa5", trap=1, asks="each byte of the child's bitmap is 0xA5", build=_bits(b"\xa5")),
    Case(name="bits-0x0f", trap=1, asks="each byte of the child's bitmap is 0x0F", build=_bits(b"\x0f")),
    Case(name="whole-bytes", trap=2, asks="the child's bitmap has whole bytes of 0xFF", build=pair),
    Case(
        name="junk-under-clear-bits",
        trap=3,
        asks="bytes of an earlier time lie under clear bits of a differencing disk",
        build=lambda: pair(bitmap=b"\xff\x00" * 64, data=_JUNK),
    ),
    Case(
        name="clear-bits-of-dynamic",
        trap=3,
        asks="bits of a dynamic disk are clear, over zeros",
        build=lambda: single(bitmap=b"\xff\x00" * 64),
    ),
    Case(
        name="junk-in-dynamic",
        trap=3,
        asks="bytes of an earlier time lie under clear bits of a dynamic disk",
        build=lambda: single(bitmap=b"\xff\x00" * 64, data=_JUNK),
    ),
    Case(name="zero-sectors", trap=4, asks="some sectors that the child holds are zeros", build=_zeros(whole=False)),
    Case(name="zero-block", trap=4, asks="a whole block that the child holds is zeros", build=_zeros(whole=True)),
    Case(name="grown", trap=5, asks="the original size of a dynamic disk is below its current one", build=_grown),
    Case(
        name="geometry-disagrees",
        trap=5,
        asks="the geometry describes less than the disk, as VirtualBox writes it",
        build=lambda: single(size=SIZE + 512 * 7, dialect=VIRTUALBOX, block_size=BLOCK),
    ),
    Case(
        name="long-bat",
        trap=11,
        asks="the BAT has more entries than the disk needs",
        build=lambda: single(layout=replace(PLAIN, spare_entries=1024)),
    ),
    Case(
        name="bat-padded-with-zeros",
        trap=11,
        asks="the BAT's last sector is padded with 0x00",
        build=lambda: single(layout=replace(PLAIN, bat_padding=0x00)),
    ),
    Case(
        name="blocks-behind-the-end",
        trap=11,
        asks="an entry behind the disk's last block is used",
        build=_allocated_behind_the_end,
    ),
    Case(
        name="partial-last-block",
        trap=13,
        asks="the disk ends within a block, which is whole in the file",
        build=lambda: pair(base_options={"size": BLOCK + 512 * 77}),
    ),
    Case(
        name="truncated-last-block",
        trap=13,
        asks="the last block ends in the file where the disk ends",
        build=lambda: single(size=BLOCK + 512 * 77, layout=replace(PLAIN, truncated_tail=True)),
    ),
    Case(name="longer-child", trap=24, asks="the child is longer than its parent", build=_child_longer),
    Case(name="shorter-child", trap=24, asks="the child is shorter than its parent", build=_child_shorter),
    Case(
        name="shorter-in-the-middle",
        trap=24,
        asks="a short disk lies between two longer ones",
        build=_longer_in_the_middle,
    ),
    Case(name="blocks-of-512-kib", trap=26, asks="all blocks have 512 KiB", build=_several_blocks(512 * 1024)),
    Case(name="blocks-of-4-mib", trap=26, asks="all blocks have 4 MiB", build=_several_blocks(2 * BLOCK)),
    Case(name="mixed-blocks", trap=26, asks="blocks of 2 MiB, 512 KiB and 4 MiB in one chain", build=_mixed_blocks),
)
"""Traps 1 to 5, 11, 13, 24 and 26."""
