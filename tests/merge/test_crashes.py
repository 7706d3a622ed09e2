"""No crash and no error in a merge changes what a guest sees, wherever it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.merge.scenes import SCENES
from vhdchain.plan import MergeBlocks
from vhdchain.shell.executor.merging import MergeHandler
from vhdchain.shell.executor.table import HANDLERS
from vhdchain.testing.faults.harness import check_crashes, check_failures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

each_scene = pytest.mark.parametrize("name", SCENES)
pytestmark = pytest.mark.slow


@each_scene
def test_every_crash_leaves_every_disk_as_it_was_and_can_be_resumed_and_taken_back(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    scene = SCENES[name]
    scene.build().save(tmp_path)
    counts = check_crashes(
        tmp_path,
        scene.plan(tmp_path),
        invariant=scene.check,
        after_resume=scene.check_done,
        after_undo=scene.check,
        seeds=8,
        twice=8,
    )

    record_property(*counts.as_property(f"merge {name}"))
    assert counts.states > 50
    assert counts.states == counts.resumed + counts.untouched
    assert counts.undone > counts.states // 2


def test_a_merge_that_noted_how_far_it_is_goes_on_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    monkeypatch.setitem(HANDLERS, MergeBlocks, MergeHandler(safe=1))
    scene = SCENES["three links in one pass"]
    scene.build().save(tmp_path)
    counts = check_crashes(
        tmp_path,
        scene.plan(tmp_path),
        invariant=scene.check,
        after_resume=scene.check_done,
        after_undo=scene.check,
        seeds=1,
    )
    record_property(*counts.as_property("merge with checkpoints"))
    assert counts.states > 50


@each_scene
def test_every_error_leaves_every_disk_as_it_was_and_can_be_resumed_and_taken_back(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    scene = SCENES[name]
    scene.build().save(tmp_path)
    counts = check_failures(
        tmp_path,
        scene.plan(tmp_path),
        invariant=scene.check,
        after_resume=scene.check_done,
        after_undo=scene.check,
    )

    record_property(*counts.as_property(f"merge {name}"))
    assert counts.runs > 100
    assert counts.left_nothing
    assert counts.resumed
    assert counts.undone
