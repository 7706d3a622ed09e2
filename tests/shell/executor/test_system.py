"""The operating system's layer writes, copies, renames and locks as its protocol says, also where a call is missing."""

from __future__ import annotations

import errno
import os
import resource
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.shell.executor.plans import DONE, contents, contents_and_times, make_folder, plan_of
from vhdchain.errors import PlanRefusedError, ShortReadError
from vhdchain.plan import ReplaceFile
from vhdchain.shell.executor import system
from vhdchain.shell.executor.locks import Locks
from vhdchain.shell.executor.run import execute
from vhdchain.shell.executor.system import SystemFile, SystemLayer
from vhdchain.shell.files import open_source
from vhdchain.testing.faults import RecordingLayer, check_crashes

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.plan import Plan
    from vhdchain.shell.executor.layer import FileLayer, WritableFile

LAYER = SystemLayer()
LONG = bytes(range(256)) * 10_000  # more than one piece of the plain way


def test_the_layer_is_what_the_protocol_says(tmp_path: Path) -> None:
    layer: FileLayer = LAYER
    with closing(LAYER.create(str(tmp_path / "a"))) as file:
        writable: WritableFile = file
        assert writable.name == str(tmp_path / "a")
    assert isinstance(layer, SystemLayer)


def test_bytes_are_written_where_they_belong_and_read_back(tmp_path: Path) -> None:
    with closing(LAYER.create(str(tmp_path / "a"))) as file:
        file.write_at(5, b"five")
        file.write_at(0, b"begin")
        file.sync()
        assert (file.size(), file.read_at(3, 100)) == (9, b"infive")
        file.truncate(2)
    LAYER.sync_folder(str(tmp_path))

    assert (tmp_path / "a").read_bytes() == b"be"


def _missing(*_: object) -> int:
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))


def _short(source: int, target: int, count: int, offset_source: int, offset_target: int) -> int:
    return os.pwrite(target, os.pread(source, min(count, 1000), offset_source), offset_target)


@pytest.mark.parametrize("call", [None, _missing, _short, lambda *_: 0])
def test_a_copy_is_the_same_whatever_the_kernel_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Callable[..., int] | None
) -> None:
    (tmp_path / "a").write_bytes(LONG)
    if call is not None:
        monkeypatch.setattr(os, "copy_file_range", call)
    with closing(open_source(tmp_path / "a")) as source, closing(LAYER.create(str(tmp_path / "b"))) as file:
        file.copy_from(source, 1000, 10, len(LONG) - 1000)

    assert (tmp_path / "b").read_bytes() == bytes(10) + LONG[1000:]


def test_an_error_of_a_kernel_copy_that_is_no_missing_call_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "a").write_bytes(LONG)
    monkeypatch.setattr(os, "copy_file_range", full)
    with (
        closing(open_source(tmp_path / "a")) as source,
        closing(LAYER.create(str(tmp_path / "b"))) as file,
        pytest.raises(OSError, match="No space") as caught,
    ):
        file.copy_from(source, 0, 0, 10)

    assert caught.value.filename == str(tmp_path / "b")


def test_a_copy_of_bytes_that_are_gone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(LONG)
    with closing(open_source(tmp_path / "a")) as source, closing(LAYER.create(str(tmp_path / "b"))) as file:
        (tmp_path / "a").write_bytes(b"short")
        with pytest.raises(ShortReadError):
            file.copy_from(source, 0, 0, len(LONG))


@pytest.mark.parametrize("call", [None, lambda *_: False])
def test_a_punched_part_reads_as_zeros_and_never_lengthens_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Callable[..., bool] | None
) -> None:
    if call is not None:
        monkeypatch.setattr(system, "punch_hole", call)
    (tmp_path / "a").write_bytes(LONG)
    with closing(LAYER.open(str(tmp_path / "a"))) as file:
        file.punch(100, 1 << 21)
        file.punch(len(LONG) - 10, 1000)
        file.punch(len(LONG) + 10, 1000)

    assert (tmp_path / "a").read_bytes() == LONG[:100] + bytes(1 << 21) + LONG[100 + (1 << 21) : -10] + bytes(10)


@pytest.mark.parametrize("known", [True, False])
def test_what_was_written_is_pushed_to_the_disk_in_whatever_way_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    plain: list[int] = []
    monkeypatch.setattr(os, "fdatasync", plain.append)
    if not known:
        monkeypatch.setattr(system, "start_writing", lambda _: False)
    with closing(SystemLayer().create(str(tmp_path / "a"))) as file:
        file.write_at(0, LONG)
        file.push()

    assert len(plain) == (0 if known else 1)
    assert (tmp_path / "a").read_bytes() == LONG


