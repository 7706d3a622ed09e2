"""``vhdchain resume`` says in one line what was interrupted, and finishes it or takes it back."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.cli.program import command, environment, run, run_process
from tests.report.validation import strict, validate
from tests.shell.executor.plans import (
    DONE,
    contents,
    contents_and_times,
    interrupt,
    make_folder,
    plan_of,
)
from vhdchain.plan import DeleteFile, PatchFile, Plan
from vhdchain.report.documents.plan_schema import RESUME_SCHEMA
from vhdchain.shell.executor.table import HANDLERS

if TYPE_CHECKING:
    from typing import Any


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    make_folder(made)
    return made


def interrupted(folder: Path, *, after: int = 3) -> str:
    """Interrupt the plan of all simple steps; return its journal's path."""
    interrupt(plan_of(folder), after=after)
    return f"{folder}/patched.vhd.vhdchain-journal"


def test_what_was_interrupted_is_told_in_one_line_and_finished(folder: Path) -> None:
    journal = interrupted(folder)
    ran = run("resume", journal)

    step = f"change 1 place of {folder}/grown.vhd, which is 2,560 bytes (2.5 KiB) long then"
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        f"{journal}: test: one of each: interrupted in step 2 of 12 ({step})",
        f"{journal}: finished",
    ]
    assert contents(folder) == DONE


def test_what_was_interrupted_is_taken_back(folder: Path) -> None:
    before = contents_and_times(folder)
    journal = interrupted(folder)
    ran = run("resume", "--undo", journal)

    assert ran.code == 0
    assert ran.out.splitlines()[1] == f"{journal}: taken back: every file is as it was"
    assert contents_and_times(folder) == before


@pytest.mark.parametrize("name", ["", "patched.vhd", "stays.vhd", "patched.vhd.vhdchain-journal"])
def test_the_journal_is_found_by_its_folder_by_the_file_beside_it_and_by_any_file_of_the_plan(
    folder: Path, name: str
) -> None:
    interrupted(folder)

    assert run("resume", folder / name).code == 0
    assert contents(folder) == DONE


