"""Is data compared with bits sector by sector, in the disk only, and is no pattern taken for another?"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.audit.deep_images import KIB, MIB, deep, differencing, dynamic, file_of
from vhdchain.findings import Severity
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.edits import overwrite
from vhdchain.testing.opening import built_chain
from vhdchain.units import SECTOR_SIZE, sectors_to_bytes

if TYPE_CHECKING:
    from vhdchain.testing.images import BuiltImage

SECTORS = 32  # of a block of 16 KiB


def _sector(tree: ChainBuilder, image: BuiltImage, block: int, sector: int) -> int:
    return tree.file(image).data_offset(block, image.block_size) + sectors_to_bytes(sector)


def _backwards(bits: bytes) -> bytes:
    return bytes(int(f"{byte:08b}"[::-1], 2) for byte in bits)


# ------------------------------------------------------------------------------------------------ stale data, and zeros


@pytest.mark.parametrize("make", [dynamic, differencing])
def test_each_sector_with_data_under_a_clear_bit_is_counted(make: object) -> None:
    tree, image = dynamic() if make is dynamic else differencing()
    tree.block(image, 1, sectors=range(8))
    tree.block(image, 3, sectors=range(8, 32))
    raw = file_of(tree, image)
    for block, sector, byte in ((1, 30, 0), (1, 31, 511), (3, 0, 256)):
        raw = overwrite(raw, _sector(tree, image, block, sector) + byte, b"\1")
    item = deep(raw)["VHD452"]
    assert (item.severity, item.found) == (Severity.WARNING, 3)
    assert (item.location.block, item.location.sector) == (1, SECTORS + 30)
    assert item.location.offset == _sector(tree, image, 1, 30)


def test_what_lies_behind_the_end_of_the_disk_is_nobodys() -> None:
    tree, image = dynamic(3 * 16 * KIB + 8 * KIB)
    tree.block(image, 3, bitmap=b"\xff\xff")
    raw = overwrite(file_of(tree, image), _sector(tree, image, 3, 16), b"\1" * SECTOR_SIZE)
    assert deep(raw) == {}


def test_zeros_under_set_bits_are_told_of_differencing_disks_only() -> None:
    for make, codes in ((differencing, {"VHD456": 2}), (dynamic, {})):
        tree, image = make()
        tree.block(image, 2, data=b"x" * SECTOR_SIZE * 7 + bytes(2 * SECTOR_SIZE) + b"x" * SECTOR_SIZE * 23)
        found = deep(file_of(tree, image))
        assert {code: item.found for code, item in found.items()} == codes
        assert [(item.severity, item.location.sector) for item in found.values()] == [
            (Severity.NOTE, 2 * SECTORS + 7) for _ in codes
        ]


def test_blocks_longer_than_a_piece_are_put_together() -> None:
    tree, image = dynamic(24 * MIB, 16 * MIB)
    tree.block(image, 1, sectors=[8191, 16383])
    # The disk ends in the middle of the block, so its last sector is not one of them.
    raw = overwrite(file_of(tree, image), _sector(tree, image, 1, 8192), b"\1")
    found = deep(raw)
    assert found["VHD452"].found == 1
    assert found["VHD452"].location.sector == 32768 + 8192


@pytest.mark.parametrize("seed", range(20))
def test_the_numbers_are_those_of_a_plain_count(seed: int) -> None:
    draw = random.Random(seed)
    blocks = draw.choice((1, 5, 9))
    tree, image = differencing(blocks * 4 * KIB - draw.choice((0, 512, 2048)), 4 * KIB)
    inside = image.size // SECTOR_SIZE
    stale = zeros = mixed = 0
    for block in draw.sample(range(blocks), draw.randint(1, blocks)):
        bits = draw.choice((draw.randrange(256), 0, 255))
        filled = [draw.random() < 0.5 for _ in range(8)]
        data = b"".join((b"x" if held else b"\0") * SECTOR_SIZE for held in filled)
        tree.block(image, block, bitmap=bytes([bits]), data=data)
        count = min(8, inside - block * 8)
        own = [bool(bits & 0x80 >> sector) for sector in range(count)]
        stale += sum(held and not bit for held, bit in zip(filled, own, strict=False))
        zeros += sum(bit and not held for held, bit in zip(filled, own, strict=False))
        mixed += 0 < sum(own) < count
    found = deep(file_of(tree, image))
    numbers = {code: found[code].found if code in found else 0 for code in ("VHD452", "VHD456", "VHD459")}
    assert numbers == {"VHD452": stale, "VHD456": zeros, "VHD459": mixed}


# ----------------------------------------------------------------------------------------------------------- the parent


def test_sectors_that_equal_the_parents_are_told_only_with_a_parent() -> None:
    tree, image = differencing()
    tree.block(image, 1, sectors=range(4))
    tree.write(image, 16 * KIB + SECTOR_SIZE, image.stack[0].read_sector(SECTORS + 1))
    tree.write(image, 48 * KIB, image.stack[0].read_sector(3 * SECTORS) * 2)
    raw, chain = file_of(tree, image), built_chain(tree, image.stack[0])
    assert "VHD457" not in deep(raw)
    item = deep(raw, parent=chain)["VHD457"]
    assert (item.severity, item.found, item.location.sector) == (Severity.NOTE, 2, SECTORS + 1)


def test_nothing_equals_what_lies_behind_the_end_of_a_shorter_parent() -> None:
    tree, image = differencing(32 * KIB)
    tree.resize(image, 64 * KIB)
    tree.write(image, 0, image.stack[0].read_sector(0))
    tree.write(image, 40 * KIB, bytes(SECTOR_SIZE))
    found = deep(file_of(tree, image), parent=built_chain(tree, image.stack[0]))
    assert (found["VHD457"].found, found["VHD456"].found) == (1, 1)


def test_a_parent_of_several_layers_and_block_sizes_is_compared_with() -> None:
    tree = ChainBuilder(seed="deep")
    lower = tree.dynamic("lower.vhd", size=64 * KIB, block_size=4 * KIB)
    tree.fill(lower, 0, lower.size)
    upper = tree.snapshot(lower, "upper.avhd", block_size=16 * KIB)
    tree.write(upper, 8 * KIB, b"other")
    image = tree.snapshot(upper, "disk.vhd", block_size=32 * KIB)
    for sector in (0, 15, 16, 17, 100):
        tree.write(image, sectors_to_bytes(sector), upper.read_sector(sector))
    found = deep(file_of(tree, image), parent=built_chain(tree, upper))
    assert found["VHD457"].found == 5


# -------------------------------------------------------------------------------------------------------- the bit order


def _in_order(bits: list[bytes], *, backwards: bool) -> dict[str, object]:
    tree, image = dynamic(len(bits) * 16 * KIB)
    for block, bitmap in enumerate(bits):
        right = _backwards(bitmap) if backwards else bitmap
        data = b"".join(
            (b"x" if right[sector // 8] & 0x80 >> sector % 8 else b"\0") * SECTOR_SIZE for sector in range(SECTORS)
        )
        tree.block(image, block, bitmap=bitmap, data=data)
    return dict(deep(file_of(tree, image)))


def test_bits_in_the_wrong_order_are_told_when_enough_bytes_say_so() -> None:
    for byte, count, is_told in (
        (0xF0, 8, True),
        (0xF0, 7, False),
        (0x01, 8, True),
        (0x18, 32, False),
        (0xFF, 32, False),
    ):
        bits = [bytes([byte if 4 * block + at < count else 0 for at in range(4)]) for block in range(8)]
        assert ("VHD458" in _in_order(bits, backwards=True)) == is_told, (byte, count)
        assert "VHD458" not in _in_order(bits, backwards=False)


@pytest.mark.parametrize("seed", range(10))
def test_random_bytes_under_random_bits_have_no_order(seed: int) -> None:
    draw = random.Random(seed)
    tree, image = dynamic(16 * 16 * KIB)
    for block in range(16):
        held = [draw.random() < 0.5 for _ in range(SECTORS)]
        data = b"".join((b"x" if one else b"\0") * SECTOR_SIZE for one in held)
        tree.block(image, block, bitmap=draw.randbytes(4), data=data)
    found = deep(file_of(tree, image))
    assert "VHD452" in found
    assert "VHD458" not in found


def test_junk_under_all_clear_bits_has_no_order() -> None:
    tree, image = dynamic(16 * 16 * KIB)
    for block in range(16):
        tree.block(image, block, bitmap=b"\x0f\x01\x03\x35", data=b"x" * 16 * KIB)
    found = deep(file_of(tree, image))
    assert set(found) == {"VHD452", "VHD455"}
