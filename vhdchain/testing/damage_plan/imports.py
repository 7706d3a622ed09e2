"""How are refusals and notes of imports provoked?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.shell.scanning import scan_folder
from vhdchain.shell.transfer.importing import plan_import
from vhdchain.testing.damage_plan.recipe import PlanRecipe
from vhdchain.testing.lab import ExportForm, HostLab, LabDisk
from vhdchain.testing.lab.own_exports import own_export

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vhdchain.plan import Plan
    from vhdchain.testing.folder import Files
    from vhdchain.testing.lab.machine import LabMachine

_EXPORT, _TARGET = "export", "target"


def _host(change: Callable[[HostLab, LabMachine], object] | None = None) -> tuple[HostLab, LabMachine]:
    lab = HostLab(seed="import")
    machine = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    lab.take(machine, "first")
    lab.write(machine, 0, 4096, b"present")
    if change is not None:
        change(lab, machine)
    return lab, machine


def _below(folder: str, files: Files) -> Files:
    return {f"{folder}/{place}": content for place, content in files.items()}


def _exported(change: Callable[[HostLab, LabMachine], object] | None = None) -> Files:
    return _below(_EXPORT, own_export(*_host(change)).files)


def _interrupted() -> Files:
    return {**_exported(), f"{_EXPORT}/Virtual Hard Disks/srv.vhd.vhdchain-new": b"half"}


def _beside_the_original() -> Files:
    lab, machine = _host()
    return {
        **_exported(),
        **_below(_TARGET, {lab.configuration_path(machine): lab.files()[lab.configuration_path(machine)]}),
    }


def _of_a_host(form: ExportForm) -> Callable[[], Files]:
    def files() -> Files:
        lab, machine = _host()
        lab.export(machine, r"C:\Exports", form=form, remove=True)
        home = "Exports/srv/"
        found = {place.removeprefix(home): content for place, content in lab.files().items() if place.startswith(home)}
        return _below(_EXPORT, found)

    return files


def _of_a_damaged_machine() -> Files:
    lab, machine = _host()
    base = lab.disk_path(machine.snapshots[0])
    return _below(_EXPORT, own_export(lab, machine, instead={base: bytes(len(lab.files()[base]))}).files)


def _asked(folder: Path) -> Plan:
    with scan_folder(folder / _EXPORT) as inventory:
        machine = next(iter(inventory.machines), None)
        return plan_import(inventory, machine, folder / _EXPORT, destination=folder / _TARGET, windows=r"D:\VMs")


RECIPES: tuple[PlanRecipe, ...] = (
    PlanRecipe(
        code="VHD941",
        what="an export is to be imported that was interrupted",
        files=_interrupted,
        ask=_asked,
    ),
    PlanRecipe(
        code="VHD942",
        what="a machine is to be imported beside itself",
        files=_beside_the_original,
        ask=_asked,
    ),
    PlanRecipe(
        code="VHD943",
        what="an export of a host of 2008 R2 is to be imported",
        files=_of_a_host(ExportForm.HOST_2008_R2),
        ask=_asked,
    ),
    PlanRecipe(
        code="VHD944",
        what="an export of a host of 2012 R2 is to be imported",
        files=_of_a_host(ExportForm.HOST_2012_R2),
        ask=_asked,
        refused=False,
    ),
    PlanRecipe(
        code="VHD945",
        what="an export of a machine is to be imported whose base was zeroed before it was made",
        files=_of_a_damaged_machine,
        ask=_asked,
    ),
    PlanRecipe(
        code="VHD946",
        what="a machine with a disk of its host is to be imported",
        files=lambda: _exported(lambda lab, machine: lab.pass_through(machine)),
        ask=_asked,
        refused=False,
    ),
)
