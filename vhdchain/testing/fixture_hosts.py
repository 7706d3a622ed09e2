r"""What do the hosts in ``fixtures/`` hold?

Two folders as somebody copied them from Hyper-V 2008 R2 hosts: ``host`` is healthy, ``host-broken`` has machines with
one fault each. Drive C: of the host is the folder itself.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from vhdchain.testing.builder import write_expected
from vhdchain.testing.lab import HostLab, LabDisk, LabMachine, host_lab

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_DISKS = r"C:\Users\Public\Documents\Hyper-V\Virtual Hard Disks"


_LOST = "Users/Public/Documents/Hyper-V/Virtual Hard Disks/lost.vhd"

BROKEN_MACHINES = {
    "attached": ["VHD709", "VHD710"],
    "cut off": ["VHD830"],
    "deleted": ["VHD808", "VHD827"],
    "lost": ["VHD801"],
    "moved": ["VHD809"],
}
"""Which codes an audit must find for each machine of the broken host."""


def build_hosts(folder: Path) -> None:
    """Write the folders ``host`` and ``host-broken`` below ``folder``, with ``expected.json`` in each."""
    for name, lab, codes in (("host", host_lab(), {}), ("host-broken", broken_host(), BROKEN_MACHINES)):
        place = folder / name
        if place.exists():
            shutil.rmtree(place)
        place.mkdir(parents=True)
        for path in lab.save(place).values():
            path.chmod(0o644)  # as a checkout has them
        (place / _LOST).unlink(missing_ok=True)
        write_expected(_expected(lab, codes), place)


def _expected(lab: HostLab, codes: Mapping[str, list[str]]) -> dict[str, Any]:
    return {
        "machines": [
            {
                "id": machine.id,
                "name": machine.name,
                "snapshots": {snapshot.id: snapshot.name for snapshot in machine.snapshots},
                "parents": _parents(machine, codes.get(machine.name, [])),
                "codes": codes.get(machine.name, []),
            }
            for machine in lab.machines
        ]
    }


def _parents(machine: LabMachine, codes: list[str]) -> dict[str, str | None]:
    parents = dict(machine.expected_tree())
    if "VHD709" in codes:  # attached by hand to what a snapshot froze, the present state was made from none
        parents[""] = None
    return parents


def broken_host() -> HostLab:
    """Return a host whose machines have one fault each.

    ``deleted``: a snapshot was deleted while the machine ran, and its disk still waits to be merged. ``lost``: its disk
    is gone. ``moved``: its disk was put into another folder. ``attached``: it was attached by hand to the disk that its
    snapshot froze. ``cut off``: nothing tells its guest that a backup is made.
    """
    lab = HostLab(seed="broken host")
    deleted = lab.machine("deleted", disks=[LabDisk("deleted.vhd")])
    lab.fill(deleted, 0, 4096, 1024)
    first = lab.take(deleted, "before the update")
    lab.fill(deleted, 0, 8192, 1024)
    lab.take(deleted, "after the update")
    lab.fill(deleted, 0, 4096, 512)
    lab.delete(deleted, first, merge=False)
    lab.machine("lost", disks=[LabDisk("lost.vhd")])
    moved = lab.machine("moved", disks=[LabDisk("moved.vhd")])
    lab.fill(moved, 0, 4096, 512)
    lab.copied_to = {rf"{_DISKS}\moved.vhd": "Users/Public/Desktop/moved.vhd"}
    attached = lab.machine("attached", disks=[LabDisk("attached.vhd")])
    lab.take(attached, "first")
    lab.fill(attached, 0, 4096, 512)
    lab.edit(attached, "_83f8638b-8dca-4152-9eda-2ca8b33039b4_/controller0/drive0/pathname", rf"{_DISKS}\attached.vhd")
    cut_off = lab.machine("cut off", disks=[LabDisk("cut off.vhd")], vss=False)
    lab.fill(cut_off, 0, 4096, 512)
    return lab
