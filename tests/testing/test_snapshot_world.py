"""The world of snapshots tells when a folder is not what it must be: its checks can fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vhdchain.testing.guest_writes import write_sectors
from vhdchain.testing.snapshot_reference import NOW, Reference
from vhdchain.testing.snapshot_world import SnapshotWorld

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> SnapshotWorld:
    made = SnapshotWorld(tmp_path)
    assert made.do("take:first") is not None
    return made


def test_a_write_that_the_reference_does_not_know_is_found(world: SnapshotWorld) -> None:
    state = world.state()
    world.check(state)
    write_sectors(world.folder / state.slots[0].path, 3, bytes(512))

    with pytest.raises(AssertionError):
        world.check(state)


def test_a_write_to_a_frozen_disk_is_found_in_its_snapshot(world: SnapshotWorld) -> None:
    state = world.state()
    write_sectors(world.folder / state.snapshots[0].slots[0].path, 3, b"x" * 512)

    with pytest.raises(AssertionError):
        world.check(state)


def test_a_tree_that_the_history_does_not_have_is_found(world: SnapshotWorld) -> None:
    state = world.state()
    world.reference.parents[NOW] = None

    with pytest.raises(AssertionError):
        world.check(state)


def test_a_size_that_was_foretold_wrongly_is_found(world: SnapshotWorld) -> None:
    state = world.state()
    path = state.slots[0].path
    size = (world.folder / path).stat().st_size

    world.check(state, {path: size})
    with pytest.raises(AssertionError):
        world.check(state, {path: size + 1})


def test_what_is_lost_is_what_was_written_since(world: SnapshotWorld) -> None:
    place = world.state().slots[0].place
    world.write(place, 2, 5)
    result = world.do("revert")

    assert result is not None
    assert (world.executed, world.refused) == (2, 0)


def test_deleting_gives_what_was_made_from_a_snapshot_its_parent() -> None:
    reference = Reference(disks={NOW: {"IDE 0:0": {0: b"a"}}})
    for number in range(3):
        reference.take(f"{number}")
        reference.disks[NOW]["IDE 0:0"][0] = f"{number}".encode()
    reference.delete("1")
    assert reference.parents == {NOW: "2", "0": None, "2": "0"}
    reference.apply("2")
    assert reference.disks[NOW] == {"IDE 0:0": {0: b"1"}}
    reference.delete_subtree("0")
    assert reference.parents == {NOW: None}
