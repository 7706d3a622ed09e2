"""Codes 807-831: what configurations say of a machine's snapshots, saved states and devices."""

from __future__ import annotations

from vhdchain.hyperv.check_machine import MAX_SNAPSHOTS, NEARLY_MAX_SNAPSHOTS
from vhdchain.hyperv.folders import MACHINES_FOLDER
from vhdchain.hyperv.records import Service
from vhdchain.testing.damage_folder.recipe import Files, FolderRecipe, moved
from vhdchain.testing.lab import HostLab, LabDisk, host_lab

_HOST = host_lab()
_SRV, _WEB = _HOST.machines
_SECOND = _HOST.state_paths(_SRV.snapshot("second"))
_SAVED = _HOST.state_paths(_WEB)
_OTHER_ID = "0A5B1D43-6C0E-4F6B-9B0E-6D7B0F0C2A11"


def _one_snapshot() -> HostLab:
    lab = HostLab(seed="one snapshot")
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    lab.take(srv, "first")
    return lab


def _many(lab: HostLab, count: int) -> None:
    """Take so many snapshots of the machine without any; all after the first branch off there."""
    web = lab.machines[1]
    first = lab.take(web, "0")
    for number in range(1, count):
        lab.apply(web, first)
        lab.take(web, str(number))


def _without(files: Files, *names: str) -> Files:
    for name in names:
        files = moved(files, name)
    return files


def _reserve(lab: HostLab) -> None:
    for suffix in ("bin", "vsv"):
        lab.add(rf"{lab.root}\{MACHINES_FOLDER}\{_OTHER_ID}\{_OTHER_ID}.{suffix}", bytes(512))


RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD807",
        what="the memory of a snapshot was not copied",
        host=host_lab,
        damage=lambda files: _without(files, _SECOND[0]),
    ),
    FolderRecipe(
        code="VHD813",
        what="a machine has a snapshot too many",
        host=host_lab,
        change=lambda lab: _many(lab, MAX_SNAPSHOTS + 1),
    ),
    FolderRecipe(
        code="VHD814",
        what="a machine has nearly as many snapshots as are allowed",
        host=host_lab,
        change=lambda lab: _many(lab, NEARLY_MAX_SNAPSHOTS),
    ),
    FolderRecipe(
        code="VHD821",
        what="a disk of the host is attached",
        host=host_lab,
        change=lambda lab: lab.pass_through(lab.machines[1]),
    ),
    FolderRecipe(
        code="VHD822",
        what="the files of a saved state are gone",
        host=host_lab,
        change=lambda lab: lab.save_state(lab.machines[1]),
        damage=lambda files: _without(files, *_SAVED),
    ),
    FolderRecipe(
        code="VHD823",
        what="a machine was deleted and its saved state left",
        host=host_lab,
        change=_reserve,
    ),
    FolderRecipe(
        code="VHD824",
        what="a machine was started before the folder was copied",
        host=host_lab,
        change=lambda lab: lab.start(lab.machines[1]),
    ),
    FolderRecipe(
        code="VHD827",
        what="the host has noted that it has to merge",
        host=host_lab,
        change=lambda lab: lab.edit(lab.machines[1], "global_settings/disk_merge_pending", value=True),
    ),
    FolderRecipe(
        code="VHD828",
        what="a machine with snapshots is said to be a domain controller",
        host=host_lab,
        domain_controllers=("SRV",),
    ),
    FolderRecipe(
        code="VHD830",
        what="the backup service was taken out of a machine",
        host=host_lab,
        change=lambda lab: lab.machines[1].state.services.pop(Service.VSS),
    ),
    FolderRecipe(
        code="VHD831",
        what="a second snapshot is taken",
        host=_one_snapshot,
        change=lambda lab: lab.take(lab.machines[0], "second"),
    ),
)
