"""What the reader promises beyond right bytes: a file object, chunks, threads, and never a byte that is not known."""

from __future__ import annotations

import array
import io
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vhdchain.blockmap import explain, gather
from vhdchain.blockmap.gather import MIN_PIECES
from vhdchain.chain import link_images
from vhdchain.errors import CancelledError, OutOfRangeError, UnknownDataError
from vhdchain.image import scan_image
from vhdchain.read import DiskReader
from vhdchain.testing import BuiltImage, ChainBuilder
from vhdchain.testing.opening import built_chain, built_image
from vhdchain.testing.sparse import SparseBytes, SparseSource
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from typing_extensions import Buffer

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
        # The range of 27 sectors and a part ends inside of a piece of the leaf, which has every third one.
        for length in (1, 512, 1000, 27 * SECTOR_SIZE + 100, 16 * KIB, 40 * KIB):
            assert reader.read(start, length) == disk[start : start + length]
            assert b"".join(reader.chunks(start, length)) == disk[start : start + length]


@pytest.mark.parametrize("chunk_size", [512, 1000, 4096, 1 << 20])
def test_chunks_are_the_disk_and_stay_valid(
    tree: ChainBuilder, leaf: BuiltImage, reader: DiskReader, chunk_size: int
) -> None:
    told: list[tuple[int, int]] = []
    chunks = list(reader.chunks(chunk_size=chunk_size, progress=lambda *done: told.append(done)))
    assert b"".join(chunks) == bytes(tree.expected(leaf))
    assert all(chunk.readonly for chunk in chunks)
    assert told[-1] == (leaf.size, leaf.size)
    told.clear()
    assert sum(map(len, reader.chunks(700, 9000, chunk_size=4000, progress=lambda *done: told.append(done)))) == 9000
    assert told == [(4000, 9000), (8000, 9000), (9000, 9000)]
    assert list(reader.chunks(700, 0)) == []
    assert b"".join(reader.chunks(700, 9000, chunk_size=chunk_size)) == bytes(tree.expected(leaf))[700:9700]


@pytest.mark.parametrize(
    ("start", "length", "chunk_size"), [(-1, 1, 512), (0, 100 * KIB + 1, 512), (0, -1, 512), (0, 1 << 62, 1 << 62)]
)
def test_chunks_outside_of_the_disk_are_refused_at_once(
    reader: DiskReader, start: int, length: int, chunk_size: int
) -> None:
    with pytest.raises(OutOfRangeError):
        reader.chunks(start, length, chunk_size=chunk_size)


@pytest.mark.parametrize("chunk_size", [0, -1])
def test_chunks_of_nothing_are_refused(reader: DiskReader, chunk_size: int) -> None:
    with pytest.raises(ValueError, match="chunk_size"):
        reader.chunks(chunk_size=chunk_size)


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
        assert file.read() == b""
        assert file.tell() == leaf.size + 5
        with pytest.raises(io.UnsupportedOperation):
            file.write(b"x")
        with pytest.raises(ValueError, match="negative"):
            file.seek(-1)
        with pytest.raises(ValueError, match="whence"):
            file.seek(0, 9)
    with pytest.raises(ValueError, match="closed"):
        file.read(1)


def test_a_buffer_of_wider_items_is_filled_byte_by_byte(
    tree: ChainBuilder, leaf: BuiltImage, reader: DiskReader
) -> None:
    disk = bytes(tree.expected(leaf))
    items = array.array("I", [0] * 1000)
    with reader.open() as file:
        file.seek(600)
        assert file.readinto(items) == file.tell() - 600 == 4000
    assert items.tobytes() == disk[600:4600]
    source_items = array.array("I", [0] * 1000)
    reader.readinto(600, source_items)
    assert source_items == items


def test_many_zeros_are_cleared_before_the_data_between_them_is_read() -> None:
    tree = ChainBuilder(seed=12)
    base = tree.dynamic("base.vhd", size=256 * KIB, block_size=256 * KIB)
    tree.block(base, 0, sectors=range(0, 512, 2))
    reader = DiskReader(built_chain(tree, base))
    for offset, length in ((0, base.size), (100, 30 * KIB), (700, 200 * KIB)):
        buffer = bytearray(b"\xee" * length)
        reader.readinto(offset, buffer)
        assert buffer == bytes(tree.expected(base))[offset : offset + length]


