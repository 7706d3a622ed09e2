"""Are the disks of a machine's states paired by what they build on, and compared as disks are?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import vhdchain
from tests.graph.machine_records import disk, machine, scanned, state
from vhdchain.errors import ChainError
from vhdchain.graph import pair_disks
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import MachineState

HOST = Path(__file__).resolve().parent.parent.parent / "fixtures" / "host"
KIB = 1 << 10


def _tree() -> ChainBuilder:
    tree = ChainBuilder(seed="pairs")
    for name in ("system", "data", "added"):
        base = tree.dynamic(f"{name}.vhd", size=64 * KIB, block_size=16 * KIB)
        tree.fill(base, 4 * KIB, 1024)
        child = tree.snapshot(base, f"{name}_1.avhd")
        tree.fill(child, 8 * KIB, 512)
    return tree


def _pairs(inventory: Inventory) -> list[tuple[str | None, str | None]]:
    (only,) = inventory.machines
    assert only.now is not None
    return [
        (pair.older.path if pair.older else None, pair.newer.path if pair.newer else None)
        for pair in pair_disks(inventory, only.snapshots[0], only.now)
    ]


def test_disks_are_paired_by_family_wherever_they_are_attached() -> None:
    before = state("before", "system.vhd", "data.vhd")
    swapped = state("srv", "data_1.avhd", "system_1.avhd")
    assert _pairs(scanned(_tree(), machine(swapped, before))) == [
        ("data.vhd", "data_1.avhd"),
        ("system.vhd", "system_1.avhd"),
    ]


def test_the_slot_tells_disks_of_one_family_apart() -> None:
    before = state("before", "system.vhd", "system_1.avhd")
    now = state("srv", disk("system_1.avhd", slot=1), disk("system.vhd", slot=0))
    assert _pairs(scanned(_tree(), machine(now, before))) == [
        ("system_1.avhd", "system_1.avhd"),
        ("system.vhd", "system.vhd"),
    ]


def test_another_family_in_the_same_slot_is_another_disk() -> None:
    before = state("before", "system.vhd", "data.vhd")
    now = state("srv", "system_1.avhd", "added.vhd")
    assert _pairs(scanned(_tree(), machine(now, before))) == [
        ("system.vhd", "system_1.avhd"),
        (None, "added.vhd"),
        ("data.vhd", None),
    ]


def test_a_disk_that_was_not_found_is_paired_by_its_slot_and_cannot_be_compared() -> None:
    before = state("before", disk(None, stored=r"C:\VMs\gone.vhd"), "data.vhd")
    now = state("srv", "system_1.avhd")
    inventory = scanned(_tree(), machine(now, before))
    assert _pairs(inventory) == [(None, "system_1.avhd"), ("data.vhd", None)]
    with pytest.raises(ChainError, match=r"gone\.vhd.*IDE 0:0.*missing"):
        list(vhdchain.changed_disks(inventory, before, now))


def _changes(inventory: Inventory, before: MachineState, now: MachineState, block_size: int = 1) -> list[object]:
    changes = vhdchain.changed_disks(inventory, before, now, block_size=block_size)
    return [None if change.ranges is None else change.ranges.tolist() for change in changes]


def test_added_disks_count_with_all_they_hold_and_removed_ones_with_nothing() -> None:
    before = state("before", "system.vhd", "data.vhd")
    now = state("srv", "system_1.avhd", "added_1.avhd")
    inventory = scanned(_tree(), machine(now, before))
    assert _changes(inventory, before, now) == [[(8 * KIB, 512)], [(4 * KIB, 1024), (8 * KIB, 512)], None]
    wide = _changes(inventory, before, now, block_size=4 * KIB)
    assert wide == [[(8 * KIB, 4 * KIB)], [(4 * KIB, 8 * KIB)], None]


@pytest.mark.parametrize("exact", [False, True])
def test_a_snapshot_and_now_of_a_whole_host(exact: bool) -> None:
    with vhdchain.scan_folder(HOST) as inventory:
        srv = inventory.machines["srv"]
        assert srv.now is not None
        for snapshot in srv.snapshots:
            changes = list(vhdchain.changed_disks(inventory, snapshot, srv.now, exact=exact))
            assert [change.pair.newer for change in changes] == list(srv.now.disks)
            for change in changes:
                assert change.ranges is not None
                paths = [each.path for each in (change.pair.older, change.pair.newer) if each and each.path]
                alone = vhdchain.changed_ranges(*paths, exact=exact, within=HOST)
                assert change.ranges.tolist() == alone.tolist()


def test_of_an_added_disk_exactly_what_is_not_zero_counts() -> None:
    tree = ChainBuilder(seed="zeros")
    base = tree.dynamic("added.vhd", size=64 * KIB, block_size=16 * KIB)
    tree.fill(base, 4 * KIB, 1024)
    child = tree.snapshot(base, "added_1.avhd")
    tree.fill(child, 5 * KIB, 512)
    tree.write(child, 32 * KIB, bytes(512) + b"x")
    inventory = scanned(tree, machine(now := state("srv", "added_1.avhd"), before := state("before")))
    (rough,) = vhdchain.changed_disks(inventory, before, now)
    (exact,) = vhdchain.changed_disks(inventory, before, now, exact=True)
    assert rough.outcome == exact.outcome == "added"
    assert rough.ranges is not None
    assert exact.ranges is not None
    assert rough.ranges.tolist() == [(4 * KIB, 1536), (32 * KIB, 1024)]
    assert exact.ranges.tolist() == [(4 * KIB, 1536), (32 * KIB + 512, 512)]


def test_a_disk_that_cannot_be_compared_keeps_none_of_the_others_back() -> None:
    before = state("before", disk(None, stored=r"C:\VMs\gone.vhd"), disk("data.vhd", slot=1))
    now = state("srv", "system_1.avhd", "data_1.avhd")
    inventory = scanned(_tree(), machine(now, before))
    first, second = vhdchain.changed_disks(inventory, before, now, keep_going=True)
    assert (first.outcome, first.ranges, first.byte_count) == ("unknown", None, None)
    assert first.problem == r"C:\VMs\gone.vhd: the disk at IDE 0:0 was not found: missing"
    assert (second.outcome, second.byte_count) == ("changed", 512)
    with pytest.raises(ValueError, match="blocks of 0 bytes"):
        list(vhdchain.changed_disks(inventory, before, now, block_size=0, keep_going=True))
