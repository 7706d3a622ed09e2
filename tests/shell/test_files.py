"""Files as sources: whole reads or an error, few descriptors, never waiting, never writing."""

from __future__ import annotations

import array
import errno
import io
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from tests.shell.tracing import traced
from vhdchain.errors import FormatError, OutOfRangeError, ShortReadError
from vhdchain.shell import files as module
from vhdchain.shell.descriptors import DescriptorPool
from vhdchain.shell.files import OPEN_FLAGS, FileSource, open_source
from vhdchain.source import ByteSource, BytesSource, FileObjectSource, fill_each, slots_of

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = bytes(range(256)) * 16
T = TypeVar("T")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "disk.vhd"
    path.write_bytes(DATA)
    return path


def _open(path: Path, pool: DescriptorPool) -> FileSource:
    return open_source(path, pool=pool)


def test_a_file_gives_the_bytes_at_a_place(file: Path) -> None:
    source = open_source(file)
    assert isinstance(source, ByteSource)
    assert (source.size, source.name, source.path) == (len(DATA), str(file), str(file))
    assert source.read_at(0, 0) == b""
    assert source.read_at(100, 300) == DATA[100:400]
    buffer = bytearray(300)
    source.readinto_at(4096 - 300, buffer)
    assert buffer == DATA[-300:]


