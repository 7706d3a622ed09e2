"""No crash in an operation on snapshots loses one: it can be finished, and it can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.snapshots.scenes import SCENES, Played
from vhdchain.testing.faults import check_crashes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", SCENES)
def test_every_crash_leaves_every_snapshot_and_can_be_resumed_and_taken_back(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    build, request = SCENES[name]
    played = Played(build(tmp_path), request)
    counts = check_crashes(
        tmp_path,
        played.plan,
        invariant=played.check,
        after_resume=played.check_done,
        after_undo=played.check_undone,
        seeds=2,
        twice=1,
        spread=True,
    )

    record_property(*counts.as_property(f"snapshots: {name}"))
    assert counts.states == counts.resumed + counts.untouched
    assert counts.undone
