"""A machine of a scan becomes a state; what is not in its files may be said, and what is not certain is not used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from vhdchain.snapshots import Power, state_of
from vhdchain.testing import HostLab, LabDisk

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.snapshots import State


def read(folder: Path, *, notes: str = "", power: str = "off", **told: object) -> State:
    lab = HostLab(seed="reading")
    machine = lab.machine("srv", disks=[LabDisk("srv.vhd")], notes=notes)
    lab.take(machine, "first")
    lab.bring(machine, power)
    lab.save(folder)
    with vc.scan_folder(folder) as inventory:
        return state_of(inventory, inventory.machines["srv"], **told)  # type: ignore[arg-type]  # options of `state_of`


@pytest.mark.parametrize(
    ("notes", "told", "expected"),
    [
        ("", None, False),
        ("The second Domain Controller of the forest", None, True),
        ("domain controller", False, False),
        ("", True, True),
    ],
)
def test_a_domain_controller_is_known_by_its_notes_or_by_what_is_said(
    notes: str, told: object, *, expected: bool, tmp_path: Path
) -> None:
    assert read(tmp_path, notes=notes, domain_controller=told).domain_controller is expected


@pytest.mark.parametrize("power", ["off", "running", "saved"])
def test_the_power_is_guessed_from_the_files(power: str, tmp_path: Path) -> None:
    state = read(tmp_path, power=power)

    assert state.power == power
    assert bool(state.state_files) == (power == "saved")


def test_the_power_may_be_said(tmp_path: Path) -> None:
    read(tmp_path, power="running")
    with vc.scan_folder(tmp_path) as inventory:
        assert state_of(inventory, inventory.machines["srv"], power=Power.PAUSED).power is Power.PAUSED


def test_an_image_that_may_be_attached_is_known_with_its_family(tmp_path: Path) -> None:
    lab = HostLab(seed="reading")
    lab.machine("srv", disks=[LabDisk("srv.vhd")])
    other = lab.machine("web", disks=[LabDisk("web.vhd")])
    lab.take(other, "first")
    lab.save(tmp_path)
    with vc.scan_folder(tmp_path) as inventory:
        (leaf,) = (disk.path for disk in inventory.machines["web"].now.disks)  # type: ignore[union-attr]  # it is here
        srv = inventory.machines["srv"]
        assert leaf is not None
        assert leaf not in state_of(inventory, srv).disks
        state = state_of(inventory, srv, also=[leaf])
        assert len(state.disks) == 3
        assert state.depth(leaf) == 1
        assert leaf in state.needed
