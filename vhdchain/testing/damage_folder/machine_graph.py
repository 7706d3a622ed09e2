"""Codes 706-713: disks of machines that do not fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.testing.damage_folder.recipe import FolderRecipe
from vhdchain.testing.lab import LabDisk, host_lab

if TYPE_CHECKING:
    from vhdchain.testing.lab import HostLab


def _left_family(lab: HostLab) -> None:
    """Add a base and a snapshot's disk above it that no machine names."""
    base = lab.disk(LabDisk("old.vhd"))
    lab.images.fill(lab.disk(LabDisk("old_1.avhd", parent=base)), 4096, 512)


def _left_leaf(lab: HostLab) -> None:
    """Add a disk above the base of a machine, as a revert that was cut short leaves it."""
    base = lab.machines[0].snapshots[0].state.images[0]
    lab.images.fill(lab.disk(LabDisk("srv_1.avhd", parent=base)), 4096, 512)


def _built_on(lab: HostLab) -> None:
    """Let another machine's disk be made from the one on which a machine runs."""
    web = lab.machines[1].state.images[0]
    above = lab.machine("second web")
    lab.attach_shared(above, web, LabDisk("second web.vhd"))
    lab.fill(above, 0, 4096, 512)


def _shared(lab: HostLab) -> None:
    base = lab.disk(LabDisk("base.vhd"))
    for name in ("one", "two"):
        machine = lab.machine(name)
        lab.attach_shared(machine, base, LabDisk(f"{name}.vhd"))
        lab.fill(machine, 0, 4096, 512)


def _grown(lab: HostLab) -> None:
    """Write much to a machine after a snapshot, which a merge has to take up."""
    web = lab.machines[1]
    lab.take(web, "before the update")
    lab.fill(web, 0, 4096, 80_000)


RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD706",
        what="the disks of a machine stayed when it was deleted",
        host=host_lab,
        change=_left_family,
    ),
    FolderRecipe(
        code="VHD709",
        what="a machine's disk was made from the one on which another machine runs",
        host=host_lab,
        change=_built_on,
        also={"VHD147": "a differencing disk made by hand is called .vhd"},
    ),
    FolderRecipe(
        code="VHD710",
        what="a revert left the disk of the present that it gave up",
        host=host_lab,
        change=_left_leaf,
    ),
    FolderRecipe(
        code="VHD711",
        what="a machine wrote much after a snapshot, and little room is left to merge it",
        host=host_lab,
        change=_grown,
        free_space=20_000,
    ),
    FolderRecipe(
        code="VHD713",
        what="two machines run above one base",
        host=host_lab,
        change=_shared,
        also={"VHD147": "differencing disks made by hand are called .vhd"},
    ),
)
