"""No crash and no error loses anything of a plan of all simple steps, wherever it comes."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from tests.shell.executor.plans import DONE, QUICK, contents, interrupt, journal_in, make_folder, patch, plan_of
from vhdchain.errors import PlanRefusedError
from vhdchain.plan import CopyFile, ReplaceFile
from vhdchain.shell.executor import copying
from vhdchain.shell.executor.run import execute, resume, undo
from vhdchain.testing.faults import FailingLayer, RecordingLayer, check_crashes, check_failures
from vhdchain.testing.faults.operations import Write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vhdchain.plan import Step


def untouched_files_are_untouched(folder: Path) -> None:
    """Files that the plan only reads, or does not name, have every byte at every moment."""
    for name in ("source.vhd", "stays.vhd"):
        assert (folder / name).read_bytes() == DONE[name]


def a_replaced_file_is_the_old_or_the_new_one(folder: Path) -> None:
    untouched_files_are_untouched(folder)
    assert (folder / "replaced.avhd").read_bytes() in (DONE["replaced.avhd"], contents_before["replaced.avhd"])


contents_before: dict[str, bytes | None] = {}


def is_done(folder: Path) -> None:
    assert contents(folder) == DONE


@pytest.mark.slow
def test_every_crash_in_a_plan_of_all_simple_steps_can_be_resumed_and_taken_back(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    make_folder(tmp_path)
    contents_before.update(contents(tmp_path))
    counts = check_crashes(
        tmp_path,
        plan_of(tmp_path),
        invariant=a_replaced_file_is_the_old_or_the_new_one,
        after_resume=is_done,
        seeds=6,
        twice=25,
    )

    record_property(*counts.as_property("simple steps"))
    assert counts.states > 100
    assert counts.states == counts.resumed + counts.untouched
    assert counts.undone > counts.states // 2
    assert counts.twice > 500


@pytest.mark.parametrize("kind", [CopyFile, ReplaceFile])
def test_every_crash_in_a_long_copy_is_gone_on_with_from_its_last_checkpoint(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
    kind: type[CopyFile | ReplaceFile],
) -> None:
    monkeypatch.setattr(copying, "_STRETCH", 1024)
    monkeypatch.setattr(copying, "_SAFE", 2048)
    content = bytes(range(256)) * 32
    (tmp_path / "long.vhd").write_bytes(content)
    step: Step
    if kind is CopyFile:
        step, expected = CopyFile(source=str(tmp_path / "long.vhd"), path=str(tmp_path / "copy.vhd")), content
    else:
        change = patch(content, 5000, b"new")
        step = ReplaceFile(path=str(tmp_path / "long.vhd"), patches=(change,))
        expected = content[:5000] + b"new" + content[5003:]

    def is_copied(folder: Path) -> None:
        assert (folder / ("copy.vhd" if kind is CopyFile else "long.vhd")).read_bytes() == expected

    def source_is_whole(folder: Path) -> None:
        assert (folder / "long.vhd").read_bytes() in (content, expected)

    counts = check_crashes(
        tmp_path, plan_of(tmp_path, step), invariant=source_is_whole, after_resume=is_copied, twice=5
    )

    record_property(*counts.as_property(f"long {'copy' if kind is CopyFile else 'replacement'}"))
    assert counts.states > 40


def test_a_long_copy_that_was_stopped_copies_the_rest_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_STRETCH", 1024)
    monkeypatch.setattr(copying, "_SAFE", 2048)
    (tmp_path / "long.vhd").write_bytes(bytes(range(256)) * 32)
    interrupt(plan_of(tmp_path, CopyFile(source=str(tmp_path / "long.vhd"), path=str(tmp_path / "copy.vhd"))), after=6)
    layer = RecordingLayer(tmp_path)
    seen: list[tuple[int, int]] = []
    resume(journal_in(tmp_path), layer=layer, progress=lambda done, total: seen.append((done, total)))
    copied = [each for each in layer.recording().operations if isinstance(each, Write) and len(each.data) == 1024]

    assert [each.offset for each in copied] == [4096, 5120, 6144, 7168]
    assert seen[0] == (4096, 8192)
    assert seen[-1] == (8192, 8192)


@pytest.mark.parametrize("whole", [False, True])
def test_a_file_that_changed_while_its_copy_was_made_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    monkeypatch.setattr(copying, "_STRETCH", 1024)
    monkeypatch.setattr(copying, "_SAFE", 2048)
    path = tmp_path / "long.vhd"
    content = bytes(range(256)) * 32
    path.write_bytes(content)
    plan = plan_of(tmp_path, ReplaceFile(path=str(path), patches=(patch(content, 5000, b"new"),)))
    if whole:
        layer = FailingLayer()
        monkeypatch.setattr(layer, "link", _fail)
        with pytest.raises(OSError, match="planted"):
            execute(plan, layer=layer)
    else:
        interrupt(plan, after=6)
    path.write_bytes(b"changed" * 100)
    with pytest.raises(PlanRefusedError, match="was changed since it began to be copied"):
        resume(journal_in(tmp_path), layer=QUICK)
    undo(journal_in(tmp_path), layer=QUICK)

    assert contents(tmp_path) == {"long.vhd": b"changed" * 100}


def _fail(*_: object) -> bool:
    raise OSError(errno.EIO, "planted")


@pytest.mark.slow
def test_every_error_in_a_plan_of_all_simple_steps_leaves_nothing_or_what_can_be_gone_on_with(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    make_folder(tmp_path)
    counts = check_failures(tmp_path, plan_of(tmp_path), invariant=untouched_files_are_untouched, after_resume=is_done)

    record_property(*counts.as_property("simple steps"))
    assert counts.runs > 900
    assert counts.left_nothing
    assert counts.resumed > counts.runs // 3
    assert counts.undone > counts.runs // 4
