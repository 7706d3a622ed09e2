"""Which healthy hosts are there to look at? Each is off or saved; none holds anything that an audit must warn of."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from vhdchain.testing.lab.host import HostLab
from vhdchain.testing.lab.machine import LabDisk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def host_lab() -> HostLab:
    """Return the small healthy host that recipes of damages start from.

    A machine ``srv`` with two disks (``srv.vhd`` at IDE, ``data.vhd`` at SCSI) and three snapshots, ``first``,
    ``second`` (taken running, so with a saved state) and ``branch`` (beside ``second``, below ``first``), and a machine
    ``web`` with one disk and no snapshot. Both are off.
    """
    lab = HostLab(seed="host")
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd"), LabDisk("data.vhd", controller="SCSI")])
    lab.fill(srv, 0, 4096, 1024)
    first = lab.take(srv, "first")
    lab.fill(srv, 0, 8192, 1024)
    lab.fill(srv, 1, 4096, 1024)
    lab.take(srv, "second", power="running")
    lab.fill(srv, 0, 4096, 512)
    lab.apply(srv, first)
    lab.fill(srv, 0, 12288, 512)
    lab.take(srv, "branch")
    lab.fill(srv, 1, 8192, 512)
    web = lab.machine("web", disks=[LabDisk("web.vhd")])
    lab.fill(web, 0, 4096, 512)
    return lab


HEALTHY_LABS: Mapping[str, Callable[[], HostLab]] = MappingProxyType({"several machines": host_lab})
"""The healthy hosts by what is special about them."""
