"""Codes 806-826: disks and configurations of snapshots that say different things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.testing.damage_folder.recipe import FolderRecipe
from vhdchain.testing.lab import LabDisk, host_lab

if TYPE_CHECKING:
    from vhdchain.testing.lab import HostLab

_DAY = 86_400
_HOST = host_lab()
_SECOND = _HOST.disk_path(_HOST.machines[0].snapshot("second"))


def _deleted(lab: HostLab) -> None:
    """Delete the only snapshot of a machine; its file has not been merged yet."""
    web = lab.machines[1]
    lab.fill(web, 0, 8192, 512)
    snapshot = lab.take(web, "gone")
    lab.fill(web, 0, 12288, 512)
    lab.delete(web, snapshot, merge=False)


def _taken_before_the_disk(lab: HostLab) -> None:
    late = lab.machine("late")
    lab.take(late, "empty")
    lab.attach(late, LabDisk("late.vhd"))


def _mentions_another(lab: HostLab) -> None:
    """Let the present of a machine mention another snapshot than the one that it was made from."""
    srv = lab.machines[0]
    lab.edit(srv, "properties/PLACEHOLDER_PARENT", srv.snapshot("second").id)


RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD806",
        what="a snapshot's disk was opened for writing a day after it was frozen",
        host=host_lab,
        modified={_SECOND: _HOST.modified()[_SECOND] + _DAY},
    ),
    FolderRecipe(
        code="VHD808",
        what="a snapshot was deleted, and its file has not been merged yet",
        host=host_lab,
        change=_deleted,
        also={"VHD827": "the host knows that it owes a merge"},
    ),
    FolderRecipe(
        code="VHD810",
        what="a snapshot was taken before the machine had a disk",
        host=host_lab,
        change=_taken_before_the_disk,
    ),
    FolderRecipe(
        code="VHD825",
        what="a machine without disks has a snapshot",
        host=host_lab,
        change=lambda lab: lab.take(lab.machine("diskless"), "first"),
    ),
    FolderRecipe(
        code="VHD826",
        what="a configuration mentions another snapshot than the one that its disks build on",
        host=host_lab,
        change=_mentions_another,
    ),
)
