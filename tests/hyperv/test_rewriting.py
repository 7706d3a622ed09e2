"""A configuration changes in the keys whose meaning is known, and in no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hyperv.changes import changed, values
from vhdchain.hyperv.keytree import make_key
from vhdchain.hyperv.rewriting import (
    as_present,
    as_snapshot,
    renamed,
    with_disks,
    with_ids,
    with_merge_pending,
    with_saved_state,
    with_snapshots,
    without_listed,
    without_saved_state,
)

if TYPE_CHECKING:
    from vhdchain.hyperv import Key

DISK = "_83f8638b-8dca-4152-9eda-2ca8b33039b4_/controller0/drive0/pathname"
OLD, NEW = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-AAAAAAAAAAAA"


def machine(**properties: str | int | bytes) -> Key:
    root = make_key("configuration", None)
    values: dict[str, str | int | bool | bytes] = {
        DISK: r"D:\VMs\srv.vhd",
        "properties/global_id": "MACHINE",
        "properties/name": "srv",
        "properties/type_id": "Virtual Machines",
        "settings/global/logical_id": "MACHINE",
        "global_settings/snapshots/list/size": 1,
        "global_settings/disk_merge_pending": False,
        "unknown/of/later/hosts": 7,
        **{f"properties/{name}": value for name, value in properties.items()},
    }
    for path, value in values.items():
        root = root.with_value(path, value)
    return root


def test_only_the_paths_of_the_named_drives_change() -> None:
    assert changed(machine(), with_disks(machine(), {DISK: r"D:\VMs\srv_1.avhd"})) == {DISK: r"D:\VMs\srv_1.avhd"}


def test_a_snapshot_is_a_copy_with_an_identity_of_its_own() -> None:
    taken = as_snapshot(machine(creation_time=bytes(8)), snapshot_id="SNAP", name="first", created=1 << 40)

    assert changed(machine(creation_time=bytes(8)), taken) == {
        "properties/creation_time": (1 << 40).to_bytes(8, "little"),
        "properties/global_id": "SNAP",
        "properties/name": "first",
        "properties/type_id": "Snapshots",
    }


@pytest.mark.parametrize(("stored", "expected"), [(5, 9), (bytes(8), (9).to_bytes(8, "little"))])
def test_the_time_of_a_snapshot_is_stored_as_the_machine_stores_its_own(stored: int | bytes, expected: object) -> None:
    taken = as_snapshot(machine(creation_time=stored), snapshot_id="SNAP", name="first", created=9)

    assert values(taken)["properties/creation_time"] == expected


def test_what_stores_no_time_gets_none() -> None:
    assert "properties/creation_time" not in values(as_snapshot(machine(), snapshot_id="S", name="n", created=9))


def test_a_machine_that_is_brought_back_stays_itself() -> None:
    taken = as_snapshot(machine(creation_time=7), snapshot_id="SNAP", name="first", created=9)
    taken = with_disks(taken, {DISK: r"D:\VMs\kept.avhd"}).with_value("unknown/of/later/hosts", 8)
    now = with_snapshots(machine(creation_time=7), 3)

    assert changed(now, as_present(taken, now)) == {DISK: r"D:\VMs\kept.avhd", "unknown/of/later/hosts": 8}


def test_what_the_machine_does_not_store_is_not_taken_from_the_snapshot() -> None:
    taken = as_snapshot(machine(creation_time=7), snapshot_id="SNAP", name="first", created=9)

    assert "properties/creation_time" not in values(as_present(taken, machine()))


def test_a_saved_state_comes_and_goes() -> None:
    saved = with_saved_state(machine(), r"D:\S.bin", r"D:\S.vsv", kind="Normal")

    assert changed(machine(), saved) == {
        "savedstate/in_progress": False,
        "savedstate/memlocation": r"D:\S.bin",
        "savedstate/type": "Normal",
        "savedstate/vsvlocation": r"D:\S.vsv",
    }
    assert changed(machine(), without_saved_state(saved)) == {}
    assert without_saved_state(machine()) == machine()


def test_what_is_counted_is_counted_anew_and_nothing_is_counted_that_was_not() -> None:
    bare = machine().without("global_settings")

    assert changed(machine(), with_snapshots(machine(), 2)) == {"global_settings/snapshots/list/size": 2}
    assert changed(machine(), with_merge_pending(machine(), pending=True)) == {
        "global_settings/disk_merge_pending": True
    }
    assert with_snapshots(bare, 2) == bare
    assert with_merge_pending(bare, pending=True) == bare


def test_a_name_is_replaced() -> None:
    assert changed(machine(), renamed(machine(), "web")) == {"properties/name": "web"}


def test_ids_of_snapshots_are_replaced_where_they_stand_and_go_where_none_takes_their_place() -> None:
    root = machine(PARENT=OLD).with_value("global_settings/snapshots/list/entry/guid", "{" + OLD.lower() + "}")

    assert changed(root, with_ids(root, {OLD: NEW})) == {"properties/PARENT": NEW}
    assert changed(root, with_ids(root, {OLD: None})) == {"properties/PARENT": None}


def test_entries_of_the_list_go_with_their_snapshots() -> None:
    root = machine().with_value("global_settings/snapshots/list/one/guid", "{" + OLD.lower() + "}")
    root = root.with_value("global_settings/snapshots/list/two", NEW)

    assert changed(root, without_listed(root, {OLD})) == {"global_settings/snapshots/list/one/guid": None}
    assert changed(root, without_listed(root, {NEW})) == {"global_settings/snapshots/list/two": None}
    assert without_listed(root, {"OTHER"}) == root
    assert without_listed(root.without("global_settings"), {OLD}) == root.without("global_settings")


def test_ids_of_devices_and_of_the_machine_itself_are_left_alone() -> None:
    root = (
        machine(global_id=OLD)
        .with_value("manifest/vdev001/instance", OLD)
        .with_value("_83f8638b-8dca-4152-9eda-2ca8b33039b4_/pool", OLD)
    )

    assert with_ids(root.with_value("settings/global/logical_id", OLD), {OLD: NEW}) == root.with_value(
        "settings/global/logical_id", OLD
    )
