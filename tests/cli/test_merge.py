"""``vhdchain merge``: what it shows, what it asks, what it does, and how it goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.merge.scenes import SCENES, disk_of
from vhdchain.cli import main
from vhdchain.errors import CancelledError
from vhdchain.plan import plan_from_document
from vhdchain.testing.damage_plan import PLAN_RECIPES
from vhdchain.testing.faults.quick import QuickLayer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCENE = SCENES["into the parent of a disk that has a child"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    SCENE.build().save(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _interrupted(folder: Path, after: int) -> None:
    questions = iter(range(after))
    with pytest.raises(CancelledError):
        vc.execute(vc.plan_merge("leaf.avhd"), layer=QuickLayer(), cancel=lambda: next(questions, None) is None)
    assert list(folder.glob("*.vhdchain-journal"))


def test_a_dry_run_shows_the_plan_and_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main(["merge", "--dry-run", "leaf.avhd"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("merge: leaf.avhd into base.vhd\n  1. write ")
    assert told.endswith("nothing was changed\n")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_dry_run_as_a_document_is_a_plan_that_can_be_carried_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["merge", "--dry-run", "--json", "leaf.avhd"]) == 0
    vc.execute(plan_from_document(json.loads(capsys.readouterr().out)), layer=QuickLayer())
    SCENE.check_done(folder)


def test_where_nobody_can_be_asked_nothing_is_done(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["merge", "leaf.avhd"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert (folder / "leaf.avhd").exists()


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("", 130)])
def test_a_person_is_asked(
    answer: str, code: int, folder: Path, monkeypatch: pytest.MonkeyPatch, type_in: Callable[[str], None]
) -> None:
    type_in(answer)
    assert main(["merge", "leaf.avhd"]) == code
    assert (folder / "leaf.avhd").exists() is (code != 0)
    if not code:
        SCENE.check_done(folder)


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    import io  # noqa: PLC0415  # only here

    class Typed(io.StringIO):
        def isatty(self) -> bool:
            return True

    return lambda text: monkeypatch.setattr("sys.stdin", Typed(text))


def test_yes_merges_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["merge", "-y", "leaf.avhd"]) == 0
    assert capsys.readouterr().out.endswith("done\n")
    SCENE.check_done(folder)


@pytest.mark.parametrize("code", ["VHD904", "VHD905"])
def test_a_refusal_is_told_with_its_code_and_how_to_override_it(
    code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    PLAN_RECIPES[code].plant(tmp_path)
    assert main(["merge", "--yes", str(tmp_path / "leaf.avhd")]) == 1
    told = capsys.readouterr()
    assert code in told.out
    assert len(told.err.splitlines()) == 1
    assert (f"--allow {code}" in told.err) is (code == "VHD904")  # data behind the end can never be merged


@pytest.mark.parametrize("after", [3, 4, 5])
def test_the_same_command_again_says_in_a_line_what_was_interrupted_and_finishes(
    after: int, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = disk_of(folder / "leaf.avhd")
    _interrupted(folder, after)
    assert disk_of(folder / "leaf.avhd") == known
    assert main(["merge", "--dry-run", "leaf.avhd"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("base.vhd.vhdchain-journal: merge: leaf.avhd into base.vhd: interrupted ")
    assert main(["merge", "leaf.avhd"]) == 0
    assert capsys.readouterr().out.splitlines() == [line, "base.vhd.vhdchain-journal: finished"]
    SCENE.check_done(folder)


def test_an_interrupted_merge_can_be_taken_back(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    _interrupted(folder, 4)
    assert main(["resume", "--undo", "leaf.avhd"]) == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
