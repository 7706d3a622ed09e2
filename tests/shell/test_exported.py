"""Files of an export by 2008 and 2008 R2 are known by their names and places, and nothing in them is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vhdchain.hyperv import FileRole, build_document, is_export_record, make_key
from vhdchain.shell.scanning import scan_folder

if TYPE_CHECKING:
    from pathlib import Path

ID = "0A5B1D43-6C0E-4F6B-9B0E-6D7B0F0C2A11"
CONTENT = build_document(
    make_key("configuration", None, make_key("properties", None, make_key("global_id", ID), make_key("name", "x")))
)


@pytest.mark.parametrize(
    ("name", "beside", "is_record"),
    [
        ("config.xml", ["Virtual Machines"], True),
        ("CONFIG.XML", ["a", "virtual machines"], True),
        ("config.xml", [], False),
        ("config.xml", ["Snapshots", "Virtual Hard Disks"], False),
        ("config2.xml", ["Virtual Machines"], False),
    ],
)
def test_the_record_of_an_export_is_known_by_what_lies_beside_it(name: str, beside: list[str], is_record: bool) -> None:
    assert is_export_record(name, beside) is is_record


def test_the_record_of_an_export_is_not_read_as_a_configuration(tmp_path: Path) -> None:
    (tmp_path / "srv" / "VIRTUAL MACHINES").mkdir(parents=True)
    (tmp_path / "srv" / "Config.xml").write_bytes(CONTENT)
    (tmp_path / "srv" / "other.xml").write_bytes(CONTENT)
    (tmp_path / "config.xml").write_bytes(CONTENT)
    with scan_folder(tmp_path) as inventory:
        roles = {file.path.removeprefix(f"{tmp_path}/"): file.role for file in inventory.host_files}
        machines = [machine.now.path for machine in inventory.machines if machine.now is not None]
    assert roles == {
        "config.xml": FileRole.CONFIGURATION,
        "srv/Config.xml": FileRole.EXPORTED,
        "srv/other.xml": FileRole.CONFIGURATION,
    }
    assert machines == [str(tmp_path / "config.xml"), str(tmp_path / "srv" / "other.xml")]


def test_a_file_or_a_link_is_no_folder_beside_it(tmp_path: Path) -> None:
    (tmp_path / "config.xml").write_bytes(CONTENT)
    (tmp_path / "Virtual Machines").write_bytes(b"")
    with scan_folder(tmp_path) as inventory:
        assert [file.role for file in inventory.host_files] == [FileRole.CONFIGURATION]


def test_the_record_is_known_where_it_is_named_alone(tmp_path: Path) -> None:
    (tmp_path / "Virtual Machines").mkdir()
    (tmp_path / "config.xml").write_bytes(b"\xff\xfe nothing that XML knows")
    with scan_folder(tmp_path / "config.xml") as inventory:
        assert [file.role for file in inventory.host_files] == [FileRole.EXPORTED]