def test_punched_room_is_given_back_where_the_file_system_can(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(LONG)
    with closing(LAYER.open(str(tmp_path / "a"))) as file:
        file.sync()
        before = (tmp_path / "a").stat().st_blocks
        file.punch(0, 1 << 21)
        file.sync()

    assert (tmp_path / "a").stat().st_blocks < before


def test_a_time_that_no_file_can_have_is_an_error_of_the_system(tmp_path: Path) -> None:
    with closing(LAYER.create(str(tmp_path / "a"))) as file, pytest.raises(OSError, match="no time") as caught:
        file.set_modified(1 << 100)

    assert caught.value.filename == str(tmp_path / "a")


def test_permissions_are_taken_on(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "a").chmod(0o604)
    with closing(open_source(tmp_path / "a")) as source, closing(LAYER.create(str(tmp_path / "b"))) as file:
        file.adopt(source)

    assert (tmp_path / "b").stat().st_mode & 0o7777 == 0o604


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "a").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    for name, what in (("link", "is a symbolic link"), ("pipe", "is a FIFO"), ("", "directory")):
        with pytest.raises(OSError, match=what) as caught:
            LAYER.open(str(tmp_path / name))
        assert caught.value.filename == str(tmp_path / name)


def test_a_closed_file_is_written_to_no_more(tmp_path: Path) -> None:
    file = LAYER.create(str(tmp_path / "a"))
    file.close()
    file.close()
    with pytest.raises(ValueError, match="is closed"):
        file.write_at(0, b"x")


def test_names_that_are_taken_stay(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    for call in (lambda: LAYER.create(b), lambda: LAYER.rename_free(a, b), lambda: LAYER.link(a, b)):
        with pytest.raises(FileExistsError):
            call()
    LAYER.rename(a, b)

    assert contents(tmp_path) == {"b": b"a"}


@pytest.mark.parametrize("links", [True, False])
def test_a_free_name_is_given_also_where_the_system_has_no_such_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    monkeypatch.setattr(system, "rename_without_replacing", lambda *_: False)
    if not links:

        def link(*_: object, **__: object) -> None:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "link", link)
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    with pytest.raises(FileExistsError):
        LAYER.rename_free(str(tmp_path / "a"), str(tmp_path / "b"))
    LAYER.rename_free(str(tmp_path / "a"), str(tmp_path / "c"))

    assert contents(tmp_path) == {"b": b"b", "c": b"a"}
    assert LAYER.link(str(tmp_path / "b"), str(tmp_path / "d")) is links


def test_without_links_a_replaced_file_is_taken_back_from_the_old_bytes(tmp_path: Path) -> None:
    make_folder(tmp_path)
    before = contents_and_times(tmp_path)
    step = next(step for step in plan_of(tmp_path).steps if isinstance(step, ReplaceFile))

    def run(plan: Plan, layer: FileLayer) -> None:
        assert isinstance(layer, RecordingLayer)
        layer.link = lambda *_: False  # type: ignore[method-assign]  # a file system without
        execute(plan, layer=layer)

    def is_replaced(folder: Path) -> None:
        assert (folder / "replaced.avhd").read_bytes() == DONE["replaced.avhd"]

    counts = check_crashes(
        tmp_path, plan_of(tmp_path, step), invariant=lambda _: None, after_resume=is_replaced, run=run
    )

    assert counts.undone > 10
    assert contents_and_times(tmp_path).keys() == before.keys()


def test_a_lock_is_held_until_it_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    with Locks() as first, Locks() as second:
        first.take(str(path), exclusive=True)
        first.take(str(path), exclusive=False)
        with pytest.raises(PlanRefusedError, match="another program is using it"):
            second.take(str(path), exclusive=False)
        first.release(str(path))
        second.take(str(path), exclusive=True)
        status = second.status(str(path))
        assert status is not None
        assert status.st_size == 0
        assert first.status(str(path)) is None


def test_readers_share(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    with Locks() as first, Locks() as second:
        first.take(str(path), exclusive=False)
        second.take(str(path), exclusive=False)
        with pytest.raises(PlanRefusedError, match="another program is using it"), Locks() as third:
            third.take(str(path), exclusive=True)


def test_a_chain_of_more_files_than_may_be_open_is_locked_and_the_limit_comes_back(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    paths = [tmp_path / str(number) for number in range(300)]
    for path in paths:
        path.write_bytes(b"")
    used = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 50, before[1]))
    try:
        with Locks() as locks:
            locks.make_room(len(paths))
            for path in paths:
                locks.take(str(path), exclusive=True)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (used + 50, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_files_of_the_layer_are_of_its_class(tmp_path: Path) -> None:
    class Own(SystemFile):
        __slots__ = ()

    class OwnLayer(SystemLayer):
        file_class = Own

    with closing(OwnLayer().create(str(tmp_path / "a"))) as file:
        assert isinstance(file, Own)
