"""The states that a crash may leave are those that POSIX allows, and no others."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from vhdchain.shell.files import open_source
from vhdchain.testing.faults.crashes import WRITTEN_AT, crash_states
from vhdchain.testing.faults.harness import materialize
from vhdchain.testing.faults.operations import snapshot
from vhdchain.testing.faults.recording import RecordingLayer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OLD = b"o" * 1024
NEW = b"n" * 1024
TIME = 1_000_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a").write_bytes(OLD)
    os.utime(tmp_path / "a", ns=(TIME, TIME))
    return tmp_path


def states(folder: Path, run: Callable[[RecordingLayer], None], *, seeds: int = 12) -> list[dict[str, bytes | None]]:
    layer = RecordingLayer(folder)
    run(layer)
    return [
        {name: None if content is None else content[0] for name, content in state.files.items()}
        for state in crash_states(layer.recording(), seeds=seeds)
    ]


def test_a_write_that_was_not_synced_may_be_there_by_any_of_its_sectors(folder: Path) -> None:
    def run(layer: RecordingLayer) -> None:
        with closing(layer.open(str(folder / "a"))) as file:
            file.write_at(0, NEW)

    found = [state["a"] for state in states(folder, run)]

    assert set(found) == {OLD, NEW, OLD[:512] + NEW[:512], NEW[:512] + OLD[:512]}


def test_a_write_that_was_synced_is_there(folder: Path) -> None:
    def run(layer: RecordingLayer) -> None:
        with closing(layer.open(str(folder / "a"))) as file:
            file.write_at(0, b"n" * 512)
            file.sync()
            file.write_at(512, b"n" * 512)

    found = [state["a"] for state in states(folder, run)]

    assert found == [OLD, b"n" * 512 + b"o" * 512, NEW]


def test_the_second_of_two_writes_may_be_there_without_the_first(folder: Path) -> None:
    def run(layer: RecordingLayer) -> None:
        with closing(layer.open(str(folder / "a"))) as file:
            file.write_at(0, b"1" * 512)
            file.write_at(512, b"2" * 512)

    assert b"o" * 512 + b"2" * 512 in [state["a"] for state in states(folder, run)]


def test_a_length_that_was_not_synced_may_be_the_old_one_or_without_its_data(folder: Path) -> None:
    def run(layer: RecordingLayer) -> None:
        with closing(layer.open(str(folder / "a"))) as file:
            file.write_at(1024, b"n" * 512)

    assert {state["a"] for state in states(folder, run)} == {OLD, OLD + bytes(512), OLD + b"n" * 512}


def test_a_file_that_was_cut_off_may_have_either_length(folder: Path) -> None:
    def run(layer: RecordingLayer) -> None:
        with closing(layer.open(str(folder / "a"))) as file:
            file.truncate(100)

    assert {state["a"] for state in states(folder, run)} == {OLD, OLD[:100]}


def test_a_new_file_may_be_missing_or_empty_until_it_and_its_folder_are_synced(folder: Path) -> None:
    def run(layer: RecordingLayer) -> None:
        with closing(layer.create(str(folder / "b"))) as file:
            file.write_at(0, b"b")
            layer.sync_folder(str(folder))
            file.sync()
            file.write_at(1, b"c")

    found = states(folder, run)

    assert {state.get("b") for state in found[:3]} == {None, b"", b"b"}
    assert {state.get("b") for state in found} == {None, b"", b"\0", b"b", b"b\0", b"bc"}


def test_a_rename_is_at_once_and_lost_or_kept(folder: Path) -> None:
    def run(layer: RecordingLayer) -> None:
        layer.rename(str(folder / "a"), str(folder / "b"))

    assert states(folder, run) == [{"a": OLD}, {"b": OLD}]


def test_a_rename_between_folders_may_be_there_by_half(folder: Path) -> None:
    (folder / "f").mkdir()

    def run(layer: RecordingLayer) -> None:
        layer.rename(str(folder / "a"), str(folder / "f" / "a"))

    assert states(folder, run) == [{"a": OLD, "f": None}, {"a": OLD, "f": None, "f/a": OLD}, {"f": None, "f/a": OLD}]


def test_both_names_of_a_rename_that_is_there_by_half_are_of_one_file(folder: Path, tmp_path: Path) -> None:
    (folder / "f").mkdir()
    layer = RecordingLayer(folder)
    layer.rename(str(folder / "a"), str(folder / "f" / "a"))
    half = next(state for state in crash_states(layer.recording()) if len(state.files) == 3)
    made = materialize(half, tmp_path / "made")

    assert half.same == {"f/a": "a"}
    assert (made / "a").samefile(made / "f" / "a")


def test_a_renamed_file_that_was_not_synced_may_be_empty(folder: Path) -> None:
    def run(layer: RecordingLayer) -> None:
        with closing(layer.create(str(folder / "new"))) as file:
            file.write_at(0, NEW)
        layer.rename(str(folder / "new"), str(folder / "a"))

    assert {"a": b""} in states(folder, run)


def test_a_removed_name_may_come_back_until_its_folder_is_synced(folder: Path) -> None:
    def run(layer: RecordingLayer) -> None:
        layer.unlink(str(folder / "a"))
        layer.sync_folder(str(folder))
        with closing(layer.create(str(folder / "b"))):
            pass

    assert states(folder, run) == [{"a": OLD}, {}, {"b": b""}]


def test_what_lies_in_a_folder_that_was_not_synced_is_lost_with_it(folder: Path) -> None:
    def run(layer: RecordingLayer) -> None:
        layer.make_folder(str(folder / "f"))
        with closing(layer.create(str(folder / "f" / "b"))):
            pass
        layer.sync_folder(str(folder / "f"))

    assert states(folder, run) == [{"a": OLD}, {"a": OLD, "f": None}, {"a": OLD, "f": None, "f/b": b""}]


def test_two_names_of_one_file_show_the_same_bytes(folder: Path) -> None:
    def run(layer: RecordingLayer) -> None:
        assert layer.link(str(folder / "a"), str(folder / "b"))
        with closing(layer.open(str(folder / "b"))) as file:
            file.write_at(0, NEW)

    for state in states(folder, run):
        assert state.get("b", state["a"]) == state["a"]


def test_copies_and_holes_are_recorded_as_what_is_there_afterwards(folder: Path) -> None:
    def run(layer: RecordingLayer) -> None:
        with closing(layer.create(str(folder / "b"))) as file, closing(open_source(folder / "a")) as source:
            file.copy_from(source, 512, 0, 512)
            file.punch(100, 10_000)

    assert states(folder, run)[-1]["b"] is not None
    assert {"a": OLD, "b": b"o" * 100 + bytes(412)} in states_again(folder)


def states_again(folder: Path) -> list[dict[str, bytes | None]]:
    return [{name: (folder / name).read_bytes() for name in ("a", "b")}]


def test_a_time_that_was_set_may_be_forgotten(folder: Path) -> None:
    layer = RecordingLayer(folder)
    with closing(layer.open(str(folder / "a"))) as file:
        file.set_modified(5_000_000_000)
    times = {state.files["a"][1] for state in crash_states(layer.recording()) if state.files["a"] is not None}

    assert times == {TIME, 5_000_000_000}


def test_a_written_file_has_a_time_of_its_own(folder: Path) -> None:
    layer = RecordingLayer(folder)
    with closing(layer.open(str(folder / "a"))) as file:
        file.write_at(0, b"x")
        file.sync()
    *_, last = crash_states(layer.recording())

    assert last.files["a"] == (b"x" + OLD[1:], WRITTEN_AT)


def test_a_state_becomes_a_folder_that_holds_exactly_it(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (folder / "f").mkdir()
    (folder / "f" / "sparse").write_bytes(bytes(200_000) + b"x" + bytes(100_000))
    *_, state = crash_states(RecordingLayer(folder).recording())
    other = tmp_path_factory.mktemp("other")
    (other / "left over").write_bytes(b"")

    assert snapshot(str(materialize(state, other))) == snapshot(str(folder))


def test_equal_states_are_given_once_and_the_same_in_every_run(folder: Path) -> None:
    def run(layer: RecordingLayer) -> None:
        with closing(layer.open(str(folder / "a"))) as file:
            file.write_at(0, NEW)
            file.write_at(0, OLD)
            file.sync()
            file.sync()

    layer = RecordingLayer(folder)
    run(layer)
    first, second = list(crash_states(layer.recording())), list(crash_states(layer.recording()))

    assert first == second
    assert len({repr(state.files) for state in first}) == len(first)


def test_nothing_outside_of_the_recorded_folder_is_touched(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "x"
    layer = RecordingLayer(folder)
    with pytest.raises(AssertionError, match="outside of the recorded folder"):
        layer.create(str(outside))
