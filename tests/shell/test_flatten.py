"""Does flattening give the disk, all of it or nothing, and leave everything else alone?"""

from __future__ import annotations

import os
import stat
import threading
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from vhdchain.chain import link_images
from vhdchain.errors import CancelledError, PlanRefusedError, ShortReadError, UnknownDataError
from vhdchain.shell.flatten import flatten_to_file, flatten_to_stream
from vhdchain.shell.handle import OpenChain
from vhdchain.shell.opening import open_chain
from vhdchain.shell.sparse import PAGE_SIZE
from vhdchain.testing import ChainBuilder
from vhdchain.testing.opening import built_chain, built_image
from vhdchain.testing.strategies import chains

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vhdchain.testing.recipes import ChainRecipe

MIB = 1 << 20


@pytest.fixture
def tree() -> ChainBuilder:
    """A disk of 6 MiB and 512 bytes: some of it in the base, some in the child, most of it nowhere."""
    tree = ChainBuilder(seed="flatten")
    base = tree.dynamic("base.vhd", size=6 * MIB + 512, block_size=MIB)
    tree.fill(base, 512, 3 * 512)
    tree.fill(base, 5 * MIB - 512, 1024)
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.fill(leaf, 1024, 512)
    tree.fill(leaf, 6 * MIB, 512)
    return tree


@pytest.fixture
def folder(tree: ChainBuilder, tmp_path: Path) -> Path:
    tree.save(tmp_path)
    return tmp_path


@pytest.fixture
def chain(folder: Path) -> Iterator[OpenChain]:
    with open_chain(folder / "leaf.avhd") as opened:
        yield opened


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """Nothing below the folder is made, removed or changed."""
    before = {path.name: (path.lstat().st_ino, path.read_bytes()) for path in folder.iterdir() if path.is_file()}
    yield
    assert {
        path.name: (path.lstat().st_ino, path.read_bytes()) for path in folder.iterdir() if path.is_file()
    } == before


def flattened(chain: OpenChain) -> bytes:
    stream = BytesIO()
    flatten_to_stream(chain, stream)
    return stream.getvalue()


# ------------------------------------------------------------------------------------------------------------ the bytes


def test_file_and_stream_hold_the_disk(tree: ChainBuilder, chain: OpenChain, tmp_path: Path) -> None:
    flatten_to_file(chain, tmp_path / "out.raw")
    assert (tmp_path / "out.raw").read_bytes() == tree.expected(tree.image("leaf.avhd"))
    assert flattened(chain) == tree.expected(tree.image("leaf.avhd"))


@given(recipe=chains())
@settings(max_examples=settings().max_examples * 2)
def test_any_chain_gives_its_disk(recipe: ChainRecipe, tmp_path_factory: pytest.TempPathFactory) -> None:
    tree, leaf = recipe.build()
    chain = OpenChain(built_chain(tree, leaf))
    assert flattened(chain) == tree.expected(leaf)
    out = tmp_path_factory.getbasetemp() / "any.raw"
    flatten_to_file(chain, out, force=True)
    assert out.read_bytes() == tree.expected(leaf)


@pytest.mark.parametrize(
    "size", [512, PAGE_SIZE - 512, PAGE_SIZE, PAGE_SIZE + 512, 4 * MIB, 4 * MIB + 512, 9 * MIB - 512]
)
@pytest.mark.parametrize("where", ["first", "last", "both", "none"])
def test_disks_that_end_anywhere(size: int, where: str, tmp_path: Path) -> None:
    tree = ChainBuilder(seed=1)
    disk = tree.dynamic("d.vhd", size=size, block_size=MIB)
    if where in ("first", "both"):
        tree.fill(disk, 0, 512)
    if where in ("last", "both"):
        tree.fill(disk, size - 512, 512)
    chain = OpenChain(built_chain(tree, disk))
    flatten_to_file(chain, tmp_path / "out.raw")
    assert (tmp_path / "out.raw").read_bytes() == tree.expected(disk)
    assert flattened(chain) == tree.expected(disk)


# ------------------------------------------------------------------------------------------------------------ sparse


def test_zeros_take_no_room_wherever_they_come_from(tmp_path: Path) -> None:
    tree = ChainBuilder(seed=1)
    disk = tree.dynamic("d.vhd", size=64 * MIB)
    tree.block(disk, 3, data=bytes(2 * MIB))  # allocated, all bits set, and all zeros
    tree.block(disk, 5, data=bytes(MIB) + b"x" * 4096)
    flatten_to_file(OpenChain(built_chain(tree, disk)), tmp_path / "out.raw")
    status = (tmp_path / "out.raw").stat()
    assert status.st_size == 64 * MIB
    assert status.st_blocks < 256  # of 512 bytes: some file systems allocate a little ahead
    descriptor = os.open(tmp_path / "out.raw", os.O_RDONLY)
    try:
        assert os.lseek(descriptor, 0, os.SEEK_DATA) == 11 * MIB
        assert os.lseek(descriptor, 11 * MIB, os.SEEK_HOLE) == 11 * MIB + 4096
    finally:
        os.close(descriptor)


