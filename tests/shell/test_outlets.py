"""A stream gets the same bytes, whether the kernel moves them or this process does."""

from __future__ import annotations

import errno
import io
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from vhdchain.errors import ShortReadError
from vhdchain.shell.files import open_source
from vhdchain.shell.outlets import KernelOutlet, Outlet, outlet_of
from vhdchain.source import BytesSource

if TYPE_CHECKING:
    from collections.abc import Callable

CONTENT = bytes(range(256)) * 5000
EXPECTED = bytes(3_000_001) + b"in memory" + CONTENT[100:1_200_100] + bytes(4096)


def drive(outlet: Outlet, path: Path) -> None:
    source = open_source(path)
    try:
        outlet.zeros(3_000_001)
        outlet.write(memoryview(b"in memory"))
        outlet.copy(source, 100, 1_200_000)
        outlet.zeros(4096)
    finally:
        outlet.close()
        source.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(CONTENT)
    return path


def through_a_pipe(file: Path, make: Callable[[io.FileIO], Outlet]) -> bytes:
    ours, theirs = os.pipe()
    taken: list[bytes] = []

    def take() -> None:
        with open(ours, "rb") as reader:  # noqa: PTH123  # a descriptor
            taken.append(reader.read())

    thread = threading.Thread(target=take)
    thread.start()
    with io.FileIO(theirs, "wb") as writer:
        drive(make(writer), file)
    thread.join()
    return taken[0]


def test_a_pipe_gets_all_of_it_from_the_kernel(file: Path) -> None:
    assert through_a_pipe(file, KernelOutlet) == EXPECTED


@pytest.mark.parametrize("reason", [errno.EINVAL, errno.ENOSYS, errno.EXDEV])
def test_where_the_kernel_does_not_copy_it_is_read_and_written(
    file: Path, reason: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refuse(*arguments: int) -> int:
        asked.append(arguments)
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(os, "sendfile", refuse)
    assert through_a_pipe(file, KernelOutlet) == EXPECTED
    assert 1 <= len(asked) <= 2


def test_the_kernel_may_take_less_than_it_is_given(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sendfile = os.sendfile
    monkeypatch.setattr(os, "sendfile", lambda out, into, at, count: sendfile(out, into, at, min(count, 7001)))
    assert through_a_pipe(file, KernelOutlet) == EXPECTED


def test_a_system_without_files_in_memory_gets_zeros_all_the_same(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    assert through_a_pipe(file, KernelOutlet) == EXPECTED


@pytest.mark.parametrize("mode", ["wb", "ab"])
def test_a_file_gets_all_of_it_where_its_cursor_stands(file: Path, tmp_path: Path, mode: str) -> None:
    out = tmp_path / "out"
    out.write_bytes(b"before")
    with io.FileIO(out, mode) as writer:
        writer.write(b"first")
        drive(outlet_of(writer), file)
        writer.write(b"last")
    assert out.read_bytes() == (b"before" if mode == "ab" else b"") + b"first" + EXPECTED + b"last"


def test_a_buffered_stream_keeps_its_order(file: Path, tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as writer:
        writer.write(b"first")
        drive(outlet_of(writer), file)
    assert (tmp_path / "out").read_bytes() == b"first" + EXPECTED


def test_bytes_in_memory_and_streams_in_memory_do(tmp_path: Path) -> None:
    stream = io.BytesIO()
    outlet_of(stream).copy(BytesSource(CONTENT), 7, 1_000_000)
    assert stream.getvalue() == CONTENT[7:1_000_007]


def test_a_pipe_that_does_not_wait_is_told(file: Path) -> None:
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    with io.FileIO(theirs, "wb") as writer, pytest.raises(BlockingIOError):
        drive(KernelOutlet(writer), file)
    os.close(ours)


def test_a_source_that_ends_too_early_is_told(file: Path) -> None:
    source = open_source(file)
    os.truncate(file, 50_000)
    with Path(os.devnull).open("wb", buffering=0) as sink, pytest.raises(ShortReadError):
        outlet_of(sink).copy(source, 0, 100_000)
    source.close()
