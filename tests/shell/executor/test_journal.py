"""A journal is written ahead, read back as far as it is whole, and never believed beyond its folder."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest

import vhdchain as vc
from tests.shell.executor.plans import (
    DONE,
    QUICK,
    SECTORS,
    contents,
    contents_and_times,
    interrupt,
    journal_in,
    make_folder,
    patch,
    plan_of,
)
from vhdchain.plan import CreateFile, DeleteFile, PatchFile, Plan
from vhdchain.shell.executor import journal as journal_module
from vhdchain.shell.executor.journal import begin_journal, journal_path, open_journal, read_journal
from vhdchain.shell.executor.locks import Locks
from vhdchain.shell.executor.records import Header
from vhdchain.shell.executor.system import SystemLayer
from vhdchain.testing.faults import FailingLayer, RecordingLayer
from vhdchain.testing.faults.operations import Sync, Write


def interrupted(folder: Path, plan: Plan | None = None, *, after: int = 3) -> Path:
    """Return the journal of a plan that was stopped."""
    interrupt(plan or plan_of(folder), after=after)
    return journal_in(folder)


def write_records(path: Path, *records: dict[str, Any]) -> Path:
    """Write a journal by hand, its checks right."""
    check, lines = "", b""
    for record in records:
        line, check = journal_module._line(check, record)
        lines += line
    path.write_bytes(lines)
    return path


def header_of(plan: Plan, folder: Path, **changes: Any) -> dict[str, Any]:
    header = Header(plan=plan, cwd=str(folder), folder=str(folder))
    return {**journal_module._header_record(header), **changes}


def test_a_journal_says_what_was_done_so_far(folder: Path) -> None:
    plan = plan_of(folder)
    header, history, end, _ = read_journal(str(interrupted(folder, plan, after=3)))

    assert header.plan == plan
    assert header.folder == str(folder)
    assert (history.begun, history.done) == (2, 1)
    assert history.states == {0: {"size": 1536}, 1: {"size": 1536}}
    assert not history.committed
    assert end < (folder / "patched.vhd.vhdchain-journal").stat().st_size


def test_room_for_taking_back_is_there_from_the_beginning(folder: Path) -> None:
    journal = interrupted(folder, after=7)
    size = journal.stat().st_size
    before = contents_and_times(folder)
    full = FailingLayer(at=0, error=errno.ENOSPC, full=True)
    full.count = 1  # the disk was full before
    vc.undo(journal, layer=full)

    assert size > 10_000
    assert contents_and_times(folder).keys() != before.keys()
    assert (folder / "patched.vhd").read_bytes() == SECTORS


def test_more_records_than_there_is_room_for_take_more_room(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    plan = Plan(action="test", summary="", steps=(DeleteFile(path=str(tmp_path / "a")),))
    path = journal_path(str(tmp_path / "a"))
    with Locks() as locks:
        journal = begin_journal(plan, str(tmp_path / "a"), cwd="/", layer=QUICK, locks=locks)
        first = Path(path).stat().st_size
        journal.append("begun", step=0)
        for number in range(1000):
            journal.append("checkpoint", step=0, state={"number": number})
        journal.close()
    _, history, end, _ = read_journal(path)

    assert history.states == {0: {"number": 999}}
    assert Path(path).stat().st_size > first
    assert Path(path).stat().st_size - end >= journal._kept


@pytest.mark.parametrize("cut", [2, 10, 60])
def test_a_torn_last_line_is_as_if_never_written(folder: Path, cut: int) -> None:
    journal = interrupted(folder, after=4)
    _, _, end, _ = read_journal(str(journal))
    content = journal.read_bytes()
    torn = content[: end - cut] + b"\n" * (len(content) - end + cut)
    journal.write_bytes(torn)
    _, history, less, _ = read_journal(str(journal))

    assert less < end
    assert history.begun >= history.done
    vc.resume(journal, layer=QUICK)
    assert contents(folder) == DONE


def test_what_follows_a_torn_line_is_written_over(folder: Path) -> None:
    journal = interrupted(folder, after=4)
    _, _, end, _ = read_journal(str(journal))
    content = journal.read_bytes()
    false = b'{"check":"0123456789abcdef","record":{"kind":"committed"}}'
    journal.write_bytes(content[:end] + false + content[end + len(false) :])
    with Locks() as locks:
        opened = open_journal(str(journal), SystemLayer(), locks)
        opened.take_over()
        opened.close()

    assert journal.read_bytes()[end:].strip(b"\n") == b""


def test_records_that_an_earlier_run_could_not_sync_are_written_once_more(folder: Path) -> None:
    journal = interrupted(folder, after=4)
    content = journal.read_bytes()
    layer = RecordingLayer(folder)
    with Locks() as locks:
        opened = open_journal(str(journal), layer, locks)
        opened.take_over()
        opened.close()
    write, sync = layer.recording().operations

    assert isinstance(write, Write)
    assert (write.offset, write.data) == (0, content)
    assert isinstance(sync, Sync)


def test_a_line_of_another_journal_or_out_of_order_does_not_count(folder: Path) -> None:
    journal = interrupted(folder, after=5)
    lines = journal.read_bytes().rstrip(b"\n").split(b"\n")
    journal.write_bytes(b"\n".join([lines[0], *lines[2:], b""]))
    _, history, _, _ = read_journal(str(journal))

    assert (history.begun, history.done) == (0, 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: its check does not fit"),
        (b"\n" * 5000, "line 1: its check does not fit"),
        (b"\0" * 5000, "line 1: its check does not fit"),
        (b"{}\n", "line 1: its check does not fit"),
        (b'{"check":"0123456789abcdef","record":{"kind":"plan"}}\n', "line 1: its check does not fit"),
    ],
)
def test_a_damaged_header_gives_one_clear_line(folder: Path, content: bytes, message: str) -> None:
    journal = folder / "patched.vhd.vhdchain-journal"
    journal.write_bytes(content)
    before = contents_and_times(folder)
    for call in (vc.resume, vc.undo):
        with pytest.raises(vc.ConfigError) as caught:
            call(journal)
        assert str(caught.value).startswith(f"{journal}: {message}")
        assert "\n" not in str(caught.value)
    assert contents_and_times(folder) == before


@pytest.mark.parametrize("position", range(0, 1200, 150))
def test_a_flipped_bit_in_the_plan_is_noticed(folder: Path, position: int) -> None:
    journal = interrupted(folder)
    content = bytearray(journal.read_bytes())
    content[position] ^= 1
    journal.write_bytes(bytes(content))

    with pytest.raises(vc.ConfigError, match="its check does not fit"):
        vc.resume(journal)


def _bad_records(folder: Path) -> list[tuple[str, list[dict[str, Any]]]]:
    plan = Plan(action="test", summary="", steps=(DeleteFile(path=str(folder / "stays.vhd")),))
    head = header_of(plan, folder)
    deep: Any = {}
    for _ in range(200):
        deep = {"x": deep}
    return [
        ("line 1: a journal of version 2; this program reads version 1", [{**head, "version": 2}]),
        ("line 1: it does not begin with a plan", [{"kind": "begun", "step": 0}]),
        ("line 1: 'folder' is no absolute path", [{**head, "folder": "folder"}]),
        ("line 1: plan.steps: int found, a list expected", [{**head, "plan": {**head["plan"], "steps": 3}}]),
        (
            "line 2: a record that makes no sense here: {'kind': 'begun', 'step': 1}",
            [head, {"kind": "begun", "step": 1}],
        ),
        ("line 2: a record that makes no sense here: {'kind': 'committed'}", [head, {"kind": "committed"}]),
        (
            "line 3: a record that makes no sense here: {'kind': 'begun', 'step': 0}",
            [head, {"kind": "begun", "step": 0}, {"kind": "begun", "step": 0}],
        ),
        (
            "line 2: a record that makes no sense here: {'kind': 'undone', 'step': 0}",
            [head, {"kind": "undone", "step": 0}],
        ),
        (f"line 1: plan.steps[0].path: {deep!r} found, str expected"[:60], [_with_path(head, deep)]),
        ("'' is no path", [_with_path(head, "")]),
        ("'a\\x00b' is no path", [_with_path(head, "a\0b")]),
    ]


def _with_path(head: dict[str, Any], path: object) -> dict[str, Any]:
    return {**head, "plan": {**head["plan"], "steps": [{"action": "delete", "path": path}]}}


@pytest.mark.parametrize("index", range(11))
def test_records_that_make_no_sense_are_told_by_their_line(folder: Path, index: int) -> None:
    message, records = _bad_records(folder)[index]
    journal = write_records(folder / "stays.vhd.vhdchain-journal", *records)
    before = contents(folder)
    with pytest.raises(vc.ConfigError) as caught:
        vc.resume(journal)

    assert message in str(caught.value)
    assert contents(folder) == before


def test_a_journal_that_names_files_outside_of_its_folder_touches_nothing_unless_that_is_allowed(
    folder: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    plan = Plan(action="test", summary="", steps=(DeleteFile(path=str(outside / "secret")),))
    journal = write_records(folder / "stays.vhd.vhdchain-journal", header_of(plan, folder))
    with pytest.raises(vc.PlanRefusedError) as caught:
        vc.resume(journal)
    assert str(caught.value) == (
        f"{journal}: names '{outside}/secret', which is outside of the journal's folder; "
        f"'--within {outside}' allows it, if you trust the journal"
    )
    assert (outside / "secret").exists()

    vc.resume(journal, within=[outside])
    assert not (outside / "secret").exists()


@pytest.mark.parametrize("path", ["link/secret", "../outside/secret", "secret link"])
def test_no_link_and_no_dots_lead_out_of_the_journals_folder(folder: Path, tmp_path: Path, path: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(SECTORS)
    (folder / "link").symlink_to(outside)
    (folder / "secret link").symlink_to(outside / "secret")
    for step in (
        PatchFile(path=path, patches=(patch(SECTORS, 0, b"hacked"),)),
        CreateFile(path=path + ".new", content=b"x", why=""),
    ):
        plan = Plan(action="test", summary="", steps=(step,))
        journal = write_records(folder / "stays.vhd.vhdchain-journal", header_of(plan, folder))
        if path != "secret link" or isinstance(step, PatchFile):
            with pytest.raises(vc.PlanRefusedError, match="outside of the journal's folder"):
                vc.resume(journal)

    assert contents(outside) == {"secret": SECTORS}


def test_a_journal_that_is_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    journal = interrupted(folder)
    journal.rename(tmp_path / "elsewhere")
    journal.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError, match="is a symbolic link"):
        vc.resume(journal)


def test_without_a_journal_there_is_nothing_to_resume(folder: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        vc.resume(folder / "stays.vhd")

    assert caught.value.filename == f"{folder / 'stays.vhd'}.vhdchain-journal"


def test_a_plan_whose_steps_are_all_done_is_finished_and_not_taken_back(folder: Path) -> None:
    plan = plan_of(folder)
    probe = FailingLayer()
    vc.execute(plan, layer=probe)
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    make_folder(folder)
    with pytest.raises(OSError, match="Input/output") as caught:
        vc.execute(plan_of(folder), layer=FailingLayer(at=probe.count - 4))
    (journal,) = folder.rglob("*.vhdchain-journal")
    assert caught.value.__notes__ == [
        f"nothing is lost, and every step is done; to clear up: vhdchain resume {journal}"
    ]
    with pytest.raises(vc.PlanRefusedError, match="every step is done, so it is too late to take them back"):
        vc.undo(journal)
    vc.resume(journal)

    assert contents(folder) == DONE


def test_a_folder_that_takes_no_journal_gives_one_clear_line_and_stays_as_it_was(folder: Path) -> None:
    before = contents_and_times(folder)
    probe = FailingLayer(at=0, error=errno.EROFS)
    with pytest.raises(OSError, match="no journal can be written here") as caught:
        vc.execute(plan_of(folder), layer=probe)

    assert caught.value.errno == errno.EROFS
    assert caught.value.filename == str(folder)
    assert contents_and_times(folder) == before


def test_a_disk_that_is_full_before_anything_was_begun_leaves_nothing_behind(folder: Path) -> None:
    before = contents_and_times(folder)
    for at in range(5):  # making the journal: create, write, sync, rename, sync the folder
        layer = FailingLayer(at=at, error=errno.ENOSPC, full=True, short=True)
        with pytest.raises(OSError, match="No space left"):
            vc.execute(plan_of(folder), layer=layer)
        assert contents_and_times(folder) == before


def test_a_journal_that_was_never_whole_is_no_obstacle(folder: Path) -> None:
    (folder / "patched.vhd.vhdchain-journal-new").write_bytes(b'{"check":"00')
    vc.execute(plan_of(folder), layer=QUICK)

    assert contents(folder) == DONE


def test_a_damaged_journal_beside_the_files_is_in_the_way_of_other_plans(folder: Path) -> None:
    (folder / "other.vhd.vhdchain-journal").write_bytes(b"damaged")
    before = contents_and_times(folder)
    with pytest.raises(vc.PlanRefusedError, match="an earlier plan was interrupted"):
        vc.execute(plan_of(folder))

    assert contents_and_times(folder) == before


def test_a_journal_about_other_files_is_not_in_the_way(folder: Path) -> None:
    plan = plan_of(folder)
    (folder / "other.vhd").write_bytes(b"other")
    other = DeleteFile(path=str(folder / "other.vhd"))
    write_records(
        folder / "other.vhd.vhdchain-journal",
        header_of(Plan(action="test", summary="", steps=(other,)), folder),
    )
    vc.execute(plan, layer=QUICK)

    assert (folder / "other.vhd").exists()
    assert json.loads((folder / "other.vhd.vhdchain-journal").read_bytes())["record"]["kind"] == "plan"


def test_a_file_that_was_to_be_deleted_and_changed_after_the_commit_stays(folder: Path) -> None:
    plan = plan_of(folder)
    head = header_of(plan, folder)
    steps = [
        record
        for step in range(len(plan.steps))
        for record in ({"kind": "begun", "step": step}, {"kind": "done", "step": step})
    ]
    journal = write_records(folder / "patched.vhd.vhdchain-journal", head, *steps, {"kind": "committed"})
    (folder / "gone.avhd").write_bytes(b"needed again")
    with pytest.raises(vc.PlanRefusedError, match="it was going to be deleted"):
        vc.resume(journal)
    (folder / "gone.avhd").rename(folder / "kept.avhd")
    vc.resume(journal)

    assert (folder / "kept.avhd").read_bytes() == b"needed again"
    assert not journal.exists()
