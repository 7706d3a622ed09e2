"""Which stretches are free, and what in them is taken for a lost block or an old footer, and what is not?"""

from __future__ import annotations

import dataclasses
import itertools
import random
import time
from typing import TYPE_CHECKING

import pytest

from tests.audit.deep_images import KIB, MIB, deep, dynamic, file_of
from vhdchain.audit.deep.blocks import Blocks
from vhdchain.audit.deep.gaps import free_ranges
from vhdchain.findings import Severity
from vhdchain.image import scan_image
from vhdchain.source import BytesSource
from vhdchain.structures import DiskType, build_footer, with_footer_checksum
from vhdchain.structures.bat import UNUSED
from vhdchain.structures.layout import layout_of
from vhdchain.testing.damage.gaps import lose_block
from vhdchain.testing.dialects import BLKTAP, DIALECTS, PLAIN, WINDOWS_10
from vhdchain.testing.edits import USED_BLOCKS, edit_entry, end_footer, entry_of, healthy, overwrite
from vhdchain.units import SECTOR_SIZE, sectors_to_bytes

if TYPE_CHECKING:
    from vhdchain.testing.dialects import Dialect, Layout

BLOCK = 16 * KIB
STORED = SECTOR_SIZE + BLOCK
GAP = 4 * STORED


def _with_gap(layout: Layout = PLAIN, *, block_size: int = BLOCK) -> tuple[bytes, int]:
    """Return an image with room for four blocks between two, and where that begins."""
    tree, image = dynamic(8 * block_size, block_size, layout)
    tree.block(image, 0)
    first = tree.file(image).data_offset(0, block_size) + block_size
    tree.block(image, 1, at=first + 4 * (block_size + SECTOR_SIZE))
    return file_of(tree, image), first


def _planted(raw: bytes, offset: int, bits: bytes, *, fill: bytes = b"x") -> bytes:
    """Put a bitmap and data under its set bits into a gap."""
    data = b"".join((fill if byte & 0x80 >> bit else b"\0") * SECTOR_SIZE for byte in bits for bit in range(8))
    return overwrite(raw, offset, bits.ljust(SECTOR_SIZE, b"\0") + data)


