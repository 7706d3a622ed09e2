"""How are refusals and warnings of operations on snapshots provoked?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.shell.scanning import scan_folder
from vhdchain.shell.snapshots.simulating import foretell
from vhdchain.snapshots import HYPER_V_LIMIT, Power
from vhdchain.testing.damage_plan.recipe import PlanRecipe
from vhdchain.testing.lab import HostLab, LabDisk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vhdchain.plan import Plan
    from vhdchain.testing.folder import Files
    from vhdchain.testing.lab.machine import LabMachine

_MACHINE = "srv"


def _host(change: Callable[[HostLab, LabMachine], object] | None = None, *, snapshots: int = 1) -> Callable[[], Files]:
    """Return what makes the files of a host whose machine has a disk and ``snapshots``, and was then changed."""

    def files() -> Files:
        lab = HostLab(seed="plan")
        machine = lab.machine(_MACHINE, disks=[LabDisk("srv.vhd")])
        for number in range(snapshots):
            lab.take(machine, f"snapshot {number}")
        lab.write(machine, 0, 4096, b"present")
        if change is not None:
            change(lab, machine)
        return lab.contents()

    return files


def _asked(request: str, *, power: Power | None = None, domain_controller: bool = False) -> Callable[[Path], Plan]:
    def ask(folder: Path) -> Plan:
        with scan_folder(folder) as inventory:
            machine = inventory.machines[_MACHINE]
            return foretell(inventory, machine, request, power=power, domain_controller=domain_controller).plan

    return ask


def _without_disk() -> Files:
    return {name: content for name, content in _host()().items() if not name.endswith("srv.vhd")}


RECIPES: tuple[PlanRecipe, ...] = (
    PlanRecipe(
        code="VHD907",
        what="a machine that was written to since is brought back to its snapshot",
        files=_host(),
        ask=_asked("revert"),
        refused=False,
    ),
    PlanRecipe(
        code="VHD921",
        what="a snapshot is to be taken of a machine that has as many as the host allows",
        files=_host(snapshots=HYPER_V_LIMIT),
        ask=_asked("take"),
    ),
    PlanRecipe(
        code="VHD922",
        what="a snapshot is to be taken of a paused machine",
        files=_host(),
        ask=_asked("take", power=Power.PAUSED),
    ),
    PlanRecipe(
        code="VHD923",
        what="a snapshot is to be taken of a machine with a disk of the host",
        files=_host(lambda lab, machine: lab.pass_through(machine)),
        ask=_asked("take"),
    ),
    PlanRecipe(
        code="VHD924",
        what="a snapshot is to get a blank name",
        files=_host(),
        ask=_asked("take: "),
    ),
    PlanRecipe(
        code="VHD925",
        what="a machine without snapshots is to be reverted",
        files=_host(snapshots=0),
        ask=_asked("revert"),
    ),
    PlanRecipe(
        code="VHD926",
        what="a disk is to be detached where none is",
        files=_host(),
        ask=_asked("remove-disk:IDE 1:1"),
    ),
    PlanRecipe(
        code="VHD927",
        what="a snapshot is to be taken of a running machine",
        files=_host(),
        ask=_asked("take", power=Power.RUNNING),
    ),
    PlanRecipe(
        code="VHD928",
        what="a domain controller is brought back to its snapshot",
        files=_host(),
        ask=_asked("revert", domain_controller=True),
        also={"VHD907": "its present is discarded"},
        refused=False,
    ),
    PlanRecipe(
        code="VHD929",
        what="a snapshot is to be taken of a machine whose disk is not here",
        files=_without_disk,
        ask=_asked("take"),
    ),
)
