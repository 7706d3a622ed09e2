"""A deep audit of a folder: what is on record, which chains are compared, and what was not looked at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.audit.folders import audited
from vhdchain.audit import audit
from vhdchain.audit.run import NOT_DEEP
from vhdchain.errors import CancelledError
from vhdchain.findings import Severity
from vhdchain.shell.scanning import scan_folder
from vhdchain.structures import DiskType
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.damage import RECIPES
from vhdchain.testing.damage_folder import BASE, FOLDER_RECIPES, LEAF, LONE, healthy_folder, write_folder
from vhdchain.testing.edits import edit_entry, healthy

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.findings import Finding

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SECTOR = 512


def _tree() -> ChainBuilder:
    """Return a chain of three, each of which repeats a sector of what is below it."""
    tree = ChainBuilder(seed="three")
    base = tree.dynamic("base.vhd", size=1 << 20, block_size=4096)
    tree.fill(base, 0, 1 << 16)
    middle = tree.snapshot(base, "middle.avhd")
    tree.write(middle, 0, base.read_sector(0))
    tree.fill(middle, 8 * SECTOR, SECTOR)
    leaf = tree.snapshot(middle, "leaf.avhd")
    tree.write(leaf, 8 * SECTOR, middle.read_sector(8))
    tree.write(leaf, 9 * SECTOR, middle.read_sector(9))
    return tree


def _of(findings: tuple[Finding, ...], code: str) -> list[tuple[str, object]]:
    return [(item.location.path.rpartition("/")[2], item.found) for item in findings if item.code == code]


# ------------------------------------------------------------------------------------------------------------ on record


def test_a_healthy_folder_stays_without_errors_and_warnings(tmp_path: Path) -> None:
    report = audited(healthy_folder(), tmp_path, deep=True)
    assert {item.severity for item in report.findings} == {Severity.NOTE}
    assert "VHD002" not in {item.code for item in report.findings}
    assert report.record.deep
    assert report.skipped == ()


def test_an_audit_that_is_not_deep_says_so(tmp_path: Path) -> None:
    report = audited(healthy_folder(), tmp_path)
    assert not report.record.deep
    assert report.skipped == (NOT_DEEP,)
    assert not any("VHD451" <= item.code <= "VHD460" for item in report.findings)


def test_deep_findings_can_be_chosen_and_left_to_a_baseline(tmp_path: Path) -> None:
    files = {**healthy_folder(), "x.vhd": RECIPES["VHD453"].damage(healthy(DiskType.DYNAMIC))}
    report = audited(files, tmp_path, deep=True, now=NOW)
    assert _of(report.findings, "VHD453") == [("x.vhd", 1)]
    with scan_folder(tmp_path) as inventory:
        assert audit(inventory, deep=True, now=NOW) == report
        (item,) = audit(inventory, deep=True, select=["VHD453"]).findings
        assert item.code == "VHD453"
        assert audit(inventory, deep=True, baseline=report.fingerprints(), now=NOW).findings == ()


def test_progress_is_told_in_bytes_of_all_files_and_it_can_be_stopped(tmp_path: Path) -> None:
    tree = _tree()
    tree.save(tmp_path)
    told: list[tuple[int, int]] = []
    with scan_folder(tmp_path) as inventory:
        audit(inventory, deep=True, progress=lambda done, total: told.append((done, total)))
        assert told == sorted(told)
        assert told[-1][0] == told[-1][1] == told[0][1]
        blocks = sum(image.bat.allocated for image in inventory.images if image.bat is not None)
        assert told[-1][1] >= blocks * (4096 + SECTOR)
        left = iter(range(len(inventory.images) + 10))
        with pytest.raises(CancelledError):
            audit(inventory, deep=True, cancel=lambda: next(left, None) is None)


# ----------------------------------------------------------------------------------------------------- with its parents


def test_every_layer_is_compared_with_all_that_lies_below_it(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    with scan_folder(tmp_path) as inventory:
        report = audit(inventory, deep=True)
    assert _of(report.findings, "VHD457") == [("leaf.avhd", 2), ("middle.avhd", 1)]


def test_nothing_is_compared_above_a_missing_parent_and_that_is_told(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    (tmp_path / "base.vhd").unlink()
    with scan_folder(tmp_path) as inventory:
        report = audit(inventory, deep=True)
    assert _of(report.findings, "VHD457") == []
    assert {name for name, _ in _of(report.findings, "VHD002")} == {"leaf.avhd", "middle.avhd"}
    # Whatever else the bitmaps and data show is told.
    assert {name for name, _ in _of(report.findings, "VHD459")} == {"leaf.avhd", "middle.avhd"}


def test_nothing_is_compared_with_a_broken_ancestor(tmp_path: Path) -> None:
    tree = _tree()
    tree.save(tmp_path)
    base = tmp_path / "base.vhd"
    base.write_bytes(edit_entry(base.read_bytes(), 200, 0))
    with scan_folder(tmp_path) as inventory:
        report = audit(inventory, deep=True)
    messages = [item.message for item in report.findings if item.code == "VHD002"]
    assert len(messages) == 2
    assert all(str(base) in message for message in messages)
    # The good blocks of the broken file are looked at nevertheless.
    assert not any(item.location.path == str(base) for item in report.findings if item.code == "VHD002")


def test_members_of_a_cycle_are_read_and_not_compared(tmp_path: Path) -> None:
    report = audited(FOLDER_RECIPES["VHD701"].damage(healthy_folder()), tmp_path, deep=True)
    assert {name for name, _ in _of(report.findings, "VHD002")} == {BASE, LEAF}


# ------------------------------------------------------------------------------------------------------ what is skipped


def test_an_image_whose_blocks_cannot_be_followed_is_told_with_the_reason(tmp_path: Path) -> None:
    files = {**healthy_folder(), LONE: RECIPES["VHD210"].damage(healthy(DiskType.DYNAMIC))}
    report = audited(files, tmp_path, deep=True)
    (item,) = [item for item in report.findings if item.code == "VHD002"]
    assert item.location.path == str(tmp_path / LONE)
    assert "VHD210" in item.message


def test_an_error_in_the_data_of_a_base_is_passed_on_to_its_leaf(tmp_path: Path) -> None:
    tree = ChainBuilder(seed="cut")
    base = tree.dynamic("base.vhd", size=1 << 16, block_size=4096)
    tree.fill(base, 0, 4096)
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.write(leaf, 8192, b"x")
    files: dict[str, bytes] = tree.files()
    files["base.vhd"] = files["base.vhd"][: -SECTOR - 2 * SECTOR] + files["base.vhd"][-SECTOR:]
    write_folder(files, tmp_path)
    with scan_folder(tmp_path) as inventory:
        report = audit(inventory, deep=True)
    assert _of(report.findings, "VHD460") == [("base.vhd", 2)]
    (passed_on,) = [item for item in report.findings if item.code == "VHD615"]
    assert "VHD460" in passed_on.message


# -------------------------------------------------------------------------------------------------------- on real disks


@pytest.mark.corpus
def test_real_disks_show_neither_errors_nor_warnings_in_their_blocks(corpus: Path) -> None:
    with scan_folder(corpus) as inventory:
        before, report = audit(inventory, now=NOW), audit(inventory, now=NOW, deep=True)
    news = [item for item in report.findings if item not in before.findings]
    assert {item.severity for item in news} <= {Severity.NOTE}
    # Of the 18 sectors that fat-differential.vhd holds nine are zeros; its bitmap has bits in five bytes, in four of
    # them not all eight (the collection's README lists the sectors).
    assert sorted((item.code, item.location.path.rpartition("/")[2], item.found) for item in news) == [
        ("VHD456", "fat-differential.vhd", 9),
        ("VHD459", "fat-differential.vhd", 4),
    ]
