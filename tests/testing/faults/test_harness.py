"""The harness finds what is planted: a missing sync, a rename before the sync, no journal, a lost byte."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.shell.executor.plans import DONE, contents, make_folder, plan_of
from vhdchain.plan import CreateFile, PatchFile, ReplaceFile
from vhdchain.shell.executor import run as run_module
from vhdchain.shell.executor.names import JOURNAL, MARK, NEW
from vhdchain.shell.executor.table import HANDLERS
from vhdchain.testing.faults.harness import check_crashes, check_failures

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.plan import Plan
    from vhdchain.shell.executor.layer import FileLayer


class Forgetful:
    """A layer that leaves out the syncs of some files, or of folders."""

    def __init__(self, layer: FileLayer, *, files: str = "", folders: bool = False) -> None:
        self._layer = layer
        self._files = files
        self._folders = folders

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._layer, name)

    def open(self, path: str) -> Any:  # noqa: ANN401
        return ForgetfulFile(self._layer.open(path), forgets=self._forgets(path))

    def create(self, path: str) -> Any:  # noqa: ANN401
        return ForgetfulFile(self._layer.create(path), forgets=self._forgets(path))

    def sync_folder(self, path: str) -> None:
        if not self._folders:
            self._layer.sync_folder(path)

    def _forgets(self, path: str) -> bool:
        return bool(self._files) and MARK + self._files in path


class ForgetfulFile:
    def __init__(self, file: Any, *, forgets: bool) -> None:  # noqa: ANN401
        self._file = file
        self._forgets = forgets

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._file, name)

    def sync(self) -> None:
        if not self._forgets:
            self._file.sync()


def is_done(folder: Path) -> None:
    assert contents(folder) == DONE


def nothing(folder: Path) -> None:
    """Promise nothing."""


def check(folder: Path, run: Callable[[Plan, FileLayer], object]) -> None:
    make_folder(folder)
    check_crashes(folder, plan_of(folder), invariant=nothing, after_resume=is_done, run=run)


def test_the_executor_itself_passes(tmp_path: Path) -> None:
    check(tmp_path, lambda plan, layer: run_module.execute(plan, layer=layer))


def test_copies_that_are_not_synced_before_they_get_their_name_are_found(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"after .* operations"):
        check(tmp_path, lambda plan, layer: run_module.execute(plan, layer=Forgetful(layer, files=NEW)))


def test_a_journal_that_is_not_synced_is_found(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"after .* operations"):
        check(tmp_path, lambda plan, layer: run_module.execute(plan, layer=Forgetful(layer, files=JOURNAL)))


def test_folders_that_are_not_synced_are_found(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"after .* operations"):
        check(tmp_path, lambda plan, layer: run_module.execute(plan, layer=Forgetful(layer, folders=True)))


def in_place_without_a_journal(plan: Plan, layer: FileLayer) -> None:
    step = plan.steps[0]
    assert isinstance(step, PatchFile)
    with closing(layer.open(step.path)) as file:
        for patch in step.patches:
            file.write_at(patch.offset, patch.new)
        file.sync()


def renamed_before_it_is_synced(plan: Plan, layer: FileLayer) -> None:
    step = plan.steps[0]
    assert isinstance(step, CreateFile)
    with closing(layer.create(step.path + MARK + NEW)) as file:
        file.write_at(0, step.content)
        layer.rename(step.path + MARK + NEW, step.path)
        file.sync()
    layer.sync_folder(str(Path(step.path).parent))


def synced_before_it_is_renamed(plan: Plan, layer: FileLayer) -> None:
    step = plan.steps[0]
    assert isinstance(step, CreateFile)
    with closing(layer.create(step.path + ".tmp")) as file:
        file.write_at(0, step.content)
        file.sync()
    layer.rename(step.path + ".tmp", step.path)
    layer.sync_folder(str(Path(step.path).parent))


def test_a_change_in_place_without_a_journal_is_found(tmp_path: Path) -> None:
    make_folder(tmp_path)
    plan = plan_of(tmp_path)
    with pytest.raises(AssertionError, match="after 1 operations"):
        check_crashes(
            tmp_path,
            plan,
            invariant=nothing,
            after_resume=lambda folder: _assert_content(folder / "patched.vhd", DONE["patched.vhd"]),
            run=in_place_without_a_journal,
        )


def _assert_content(path: Path, content: bytes | None) -> None:
    assert path.read_bytes() == content


def test_a_rename_before_the_sync_is_found_by_the_invariant(tmp_path: Path) -> None:
    def whole_or_missing(folder: Path) -> None:
        assert not (folder / "new").exists() or (folder / "new").read_bytes() == b"n" * 2000

    plan = plan_of(tmp_path, CreateFile(path=str(tmp_path / "new"), content=b"n" * 2000, why=""))
    for run, found in ((renamed_before_it_is_synced, True), (synced_before_it_is_renamed, False)):
        (tmp_path / "new").unlink(missing_ok=True)
        broken = False
        try:
            check_crashes(tmp_path, plan, invariant=whole_or_missing, after_resume=nothing, run=run)
        except AssertionError as error:
            broken = "assert" in repr(error.__cause__) or error.__cause__ is not None
        assert broken is found


def test_a_step_that_cannot_be_taken_back_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HANDLERS[PatchFile], "undo", lambda *_: None)
    with pytest.raises(AssertionError, match=r"not as before: patched.vhd"):
        check(tmp_path, lambda plan, layer: run_module.execute(plan, layer=layer))


def test_a_step_that_changes_another_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = HANDLERS[ReplaceFile].do

    def spill(step: Any, run: Any, state: Any) -> None:  # noqa: ANN401
        with closing(run.layer.open(run.path(step.path).replace("replaced.avhd", "stays.vhd"))) as file:
            file.write_at(0, b"spilt")
            file.sync()
        plain(step, run, state)

    monkeypatch.setattr(HANDLERS[ReplaceFile], "do", spill)
    with pytest.raises(AssertionError):
        check(tmp_path, lambda plan, layer: run_module.execute(plan, layer=layer))


def test_an_undo_that_needs_room_is_found_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = HANDLERS[PatchFile].undo

    def wasteful(step: Any, run: Any, state: Any) -> None:  # noqa: ANN401
        with closing(run.layer.create(run.beside(step.path, "undo"))) as file:
            file.write_at(0, b"room")
        plain(step, run, state)

    make_folder(tmp_path)
    monkeypatch.setattr(HANDLERS[PatchFile], "undo", wasteful)
    with pytest.raises(AssertionError, match=r"no space at operation .*, then undo"):
        check_failures(tmp_path, plan_of(tmp_path), invariant=nothing, after_resume=is_done)