def test_chunks_of_zeros_are_as_long_as_the_others() -> None:
    tree = ChainBuilder(seed=13)
    base = tree.dynamic("base.vhd", size=64 * KIB, block_size=4 * KIB)
    tree.fill(base, 8 * KIB, 512)
    chunks = list(DiskReader(built_chain(tree, base)).chunks(chunk_size=5000))
    assert [len(chunk) for chunk in chunks] == [5000] * 13 + [64 * KIB - 65000]
    assert b"".join(chunks) == bytes(tree.expected(base))


def test_a_long_stretch_of_a_base_is_read_in_bounded_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "MAX_STRETCH", 16 * KIB)
    tree = ChainBuilder(seed=14)
    base = tree.fixed("base.vhd", size=256 * KIB)
    tree.fill(base, 0, base.size)
    leaf = tree.snapshot(base, "leaf.avhd", block_size=64 * KIB)
    for block in range(4):
        tree.block(leaf, block, sectors=range(0, 128, 2))
    source = Measured(tree.file(base).content, name=base.name)
    reader = DiskReader(link_images([scan_image(source), built_image(tree, leaf)]))
    source.lengths.clear()
    assert reader.read(0, leaf.size) == bytes(tree.expected(leaf))
    assert max(source.lengths) <= 16 * KIB
    # Still few calls: the pieces of a stretch are read together.
    assert len(source.lengths) == 16


class Measured(SparseSource):
    """A source that records how much is read at once."""

    def __init__(self, content: SparseBytes, *, name: str) -> None:
        super().__init__(content, name=name)
        self.lengths: list[int] = []

    def readinto_at(self, offset: int, buffer: Buffer) -> None:
        self.lengths.append(memoryview(buffer).nbytes)
        super().readinto_at(offset, buffer)


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
    # Nor is anything read before that is known.
    buffer = bytearray(b"\xee" * leaf.size)
    with pytest.raises(UnknownDataError):
        reader.readinto(0, buffer)
    assert buffer == b"\xee" * leaf.size


@pytest.mark.parametrize("number", [np.uint8, np.int16, np.uint32, np.int32, np.uint64])
def test_numpys_numbers_are_numbers(
    tree: ChainBuilder, leaf: BuiltImage, reader: DiskReader, number: type[np.integer]
) -> None:
    # Arithmetic with NumPy's own types wraps around: a range of unsigned ones once had no end.
    start, length, buffer = number(100), number(120), bytearray(120)
    wanted = bytes(tree.expected(leaf))[100:220]
    reader.readinto(int(start), buffer)
    with reader.open() as disk:
        assert disk.seek(number(100)) == 100  # type: ignore[arg-type]
        assert disk.read(120) == wanted
    assert reader.read(start, length) == buffer == wanted  # type: ignore[arg-type]  # a caller without a type checker
    assert b"".join(reader.chunks(start, length)) == wanted  # type: ignore[arg-type]
    assert reader.block_map.slice(start, length)["length"].sum() == 120  # type: ignore[arg-type]
    assert reader.block_map.at(start) == reader.block_map.at(100)  # type: ignore[arg-type]
    assert explain(reader.chain, start) == explain(reader.chain, 100)  # type: ignore[arg-type]


def test_a_place_that_is_no_whole_number_is_refused(reader: DiskReader) -> None:
    with pytest.raises(TypeError):
        reader.read(0.0, 512)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        reader.block_map.at(1.5)  # type: ignore[arg-type]


def test_reading_ahead_in_a_partial_view_loses_nothing_known(tree: ChainBuilder, leaf: BuiltImage) -> None:
    chain = link_images([built_image(tree, image) for image in leaf.stack[1:]], partial=True)
    reader = DiskReader(chain)
    disk = bytes(tree.expected(leaf))
    first = int(reader.block_map.unknown()["start"][0])
    assert first > 0
    with io.BufferedReader(reader.open(), buffer_size=8192) as file:
        assert file.read(first) == disk[:first]
        with pytest.raises(UnknownDataError):
            file.read(1)


def test_what_a_developer_sees_is_short(tree: ChainBuilder, leaf: BuiltImage, reader: DiskReader) -> None:
    assert repr(reader.chain) == "<chain of 'leaf.avhd', 3 layers, 102400 bytes>"
    assert repr(reader) == "<reader of 'leaf.avhd', 102400 bytes>"
    assert repr(reader.block_map) == "<block map of 'leaf.avhd', 102400 bytes>"
    assert repr(reader.open()) == "<disk file of <reader of 'leaf.avhd', 102400 bytes>, at 0>"
    partial = link_images([built_image(tree, image) for image in leaf.stack[1:]], partial=True)
    assert repr(partial) == "<incomplete chain of 'leaf.avhd', 2 layers, 102400 bytes>"
