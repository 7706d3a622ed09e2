"""A plan makes folders and what lies in them: its journal, what is in its way, and what resuming it needs."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.shell.executor.exports import export_plan, is_exported, make_machine
from tests.shell.executor.plans import QUICK, contents, contents_and_times, interrupt, plan_of, state
from vhdchain.plan import CopyFile, CreateFile, Fill, MakeFolder, Plan, VerifyChain, VerifyFile, VolumeNeed, WriteRecord
from vhdchain.shell.executor.pending import find_journals
from vhdchain.shell.executor.places import Places, folders_outside
from vhdchain.testing.faults import QuickLayer

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.plan import Step
    from vhdchain.shell.executor.system import SystemFile


def refusal(plan: Plan) -> str:
    with pytest.raises(vc.PlanRefusedError) as caught:
        vc.execute(plan, layer=QUICK)
    return str(caught.value)


def two_folders(folder: Path, *more: str) -> Plan:
    """Return a plan that makes a folder, one in it, and a file in that one."""
    steps: tuple[Step, ...] = (
        MakeFolder(path=str(folder)),
        MakeFolder(path=str(folder / "inner")),
        CreateFile(path=str(folder / "inner" / "file"), content=b"x", why="a file"),
        *(CreateFile(path=path, content=b"x", why="another") for path in more),
    )
    return Plan(action="test", summary="", steps=steps)


def journals_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.vhdchain-journal"))


def test_the_journal_lies_beside_the_folder_that_is_made(tmp_path: Path) -> None:
    interrupt(two_folders(tmp_path / "made"), after=2)

    assert journals_in(tmp_path) == ["made.vhdchain-journal"]
    vc.undo(tmp_path / "made", layer=QUICK)
    assert contents(tmp_path) == {}


def test_the_journal_lies_in_a_folder_that_is_there_already_and_not_beside_it(tmp_path: Path) -> None:
    (tmp_path / "mounted").mkdir()
    interrupt(two_folders(tmp_path / "mounted"), after=2)

    assert journals_in(tmp_path) == ["mounted/inner.vhdchain-journal"]
    vc.undo(tmp_path / "mounted" / "inner", layer=QUICK)
    assert contents(tmp_path) == {"mounted": None}


@pytest.mark.parametrize("count", range(1, 24, 3))
def test_an_export_that_was_stopped_is_resumed_and_taken_back(tmp_path: Path, count: int) -> None:
    make_machine(tmp_path)
    before = contents_and_times(tmp_path)
    interrupt(export_plan(tmp_path), after=count)
    vc.undo(tmp_path / "exports" / "srv", within=[tmp_path / "host"], layer=QUICK)
    assert contents_and_times(tmp_path) == before

    interrupt(export_plan(tmp_path), after=count)
    vc.resume(tmp_path / "exports" / "srv", within=[tmp_path / "host"], layer=QUICK)
    is_exported(tmp_path)


def test_the_journal_of_a_plan_is_found_by_the_folder_that_it_makes(tmp_path: Path) -> None:
    interrupt(two_folders(tmp_path / "made"), after=2)
    journal = f"{tmp_path}/made.vhdchain-journal"
    assert find_journals(tmp_path / "made") == [journal]
    assert find_journals(f"{tmp_path}/made/") == [journal]
    assert find_journals(tmp_path) == [journal]

    vc.resume(f"{tmp_path}/made/", layer=QUICK)
    assert find_journals(tmp_path / "made") == []
    assert (tmp_path / "made" / "inner" / "file").read_bytes() == b"x"


def test_an_export_goes_on_after_its_folder_was_moved(tmp_path: Path) -> None:
    make_machine(tmp_path)
    interrupt(export_plan(tmp_path), after=8)
    (tmp_path / "exports").rename(tmp_path / "moved")
    vc.resume(tmp_path / "moved" / "srv", within=[tmp_path / "host"], layer=QUICK)

    (tmp_path / "moved").rename(tmp_path / "exports")
    is_exported(tmp_path)


# --------------------------------------------------------------------------------------------------------- in the way


def test_a_file_where_a_folder_must_be_is_in_the_way_before_anything_is_begun(tmp_path: Path) -> None:
    (tmp_path / "made").write_bytes(b"a file")
    assert refusal(two_folders(tmp_path / "made")) == f"{tmp_path}/made: is there already, and is no folder"

    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "inner").write_bytes(b"a file")
    assert refusal(two_folders(tmp_path / "first")) == f"{tmp_path}/first/inner: is there already, and is no folder"
    below = refusal(Plan(action="test", summary="", steps=two_folders(tmp_path / "made").steps[1:]))
    assert below == f"{tmp_path}/made: is no folder, and {tmp_path}/made/inner would lie in it"
    assert contents(tmp_path) == {"first": None, "first/inner": b"a file", "made": b"a file"}


def test_a_folder_that_nobody_makes_is_missed_before_anything_is_begun(tmp_path: Path) -> None:
    plan = Plan(action="test", summary="", steps=(*two_folders(tmp_path / "made", str(tmp_path / "a" / "b")).steps,))

    assert refusal(plan) == f"{tmp_path}/a: is not there, no step makes it, and {tmp_path}/a/b would lie in it"
    assert contents(tmp_path) == {}


def test_an_export_that_was_interrupted_is_in_the_way_of_the_next_one_by_its_journal(tmp_path: Path) -> None:
    make_machine(tmp_path)
    interrupt(export_plan(tmp_path), after=8)

    assert refusal(export_plan(tmp_path)) == (
        f"{tmp_path}/exports/srv.vhdchain-journal: an earlier plan was interrupted and is not finished; "
        "'vhdchain resume' goes on or takes it back"
    )


def test_room_is_looked_for_where_a_folder_will_be(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "inner"
    plan = two_folders(tmp_path / "made")
    needs = (VolumeNeed(folder=str(folder), peak=1 << 62, lasting=0),)
    line = refusal(Plan(action="test", summary="", steps=plan.steps, needs=needs))

    assert line.startswith(f"{folder}: the plan needs up to {1 << 62} bytes there, and ")
    assert contents(tmp_path) == {}


# ------------------------------------------------------------------------------------------------ what resuming needs


def test_a_journal_names_every_folder_at_once_that_the_plan_needs_beside_its_own(tmp_path: Path) -> None:
    make_machine(tmp_path)
    interrupt(export_plan(tmp_path), after=8)
    with pytest.raises(vc.PlanRefusedError) as caught:
        vc.resume(tmp_path / "exports" / "srv", layer=QUICK)

    assert str(caught.value) == (
        f"{tmp_path}/exports/srv.vhdchain-journal: names 3 paths, such as '{tmp_path}/host/base.vhd', that are outside "
        f"of the journal's folder; '--within {tmp_path}/host' allows it, if you trust the journal"
    )


def test_folders_with_spaces_are_told_so_that_they_can_be_typed(tmp_path: Path) -> None:
    (tmp_path / "Virtual Hard Disks").mkdir()
    source = tmp_path / "Virtual Hard Disks" / "a.vhd"
    source.write_bytes(b"a" * 512)
    (tmp_path / "out").mkdir()
    plan = plan_of(source.parent, CopyFile(source=str(source), path=str(tmp_path / "out" / "a.vhd")))
    with pytest.raises(vc.CancelledError) as stopped:
        vc.execute(plan, cancel=iter([False, True]).__next__, layer=QUICK)
    with pytest.raises(vc.PlanRefusedError) as caught:
        vc.resume(tmp_path / "out" / "a.vhd", layer=QUICK)

    assert f"""'--within "{source.parent}"' allows it""" in str(caught.value)
    (note,) = stopped.value.__notes__
    assert note == (
        f"nothing is lost; to go on: vhdchain resume {tmp_path}/out/a.vhd.vhdchain-journal "
        f"--within '{source.parent}' (--undo takes everything back)"
    )


def test_many_folders_are_told_as_a_few_that_hold_them() -> None:
    places = Places("/")
    paths = [f"/vms/one/Snapshots/{number}/{number}.bin" for number in range(50)]
    assert folders_outside(places, "/exports", [*paths, "/vms/two/a.vhd", "/exports/srv/a"]) == [
        "/vms/one/Snapshots",
        "/vms/two",
    ]
    assert folders_outside(places, "/exports", [f"/{number}/a/b/c.vhd" for number in range(5)]) == [
        f"/{number}/a" for number in range(5)
    ]
    assert folders_outside(places, "/vms", paths) == []


def test_a_folder_that_a_journal_has_looked_into_must_be_allowed(tmp_path: Path) -> None:
    make_machine(tmp_path)
    (tmp_path / "host" / "out").mkdir()
    chain = VerifyChain(
        layers=(str(tmp_path / "host" / "base.vhd"), str(tmp_path / "host" / "leaf.avhd")), within=(str(tmp_path),)
    )
    interrupt(plan_of(tmp_path, CreateFile(path=str(tmp_path / "host" / "new"), content=b"", why=""), chain), after=2)
    with pytest.raises(vc.PlanRefusedError, match=f"names '{tmp_path}', which is outside of the journal's folder"):
        vc.resume(tmp_path / "host" / "new", layer=QUICK)
    vc.resume(tmp_path / "host" / "new", within=[tmp_path], layer=QUICK)


# ------------------------------------------------------------------------------------------------- errors on the way


class Refusing(QuickLayer):
    """Does not make the one file, or folder, whose name ends so."""

    def __init__(self, name: str, number: int) -> None:
        self._name = name
        self._number = number

    def create(self, path: str) -> SystemFile:
        self._look(path)
        return super().create(path)

    def make_folder(self, path: str) -> None:
        self._look(path)
        super().make_folder(path)

    def _look(self, path: str) -> None:
        if path.endswith(self._name):
            raise OSError(self._number, os.strerror(self._number), path)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("inner", "out/srv/inner"),
        ("a.vhd.vhdchain-new", "out/srv/inner/a.vhd.vhdchain-new"),
        ("record.vhdchain-new", "out/srv/record.vhdchain-new"),
    ],
)
def test_an_error_in_the_middle_has_the_path_as_planned_and_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, name: str, shown: str
) -> None:
    (tmp_path / "host").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "host" / "a.vhd").write_bytes(b"a" * 512)
    monkeypatch.chdir(tmp_path)
    copy = "out/srv/inner/a.vhd"
    steps: tuple[Step, ...] = (
        MakeFolder(path="out/srv"),
        MakeFolder(path="out/srv/inner"),
        CopyFile(source="host/a.vhd", path=copy, hash="sha256"),
        VerifyFile(path=copy, size=512, hash="sha256"),
        WriteRecord(
            path="out/srv/record",
            content=b" " * 64,
            fills=(Fill(offset=0, length=64, fact=f"sha256:{copy}"),),
            why="a record",
        ),
    )
    plan = Plan(action="export", summary="", steps=steps, files=(state(tmp_path / "host" / "a.vhd"),))
    with pytest.raises(OSError, match=os.strerror(number)) as caught:
        vc.execute(plan, layer=Refusing(name, number))

    assert caught.value.filename == shown
    (note,) = caught.value.__notes__
    assert note == (
        "nothing is lost; to go on: vhdchain resume out/srv.vhdchain-journal "
        f"--within {tmp_path}/host (--undo takes everything back)"
    )
    vc.resume("out/srv", within=["host"], layer=QUICK)
    assert (tmp_path / copy).read_bytes() == b"a" * 512
