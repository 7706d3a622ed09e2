"""Evidence of an interrupted change: this program's journal, and the footers of a disk that others build on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit import audit
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.damage_folder import BASE, LEAF, healthy_folder, write_folder
from vhdchain.testing.edits import edit_footer

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.findings import Finding
    from vhdchain.testing.folder import Files

STATE = f".{BASE}.merge.json"


def _told(files: Files, folder: Path) -> list[Finding]:
    write_folder(files, folder)
    with scan_folder(folder) as inventory:
        return [item for item in audit(inventory).findings if item.code in ("VHD901", "VHD556")]


def _bytes(files: Files, name: str) -> bytes:
    content = files[name]
    assert isinstance(content, bytes)
    return content


def test_a_healthy_folder_shows_none(tmp_path: Path) -> None:
    assert _told(healthy_folder(), tmp_path) == []


def test_a_journal_is_told_once_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    own = {f"{BASE}.vhdchain-{purpose}": b"" for purpose in ("journal", "undo", "new", "old")}
    (told,) = _told({**healthy_folder(), **own}, tmp_path)
    assert (told.code, told.location.path) == ("VHD901", str(tmp_path / BASE))
    assert told.related == (str(tmp_path / f"{BASE}.vhdchain-journal"),)


def test_a_journal_beside_a_file_that_was_named_is_told(tmp_path: Path) -> None:
    write_folder({**healthy_folder(), f"{BASE}.vhdchain-journal": b""}, tmp_path)
    with scan_folder(tmp_path / BASE) as inventory:
        assert [item.code for item in audit(inventory).findings if item.code == "VHD901"] == ["VHD901"]


def test_what_belongs_to_a_journal_that_is_gone_is_a_leftover(tmp_path: Path) -> None:
    (told,) = _told({**healthy_folder(), f"{BASE}.vhdchain-new": b""}, tmp_path)
    assert (told.code, told.location.path) == ("VHD556", str(tmp_path / BASE))


def test_a_parent_without_its_end_footer_was_being_merged_into(tmp_path: Path) -> None:
    files = healthy_folder()
    files[BASE] = _bytes(files, BASE)[:-512] + bytes(512)
    (told,) = _told(files, tmp_path)
    assert (told.code, told.location.path) == ("VHD901", str(tmp_path / BASE))
    assert told.related == (str(tmp_path / LEAF),)


def test_a_leaf_without_its_end_footer_may_have_been_growing(tmp_path: Path) -> None:
    files = healthy_folder()
    files[LEAF] = _bytes(files, LEAF)[:-512] + bytes(512)
    assert _told(files, tmp_path) == []


def test_the_state_of_a_merge_makes_a_torn_leaf_evidence(tmp_path: Path) -> None:
    files = healthy_folder()
    files[LEAF] = _bytes(files, LEAF)[:-512] + bytes(512)
    state = f".{LEAF}.merge.json"
    told = _told({**files, state: b"{}"}, tmp_path)
    assert sorted(item.code for item in told) == ["VHD556", "VHD901"]
    assert next(item for item in told if item.code == "VHD901").related == (str(tmp_path / state),)


def test_an_identifier_that_was_replaced_in_one_footer_only_is_evidence(tmp_path: Path) -> None:
    files = healthy_folder()
    whole = _bytes(files, BASE)
    files[BASE] = whole[:-512] + edit_footer(whole, unique_id=bytes(range(16)))[-512:]
    assert [item.code for item in _told(files, tmp_path)] == ["VHD901"]


def test_a_state_beside_a_disk_in_order_is_only_a_name(tmp_path: Path) -> None:
    assert [item.code for item in _told({**healthy_folder(), STATE: b"{}"}, tmp_path)] == ["VHD556"]
