"""Codes 931-935: what keeps a machine from being exported, and what is told of an export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.shell.scanning import scan_folder
from vhdchain.shell.transfer.exporting import plan_export
from vhdchain.snapshots import HYPER_V_2008, HYPER_V_2012, Policy
from vhdchain.testing.damage_plan.recipe import PlanRecipe
from vhdchain.testing.lab import HostLab, LabDisk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vhdchain.plan import Plan
    from vhdchain.testing.folder import Files
    from vhdchain.testing.lab.machine import LabMachine

_MACHINE, _DISK = "srv", "srv.vhd"
_DVD = "_83f8638b-8dca-4152-9eda-2ca8b33039b4_/controller1/drive0"


def _host(change: Callable[[HostLab, LabMachine], object] | None = None, *, version: str = "2008 R2") -> HostLab:
    lab = HostLab(seed="export", version=version)
    machine = lab.machine(_MACHINE, disks=[LabDisk(_DISK)])
    lab.take(machine, "first")
    if change is not None:
        change(lab, machine)
    return lab


def _insert(lab: HostLab, machine: LabMachine) -> None:
    lab.edit(machine, f"{_DVD}/pathname", r"D:\Media\setup.iso")
    lab.edit(machine, f"{_DVD}/type", "ISO")


def _files(lab: Callable[[], HostLab]) -> Callable[[], Files]:
    return lambda: lab().contents()


def _without_base() -> Files:
    return {name: content for name, content in _host().contents().items() if not name.endswith(f"/{_DISK}")}


def _asked(policy: Policy) -> Callable[[Path], Plan]:
    def ask(folder: Path) -> Plan:
        with scan_folder(folder) as inventory:
            return plan_export(inventory, inventory.machines[_MACHINE], folder.parent / "exports", policy=policy)

    return ask


RECIPES: tuple[PlanRecipe, ...] = (
    PlanRecipe(
        code="VHD931",
        what="a machine is to be exported that is saved, by the rules of 2008",
        files=_files(lambda: _host(lambda lab, machine: lab.save_state(machine))),
        ask=_asked(HYPER_V_2008),
    ),
    PlanRecipe(
        code="VHD932",
        what="a machine is to be exported whose base is not here",
        files=_without_base,
        ask=_asked(HYPER_V_2012),
    ),
    PlanRecipe(
        code="VHD933",
        what="a machine of 2008 R2 is exported",
        files=_files(_host),
        ask=_asked(HYPER_V_2008),
        refused=False,
    ),
    PlanRecipe(
        code="VHD934",
        what="a machine with a snapshot is exported whose AVHD lies below the snapshot's folder",
        files=_files(lambda: _host(version="2008")),
        ask=_asked(HYPER_V_2012),
        refused=False,
    ),
    PlanRecipe(
        code="VHD935",
        what="a machine is exported that has an image in its DVD drive",
        files=_files(lambda: _host(_insert)),
        ask=_asked(HYPER_V_2012),
        refused=False,
    ),
)
