"""A configuration that moves, or becomes another machine's, changes in the keys whose meaning is known alone."""

from __future__ import annotations

import pytest

from tests.hyperv.changes import changed
from vhdchain.errors import ConfigError
from vhdchain.hyperv.keytree import Key, make_key
from vhdchain.hyperv.moving import (
    DEVICES,
    MACHINE_ROOT,
    MEMORY,
    SNAPSHOT_ROOT,
    other_paths,
    with_new_ids,
    with_paths,
    with_roots,
)
from vhdchain.hyperv.viewpoint import DEFAULT_ROOT

SECTION = "_83f8638b-8dca-4152-9eda-2ca8b33039b4_"
DISK = f"{SECTION}/controller0/drive0/pathname"
MACHINE, SNAPSHOT = "1111FFFF-2222-3333-4444-555555555555", "66666666-7777-8888-9999-AAAAAAAAAAAA"
NEW_MACHINE, NEW_SNAPSHOT = "BBBBBBBB-0000-0000-0000-000000000001", "BBBBBBBB-0000-0000-0000-000000000002"
IDS = {MACHINE: NEW_MACHINE, SNAPSHOT: NEW_SNAPSHOT}


def tree(**more: str | int) -> Key:
    root = make_key("configuration", None)
    values: dict[str, str | int] = {
        DISK: r"D:\VMs\srv.vhd",
        "manifest/size": 1,
        "properties/global_id": MACHINE,
        "properties/name": f"copy of {MACHINE}",
        "settings/global/logical_id": f"{{{MACHINE.lower()}}}",
        **{key.replace("__", "/"): value for key, value in more.items()},
    }
    for path, value in values.items():
        root = root.with_value(path, value)
    return root


def test_the_named_paths_change_and_nothing_else() -> None:
    paths = {DISK: r"E:\srv.vhd", MEMORY: r"E:\m.bin", DEVICES: r"E:\m.vsv"}

    assert changed(tree(), with_paths(tree(), paths)) == paths


def test_a_key_that_holds_no_text_takes_no_path() -> None:
    with pytest.raises(ConfigError, match="savedstate/memlocation"):
        with_paths(tree(savedstate__memlocation=7), {MEMORY: r"E:\m.bin"})


@pytest.mark.parametrize(
    ("stored", "folder", "expected"),
    [
        (r"D:\VMs", r"E:\srv", r"E:\srv"),
        ("D:\\VMs\\", r"E:\srv", "E:\\srv\\"),
        ("D:\\VMs\\", "E:\\", "E:\\"),
        (r"D:\VMs", DEFAULT_ROOT, DEFAULT_ROOT),
    ],
)
def test_the_folders_of_machine_and_snapshots_are_the_new_one(stored: str, folder: str, expected: str) -> None:
    root = tree().with_value(MACHINE_ROOT, stored).with_value(SNAPSHOT_ROOT, stored)
    moved = with_roots(root, folder, default=DEFAULT_ROOT)

    assert (moved.text_at(MACHINE_ROOT), moved.text_at(SNAPSHOT_ROOT)) == (expected, expected)


def test_a_folder_that_is_not_stored_is_stored_unless_it_is_the_hosts_own() -> None:
    assert with_roots(tree(), DEFAULT_ROOT.upper(), default=DEFAULT_ROOT) == tree()
    assert changed(tree(), with_roots(tree(), r"E:\srv", default=DEFAULT_ROOT)) == {
        MACHINE_ROOT: r"E:\srv",
        SNAPSHOT_ROOT: r"E:\srv",
    }


def test_ids_change_wherever_they_stand_in_the_letter_case_and_braces_that_they_have() -> None:
    root = tree(
        properties__parent=SNAPSHOT.lower(),
        global_settings__snapshots__list__a__id=f"{{{SNAPSHOT}}}",
        other=f"{MACHINE}|{SNAPSHOT}",
    )
    assert changed(root, with_new_ids(root, IDS)) == {
        "properties/global_id": NEW_MACHINE,
        "properties/parent": NEW_SNAPSHOT.lower(),
        "settings/global/logical_id": f"{{{NEW_MACHINE.lower()}}}",
        "global_settings/snapshots/list/a/id": f"{{{NEW_SNAPSHOT}}}",
        "other": f"{NEW_MACHINE}|{NEW_SNAPSHOT}",
    }


def test_names_of_keys_change_too_and_stay_in_their_order() -> None:
    entries = f"global_settings/snapshots/list/_{SNAPSHOT}_", "global_settings/snapshots/list/_7_"
    root = tree().with_value(entries[0], "first").with_value(entries[1], "second")
    listed = with_new_ids(root, IDS).find("global_settings/snapshots/list")

    assert listed is not None
    assert [key.name for key in listed.children] == ["_7_", f"_{NEW_SNAPSHOT}_"]


def test_devices_names_and_notes_mention_what_they_like() -> None:
    root = tree(manifest__vdev001__name=MACHINE, properties__notes=SNAPSHOT).with_value(f"{SECTION}/id", MACHINE)

    assert changed(root, with_new_ids(root, IDS)).keys() == {"properties/global_id", "settings/global/logical_id"}


def test_a_tree_without_these_ids_stays_the_same() -> None:
    assert changed(tree(), with_new_ids(tree(), {SNAPSHOT: NEW_SNAPSHOT})) == {}


def test_a_tree_of_any_depth_is_walked() -> None:
    deep = make_key("id", MACHINE)
    for _ in range(5000):
        deep = Key(name="k", items=(deep,))

    renewed = with_new_ids(Key(name="configuration", items=(deep,)), IDS)

    assert next(key.text for _, key in renewed.walk() if key.type == "string") == NEW_MACHINE


def test_other_absolute_paths_are_told_and_words_are_none() -> None:
    root = tree(properties__notes=r"C:\notes", unknown__of__later=r"\\server\share\x", plain=r"VMs\x", number=7)

    assert dict(other_paths(root, {DISK})) == {"unknown/of/later": r"\\server\share\x"}
    assert DISK in dict(other_paths(root, set()))