def test_zeros_between_far_data_are_not_read(tmp_path: Path) -> None:
    size = 64 << 30
    tree = ChainBuilder(seed=3)
    disk = tree.dynamic("d.vhd", size=size)
    for offset in (0, 20 << 30, size - 512):
        tree.fill(disk, offset, 512)
    asked = []

    def too_often() -> bool:
        asked.append(1)
        return len(asked) > 1000

    flatten_to_file(OpenChain(built_chain(tree, disk)), tmp_path / "out.raw", cancel=too_often)
    with (tmp_path / "out.raw").open("rb") as file:
        for offset in (0, 20 << 30, size - 512):
            file.seek(offset)
            assert file.read(512) == tree.expected(disk).read(offset, 512)
        assert file.tell() == size


def test_the_largest_disk_that_is_empty_is_nothing_to_write(tmp_path: Path) -> None:
    tree = ChainBuilder(seed=1)
    disk = tree.dynamic("d.vhd", size=2040 << 30)
    flatten_to_file(OpenChain(built_chain(tree, disk)), tmp_path / "out.raw")
    status = (tmp_path / "out.raw").stat()
    assert status.st_size == 2040 << 30
    assert status.st_blocks < 256


# ----------------------------------------------------------------------------------------------------------- the target


def test_a_new_file_has_the_mode_that_the_umask_leaves(chain: OpenChain, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        flatten_to_file(chain, tmp_path / "out.raw")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.raw").stat().st_mode) == 0o640


def test_an_existing_file_is_kept_unless_forced(chain: OpenChain, folder: Path, tree: ChainBuilder) -> None:
    out = folder / "out.raw"
    out.write_bytes(b"mine")
    with unchanged(folder), pytest.raises(FileExistsError) as error:
        flatten_to_file(chain, out)
    assert error.value.filename == str(out)
    flatten_to_file(chain, out, force=True)
    assert out.read_bytes() == tree.expected(tree.image("leaf.avhd"))


def test_a_file_that_appears_meanwhile_is_kept(chain: OpenChain, folder: Path) -> None:
    out = folder / "out.raw"

    def appear(_done: int, _total: int) -> None:
        out.write_bytes(b"theirs")

    with pytest.raises(FileExistsError):
        flatten_to_file(chain, out, progress=appear)
    assert out.read_bytes() == b"theirs"
    assert sorted(path.name for path in folder.iterdir()) == ["base.vhd", "leaf.avhd", "out.raw"]


@pytest.mark.parametrize("name", ["leaf.avhd", "base.vhd", "hard link", "symbolic link"])
def test_a_file_of_the_chain_is_never_replaced(name: str, chain: OpenChain, folder: Path) -> None:
    (folder / "hard link").hardlink_to(folder / "base.vhd")
    (folder / "symbolic link").symlink_to("base.vhd")
    with unchanged(folder), pytest.raises(PlanRefusedError):
        flatten_to_file(chain, folder / name, force=True)


def test_nothing_but_regular_files_is_replaced(chain: OpenChain, folder: Path) -> None:
    (folder / "a folder").mkdir()
    os.mkfifo(folder / "a fifo")
    for name in ("a folder", "a fifo"):
        with pytest.raises(PlanRefusedError):
            flatten_to_file(chain, folder / name, force=True)
    assert stat.S_ISFIFO((folder / "a fifo").stat().st_mode)


def test_a_link_is_replaced_and_what_it_points_at_is_not(chain: OpenChain, folder: Path) -> None:
    (folder / "target").write_bytes(b"mine")
    (folder / "link").symlink_to("target")
    flatten_to_file(chain, folder / "link", force=True)
    assert (folder / "target").read_bytes() == b"mine"
    assert not (folder / "link").is_symlink()


def test_a_link_that_leads_nowhere_is_kept_unless_forced(chain: OpenChain, folder: Path) -> None:
    (folder / "out.raw").symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        flatten_to_file(chain, folder / "out.raw")
    assert (folder / "out.raw").is_symlink()
    flatten_to_file(chain, folder / "out.raw", force=True)
    assert not (folder / "out.raw").is_symlink()
    assert not (folder / "nowhere").exists()


def test_a_missing_folder_is_named(chain: OpenChain, folder: Path) -> None:
    with unchanged(folder), pytest.raises(FileNotFoundError) as error:
        flatten_to_file(chain, folder / "nowhere" / "out.raw")
    assert error.value.filename == str(folder / "nowhere" / "out.raw")


# ---------------------------------------------------------------------------------------------------- all of it or none


class Stop(BaseException):
    """An interruption."""


def stop(_done: int, _total: int) -> None:
    raise Stop


def test_an_interruption_leaves_nothing(chain: OpenChain, folder: Path) -> None:
    with unchanged(folder), pytest.raises(Stop):
        flatten_to_file(chain, folder / "out.raw", progress=stop)


def test_a_cancelled_call_leaves_nothing(chain: OpenChain, folder: Path) -> None:
    event = threading.Event()
    event.set()
    with unchanged(folder), pytest.raises(CancelledError):
        flatten_to_file(chain, folder / "out.raw", cancel=event)
    with pytest.raises(CancelledError):
        flatten_to_stream(chain, BytesIO(), cancel=lambda: True)


def test_a_source_that_shrinks_leaves_nothing(chain: OpenChain, folder: Path) -> None:
    os.truncate(folder / "base.vhd", 4096)
    with unchanged(folder), pytest.raises(ShortReadError):
        flatten_to_file(chain, folder / "out.raw")


def test_a_hole_in_a_partial_view_leaves_nothing(folder: Path) -> None:
    (folder / "base.vhd").unlink()
    with open_chain(folder / "leaf.avhd", partial=True) as chain, unchanged(folder):
        with pytest.raises(UnknownDataError):
            flatten_to_file(chain, folder / "out.raw")
        with pytest.raises(UnknownDataError):
            flatten_to_stream(chain, BytesIO())


@pytest.mark.parametrize("data", [None, 0])
def test_a_hole_far_from_all_data_is_no_zeros(data: int | None, tmp_path: Path) -> None:
    tree = ChainBuilder(seed=2)
    base = tree.dynamic("base.vhd", size=8 * MIB, block_size=MIB)
    leaf = tree.snapshot(base, "leaf.avhd")
    if data is not None:
        tree.fill(leaf, data, MIB)
    chain = OpenChain(link_images([built_image(tree, leaf)], partial=True))
    with pytest.raises(UnknownDataError):
        flatten_to_file(chain, tmp_path / "out.raw")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UnknownDataError):
        flattened(chain)