def test_a_folder_may_hold_several_and_one_that_fails_does_not_keep_the_others_back(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        make_folder(tmp_path / name)
        interrupted(tmp_path / name)
    journal = tmp_path / "b" / "patched.vhd.vhdchain-journal"
    journal.write_bytes(b"damaged" + journal.read_bytes())
    ran = run("resume", tmp_path)

    assert ran.code == 3
    assert ran.error.startswith(f"{journal}: line 1: its check does not fit")
    assert [contents(tmp_path / name) == DONE for name in ("a", "b", "c")] == [True, False, True]


def test_the_document_tells_the_same_and_fits_its_schema(tmp_path: Path) -> None:
    for name in ("a", "b"):
        make_folder(tmp_path / name)
        interrupted(tmp_path / name)
    broken = tmp_path / "b" / "patched.vhd.vhdchain-journal"
    broken.write_bytes(b"damaged")
    ran = run("resume", "--json", tmp_path)
    document: dict[str, Any] = ran.document
    validate(document, strict(RESUME_SCHEMA))

    assert ran.code == 3
    assert document["path"] == str(tmp_path)
    assert document["journals"] == [
        {
            "path": str(tmp_path / "a" / "patched.vhd.vhdchain-journal"),
            "action": "test",
            "summary": "one of each",
            "steps": 12,
            "done": 1,
            "interrupted": "in-steps",
            "ending": "done",
            "facts": {f"size:{tmp_path / 'a' / 'made' / 'copy.vhd'}": 4608},
            "error": None,
        },
        {
            "path": str(broken),
            "action": None,
            "summary": None,
            "steps": None,
            "done": None,
            "interrupted": None,
            "ending": "failed",
            "facts": {},
            "error": ran.error,
        },
    ]


def test_a_folder_without_journals_is_clean(folder: Path) -> None:
    for path in (folder, folder / "stays.vhd"):
        ran = run("resume", path)
        assert (ran.code, ran.out, ran.err) == (0, f"{path}: nothing was interrupted here\n", "")


def test_a_path_that_is_not_there_is_an_error(folder: Path) -> None:
    ran = run("resume", folder / "none")

    assert (ran.code, ran.out, ran.error) == (3, "", f"{folder}/none: No such file or directory")


def test_a_refusal_is_one_line_and_exit_code_1(folder: Path) -> None:
    journal = interrupted(folder)
    (folder / "stays.vhd").write_bytes(b"changed")
    ran = run("resume", journal)

    assert ran.code == 1
    assert ran.error == (
        f"{folder}/stays.vhd: its size changed from 1500 to 7 bytes since the plan was made; "
        "put the file back as it was, or take the plan back (resume --undo)"
    )


def test_files_outside_of_the_journals_folder_need_a_word_of_the_user(tmp_path: Path) -> None:
    make_folder(tmp_path / "here")
    make_folder(tmp_path / "there")
    plan = plan_of(tmp_path, *plan_of(tmp_path / "here").steps[:4], DeleteFile(path=f"{tmp_path}/there/gone.avhd"))
    interrupt(plan, after=3)
    journal = tmp_path / "here" / "patched.vhd.vhdchain-journal"
    ran = run("resume", journal)
    assert ran.code == 1
    assert f"'--within {tmp_path}/there' allows it, if you trust the journal" in ran.error

    assert run("resume", journal, "--within", tmp_path).code == 0
    assert not (tmp_path / "there" / "gone.avhd").exists()


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (OSError(28, "No space left on device", "x"), 3, "x: No space left on device"),
        (vc.CancelledError("stopped"), 130, "interrupted"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_an_error_line_says_that_nothing_is_lost_and_what_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, line: str
) -> None:
    journal = interrupted(folder)

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(HANDLERS[PatchFile], "do", fail)
    ran = run("resume", journal)

    assert ran.code == code
    assert ran.error == (f"{line}; nothing is lost; to go on: vhdchain resume {journal} (--undo takes everything back)")


def test_a_path_with_spaces_is_named_as_a_shell_takes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_folder(tmp_path / "my disks")
    journal = interrupted(tmp_path / "my disks")
    monkeypatch.setattr(HANDLERS[PatchFile], "do", lambda *_: (_ for _ in ()).throw(OSError(5, "EIO", "x")))

    assert f"to go on: vhdchain resume '{journal}' (--undo" in run("resume", journal).error


def test_a_hostile_plan_prints_printable_lines(folder: Path) -> None:
    step = DeleteFile(path=f"{folder}/\x1b[2Jx\nvhdchain: done")
    Path(step.path).write_bytes(b"")
    interrupt(Plan(action="a\x1b[1m", summary="\n\u202e", steps=(step, step)), after=1)
    ran = run("resume", folder)

    assert all(each.isprintable() for each in (ran.out + ran.err).split("\n"))
    assert len(ran.out.splitlines()) == 2
    assert not Path(step.path).exists()


@pytest.mark.slow
def test_ctrl_c_at_any_point_leaves_what_the_next_call_finishes(tmp_path: Path) -> None:
    chance, codes = random.Random(7), set()
    for turn in range(12):
        folder = tmp_path / f"folder-{turn}"
        make_folder(folder)
        journal = interrupted(folder, after=1)
        process = subprocess.Popen(
            command("resume", journal), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stderr is not None
        deadline = time.monotonic() + 20
        # From the first change on; before that the interpreter itself is interrupted.
        while (folder / "grown.vhd").stat().st_size == 1536 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.0005)
        time.sleep(chance.random() * 0.1)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
        codes.add(process.returncode)
        if Path(journal).exists():
            assert process.returncode == 130
            (line,) = error.splitlines()
            assert line.startswith("vhdchain: interrupted; nothing is lost")
            assert run_process("resume", folder).code == 0
        assert contents(folder) == DONE

    assert codes <= {0, 130, -2}
    assert 130 in codes
