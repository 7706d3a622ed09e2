"""A plan is carried out, refused, stopped, gone on with and taken back."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.shell.executor.plans import (
    DONE,
    FILES,
    QUICK,
    SECOND,
    SECTORS,
    TIME,
    contents,
    contents_and_times,
    interrupt,
    journal_in,
    make_folder,
    patch,
    plan_of,
    state,
    steps_in,
)
from vhdchain.plan import (
    CopyFile,
    CreateFile,
    DeleteFile,
    FileState,
    MakeFolder,
    MergeBlocks,
    Patch,
    PatchFile,
    Plan,
    RemoveFolder,
    RenameFile,
    ReplaceFile,
    Step,
    VolumeNeed,
)
from vhdchain.shell.executor.journal import journal_path
from vhdchain.shell.executor.table import HANDLERS

if TYPE_CHECKING:
    from collections.abc import Callable


class StopAt:
    """A ``cancel`` that asks to stop at the n-th time that it is asked."""

    def __init__(self, count: int) -> None:
        self.left = count

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_a_plan_of_every_simple_step_is_done_and_leaves_nothing_else(folder: Path) -> None:
    plan = plan_of(folder)
    outcome = vc.execute(plan)

    assert contents(folder) == DONE
    assert not outcome.undone
    assert (folder / "patched.vhd").stat().st_mtime_ns == (500_000_000 + 946_684_800) * SECOND
    assert (folder / "made" / "copy.vhd").stat().st_mtime_ns == (folder / "source.vhd").stat().st_mtime_ns
    assert (folder / "stays.vhd").stat().st_mtime_ns == plan.files[-1].mtime_ns


@pytest.mark.parametrize("count", range(1, 16))
def test_a_plan_that_was_stopped_is_resumed_to_the_same_end(folder: Path, count: int) -> None:
    plan = plan_of(folder)
    with pytest.raises(vc.CancelledError) as caught:
        vc.execute(plan, cancel=StopAt(count), layer=QUICK)

    journal = journal_in(folder)
    assert caught.value.__notes__ == [
        f"nothing is lost; to go on: vhdchain resume {journal} (--undo takes everything back)"
    ]
    assert (folder / "gone.avhd").exists()
    vc.resume(journal, layer=QUICK)
    assert contents(folder) == DONE


@pytest.mark.parametrize("count", range(1, 16))
def test_a_plan_that_was_stopped_is_taken_back_to_every_byte_and_time(folder: Path, count: int) -> None:
    before = contents_and_times(folder)
    with pytest.raises(vc.CancelledError):
        vc.execute(plan_of(folder), cancel=StopAt(count), layer=QUICK)
    assert contents_and_times(folder) != before

    outcome = vc.undo(folder / "patched.vhd", layer=QUICK)

    assert outcome.undone
    assert contents_and_times(folder) == before


def test_a_plan_that_is_stopped_before_anything_was_begun_leaves_nothing_behind(folder: Path) -> None:
    before = contents_and_times(folder)
    with pytest.raises(vc.CancelledError) as caught:
        vc.execute(plan_of(folder), cancel=StopAt(0), layer=QUICK)

    assert contents_and_times(folder) == before
    assert not hasattr(caught.value, "__notes__")


def test_a_plan_without_steps_is_done() -> None:
    assert not vc.execute(Plan(action="test", summary="", steps=()), layer=QUICK).undone


def test_relative_paths_mean_the_same_from_another_working_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    plan = plan_of(Path())
    with pytest.raises(vc.CancelledError):
        vc.execute(plan, cancel=StopAt(3), layer=QUICK)
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    vc.resume(journal_in(folder), layer=QUICK)

    assert contents(folder) == DONE
    assert contents(tmp_path / "other") == {}


def test_a_folder_that_moved_with_its_journal_is_finished_where_it_is(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(vc.CancelledError):
        vc.execute(plan_of(folder), cancel=StopAt(5), layer=QUICK)
    folder.rename(tmp_path / "moved")
    vc.resume(journal_in(tmp_path / "moved"), layer=QUICK)

    assert contents(tmp_path / "moved") == DONE
    assert not folder.exists()


def test_a_name_that_is_no_text_is_a_name(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"disks \xff")
    make_folder(odd)
    interrupt(plan_of(odd), after=5)
    vc.resume(journal_in(odd), layer=QUICK)

    assert contents(odd) == DONE


def test_progress_only_rises_and_ends_with_everything(folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    vc.execute(plan_of(folder), progress=lambda done, total: seen.append((done, total)), layer=QUICK)

    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1] > 0
    assert len({total for _, total in seen}) == 1


def _grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def _touch(path: Path) -> None:
    os.utime(path, ns=(TIME, TIME - 1))


def _swap(path: Path) -> None:
    status = path.stat()
    content = path.read_bytes()
    path.rename(path.with_name("aside"))
    path.write_bytes(content)
    os.utime(path, ns=(TIME, status.st_mtime_ns))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (_grow, "its size changed from 1500 to 1501 bytes"),
        (_touch, "it was modified"),
        (_swap, "another file has taken its place"),
        (Path.unlink, "it is gone"),
    ],
)
def test_a_plan_is_refused_where_a_file_changed_since_it_was_made(
    folder: Path, change: Callable[[Path], object], what: str
) -> None:
    plan = plan_of(folder)
    change(folder / "stays.vhd")
    before = contents_and_times(folder)
    with pytest.raises(vc.PlanRefusedError) as caught:
        vc.execute(plan, layer=QUICK)

    assert str(caught.value) == f"{folder / 'stays.vhd'}: {what} since the plan was made; make a new plan"
    assert contents_and_times(folder) == before


def test_a_resumed_plan_is_refused_where_a_file_that_it_had_not_touched_changed(folder: Path) -> None:
    with pytest.raises(vc.CancelledError):
        vc.execute(plan_of(folder), cancel=StopAt(3), layer=QUICK)
    _grow(folder / "source.vhd")
    with pytest.raises(vc.PlanRefusedError) as caught:
        vc.resume(journal_in(folder), layer=QUICK)
    assert str(caught.value).startswith(f"{folder / 'source.vhd'}: its size changed")

    vc.undo(journal_in(folder), layer=QUICK)  # what it had touched comes back all the same
    assert (folder / "patched.vhd").read_bytes() == FILES["patched.vhd"]


def test_a_file_that_somebody_else_has_locked_refuses_the_plan(folder: Path) -> None:
    before = contents_and_times(folder)
    with (folder / "stays.vhd").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(vc.PlanRefusedError) as caught:
            vc.execute(plan_of(folder), layer=QUICK)

    assert str(caught.value) == (
        f"{folder / 'stays.vhd'}: another program is using it (it holds a lock); wait until it is done"
    )
    assert contents_and_times(folder) == before


def test_files_that_are_only_read_may_be_read_by_others_meanwhile(folder: Path) -> None:
    with (folder / "stays.vhd").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        vc.execute(plan_of(folder), layer=QUICK)

    assert contents(folder) == DONE


def test_two_names_of_one_file_are_locked_once(folder: Path) -> None:
    os.link(folder / "patched.vhd", folder / "second name.vhd")
    plan = plan_of(folder, PatchFile(path=str(folder / "patched.vhd"), patches=(patch(SECTORS, 0, b"x"),)))
    vc.execute(plan, layer=QUICK)

    assert (folder / "second name.vhd").read_bytes()[:1] == b"x"


def test_a_symbolic_link_is_never_written_through(folder: Path) -> None:
    (folder / "link.vhd").symlink_to("patched.vhd")
    step = PatchFile(path=str(folder / "link.vhd"), patches=(patch(SECTORS, 0, b"x"),))
    with pytest.raises(OSError, match="is a symbolic link") as caught:
        vc.execute(plan_of(folder, step), layer=QUICK)

    assert caught.value.filename == str(folder / "link.vhd")
    assert (folder / "patched.vhd").read_bytes() == SECTORS


def _refused_steps(folder: Path) -> list[tuple[str, Step]]:
    path = {name: str(folder / name) for name in FILES}
    other_file = "expected (the third byte): the file is not the one that the plan was made for"
    wrong = Patch(offset=3, old=b"\3\4\6", new=b"abc", why="the third byte")
    return [
        (
            f"{path['patched.vhd']} @0x5: 05 found, 06 {other_file}",
            PatchFile(path=path["patched.vhd"], patches=(wrong,)),
        ),
        (
            f"{path['patched.vhd']} @0x5: 05 found, 06 {other_file}",
            ReplaceFile(path=path["patched.vhd"], patches=(wrong,)),
        ),
        (
            f"{path['stays.vhd']}: is there already; nothing is replaced",
            CreateFile(path=path["stays.vhd"], content=b"", why=""),
        ),
        (
            f"{path['stays.vhd']}: is there already; nothing is replaced",
            CopyFile(source=path["source.vhd"], path=path["stays.vhd"]),
        ),
        (
            f"{path['stays.vhd']}: is there already; nothing is replaced",
            RenameFile(path=path["source.vhd"], to=path["stays.vhd"]),
        ),
        (f"{folder / 'none'}: is gone", RenameFile(path=str(folder / "none"), to=str(folder / "other"))),
        (f"{folder / 'none'}: is gone", DeleteFile(path=str(folder / "none"))),
        (f"{path['stays.vhd']}: is there already, and is no folder", MakeFolder(path=path["stays.vhd"])),
        (f"{path['stays.vhd']}: is no folder", RemoveFolder(path=path["stays.vhd"])),
    ]


@pytest.mark.parametrize("index", range(9))
def test_a_step_that_meets_what_it_does_not_expect_takes_everything_back(folder: Path, index: int) -> None:
    before = contents_and_times(folder)
    message, step = _refused_steps(folder)[index]
    first = PatchFile(path=str(folder / "cut.vhd"), patches=(patch(SECTORS, 0, b"x"),))
    with pytest.raises(vc.PlanRefusedError) as caught:
        vc.execute(plan_of(folder, first, step), layer=QUICK)

    assert str(caught.value) == message
    assert contents_and_times(folder) == before


def test_a_plan_that_needs_more_room_than_there_is_is_refused(folder: Path) -> None:
    plan = Plan(
        action="test",
        summary="",
        steps=steps_in(folder),
        needs=(VolumeNeed(folder=str(folder), peak=1 << 60, lasting=0),),
    )
    with pytest.raises(vc.PlanRefusedError) as caught:
        vc.execute(plan, layer=QUICK)
    assert str(caught.value).startswith(f"{folder}: the plan needs up to {1 << 60} bytes there, and ")

    vc.execute(plan, check_free=False, layer=QUICK)
    assert contents(folder) == DONE


def test_a_step_that_nobody_can_carry_out_is_refused_before_anything_is_begun(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(HANDLERS, MergeBlocks, raising=False)
    step = MergeBlocks(
        destination=str(folder / "stays.vhd"),
        layers=(),
        below=(),
        old_size=0,
        new_size=0,
        sectors=0,
        new_blocks=0,
        overwritten=0,
    )
    before = contents_and_times(folder)
    with pytest.raises(vc.ConfigError):
        vc.execute(plan_of(folder, *steps_in(folder), step), layer=QUICK)
    assert contents_and_times(folder) == before


def test_a_second_plan_on_files_of_an_unfinished_one_is_refused(folder: Path) -> None:
    with pytest.raises(vc.CancelledError):
        vc.execute(plan_of(folder), cancel=StopAt(3), layer=QUICK)
    with pytest.raises(vc.PlanRefusedError) as caught:
        vc.execute(plan_of(folder, DeleteFile(path=str(folder / "stays.vhd"))), layer=QUICK)

    assert str(caught.value) == (
        f"{journal_path(str(folder / 'patched.vhd'))}: an earlier plan was interrupted and is not finished; "
        "'vhdchain resume' goes on or takes it back"
    )
    assert (folder / "stays.vhd").exists()


def test_a_file_that_stands_where_the_executor_needs_the_name_is_in_the_way(folder: Path) -> None:
    (folder / "replaced.avhd.vhdchain-old").write_bytes(b"somebody's")
    with pytest.raises(vc.PlanRefusedError, match="is in the way"):
        vc.execute(plan_of(folder), layer=QUICK)

    assert (folder / "replaced.avhd.vhdchain-old").read_bytes() == b"somebody's"


def test_a_folder_into_which_somebody_put_a_file_stays(folder: Path) -> None:
    plan = plan_of(folder)
    (folder / "empty" / "other.txt").write_bytes(b"other")
    vc.execute(plan, layer=QUICK)

    assert contents(folder) == {**DONE, "empty": None, "empty/other.txt": b"other"}


def test_a_replaced_file_keeps_its_permissions(folder: Path) -> None:
    (folder / "replaced.avhd").chmod(0o640)
    vc.execute(plan_of(folder), layer=QUICK)

    assert (folder / "replaced.avhd").stat().st_mode & 0o777 == 0o640


def test_holes_are_copied_as_holes(folder: Path) -> None:
    path = folder / "sparse.vhd"
    with path.open("wb") as file:
        file.write(b"a" * 4096)
        file.seek(64 << 20)
        file.write(b"b" * 4096)
    vc.execute(plan_of(folder, CopyFile(source=str(path), path=str(folder / "copy.vhd"))), layer=QUICK)

    copy = folder / "copy.vhd"
    assert copy.read_bytes() == path.read_bytes()
    assert copy.stat().st_blocks <= path.stat().st_blocks < (1 << 20) // 512


def test_a_path_of_the_plan_may_go_through_a_linked_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    vc.execute(plan_of(tmp_path / "link"), layer=QUICK)

    assert contents(folder) == DONE


def test_a_state_without_a_time_is_compared_by_its_size_alone(folder: Path) -> None:
    known = state(folder / "stays.vhd")
    plan = Plan(
        action="test",
        summary="",
        steps=(DeleteFile(path=known.path),),
        files=(FileState(path=known.path, size=known.size),),
    )
    vc.execute(plan, layer=QUICK)

    assert not (folder / "stays.vhd").exists()
