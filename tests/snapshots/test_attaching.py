"""Disks are attached and detached in the configuration, in slots that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from vhdchain.snapshots import state_of
from vhdchain.testing import HostLab, LabDisk
from vhdchain.testing.faults.quick import QuickLayer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def host(tmp_path: Path) -> Path:
    lab = HostLab(seed="attaching")
    lab.machine("srv", disks=[LabDisk("srv.vhd"), LabDisk("data.vhd")])
    lab.machine("web", disks=[LabDisk("web.vhd")])
    for path in lab.save(tmp_path).values():
        path.chmod(0o644)
    return tmp_path


def slots(host: Path, name: str = "srv") -> dict[str, str]:
    with vc.scan_folder(host) as inventory:
        return {slot.place: slot.path for slot in state_of(inventory, inventory.machines[name]).slots}


def carry_out(host: Path, request: str) -> dict[str, str]:
    """Do it, and return the slots that were foretold."""
    with vc.scan_folder(host) as inventory:
        foretold = vc.foretell(inventory, inventory.machines["srv"], request)
    vc.execute(foretold.plan, layer=QuickLayer())
    return {slot.place: slot.path for slot in foretold.state.slots}


def test_a_detached_disk_stays_where_it_is_and_can_be_attached_again(host: Path) -> None:
    before = slots(host)
    place, path = list(before.items())[1]
    foretold = carry_out(host, f"remove-disk:{place}")
    assert slots(host) == foretold == {key: value for key, value in before.items() if key != place}

    assert carry_out(host, f"add-disk:{place}={path}") == before
    assert slots(host) == before


def test_a_slot_that_the_configuration_does_not_have_is_not_made_up(host: Path) -> None:
    place, path = list(slots(host).items())[1]
    carry_out(host, f"remove-disk:{place}")

    with pytest.raises(vc.PlanRefusedError, match="no empty slot at SCSI 3:7"):
        carry_out(host, f"add-disk:SCSI 3:7={path}")


def test_a_file_that_was_not_scanned_is_not_attached(host: Path) -> None:
    with pytest.raises(vc.ConfigError, match=r"nowhere\.vhd: the scan has no image of this name"):
        carry_out(host, "add-disk:IDE 1:1=nowhere.vhd")


def test_a_disk_of_another_machine_is_not_attached(host: Path) -> None:
    (path,) = slots(host, "web").values()
    with pytest.raises(vc.PlanRefusedError) as caught:
        carry_out(host, f"add-disk:IDE 1:1={path}")
    assert [item.code for item in caught.value.findings] == ["VHD926"]
