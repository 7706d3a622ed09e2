"""Disks and configurations of whole hosts together: what settles a finding, and what histories leave behind."""

from __future__ import annotations

import shlex
from random import Random
from typing import TYPE_CHECKING

import pytest

from vhdchain.audit import audit
from vhdchain.findings import Finding, Severity
from vhdchain.locate import PathMap
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.damage_folder import FOLDER_RECIPES
from vhdchain.testing.lab import HostLab, LabDisk, host_lab
from vhdchain.testing.lab.histories import draw_step, run_step

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 128 * 1024
OF_DISKS = frozenset(
    f"VHD{number}" for number in (706, 709, 710, 801, 802, 803, 806, 808, 809, 810, 812, 819, 825, 826, 829, 837)
)


def _told(folder: Path, *options: str) -> list[Finding]:
    """Return what is told of disks and machines; ``options`` are ``--map`` options as a finding proposes them."""
    words = [shlex.split(option) for option in options]
    assert all(word[0] == "--map" for word in words)
    with scan_folder(folder, path_map=PathMap.parse(word[1] for word in words)) as inventory:
        return [item for item in audit(inventory).findings if item.code in OF_DISKS]


def test_the_option_of_a_stale_path_settles_it(tmp_path: Path) -> None:
    FOLDER_RECIPES["VHD809"].plant(tmp_path)
    (item,) = _told(tmp_path)
    assert _told(tmp_path, item.details[-1]) == []


def test_either_option_of_an_ambiguous_path_settles_it_and_leaves_the_other_file_over(tmp_path: Path) -> None:
    FOLDER_RECIPES["VHD837"].plant(tmp_path)
    (item,) = _told(tmp_path)
    assert len(item.details) == 2
    for option, other in zip(item.details, reversed(item.related), strict=True):
        (left,) = _told(tmp_path, option)
        assert (left.code, left.location.path) == ("VHD803", other)


@pytest.mark.parametrize("alone", [False, True])
def test_the_option_of_a_missing_disk_settles_it_once_its_place_is_filled_in(alone: bool, tmp_path: Path) -> None:
    """A folder of which nothing is here is mapped as a whole; one of which other disks are, file by file."""
    lab = HostLab(seed="alone") if alone else host_lab()
    web = lab.machine("lone", disks=[LabDisk("web.vhd")]) if alone else lab.machines[1]
    files, missing = lab.files(), lab.disk_path(web)
    lab.save(tmp_path / "host")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "host" / missing).unlink()
    (elsewhere / "web.vhd").write_bytes(files[missing])
    (item,) = _told(tmp_path / "host")
    assert item.code == "VHD801"
    option = next(word for word in shlex.split(item.message) if word.endswith(("=DIR", "=FILE")))
    assert option.endswith("=DIR") is alone
    place, _, _ = option.rpartition("=")
    target = elsewhere if alone else elsewhere / "web.vhd"
    assert _told(tmp_path / "host", f"--map {shlex.quote(f'{place}={target}')}") == []


def test_a_file_that_two_disks_build_on_stays_and_is_a_note(tmp_path: Path) -> None:
    lab = host_lab()
    srv = lab.machines[0]
    lab.delete(srv, srv.snapshot("first"))
    lab.save(tmp_path)
    found = _told(tmp_path)
    assert [(item.code, item.severity, len(item.related)) for item in found] == [("VHD808", Severity.NOTE, 2)] * 2
    assert {item.location.path for item in found} == {
        str(tmp_path / lab.disk_path(image)) for image in srv.freed if image.parent is None
    }


@pytest.mark.parametrize("seed", range(12))
def test_a_history_leaves_nothing_but_what_deleted_snapshots_left(seed: int, tmp_path: Path) -> None:
    random = Random(seed)  # a history, no secret
    lab = HostLab(seed=seed, ids=bool(seed % 2), version=("2008", "2008 R2", "2012 R2")[seed % 3])
    count = 1 + seed % 3
    for name in ("one", "two"):
        lab.machine(name, disks=[LabDisk(f"{name}{number}.vhd") for number in range(count)])
    for _ in range(20):
        run_step(lab, random.choice(lab.machines), draw_step(random, size=SIZE))
    lab.save(tmp_path)
    expected = {}
    for machine in lab.machines:
        kept = {image.name for state in machine.states for image in state.images}
        for image in machine.freed:
            children = lab.images.children(image)
            if image.name not in kept:
                code = "VHD808" if children else "VHD710"
                severity = Severity.NOTE if len(children) > 1 else Severity.WARNING
                expected[str(tmp_path / lab.disk_path(image))] = (code, severity)
    assert {item.location.path: (item.code, item.severity) for item in _told(tmp_path)} == expected
