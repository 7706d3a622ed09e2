"""Codes 815-836: configurations that are not what a host writes, or not all here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.hyperv.folders import MACHINES_FOLDER
from vhdchain.testing.damage_folder.recipe import Files, FolderRecipe, edited, moved
from vhdchain.testing.lab import LabDisk, host_lab

if TYPE_CHECKING:
    from vhdchain.testing.lab import HostLab

_HOST = host_lab()
_WEB = _HOST.configuration_path(_HOST.machines[1])
_OTHER_ID = "0A5B1D43-6C0E-4F6B-9B0E-6D7B0F0C2A11"


def _copied(lab: HostLab) -> None:
    """Add a machine without disks, and a copy of it in another folder, which was given another name."""
    spare = lab.machine("spare")
    copy = lab.machine("spare copy", root=rf"{lab.root}\Copy")
    copy.id = spare.id


def _left(lab: HostLab) -> None:
    """Add a machine without disks whose snapshot has one."""
    old = lab.machine("old", disks=[LabDisk("old.vhd")])
    lab.take(old, "kept")
    disk = lab.detach(old, 0)
    assert disk is not None
    lab.images.remove(disk)


def _without_old(files: Files) -> Files:
    lab = host_lab()
    _left(lab)
    return moved(files, lab.configuration_path(lab.machines[-1]))


RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD815",
        what="a configuration was stored as UTF-8 by a program that left its declaration alone",
        host=host_lab,
        damage=lambda files: edited(files, _WEB, lambda raw: raw.decode("utf-16").encode("utf-8")),
    ),
    FolderRecipe(
        code="VHD816",
        what="a configuration is full of zeros",
        host=host_lab,
        change=lambda lab: lab.add(rf"{lab.root}\{MACHINES_FOLDER}\{_OTHER_ID}.xml", bytes(4096)),
    ),
    FolderRecipe(
        code="VHD817",
        what="a machine without snapshots lists two",
        host=host_lab,
        change=lambda lab: lab.edit(lab.machines[1], "global_settings/snapshots/list/size", 2),
    ),
    FolderRecipe(
        code="VHD818",
        what="a machine was copied by hand, and the copy renamed",
        host=host_lab,
        change=_copied,
    ),
    FolderRecipe(
        code="VHD820",
        what="a configuration was given the name of its machine",
        host=host_lab,
        damage=lambda files: moved(files, _WEB, f"{_WEB.rpartition('/')[0]}/web.xml"),
    ),
    FolderRecipe(
        code="VHD835",
        what="a host keeps a configuration in its cache",
        host=host_lab,
        change=lambda lab: lab.add(rf"{lab.root}\{MACHINES_FOLDER} Cache\{_OTHER_ID}.xml", b"<configuration />"),
    ),
    FolderRecipe(
        code="VHD836",
        what="the configuration of a machine was not copied, and that of its snapshot was",
        host=host_lab,
        change=_left,
        damage=_without_old,
    ),
)
