"""Whatever way an export takes, the machine that comes out of it is the one that went in."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.cli.program import run
from tests.transfer.acceptance.scenes import THOROUGH, guests_of, large_host, small_host, state_of
from vhdchain.findings import Severity
from vhdchain.hyperv import NOW
from vhdchain.shell.scanning import scan_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AS = r"E:\Machines"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a host with a machine that has all that a machine may have."""
    folder = tmp_path_factory.mktemp("host") / "host"
    small_host().save(folder)
    return folder


def _export(host: Path, target: Path, *options: object) -> Path:
    ran = run("export", host, target, "--machine", "srv", "--automate", *options)
    assert (ran.code, ran.err) == (0, "")
    return target / "srv"


def _as_it_is(export: Path) -> Path:
    return export


def _moved(export: Path) -> Path:
    place = export.parent.parent / "elsewhere" / "of another name"
    place.parent.mkdir()
    shutil.move(export, place)
    return place


def _in_other_letters(export: Path) -> Path:
    """Return the export as a file system gave it back that keeps no letter case."""
    place = _moved(export)
    for path in sorted(place.rglob("*"), key=lambda item: -len(item.parts)):
        name = path.name.lower() if path.is_file() else path.name.upper()
        path.rename(path.with_name(name))
    return place


def _bad(folder: Path) -> set[str]:
    """Return the codes of all errors and warnings that an audit of a folder has."""
    with scan_folder(folder) as inventory:
        findings = vc.audit(inventory).findings
    return {item.code for item in findings if item.severity is not Severity.NOTE}


@pytest.mark.parametrize("way", [_as_it_is, _moved, _in_other_letters])
def test_a_copy_with_a_new_id_is_the_same_machine(way: Callable[[Path], Path], host: Path, tmp_path: Path) -> None:
    before = state_of(host)
    export = way(_export(host, tmp_path / "out"))
    exported = state_of(export)
    ran = run("import", export, "--to", tmp_path / "in", "--as", AS, "--new-id", "--yes", "--automate")
    assert (ran.code, ran.err) == (0, "")
    assert guests_of(tmp_path / "in") == guests_of(host)
    assert _bad(tmp_path / "in") <= _bad(host)
    assert run("audit", tmp_path / "in", "--fail-on", "error").code == 0
    with scan_folder(host) as old, scan_folder(tmp_path / "in") as new:
        ours, theirs = old.machines["srv"], new.machines["srv"]
        assert not {state.id for state in ours.states} & {state.id for state in theirs.states}
        stored = [disk.drive.path for state in theirs.states for disk in state.disks]
        assert {path[: len(AS)] for path in stored} == {AS}
        assert all(disk.found.exact or disk.path for state in theirs.states for disk in state.disks)
    assert state_of(export) == exported
    assert state_of(host) == before


def test_an_import_in_place_makes_the_export_the_machine(host: Path, tmp_path: Path) -> None:
    export = _export(host, tmp_path / "out")
    known = guests_of(host)
    ran = run("import", export, "--in-place", "--as", AS, "--yes", "--automate")
    assert (ran.code, ran.err) == (0, "")
    assert guests_of(export) == known
    assert _bad(export) <= _bad(host)


def test_without_snapshots_only_the_present_comes_along(host: Path, tmp_path: Path) -> None:
    export = _export(host, tmp_path / "out", "--snapshots", "none")
    ran = run("import", export, "--to", tmp_path / "in", "--as", AS, "--new-id", "--yes", "--automate")
    assert ran.code == 0
    known, found = guests_of(host), guests_of(tmp_path / "in")
    assert found.disks == {key: digest for key, digest in known.disks.items() if key[0] == NOW}
    assert found.parents == {NOW: None}


@pytest.mark.parametrize("name", ["first", "second", "branch"])
def test_one_snapshot_becomes_a_machine_of_its_own(name: str, host: Path, tmp_path: Path) -> None:
    ran = run("export", host, tmp_path / "out", "--machine", "srv", "--snapshots", name, "--automate")
    assert (ran.code, ran.err) == (0, "")
    (machine,) = ran.document["machines"]
    ran = run("import", machine["folder"], "--to", tmp_path / "in", "--as", AS, "--new-id", "--yes", "--automate")
    assert (ran.code, ran.err) == (0, "")
    known = guests_of(host)
    with scan_folder(tmp_path / "in") as inventory:
        (machine,) = inventory.machines
    found = guests_of(tmp_path / "in", machine.name)
    assert sorted(found.disks.values()) == sorted(digest for key, digest in known.disks.items() if key[0] == name)
    assert found.saved[NOW] == known.saved[name]


def test_compact_disks_hold_the_same(host: Path, tmp_path: Path) -> None:
    export = _export(host, tmp_path / "out", "--compact", "--snapshots", "none")
    assert not list(export.rglob("*.avhd"))
    found = guests_of(export)
    known = guests_of(host)
    assert found.disks == {key: digest for key, digest in known.disks.items() if key[0] == NOW}


@pytest.mark.slow
def test_a_long_line_of_snapshots_comes_back(tmp_path: Path) -> None:
    large_host(50 if THOROUGH else 12).save(tmp_path / "host")
    export = _in_other_letters(_export(tmp_path / "host", tmp_path / "out"))
    ran = run("import", export, "--to", tmp_path / "in", "--as", AS, "--new-id", "--yes", "--automate")
    assert (ran.code, ran.err) == (0, "")
    assert guests_of(tmp_path / "in") == guests_of(tmp_path / "host")
    assert _bad(tmp_path / "in") <= _bad(tmp_path / "host")
