"""Are the folders of ``fixtures/`` what their recipes make, and does the package find what stands beside them?"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from vhdchain import open_chain, scan_folder
from vhdchain.audit import audit
from vhdchain.findings import Severity
from vhdchain.testing import EXPECTED_NAME
from vhdchain.testing.fixtures import BROKEN_FINDINGS, build_fixtures, healthy_tree
from vhdchain.testing.model import naive_map, naive_read

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = ("healthy", "broken")


def _expected(project_root: Path, folder: str) -> dict[str, Any]:
    document = json.loads((project_root / "fixtures" / folder / EXPECTED_NAME).read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def _extents(disk: dict[str, Any]) -> list[tuple[int, int, int, int]]:
    return [
        (
            e["start"],
            e["length"],
            -1 if e["layer"] is None else e["layer"],
            e["file_offset"] if e["layer"] is not None else -1,
        )
        for e in disk["extents"]
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_building_again_gives_the_same_bytes(project_root: Path, tmp_path: Path, folder: str) -> None:
    build_fixtures(tmp_path)
    built = {path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()}
    stored = {path.name: path.read_bytes() for path in (project_root / "fixtures" / folder).iterdir()}
    assert built.keys() == stored.keys()
    assert [name for name in built if built[name] != stored[name]] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_readable_disk_reads_as_expected(project_root: Path, folder: str) -> None:
    for disk in _expected(project_root, folder)["disks"]:
        with open_chain(project_root / "fixtures" / folder / disk["path"]) as chain:
            assert [layer.image.name.rpartition("/")[2] for layer in chain.layers] == disk["chain"]
            assert chain.virtual_size == disk["virtual_size"]
            assert hashlib.sha256(chain.read(0, chain.virtual_size)).hexdigest() == disk["sha256"]
            assert chain.block_map().extents.tolist() == _extents(disk)


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_expected_disks_are_what_the_naive_reader_finds(project_root: Path, folder: str) -> None:
    for disk in _expected(project_root, folder)["disks"]:
        files = [(project_root / "fixtures" / folder / name).read_bytes() for name in disk["chain"]]
        assert hashlib.sha256(naive_read(files)).hexdigest() == disk["sha256"]
        assert naive_map(files) == _extents(disk)


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_audit_finds_what_is_expected_and_nothing_worse_beside(project_root: Path, folder: str) -> None:
    with scan_folder(project_root / "fixtures" / folder) as inventory:
        findings = audit(inventory).findings
    expected = {(item["path"], item["code"]) for item in _expected(project_root, folder)["findings"]}
    told = {(item.location.path.rpartition("/")[2], item.code): item.severity for item in findings}
    assert expected <= told.keys()
    # Notes tell of times and permissions, too, which a checkout changes.
    assert {place for place, severity in told.items() if severity is not Severity.NOTE} <= expected


def test_nothing_in_the_healthy_folder_is_above_a_note(project_root: Path) -> None:
    with scan_folder(project_root / "fixtures" / "healthy") as inventory:
        findings = audit(inventory).findings
    assert {item.severity for item in findings} <= {Severity.NOTE}


def test_the_healthy_folder_has_three_snapshots_and_a_branch() -> None:
    tree = healthy_tree()
    base, first, second, now = tree.images
    assert [image.parent for image in tree.images] == [None, base, first, first]
    assert tree.leaves == (second, now)


def test_the_readme_names_every_broken_file_and_its_code(project_root: Path) -> None:
    rows = (project_root / "fixtures" / "README.md").read_text(encoding="utf-8").splitlines()
    for name, codes in BROKEN_FINDINGS.items():
        assert any(f"`{name}`" in row and row.endswith(f"| {codes[0]} |") for row in rows)