def test_a_source_knows_which_file_it_is(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "link.vhd"
    os.link(file, other)
    os.utime(file, ns=(0, 1_500_000_000_000_000_001))
    one, two = open_source(file), open_source(other, name="shown")
    assert one.identity == two.identity
    assert two.name == "shown"
    assert one.mtime_ns == 1_500_000_000_000_000_001
    assert one.mtime == pytest.approx(1.5e9)


@pytest.mark.parametrize(("offset", "length"), [(-1, 1), (0, -1), (len(DATA), 1), (0, len(DATA) + 1), (1 << 70, 1)])
def test_a_range_outside_of_the_file_is_refused(file: Path, offset: int, length: int) -> None:
    source = open_source(file)
    with pytest.raises(OutOfRangeError):
        source.read_at(offset, length)


def test_a_buffer_outside_of_the_file_is_refused(file: Path) -> None:
    with pytest.raises(OutOfRangeError):
        open_source(file).readinto_at(1, bytearray(len(DATA)))


def test_a_file_that_is_truncated_meanwhile_is_a_typed_error(file: Path) -> None:
    source = open_source(file)
    os.truncate(file, 1000)
    assert source.read_at(0, 1000) == DATA[:1000]
    with pytest.raises(ShortReadError):
        source.read_at(500, 1000)
    with pytest.raises(ShortReadError):
        source.readinto_at(500, bytearray(1000))
    with pytest.raises(ShortReadError):
        source.read_at(2000, 10)


def test_many_places_are_read_in_one_go_from_any_source(file: Path) -> None:
    contents = file.read_bytes()
    with file.open("rb") as opened:
        for source in (open_source(file), BytesSource(contents), FileObjectSource(opened)):
            memory = bytearray(3 * 7)
            fill_each(source, [0, 5, 90], slots_of(memory, 7))
            assert bytes(memory) == contents[0:7] + contents[5:12] + contents[90:97]
            fill_each(source, [], [])


def test_many_places_of_which_one_is_not_there_are_refused(file: Path) -> None:
    source = open_source(file)
    with pytest.raises(OutOfRangeError, match=rf"@0x{source.size - 3:X}: 7 bytes lie outside"):
        fill_each(source, [0, source.size - 3], slots_of(bytearray(14), 7))
    os.truncate(file, 50)
    with pytest.raises(ShortReadError, match=r"@0x30: 7 bytes expected, 2 read"):
        fill_each(source, [0, 48], slots_of(bytearray(14), 7))
    source.close()
    with pytest.raises(ValueError, match="the source is closed"):
        fill_each(source, [0], slots_of(bytearray(7), 7))


def test_the_working_folder_may_change(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pool = DescriptorPool(limit=0)
    source = open_source("disk.vhd", pool=pool)
    monkeypatch.chdir("/")
    assert (source.name, source.read_at(0, 4)) == ("disk.vhd", DATA[:4])


def test_few_descriptors_serve_many_files(tmp_path: Path) -> None:
    pool = DescriptorPool(limit=3)
    sources = []
    for number in range(20):
        path = tmp_path / str(number)
        path.write_bytes(bytes([number]) * 10)
        sources.append(_open(path, pool))
    for _ in range(3):
        assert [source.read_at(3, 2) for source in sources] == [bytes([number]) * 2 for number in range(20)]
        assert pool.idle == 3
    for source in sources:
        source.close()
    assert pool.idle == 0


def test_a_file_that_was_replaced_is_not_read_on(file: Path, tmp_path: Path) -> None:
    source = _open(file, DescriptorPool(limit=0))
    other = tmp_path / "other"
    other.write_bytes(DATA)
    other.replace(file)
    with pytest.raises(ShortReadError):
        source.read_at(0, 1)


def test_a_file_that_grew_is_not_read_on(file: Path) -> None:
    source = _open(file, DescriptorPool(limit=0))
    with file.open("ab") as handle:
        handle.write(b"x")
    with pytest.raises(ShortReadError):
        source.read_at(0, 1)


def test_a_file_that_is_gone_is_the_systems_error(file: Path) -> None:
    source = _open(file, DescriptorPool(limit=0))
    file.unlink()
    with pytest.raises(FileNotFoundError):
        source.read_at(0, 1)


def test_a_closed_source_is_not_read(file: Path) -> None:
    pool = DescriptorPool()
    source = _open(file, pool)
    source.close()
    source.close()
    with pytest.raises(ValueError, match="closed"):
        source.read_at(0, 1)
    assert pool.idle == 0


def test_a_forgotten_source_gives_its_descriptor_back(file: Path) -> None:
    pool = DescriptorPool()
    source: FileSource | None = _open(file, pool)
    assert pool.idle == 1
    assert source is not None
    del source
    assert pool.idle == 0


def test_threads_share_sources_and_a_pool_that_is_too_small(tmp_path: Path) -> None:
    pool = DescriptorPool(limit=1)
    sources = []
    for number in range(4):
        path = tmp_path / str(number)
        path.write_bytes(bytes([number]) * 65536)
        sources.append(_open(path, pool))
    start = threading.Barrier(4)

    def read(seed: int) -> bool:
        start.wait()
        right = True
        for step in range(300):
            number = (seed + step) % 4
            right &= sources[number].read_at(step, 500) == bytes([number]) * 500
        return right

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(read, range(4)))
    assert pool.idle <= 1


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_a_process_without_descriptors_gives_up_the_idle_ones(file: Path, number: int) -> None:
    pool = DescriptorPool()
    source = _open(file, pool)
    calls = []

    def opener() -> int:
        calls.append(pool.idle)
        if len(calls) == 1:
            raise OSError(number, os.strerror(number))
        return 7

    assert pool.open(opener) == 7
    assert calls == [1, 0]
    assert source.read_at(0, 4) == DATA[:4]


def test_without_idle_descriptors_nothing_is_tried_twice() -> None:
    calls = []

    def opener() -> int:
        calls.append(1)
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with pytest.raises(OSError, match="Too many open files"):
        DescriptorPool().open(opener)
    assert calls == [1]


def test_other_errors_of_opening_pass(file: Path) -> None:
    pool = DescriptorPool()
    source = _open(file, pool)

    def opener() -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with pytest.raises(OSError, match="Input/output"):
        pool.open(opener)
    assert (pool.idle, source.size) == (1, len(DATA))


def test_a_fifo_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with traced() as trace, pytest.raises(FormatError):
        open_source(tmp_path / "fifo")
    assert trace.paths == []


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/tty"])
def test_a_character_device_is_refused(device: str) -> None:
    if not Path(device).exists():
        pytest.skip(f"{device} is absent")
    with traced() as trace, pytest.raises(FormatError):
        open_source(device)
    assert trace.paths == []


def test_a_folder_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        open_source(tmp_path)


def test_a_link_counts_only_where_it_may_be_followed(file: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(file)
    assert open_source(tmp_path / "link").read_at(0, 4) == DATA[:4]
    with pytest.raises(FormatError):
        open_source(tmp_path / "link", follow=False)


def test_a_file_that_is_not_the_expected_one_is_not_read(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"x")
    expected = open_source(other).identity
    with pytest.raises(FormatError):
        open_source(file, expected=expected)


def test_files_are_opened_for_reading_alone(file: Path) -> None:
    with traced() as trace:
        _open(file, DescriptorPool(limit=0)).read_at(0, 10)
    assert trace.paths == [str(file), str(file)]
    assert trace.writing == []


def test_the_trace_would_see_a_file_that_is_written(file: Path) -> None:
    with traced() as trace:
        file.write_bytes(b"x")
    assert trace.writing == [("open", str(file))]


# ----------------------------------------------------------------------------------------------------- races and errors


class Swapping(DescriptorPool):
    """A pool that lets somebody act between the look at a file and its opening."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self.act = act

    def open(self, opener: Callable[[], T]) -> T:
        self.act()
        return super().open(opener)


def test_a_file_that_is_swapped_before_it_is_opened_is_not_read(file: Path, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(DATA)
    with pytest.raises(FormatError):
        open_source(file, pool=Swapping(lambda: (tmp_path / "other").rename(file)))


def test_a_file_that_becomes_a_link_before_it_is_opened_is_not_read(file: Path, tmp_path: Path) -> None:
    def swap() -> None:
        file.rename(tmp_path / "moved")
        file.symlink_to(tmp_path / "moved")

    # What the link leads to is the very file that was looked at.
    with pytest.raises(OSError, match="symbolic links") as caught:
        open_source(file, follow=False, pool=Swapping(swap))
    assert caught.value.errno == errno.ELOOP


def test_a_file_that_becomes_a_fifo_is_not_waited_for(file: Path) -> None:
    def swap() -> None:
        file.unlink()
        os.mkfifo(file)

    assert OPEN_FLAGS & os.O_NONBLOCK
    with pytest.raises(FormatError):
        open_source(file, pool=Swapping(swap))


def test_a_block_device_counts_only_where_the_user_named_it() -> None:
    status = os.stat_result((stat.S_IFBLK | 0o600, *(0,) * 9))
    module._require_readable("/dev/sdx", status, devices=True)
    with pytest.raises(FormatError):
        module._require_readable("/dev/sdx", status, devices=False)


def test_a_source_that_cannot_be_opened_again_leaks_no_descriptor(file: Path, tmp_path: Path) -> None:
    source = _open(file, DescriptorPool(limit=0))
    (tmp_path / "other").write_bytes(DATA)
    (tmp_path / "other").rename(file)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        with pytest.raises(ShortReadError):
            source.read_at(0, 1)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_errors_name_the_file_as_messages_do(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        open_source(tmp_path / "absent", name="shown")
    assert missing.value.filename == "shown"
    source = open_source(file, name="shown")

    def fail(*_: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "pread", fail)
    monkeypatch.setattr(os, "preadv", fail)
    for read in (lambda: source.read_at(0, 1), lambda: source.readinto_at(0, bytearray(1))):
        with pytest.raises(OSError, match="Input/output") as caught:
            read()
        assert caught.value.filename == "shown"


def test_a_system_that_gives_a_few_bytes_at_a_time_is_asked_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pread, preadv = os.pread, os.preadv
    monkeypatch.setattr(os, "pread", lambda fd, length, offset: pread(fd, min(length, 7), offset))
    monkeypatch.setattr(os, "preadv", lambda fd, views, offset: preadv(fd, [views[0][:7]], offset))
    source = open_source(file)
    assert source.read_at(100, 300) == DATA[100:400]
    buffer = bytearray(300)
    source.readinto_at(100, buffer)
    assert buffer == DATA[100:400]


# ----------------------------------------------------------------------------------------------- sources without a path


class Slow(io.BytesIO):
    """A file object that gives at most seven bytes at a time, as raw ones may."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(7 if size is None or size < 0 else min(size, 7))


def test_a_file_object_is_read_whole_wherever_its_cursor_stands() -> None:
    file = Slow(DATA)
    file.seek(1000)
    source = FileObjectSource(file)
    assert (source.size, source.name) == (len(DATA), "<file object>")
    assert source.read_at(100, 300) == DATA[100:400]
    assert source.read_at(0, len(DATA)) == DATA
    items = array.array("I", [0] * 50)
    source.readinto_at(100, items)
    assert items.tobytes() == DATA[100:300]
    with pytest.raises(OutOfRangeError):
        source.read_at(len(DATA), 1)
    file.truncate(200)
    with pytest.raises(ShortReadError):
        source.read_at(100, 300)


def test_a_file_object_gives_no_more_than_was_asked_for() -> None:
    class Greedy(io.BytesIO):
        """Gives three bytes first, and then as many as it is asked for."""

        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(3 if self.tell() == 10 else size)

    assert FileObjectSource(Greedy(DATA)).read_at(10, 20) == DATA[10:30]


def test_bytes_of_wider_items_are_counted_as_bytes() -> None:
    items = array.array("I", range(100))
    source = BytesSource(items)
    assert (source.size, source.read_at(6, 7)) == (400, items.tobytes()[6:13])
    copy = array.array("I", [0] * 99)
    source.readinto_at(4, copy)
    assert copy == items[1:]
