"""No crash and no error in a merge changes what a guest sees, wherever it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.merge.scenes import SCENES
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
    assert counts.states > 100
    assert counts.states == counts.resumed + counts.untouched
    assert counts.undone > counts.states // 2


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
