"""What bits are told, counted and placed, and which ways to fill a bitmap are nobody's fault?"""

from __future__ import annotations

import dataclasses

import pytest

from tests.audit.deep_images import KIB, MIB, deep, differencing, dynamic, file_of
from vhdchain.findings import Severity
from vhdchain.testing.dialects import BLKTAP, PLAIN
from vhdchain.testing.edits import overwrite
from vhdchain.units import SECTOR_SIZE

TEXT = b"text " * (MIB // 4)


# ----------------------------------------------------------------------------------------------- behind the last sector


@pytest.mark.parametrize("block_size", [512, 2048, 4 * KIB, 16 * KIB, 512 * KIB, 2 * MIB])
@pytest.mark.parametrize("padding", [0x00, 0xFF])
def test_padding_that_is_filled_in_one_way_is_nothing(block_size: int, padding: int) -> None:
    tree, image = dynamic(4 * block_size, block_size, dataclasses.replace(PLAIN, bitmap_padding=padding))
    tree.block(image, 1)
    assert deep(file_of(tree, image)) == {}


@pytest.mark.parametrize("block_size", [512, 2048])
def test_bits_of_one_byte_behind_the_few_sectors_of_a_block_may_be_ones(block_size: int) -> None:
    tree, image = dynamic(4 * block_size, block_size)
    tree.block(image, 1, bitmap=b"\xff")
    assert deep(file_of(tree, image)) == {}


@pytest.mark.parametrize(
    ("bitmap", "block_size"),
    [
        (b"\xff" * 4 + b"\x01", 16 * KIB),
        (b"\xff" * 511 + b"\xfe", 16 * KIB),
        (b"\xf8", 2048),
        (b"\xf1", 2048),
        (b"\xf0\xff", 2048),
    ],
)
def test_padding_that_holds_both_is_told(bitmap: bytes, block_size: int) -> None:
    tree, image = dynamic(4 * block_size, block_size)
    tree.block(image, 2, bitmap=bitmap)
    found = deep(file_of(tree, image))
    assert set(found) == {"VHD453"}
    item = found["VHD453"]
    assert (item.severity, item.found, item.location.block) == (Severity.WARNING, 1, 2)
    assert item.location.offset == tree.file(image).bitmaps[2]


@pytest.mark.parametrize("bitmap", [b"\xff\xff\xff\xff", b"\xff\xff\x00\x00"])
def test_the_last_block_may_be_marked_whole_or_up_to_the_end_of_the_disk(bitmap: bytes) -> None:
    tree, image = dynamic(3 * 16 * KIB + 8 * KIB)
    tree.block(image, 3, bitmap=bitmap)
    assert deep(file_of(tree, image)) == {}


@pytest.mark.parametrize("bitmap", [b"\xff\xff\x00\x01", b"\xff\xff\x80\x00", b"\xff\xff\xff\xfe"])
def test_other_bits_behind_the_end_of_the_disk_are_told(bitmap: bytes) -> None:
    tree, image = dynamic(3 * 16 * KIB + 8 * KIB)
    tree.block(image, 3, bitmap=bitmap)
    found = deep(file_of(tree, image))
    assert {code: item.location.block for code, item in found.items()} == {"VHD453": 3}


# ---------------------------------------------------------------------------------------------------- empty and partial


def test_an_empty_block_is_not_a_partial_one() -> None:
    tree, image = dynamic()
    tree.block(image, 0, sectors=[])
    tree.block(image, 1, sectors=[0])
    tree.block(image, 2, sectors=range(31))
    tree.block(image, 3)
    found = deep(file_of(tree, image))
    assert {code: (item.severity, item.found, item.location.block) for code, item in found.items()} == {
        "VHD454": (Severity.NOTE, 1, 0),
        "VHD455": (Severity.NOTE, 2, 1),
    }


def test_bits_behind_the_disk_do_not_make_a_block_other_than_empty() -> None:
    tree, image = differencing(3 * 16 * KIB + 8 * KIB)
    tree.block(image, 3, bitmap=b"\0\0\xff\xff")
    assert set(deep(file_of(tree, image))) == {"VHD453", "VHD454"}


def test_many_blocks_are_counted_and_the_first_eight_listed() -> None:
    tree, image = dynamic(20 * 4 * KIB, 4 * KIB)
    for block in (*range(19, 8, -1), 1):
        tree.block(image, block, sectors=[])
    (item,) = deep(file_of(tree, image)).values()
    assert (item.code, item.found, item.location.block) == ("VHD454", 12, 1)
    assert "12 blocks (1, 9, 10, 11, 12, 13, 14, 15, …)" in item.message


def test_bytes_with_set_and_clear_bits_are_counted_in_differencing_disks_only() -> None:
    for make, codes in ((differencing, {"VHD459": 3}), (dynamic, {"VHD455": 2})):
        tree, image = make()
        tree.block(image, 0, bitmap=b"\xa5\x00\xff\x01")
        tree.block(image, 1, bitmap=b"\xff\xff\x7f\xff")
        tree.block(image, 2, bitmap=b"\xff\xff\xff\xff")
        found = deep(file_of(tree, image))
        assert {code: item.found for code, item in found.items()} == codes


def test_a_last_byte_that_the_disk_ends_in_is_whole_with_the_bits_that_it_has() -> None:
    tree, image = differencing(16 * KIB + 3 * SECTOR_SIZE)
    tree.block(image, 1, bitmap=b"\xe0")
    assert deep(file_of(tree, image)) == {}


# --------------------------------------------------------------------------------------------------------------- batmap


def _with_batmap(size: int = 64 * KIB) -> tuple[bytes, int]:
    tree, image = dynamic(size, layout=BLKTAP.layout)
    tree.edit(image, dialect=BLKTAP)
    for block in range(1, image.block_count):
        tree.block(image, block)
    batmap = tree.file(image).batmap
    assert batmap is not None
    return file_of(tree, image), batmap


def test_a_batmap_that_agrees_is_quiet() -> None:
    raw, _ = _with_batmap()
    assert deep(raw) == {}


def test_bits_whose_checksum_does_not_fit_are_not_judged() -> None:
    raw, batmap = _with_batmap()
    assert deep(overwrite(raw, batmap + SECTOR_SIZE, b"\xff")) == {}


def test_blktap_need_not_mark_a_last_block_that_the_disk_ends_in() -> None:
    tree, image = dynamic(3 * 16 * KIB + 8 * KIB, layout=BLKTAP.layout)
    tree.block(image, 3, bitmap=b"\xff\xff")
    assert deep(file_of(tree, image)) == {}
