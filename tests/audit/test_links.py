"""Links as an audit sees them: healthy folders of every dialect, the times of files, copies, cycles."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from vhdchain.audit import audit
from vhdchain.audit.inputs import seconds_modified
from vhdchain.findings import Severity
from vhdchain.graph import InputFile
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing import ChainBuilder, dialects

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.findings import Finding

EPOCH_NS = 946_684_800 * 10**9
LINK_NOTES = {"VHD606", "VHD607", "VHD608", "VHD626", "VHD627"}


def _tree(dialect: dialects.Dialect) -> ChainBuilder:
    """Return three layers and a branch, each written to after it was made, in two folders."""
    tree = ChainBuilder(dialect=dialect, windows_folder=r"C:\VMs")
    base = tree.dynamic("base/base.vhd", size=1 << 20, block_size=4096)
    tree.write(base, 0, b"base")
    first = tree.snapshot(base, "snap/first.avhd")
    tree.write(first, 4096, b"first")
    for name in ("snap/second.avhd", "snap/branch.avhd"):
        tree.write(tree.snapshot(first, name), 8192, name.encode())
    return tree


def _audited(folder: Path, path_map: dict[str, Path] | None = None) -> list[Finding]:
    with scan_folder(folder, path_map=path_map) as inventory:
        return list(audit(inventory, now=datetime(2026, 1, 1, tzinfo=UTC)).findings)


@pytest.mark.parametrize("dialect", dialects.DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("mapped", [False, True])
def test_a_healthy_folder_has_neither_errors_nor_warnings(
    dialect: dialects.Dialect, mapped: bool, tmp_path: Path
) -> None:
    _tree(dialect).save(tmp_path / "vms")
    findings = _audited(tmp_path / "vms", {r"C:\VMs": tmp_path / "vms"} if mapped else None)
    assert [str(item) for item in findings if item.severity is not Severity.NOTE] == []
    assert {item.code for item in findings} & LINK_NOTES == {"VHD627"}


@pytest.mark.parametrize("dialect", dialects.DIALECTS, ids=lambda dialect: dialect.name)
def test_a_copy_without_its_times_is_worth_notes_alone(dialect: dialects.Dialect, tmp_path: Path) -> None:
    _tree(dialect).save(tmp_path / "vms")
    shutil.copytree(tmp_path / "vms", tmp_path / "copy", copy_function=shutil.copyfile)
    findings = _audited(tmp_path / "copy")
    assert [str(item) for item in findings if item.severity is not Severity.NOTE] == []
    # One for each link, and no second one for the time that the child stores.
    assert [item.code for item in findings if item.code in LINK_NOTES - {"VHD627"}] == ["VHD608"] * 3


def test_a_summer_time_apart_is_no_difference(tmp_path: Path) -> None:
    paths = _tree(dialects.HYPER_V_2008_R2).save(tmp_path)
    for path in paths.values():
        time = path.stat().st_mtime
        os.utime(path, (time + 3600, time + 3600))
    assert {item.code for item in _audited(tmp_path)} & LINK_NOTES == {"VHD627"}


def test_a_copy_whose_absolute_paths_lead_to_the_original(tmp_path: Path) -> None:
    _tree(dialects.HYPER_V_2008_R2).save(tmp_path / "live")
    shutil.copytree(tmp_path / "live", tmp_path / "copy")
    findings = _audited(tmp_path / "copy", {r"C:\VMs": tmp_path / "live"})
    bad = [item for item in findings if item.severity is not Severity.NOTE]
    assert [(item.code, item.severity) for item in bad] == [("VHD620", Severity.WARNING)] * 3
    first = next(item for item in bad if item.location.path.endswith("first.avhd"))
    assert first.related == (str(tmp_path / "copy/base/base.vhd"), str(tmp_path / "live/base/base.vhd"))


def test_a_moved_tree_has_stale_locators(tmp_path: Path) -> None:
    _tree(dialects.HYPER_V_2008_R2).save(tmp_path / "live")
    (tmp_path / "empty").mkdir()
    bad = [
        item.code
        for item in _audited(tmp_path / "live", {r"C:\VMs": tmp_path / "empty"})
        if item.severity is not Severity.NOTE
    ]
    assert bad == ["VHD323"] * 3


def test_disks_in_a_cycle_are_not_compared_with_each_other(tmp_path: Path) -> None:
    tree = ChainBuilder()
    base = tree.dynamic("z.vhd", size=1 << 20, block_size=4096)
    one = tree.snapshot(base, "one.avhd")
    two = tree.snapshot(one, "two.avhd", size=1 << 21)
    tree.snapshot(two, "three.avhd", parent_unique_id=two.unique_id)
    paths = tree.save(tmp_path)
    # The first comes back as a child of the last.
    again = ChainBuilder(seed="again")
    last = again.dynamic("three.avhd", size=1 << 21, unique_id=tree.image("three.avhd").unique_id)
    above = again.snapshot(last, "one.avhd", unique_id=one.unique_id, size=1 << 19)
    paths["one.avhd"].write_bytes(bytes(again.file(above).content))
    bad = [item.code for item in _audited(tmp_path) if item.severity is not Severity.NOTE]
    assert bad == ["VHD701"]


@pytest.mark.parametrize(
    ("mtime_ns", "seconds"),
    [
        (0, None),
        (946_684_800 * 10**9, 0),
        (946_684_801 * 10**9 - 1, 0),
        (946_684_799 * 10**9, -1),
        (10**9, -946_684_799),
    ],
)
def test_the_time_of_a_file_is_counted_as_images_count_it(mtime_ns: int, seconds: int | None) -> None:
    assert seconds_modified(InputFile(path="x", size=0, mtime_ns=mtime_ns)) == seconds
