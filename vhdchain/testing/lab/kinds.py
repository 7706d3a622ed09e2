"""Which healthy hosts are there to look at? Each is off or saved; none holds anything that an audit must warn of."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from vhdchain.hyperv.records import ControllerKind, Service
from vhdchain.testing.lab.guest import Partitions
from vhdchain.testing.lab.host import HostLab
from vhdchain.testing.lab.machine import ExportForm, LabDisk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vhdchain.testing.lab.machine import LabMachine

_SCSI = ControllerKind.SCSI
_LARGE_BLOCK = 1 << 19


def host_lab() -> HostLab:
    """Return the small healthy host that recipes of damages start from.

    A machine ``srv`` with two disks (``srv.vhd`` at IDE, ``data.vhd`` at SCSI) and three snapshots, ``first``,
    ``second`` (taken running, so with a saved state) and ``branch`` (beside ``second``, below ``first``), and a machine
    ``web`` with one disk and no snapshot. Both are off.
    """
    lab = HostLab(seed="host")
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd"), LabDisk("data.vhd", controller=_SCSI)])
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


def _off() -> HostLab:
    lab = HostLab(seed="off")
    lab.fill(lab.machine("srv", disks=[LabDisk("srv.vhd")]), 0, 4096, 1024)
    return lab


def _saved() -> HostLab:
    lab = HostLab(seed="saved")
    lab.save_state(lab.machine("srv", disks=[LabDisk("srv.vhd")]))
    return lab


def _branches() -> HostLab:
    lab = HostLab(seed="branches")
    _with_branch(lab, lab.machine("srv", disks=[LabDisk("srv.vhd")]))
    return lab


def _with_branch(lab: HostLab, machine: LabMachine) -> None:
    """Give ``machine`` snapshots taken running, off and saved, of which the last two hang below the first."""
    lab.fill(machine, 0, 4096, 1024)
    first = lab.take(machine, power="running")
    lab.fill(machine, 0, 8192, 1024)
    lab.take(machine, power="off")
    lab.fill(machine, 0, 12288, 1024)
    lab.apply(machine, first)
    lab.fill(machine, 0, 8192, 512)
    lab.take(machine, power="saved")
    lab.turn_off(machine)
    lab.fill(machine, 0, 16384, 512)


def _controllers() -> HostLab:
    lab = HostLab(seed="controllers")
    disks = [
        LabDisk("system.vhd", fixed=True, size=1 << 16),
        LabDisk("second.vhd", slot=1, partitions=Partitions.GPT_BASIC),
        LabDisk("data.vhd", controller=_SCSI, slot=3, block_size=_LARGE_BLOCK, size=1 << 20),
        LabDisk("logs.vhd", controller=_SCSI, number=1),
    ]
    srv = lab.machine("srv", disks=disks)
    lab.take(srv)
    for disk in (0, 1, 3):  # a block of the other one takes half a megabyte
        lab.fill(srv, disk, 1 << 15, 512)
    return lab


def _custom_roots() -> HostLab:
    lab = HostLab(seed="roots")
    root = r"C:\VMs\srv"
    disks = [LabDisk("srv.vhd"), LabDisk(r"data\data.vhd", controller=_SCSI)]
    srv = lab.machine("srv", root=root, disks_folder=root, disks=disks)
    lab.take(srv, power="running")
    web = lab.machine("web", snapshot_root=r"C:\Snapshots of web", disks=[LabDisk("web.vhd")])
    lab.take(web)
    lab.fill(web, 0, 4096, 512)
    return lab


def _cluster() -> HostLab:
    lab = HostLab(seed="cluster")
    for number in (1, 2):
        root = rf"C:\ClusterStorage\Volume{number}\srv{number}"
        srv = lab.machine(f"srv{number}", root=root, disks_folder=root, disks=[LabDisk("disk.vhd")])
        lab.take(srv)
        lab.fill(srv, 0, 4096, 512)
    return lab


def _of_2008() -> HostLab:
    lab = HostLab(seed="2008", version="2008")
    _with_branch(lab, lab.machine("srv", disks=[LabDisk("srv.vhd")]))
    return lab


def _of_2012() -> HostLab:
    lab = HostLab(seed="2012", version="2012 R2")
    generation = "fd66d6917bb7cdbf9a906875a3cf499b"
    disks = [LabDisk("srv.vhd"), LabDisk("data.vhd", controller=_SCSI)]
    _with_branch(lab, lab.machine("srv", disks=disks, generation_id=generation))
    return lab


def _shared_base() -> HostLab:
    lab = HostLab(seed="shared")
    base = lab.disk(LabDisk("base.vhd"))
    lab.images.fill(base, 4096, 1024)
    for name in ("one", "two"):
        machine = lab.machine(name)
        lab.attach_shared(machine, base, LabDisk(f"{name}.vhd"))
        lab.fill(machine, 0, 8192, 512)
        lab.take(machine)
        lab.fill(machine, 0, 4096, 512)
    return lab


def _drives() -> HostLab:
    lab = HostLab(seed="drives")
    lab.take(lab.machine("srv", disks=[LabDisk("srv.vhd")]), power="saved")
    root = r"D:\VMs\web"
    web = lab.machine("web", root=root, disks_folder=root, disks=[LabDisk("web.vhd")])
    lab.take(web)
    lab.save_state(web)
    return lab


def _registered() -> HostLab:
    lab = HostLab(seed="registered", caches=True)
    lab.take(lab.machine("srv", disks=[LabDisk("srv.vhd")]))
    for name, link in (("linked", "symlink"), ("emptied", "empty")):
        root = rf"C:\VMs\{name}"
        machine = lab.machine(name, root=root, disks_folder=root, disks=[LabDisk(f"{name}.vhd")], link=link)
        lab.take(machine)
    return lab


def _exported(form: ExportForm) -> HostLab:
    lab = HostLab(seed="export", store=False)
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd"), LabDisk("data.vhd", controller=_SCSI)])
    _with_branch(lab, srv)
    lab.save_state(srv)
    lab.export(srv, r"C:\Exports", form=form, remove=True)
    return lab


def _deleted() -> HostLab:
    lab = HostLab(seed="deleted")
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    snapshots = []
    for number in range(1, 5):
        lab.fill(srv, 0, 4096 * number, 1024)
        snapshots.append(lab.take(srv))
    lab.fill(srv, 0, 4096, 512)
    lab.delete(srv, snapshots[0])
    lab.delete(srv, snapshots[2])
    return lab


def _nested() -> HostLab:
    lab = host_lab()
    lab.copied_to = {"C:\\": "evidence 7/image of C"}
    return lab


def _services() -> HostLab:
    lab = HostLab(seed="services")
    services: dict[Service, bool | None] = {Service.TIME: False, Service.HEARTBEAT: None}
    lab.machine("old", disks=[LabDisk("old.vhd")], services=services, host_shutdown=2, host_startup=0, notes="ü & <x>")
    return lab


HEALTHY_LABS: Mapping[str, Callable[[], HostLab]] = MappingProxyType(
    {
        "one machine, off": _off,
        "one machine, saved": _saved,
        "branches, taken running, off and saved": _branches,
        "several machines": host_lab,
        "four disks, fixed, IDE and SCSI": _controllers,
        "custom roots": _custom_roots,
        "cluster volumes": _cluster,
        "2008": _of_2008,
        "2012 R2": _of_2012,
        "two machines above one base": _shared_base,
        "several drives": _drives,
        "caches and links": _registered,
        "export, 2012 R2": lambda: _exported(ExportForm.HOST_2012_R2),
        "export, 2008 R2": lambda: _exported(ExportForm.HOST_2008_R2),
        "snapshots deleted and merged": _deleted,
        "copied to another place": _nested,
        "services and notes": _services,
    }
)
"""The healthy hosts by what is special about them."""
