"""Which part a file plays by its name and place."""

from __future__ import annotations

import pytest

from vhdchain.hyperv import FileRole, is_guid, is_host_folder, role_of

ID = "e47e468f-8426-4C4A-98A7-0483DD4F0BE1"


@pytest.mark.parametrize(
    ("path", "role"),
    [
        (f"Virtual Machines/{ID}.xml", FileRole.CONFIGURATION),
        (f"Snapshots/{ID}.XML", FileRole.CONFIGURATION),
        ("anything.xml", FileRole.CONFIGURATION),
        ("a.b.xml", FileRole.CONFIGURATION),
        (f"Virtual Machines/{ID}/{ID}.bin", FileRole.STATE),
        (f"{ID}.VSV", FileRole.STATE),
        ("memory.bin", None),
        (f"x{ID}.bin", None),
        (f"{{{ID}}}.vsv", None),
        (f"Virtual Machines/{ID}.exp", FileRole.EXPORTED),
        ("setup.exp", None),
        ("InitialStore.xml", FileRole.STORE),
        ("Virtual Machines Cache/INITIALSTORE.XML", FileRole.STORE),
        (f"Virtual Machines Cache/{ID}.xml", FileRole.CACHED),
        (f"SNAPSHOTS cache/below/{ID}.xml", FileRole.CACHED),
        (f"Snapshots Caches/{ID}.xml", FileRole.CONFIGURATION),
        (".xml", None),
        ("xml", None),
        (f"{ID}", None),
        (f"{ID}.xml.bak", None),
        ("disk.vhd", None),
        ("", None),
    ],
)
def test_a_name_has_a_part(path: str, role: FileRole | None) -> None:
    *folders, name = path.split("/")
    assert role_of(tuple(folders), name) is role


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (ID, True),
        (ID.upper(), True),
        (f"{{{ID}}}", False),
        (ID + "\n", False),
        (ID[1:], False),
        (ID.replace("-", ""), False),
        ("g" + ID[1:], False),
        ("٠" + ID[1:], False),
        ("", False),
    ],
)
def test_a_guid_has_one_form(text: str, is_one: bool) -> None:
    assert is_guid(text) is is_one


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Virtual Machines", True),
        ("SNAPSHOTS", True),
        ("Snapshots Cache", False),
        ("Virtual Hard Disks", False),
        ("", False),
    ],
)
def test_hosts_keep_configurations_in_two_folders(name: str, is_one: bool) -> None:
    assert is_host_folder(name) is is_one