# --------------------------------------------------------------------------------------------------------- what is free


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("kind", [DiskType.DYNAMIC, DiskType.DIFFERENCING])
def test_every_sector_is_free_or_part_of_a_structure(kind: DiskType, dialect: Dialect) -> None:
    raw = healthy(kind, dialect)
    with scan_image(BytesSource(raw)) as image:
        blocks = Blocks.of(image)
        assert blocks is not None
        layout = layout_of(blocks.file)
        taken = bytearray(len(raw))
        for region in blocks.file.metadata():
            taken[region.begin : region.end] = b"\1" * (region.end - region.begin)
        for block in USED_BLOCKS:
            begin = blocks.bitmap_offset(block)
            taken[begin : begin + blocks.file.stored_length] = b"\1" * blocks.file.stored_length
        taken[blocks.data_end :] = b"\1" * (len(raw) - blocks.data_end)
        free = [sector for sector in range(len(raw) // SECTOR_SIZE) if not any(taken[sector * 512 :][:512])]
        ranges = list(free_ranges(layout))
    told = [at // SECTOR_SIZE for begin, end in ranges for at in range(begin, end, SECTOR_SIZE)]
    assert told == free
    assert all(before[1] <= behind[0] for before, behind in itertools.pairwise(ranges))


# ---------------------------------------------------------------------------------------------------------- lost blocks


@pytest.mark.parametrize("layout", [PLAIN, WINDOWS_10.layout, BLKTAP.layout], ids=["plain", "aligned", "batmap"])
@pytest.mark.parametrize("block", USED_BLOCKS[1:])
def test_a_block_without_its_entry_is_found_between_blocks_and_before_the_footer(block: int, layout: Layout) -> None:
    dialect = next(item for item in DIALECTS if item.layout == layout)
    raw = healthy(DiskType.DYNAMIC, dialect)
    offset = sectors_to_bytes(entry_of(raw, block))
    found = deep(lose_block(raw, block))
    assert set(found) == {"VHD413"}
    item = found["VHD413"]
    assert (item.severity, item.found, item.location.offset) == (Severity.WARNING, 1, offset)
    assert item.details[0].startswith(f"at {offset}: 8 of 8 bits set")


def test_all_blocks_of_a_wiped_table_are_found() -> None:
    tree, image = dynamic(8 * BLOCK)
    for block in range(8):
        tree.block(image, block)
    raw = file_of(tree, image)
    places = [sectors_to_bytes(entry_of(raw, block)) for block in range(8)]
    for block in range(1, 8):
        raw = edit_entry(raw, block, UNUSED)
    item = deep(raw)["VHD413"]
    assert item.found == 7
    assert [int(detail.split(":")[0].removeprefix("at ")) for detail in item.details] == places[1:]


def test_a_block_is_found_at_any_place_when_its_bits_and_data_agree() -> None:
    raw, gap = _with_gap()
    for shift in (0, 1, 2, 31, 33, 66):
        at = gap + shift * SECTOR_SIZE
        (item,) = deep(_planted(raw, at, b"\x0f\x00\xa5\x81")).values()
        assert (item.code, item.location.offset) == ("VHD413", at)
        assert item.details == (f"at {at}: 10 of 32 bits set, data in 10 sectors, all of them under set bits",)


def test_few_sectors_are_enough_only_when_every_one_agrees() -> None:
    raw, gap = _with_gap()
    at = gap + 5 * SECTOR_SIZE
    assert set(deep(_planted(raw, at, b"\x00\x10\x00\x00"))) == {"VHD413"}
    fewer = overwrite(_planted(raw, at, b"\x00\x13\x00\x00"), at + SECTOR_SIZE * 12, bytes(SECTOR_SIZE))
    assert deep(fewer) == {}


def test_a_bitmap_of_ones_counts_only_where_the_next_block_would_be() -> None:
    raw, gap = _with_gap()
    ones = b"\xff" * 4
    assert set(deep(_planted(raw, gap, ones))) == {"VHD413"}
    assert deep(_planted(raw, gap + SECTOR_SIZE, ones)) == {}
    both = _planted(_planted(raw, gap, ones), gap + STORED, ones)
    assert deep(both)["VHD413"].found == 2


@pytest.mark.parametrize("block_size", [BLOCK, 2 * MIB])
def test_what_merely_lies_in_a_gap_is_no_block(block_size: int) -> None:
    raw, gap = _with_gap(block_size=block_size)
    length = 4 * (block_size + SECTOR_SIZE)
    draw = random.Random(block_size)
    some = [draw.randbytes(SECTOR_SIZE) if draw.random() < 0.3 else bytes(SECTOR_SIZE) for _ in range(64)]
    fillings = {
        "zeros": bytes(length),
        "ones": b"\xff" * length,
        "one byte": b"\xa5" * length,
        "noise": draw.randbytes(length),
        "text": (b"the quick brown fox\n" * (length // 20 + 1))[:length],
        "a sector of ones, then noise": b"\0" * SECTOR_SIZE + b"\xff" * SECTOR_SIZE + draw.randbytes(length - 1024),
        "noise here and there": (b"".join(some) * (length // len(b"".join(some)) + 1))[:length],
        "one sector of noise": draw.randbytes(SECTOR_SIZE).ljust(length, b"\0"),
        "a bitmap without data": b"\x0f".ljust(length, b"\0"),
    }
    for name, filling in fillings.items():
        assert deep(overwrite(raw, gap, filling)) == {}, name


def test_data_under_a_clear_bit_or_odd_padding_speaks_against_a_block() -> None:
    raw, gap = _with_gap()
    good = _planted(raw, gap, b"\xff\xff\x00\x00")
    assert set(deep(good)) == {"VHD413"}
    assert deep(overwrite(good, gap + 32 * SECTOR_SIZE, b"x")) == {}
    assert deep(overwrite(good, gap + 5, b"x")) == {}
    assert set(deep(overwrite(good, gap + 4, b"\xff" * 508))) == {"VHD413"}


def test_data_under_a_clear_bit_far_behind_the_first_ones_speaks_against_a_block() -> None:
    size = 128 * SECTOR_SIZE
    raw, gap = _with_gap(block_size=size)
    bits = (b"\xaa" * 8).ljust(16, b"\0")
    stray = overwrite(_planted(raw, gap, bits), gap + SECTOR_SIZE + 100 * SECTOR_SIZE, b"stray")
    assert deep(_planted(raw, gap, bits))["VHD413"].location.offset == gap
    assert "VHD413" not in deep(stray)


def test_a_gap_that_is_too_short_for_a_block_holds_none() -> None:
    tree, image = dynamic(8 * BLOCK)
    tree.block(image, 0)
    first = tree.file(image).data_offset(0, BLOCK) + BLOCK
    tree.block(image, 1, at=first + STORED - SECTOR_SIZE)
    raw = file_of(tree, image)
    bits = b"\xf0\xf0\x00\x00"
    planted = _planted(raw, first, bits)
    assert deep(planted[: first + STORED - SECTOR_SIZE] + raw[first + STORED - SECTOR_SIZE :]) == {}


# --------------------------------------------------------------------------------------------------------------- ghosts


def _old_footer(raw: bytes, size: int, time: int) -> bytes:
    return build_footer(with_footer_checksum(dataclasses.replace(end_footer(raw), current_size=size, time_stamp=time)))


def test_old_footers_are_told_with_their_time_and_size() -> None:
    raw, gap = _with_gap()
    raw = overwrite(raw, gap + 7 * SECTOR_SIZE, _old_footer(raw, 3 * BLOCK, 86_400))
    raw = overwrite(raw, gap + GAP - SECTOR_SIZE, _old_footer(raw, 4 * BLOCK, 2 * 86_400))
    found = deep(raw)
    assert set(found) == {"VHD415"}
    item = found["VHD415"]
    assert (item.severity, item.found, item.location.offset) == (Severity.NOTE, 2, gap + 7 * SECTOR_SIZE)
    assert item.details == (
        f"at {gap + 7 * SECTOR_SIZE}: made 2000-01-02 00:00:00 UTC, for a disk of {3 * BLOCK} bytes",
        f"at {gap + GAP - SECTOR_SIZE}: made 2000-01-03 00:00:00 UTC, for a disk of {4 * BLOCK} bytes",
    )


def test_an_old_footer_right_before_the_new_one_is_found() -> None:
    raw, _ = _with_gap()
    grown = raw[:-SECTOR_SIZE] + _old_footer(raw, BLOCK, 1) + raw[-SECTOR_SIZE:]
    assert deep(grown)["VHD415"].location.offset == len(raw) - SECTOR_SIZE


@pytest.mark.parametrize("valid", [True, False])
def test_a_gap_full_of_footers_is_looked_through_in_short_time(valid: bool) -> None:
    raw, _ = _with_gap()
    footer = _old_footer(raw, BLOCK, 1)
    count = 8 * MIB // SECTOR_SIZE
    filled = raw[:-SECTOR_SIZE] + (footer if valid else footer[:-1] + b"x") * count + raw[-SECTOR_SIZE:]
    begin = time.perf_counter()
    found = deep(filled)
    assert time.perf_counter() - begin < 2
    assert (found["VHD415"].found, len(found["VHD415"].details)) == (count, 8) if valid else "VHD415" not in found


def test_footers_that_the_guest_keeps_and_damaged_ones_are_none() -> None:
    raw, gap = _with_gap()
    assert deep(overwrite(raw, gap - SECTOR_SIZE, _old_footer(raw, BLOCK, 1))) == {}
    footer = bytearray(_old_footer(raw, BLOCK, 1))
    footer[100] ^= 1
    assert deep(overwrite(raw, gap, bytes(footer))) == {}
    # Nobody writes a footer within a sector.
    assert deep(overwrite(raw, gap + 100, _old_footer(raw, BLOCK, 1))) == {}