def test_a_partial_view_that_lacks_nothing_is_written(tmp_path: Path) -> None:
    tree = ChainBuilder(seed=1)
    base = tree.dynamic("base.vhd", size=MIB)
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.fill(leaf, 0, MIB)
    tree.save(tmp_path)
    (tmp_path / "base.vhd").unlink()
    with open_chain(tmp_path / "leaf.avhd", partial=True) as chain:
        flatten_to_file(chain, tmp_path / "out.raw")
    assert (tmp_path / "out.raw").read_bytes() == tree.expected(leaf)


# ------------------------------------------------------------------------------------------------------------- streams


class Trickle:
    """A stream that takes at most 7,000 bytes at a time."""

    def __init__(self) -> None:
        self.taken = bytearray()

    def write(self, data: memoryview, /) -> int:
        self.taken += data[:7000]
        return min(len(data), 7000)


class Full:
    """A stream that takes nothing now and does not wait."""

    def write(self, _data: memoryview, /) -> None:
        return None


def test_a_stream_may_take_less_than_it_is_given(chain: OpenChain, tree: ChainBuilder) -> None:
    stream = Trickle()
    flatten_to_stream(chain, stream)
    assert bytes(stream.taken) == tree.expected(tree.image("leaf.avhd"))


def test_a_stream_of_zeros_can_be_cancelled() -> None:
    tree = ChainBuilder(seed=4)
    disk = tree.dynamic("d.vhd", size=1 << 30)
    stop = threading.Event()
    told = []

    def stop_soon(done: int, _total: int) -> None:
        told.append(done)
        stop.set()

    with pytest.raises(CancelledError):
        flatten_to_stream(OpenChain(built_chain(tree, disk)), BytesIO(), progress=stop_soon, cancel=stop)
    assert told == [4 * MIB]


def test_a_stream_that_does_not_wait_is_refused(chain: OpenChain) -> None:
    with pytest.raises(BlockingIOError):
        flatten_to_stream(chain, Full())


def test_a_stream_into_a_file_of_the_chain_is_refused(chain: OpenChain, folder: Path) -> None:
    with unchanged(folder), (folder / "base.vhd").open("ab") as file, pytest.raises(PlanRefusedError):
        flatten_to_stream(chain, file)


# ------------------------------------------------------------------------------------------------------------ progress


@pytest.mark.parametrize("kind", ["file", "stream"])
def test_progress_counts_up_to_the_size(kind: str, chain: OpenChain, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    def tell(done: int, total: int) -> None:
        told.append((done, total))

    if kind == "file":
        flatten_to_file(chain, tmp_path / "out.raw", progress=tell)
    else:
        flatten_to_stream(chain, BytesIO(), progress=tell)
    assert {total for _, total in told} == {chain.virtual_size}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == chain.virtual_size
