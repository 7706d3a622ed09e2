"""What the reader promises beyond right bytes: a file object, chunks, threads, and never a byte that is not known."""

from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from vhdchain.chain import link_images
from vhdchain.errors import CancelledError, OutOfRangeError, UnknownDataError
from vhdchain.read import DiskReader
from vhdchain.read.gather import MIN_PIECES
from vhdchain.testing import BuiltImage, ChainBuilder
from vhdchain.testing.opening import built_chain, built_image
from vhdchain.units import SECTOR_SIZE

KIB = 1 << 10


@pytest.fixture
def tree() -> ChainBuilder:
    """A chain in which single sectors of every block come from three layers in turn."""
    tree = ChainBuilder(seed=11)
    base = tree.fixed("base.vhd", size=100 * KIB)
    tree.fill(base, 0, base.size)
    for name, step in (("middle.avhd", 2), ("leaf.avhd", 3)):
        child = tree.snapshot(tree.leaves[0], name, block_size=16 * KIB)
        sectors = 16 * KIB // SECTOR_SIZE
        for block in range(child.block_count - 1):
            tree.block(child, block, sectors=range(0, sectors, step))
    return tree


@pytest.fixture
def leaf(tree: ChainBuilder) -> BuiltImage:
    return tree.image("leaf.avhd")


@pytest.fixture
def reader(tree: ChainBuilder, leaf: BuiltImage) -> DiskReader:
    return DiskReader(built_chain(tree, leaf))


def test_scattered_sectors_are_right_however_the_range_is_cut(
    tree: ChainBuilder, leaf: BuiltImage, reader: DiskReader
) -> None:
    disk = bytes(tree.expected(leaf))
    # The pieces are many enough to be picked out of one stretch, and few enough at the ends to be read one by one.
    assert leaf.block_size // SECTOR_SIZE // 3 > MIN_PIECES
    for start in (0, 1, 511, 512, 700, 16 * KIB, 17 * KIB + 3):
        for length in (1, 512, 1000, 16 * KIB, 40 * KIB):
            assert reader.read(start, length) == disk[start : start + length]


@pytest.mark.parametrize("chunk_size", [512, 1000, 4096, 1 << 20])
def test_chunks_are_the_disk_and_stay_valid(
    tree: ChainBuilder, leaf: BuiltImage, reader: DiskReader, chunk_size: int
) -> None:
    told: list[tuple[int, int]] = []
    chunks = list(reader.chunks(chunk_size=chunk_size, progress=lambda *done: told.append(done)))
    assert b"".join(chunks) == bytes(tree.expected(leaf))
    assert all(chunk.readonly for chunk in chunks)
    assert told[-1] == (leaf.size, leaf.size)
    assert b"".join(reader.chunks(700, 9000, chunk_size=chunk_size)) == bytes(tree.expected(leaf))[700:9700]


def test_chunks_can_be_cancelled(reader: DiskReader) -> None:
    with pytest.raises(CancelledError):
        list(reader.chunks(cancel=lambda: True))


@pytest.mark.parametrize(("offset", "length"), [(-1, 1), (0, 100 * KIB + 1), (100 * KIB, 1), (5, -1), (0, 1 << 62)])
def test_ranges_outside_of_the_disk_are_refused_before_memory_is_taken(
    reader: DiskReader, offset: int, length: int
) -> None:
    with pytest.raises(OutOfRangeError):
        reader.read(offset, length)


def test_readinto_overwrites_every_byte(tree: ChainBuilder, leaf: BuiltImage) -> None:
    grown = tree.snapshot(leaf, "grown.avhd")
    tree.resize(grown, 120 * KIB)
    reader = DiskReader(built_chain(tree, grown))
    buffer = bytearray(b"\xee" * grown.size)
    reader.readinto(0, buffer)
    assert buffer == bytes(tree.expected(grown))
    assert buffer[100 * KIB :] == bytes(20 * KIB)


def test_the_disk_as_a_file(tree: ChainBuilder, leaf: BuiltImage, reader: DiskReader) -> None:
    disk = bytes(tree.expected(leaf))
    with reader.open() as file:
        assert (file.readable(), file.seekable(), file.writable()) == (True, True, False)
        assert file.read() == disk
        assert file.read(1) == b""
        assert file.seek(-300, os.SEEK_END) == leaf.size - 300
        assert file.read(1000) == disk[-300:]
        assert file.seek(1000) == 1000
        assert file.seek(24, os.SEEK_CUR) == file.tell() == 1024
        assert file.read(10) == disk[1024:1034]
        assert file.seek(leaf.size + 5) == leaf.size + 5
        assert file.read(10) == b""
        with pytest.raises(io.UnsupportedOperation):
            file.write(b"x")
        with pytest.raises(ValueError, match="negative"):
            file.seek(-1)
        with pytest.raises(ValueError, match="whence"):
            file.seek(0, 9)
    with pytest.raises(ValueError, match="closed"):
        file.read(1)


def test_files_of_one_reader_have_cursors_of_their_own(
    tree: ChainBuilder, leaf: BuiltImage, reader: DiskReader
) -> None:
    disk = bytes(tree.expected(leaf))

    def read_through(size: int) -> bytes:
        with io.BufferedReader(reader.open(), buffer_size=size) as file:
            return b"".join(iter(lambda: file.read(777), b""))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read_through, [512, 1000, 4096, 65536])) == [disk] * 4


def test_nothing_unknown_is_ever_given_out(tree: ChainBuilder, leaf: BuiltImage) -> None:
    chain = link_images([built_image(tree, image) for image in leaf.stack[1:]], partial=True)
    reader = DiskReader(chain)
    disk = bytes(tree.expected(leaf))
    unknown = reader.block_map.unknown()
    assert len(unknown) > 0
    for start, length, layer, _ in reader.block_map.extents.tolist():
        if layer >= 0:
            assert reader.read(start, length) == disk[start : start + length]
        else:
            with pytest.raises(UnknownDataError):
                reader.read(start, length)
            with pytest.raises(UnknownDataError):
                reader.read(start + length - 1, 1)
    with pytest.raises(UnknownDataError), reader.open() as file:
        file.read()
