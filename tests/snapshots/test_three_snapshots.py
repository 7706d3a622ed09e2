"""The example of the article (2011): three snapshots, and back to the second; on the model and on real files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from vhdchain.snapshots import HYPER_V_2008_R2, LossKind, parse_request
from vhdchain.testing.snapshot_reference import NOW
from vhdchain.testing.snapshot_world import SnapshotWorld

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.snapshots import Result

IN_PLACE = replace(HYPER_V_2008_R2, copy_on_apply=False)


@pytest.fixture
def world(tmp_path: Path) -> SnapshotWorld:
    made = SnapshotWorld(tmp_path)
    for number, name in enumerate(("first", "second", "third")):
        made.write("IDE 0:0", 10 * number, 1 + number)
        assert made.do(f"take:{name}") is not None
    made.write("IDE 0:0", 50, 7)
    return made


def names(world: SnapshotWorld) -> dict[str, str | None]:
    state = world.state()
    known = {item.id: item.name for item in state.snapshots}
    parents = {known.get(id_, "now"): parent for id_, parent in world.reference.parents.items()}
    return {name: None if parent is None else known[parent] for name, parent in parents.items()}


def lost(result: Result | None) -> tuple[list[str], int]:
    assert result is not None
    snapshots = [loss.name for loss in result.losses if loss.what is LossKind.SNAPSHOT]
    return snapshots, sum(loss.bytes or 0 for loss in result.losses)


def test_on_copies_only_the_present_is_lost(world: SnapshotWorld) -> None:
    assert lost(world.do("apply:second")) == ([], 7 * 512)
    assert names(world) == {"first": None, "second": "first", "third": "second", "now": "second"}


def test_every_snapshot_can_be_applied_afterwards_again_and_again(world: SnapshotWorld) -> None:
    for name in ("second", "third", "first", "third"):
        assert lost(world.do(f"apply:{name}"))[0] == []
        world.write("IDE 0:0", 3, 2)
    assert names(world) == {"first": None, "second": "first", "third": "second", "now": "third"}


def test_a_snapshot_that_is_taken_first_keeps_the_present_and_hangs_below_the_third(world: SnapshotWorld) -> None:
    present = world.reference.disks[NOW]["IDE 0:0"].copy()
    assert lost(world.do("take:before going back")) == ([], 0)
    assert lost(world.do("apply:second")) == ([], 0)

    assert names(world)["before going back"] == "third"
    kept = world.state().find("before going back").id
    assert world.reference.disks[kept]["IDE 0:0"] == present


def test_in_place_the_later_snapshot_is_lost_and_what_was_written_since(world: SnapshotWorld) -> None:
    assert lost(world.do("apply:second", policy=IN_PLACE)) == (["third"], (3 + 7) * 512)
    assert names(world) == {"first": None, "second": "first", "now": "first"}


def test_in_place_a_snapshot_that_is_taken_first_is_lost_as_well(world: SnapshotWorld) -> None:
    assert world.do("take:before going back") is not None
    assert lost(world.do("apply:second", policy=IN_PLACE)) == (["third", "before going back"], (3 + 7) * 512)


def test_after_a_revert_the_machine_uses_a_new_disk_and_not_the_original_one(world: SnapshotWorld) -> None:
    before = world.state()
    assert world.do("revert") is not None
    after = world.state()

    (path,) = after.paths
    assert path not in before.disks
    assert after.disks[path].parent == before.find("third").paths[0]


def test_to_revert_with_a_snapshot_first_goes_back_to_where_the_present_came_from(world: SnapshotWorld) -> None:
    _, plan = world.plan("revert")
    assert plan.summary == "revert third: srv"

    request = replace(parse_request("revert"), name="kept", take_first=True)
    operations = [result.operation for result in world.simulated(request).results]
    assert operations == ["take kept", "apply third"]
