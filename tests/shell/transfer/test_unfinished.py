"""Interrupted transfers are found by their folder, told by their machine and options, and counted for room."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.audit.folders import open_folder, unprivileged
from tests.shell.transfer.plans import copying, filled
from vhdchain.errors import CancelledError
from vhdchain.plan import Plan, VolumeNeed
from vhdchain.shell.executor.run import execute, resume
from vhdchain.shell.transfer.unfinished import Unfinished, bytes_there, marked, room_missing, unfinished_in

if TYPE_CHECKING:
    from pathlib import Path


def interrupted(plan: Plan) -> None:
    asked = iter((False, False, True))
    with pytest.raises(CancelledError):
        execute(plan, cancel=lambda: next(asked, True))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return filled(tmp_path / "vms")


def test_an_interrupted_transfer_is_found_with_its_machine_and_its_options(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    target.mkdir()
    interrupted(marked(copying(source, target / "srv"), machine=("AB", "srv"), asked="--hash none"))
    (found,) = unfinished_in(target, "export")
    assert (found.machine, found.asked, found.begun) == (("AB", "srv"), "--hash none", 2)
    assert found.journal == str(target / "srv.vhdchain-journal")
    assert str(target / "srv" / "2.bin") in found.files
    assert found.reads == tuple(str(source / f"{number}.bin") for number in range(3))
    assert found.is_below(source)
    assert not found.is_below(tmp_path / "other")


@pytest.mark.parametrize("target", ["new", "new/and/deep"])
def test_the_journal_may_lie_beside_a_folder_that_is_not_there_yet(target: str, source: Path, tmp_path: Path) -> None:
    folder = tmp_path / target
    folder.parent.mkdir(parents=True, exist_ok=True)
    interrupted(copying(source, folder))
    (found,) = unfinished_in(folder, "export")
    assert found.journal == f"{folder}.vhdchain-journal"


def test_relative_folders_are_found_again_from_elsewhere(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    interrupted(copying(source, tmp_path / "out"))
    assert len(unfinished_in("out", "export")) == 1
    monkeypatch.chdir(source)
    assert len(unfinished_in("../out", "export")) == 1
    assert len(unfinished_in("../out/", "export")) == 1


def test_other_plans_and_damaged_journals_are_left_to_others(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    target.mkdir()
    interrupted(copying(source, target / "srv", action="import"))
    (target / "x.vhdchain-journal").write_bytes(b"nonsense")
    assert unfinished_in(target, "export") == []
    assert [item.journal for item in unfinished_in(target, "import")] == [str(target / "srv.vhdchain-journal")]


def test_a_transfer_into_another_folder_is_none_of_this_one(source: Path, tmp_path: Path) -> None:
    interrupted(copying(source, tmp_path / "one"))
    assert unfinished_in(tmp_path / "one", "export") != []
    assert unfinished_in(tmp_path / "two", "export") == []


def test_what_was_ended_is_found_no_more(source: Path, tmp_path: Path) -> None:
    interrupted(copying(source, tmp_path / "one"))
    (found,) = unfinished_in(tmp_path / "one", "export")
    resume(found.journal, within=[source])
    assert unfinished_in(tmp_path / "one", "export") == []


def test_a_folder_that_cannot_be_listed_is_an_error_with_its_name() -> None:
    with open_folder() as folder:
        (folder / "to").mkdir()
        (folder / "to").chmod(0o111)
        with unprivileged(), pytest.raises(PermissionError) as caught:
            unfinished_in(folder / "to", "export")
        (folder / "to").chmod(0o755)
    assert caught.value.filename == str(folder / "to")


def test_bytes_are_counted_of_the_files_that_are_there(source: Path) -> None:
    names = [str(source / "0.bin"), str(source / "1.bin"), str(source / "gone"), str(source)]
    assert bytes_there(names) == 2000


def test_missing_room_is_what_is_needed_but_for_what_is_there_and_what_is_free(tmp_path: Path) -> None:
    (tmp_path / "there.bin").write_bytes(b"x" * 100_000)
    there = (tmp_path / "there.bin").stat().st_blocks * 512
    volume = os.statvfs(tmp_path)
    free = volume.f_bavail * volume.f_frsize

    def lacking(peak: int) -> int:
        need = VolumeNeed(folder=str(tmp_path), peak=peak, lasting=peak)
        plan = Plan(action="export", summary="", steps=(), needs=(need,))
        item = Unfinished(journal="", plan=plan, files=(str(tmp_path / "there.bin"),), folders=(), reads=(), begun=1)
        return room_missing(item, str(tmp_path))

    assert lacking(there) == 0
    # Others write to the same volume meanwhile.
    assert lacking(free + there + (1 << 40)) == pytest.approx(1 << 40, rel=0.01)
