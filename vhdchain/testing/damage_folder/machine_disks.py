"""Codes 801-837: disks that machines name and that are not theirs, or not here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.testing.damage_folder.recipe import FolderRecipe, moved
from vhdchain.testing.lab import LabDisk, host_lab

if TYPE_CHECKING:
    from vhdchain.testing.lab import HostLab

_HOST = host_lab()
_WEB = _HOST.disk_path(_HOST.machines[1])
_SECOND = _HOST.disk_path(_HOST.machines[0].snapshot("second"))


def _applied_in_place(lab: HostLab) -> None:
    """Let a machine run on the file that its snapshot froze."""
    web = lab.machines[1]
    snapshot = lab.take(web, "kept")
    above = web.state.images[0]
    web.state.drives[0].image = snapshot.state.images[0]
    lab.images.remove(above)


RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD801",
        what="a machine's disk did not come along",
        host=host_lab,
        damage=lambda files: moved(files, _WEB),
    ),
    FolderRecipe(
        code="VHD802",
        what="a file of a snapshot was deleted",
        host=host_lab,
        damage=lambda files: moved(files, _SECOND),
    ),
    FolderRecipe(
        code="VHD803",
        what="a disk was made that no machine got",
        host=host_lab,
        change=lambda lab: lab.disk(LabDisk("spare.vhd")),
    ),
    FolderRecipe(
        code="VHD809",
        what="a disk lies in another folder than the configuration says",
        host=host_lab,
        damage=lambda files: moved(files, _WEB, "collected/web.vhd"),
    ),
    FolderRecipe(
        code="VHD812",
        what="a snapshot was applied in place",
        host=host_lab,
        change=_applied_in_place,
    ),
    FolderRecipe(
        code="VHD819",
        what="the disk of a machine was attached to another one",
        host=host_lab,
        change=lambda lab: lab.attach(lab.machine("second web"), lab.machines[1].state.images[0]),
    ),
    FolderRecipe(
        code="VHD829",
        what="a machine has its disk on another drive than its snapshots",
        host=host_lab,
        change=lambda lab: lab.machine("far", disks_folder=r"D:\VMs", disks=[LabDisk("far.vhd")]),
    ),
    FolderRecipe(
        code="VHD837",
        what="two copies of a disk lie beside the host's folders",
        host=host_lab,
        damage=lambda files: moved(files, _WEB, "monday/web.vhd", "tuesday/web.vhd"),
        also={"VHD557": "they are copies", "VHD703": "which have one name"},
    ),
)
