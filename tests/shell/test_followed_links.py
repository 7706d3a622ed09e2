"""A copy that followed the links by which a host registers machines holds their configurations twice."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.lab import HostLab, LabDisk

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.hyperv import MachineState


def _host() -> HostLab:
    lab = HostLab(seed="linked")
    root = r"C:\VMs\srv"
    lab.take(
        lab.machine("srv", root=root, disks_folder=root, disks=[LabDisk("srv.vhd")], link="symlink"), power="running"
    )
    return lab


def _files(state: MachineState) -> list[str | None]:
    return [item.path for item in (*(disk.found for disk in state.disks), *state.state_files)]


def _twins(folder: Path, *more: Path) -> list[tuple[list[str | None], list[str | None]]]:
    """Return what both configurations of the machine, and of its snapshot, lead to; first those in the folder VMs."""
    with scan_folder(folder, *more) as inventory:
        states = [state for machine in inventory.machines for state in machine.states]
    pairs = []
    for identity in dict.fromkeys(state.id for state in states):
        first, second = sorted(
            (state for state in states if state.id == identity), key=lambda item: "VMs" not in item.path
        )
        pairs.append((_files(first), _files(second)))
    return pairs


def test_both_lead_to_the_same_files(tmp_path: Path) -> None:
    _host().save(tmp_path / "host")
    shutil.copytree(tmp_path / "host", tmp_path / "copy")
    pairs = _twins(tmp_path / "copy")
    assert len(pairs) == 2
    for true, linked in pairs:
        assert true == linked
        assert None not in true


def test_a_configuration_that_was_changed_since_is_no_link(tmp_path: Path) -> None:
    lab = _host()
    lab.save(tmp_path / "host")
    shutil.copytree(tmp_path / "host", tmp_path / "copy")
    for owner in lab.machines[0].owners:
        path = tmp_path / "copy" / lab.configuration_path(owner)
        text = path.read_text(encoding="utf-16")
        path.chmod(0o644)
        path.write_text(text.replace("<notes ", "<note ").replace("</notes>", "</note>"), encoding="utf-16")
    for true, other in _twins(tmp_path / "copy"):
        assert None not in true
        assert set(other) == {None}


def test_a_configuration_with_a_disk_of_its_own_is_no_link(tmp_path: Path) -> None:
    lab = _host()
    lab.save(tmp_path / "host")
    shutil.copytree(tmp_path / "host", tmp_path / "copy")
    machine = lab.machines[0]
    own = (
        tmp_path / "copy" / lab.configuration_path(machine).replace("VMs/srv", "ProgramData/Microsoft/Windows/Hyper-V")
    )
    disk = own.parent.parent / "srv.vhd"
    shutil.copy(tmp_path / "copy" / "VMs" / "srv" / "srv.vhd", disk)
    _, (_, kept) = _twins(tmp_path / "copy")
    assert kept[0] == str(disk)
    assert set(kept[1:]) == {None}


@pytest.mark.parametrize("gone", ["srv.vhd", ".avhd"])
def test_a_copy_of_the_whole_does_not_take_the_originals_disk_for_its_own(gone: str, tmp_path: Path) -> None:
    _host().save(tmp_path / "host")
    shutil.copytree(tmp_path / "host" / "VMs", tmp_path / "backup" / "VMs")
    for disk in (tmp_path / "backup").rglob(f"*{gone}"):
        disk.unlink()
    with scan_folder(tmp_path / "backup", tmp_path / "host" / "VMs") as inventory:
        for machine in inventory.machines:
            for state in machine.states:
                folder = str(tmp_path / ("backup" if "/backup/" in state.path else "host"))
                exact = [disk.path for disk in state.disks if disk.path is not None and disk.found.exact]
                assert all(path.startswith(folder) for path in exact)
