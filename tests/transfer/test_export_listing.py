"""Whichever folders a machine's files come from, each has its place in the export, and nothing of others goes along."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.transfer.labs import export, scanned
from vhdchain.snapshots import HYPER_V_2012
from vhdchain.testing.folder import write_folder
from vhdchain.testing.lab import HostLab, LabDisk
from vhdchain.transfer import ExportedPart

if TYPE_CHECKING:
    from pathlib import Path

    from tests.transfer.labs import Exported
    from vhdchain.testing.lab import LabMachine

DVD = "_83f8638b-8dca-4152-9eda-2ca8b33039b4_/controller1/drive0"
DISKS = "Virtual Hard Disks"


def _places(made: Exported) -> list[str]:
    return [item.path for item in made.record.files]


def _folders(made: Exported) -> list[str]:
    return sorted(path.relative_to(made.folder).as_posix() for path in made.folder.rglob("*") if path.is_dir())


def test_disks_of_2008_come_out_of_the_folders_of_snapshots(tmp_path: Path) -> None:
    lab = HostLab(seed="layout", version="2008")
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    snapshot = lab.take(srv, "first")
    with scanned(lab, tmp_path / "host") as inventory:
        made = export(inventory, "srv", tmp_path / "export")
    leaf = posixpath.basename(lab.disk_path(srv))
    assert snapshot.id in lab.disk_path(srv)
    assert _places(made) == [
        f"{DISKS}/srv.vhd",
        f"{DISKS}/{leaf}",
        f"Snapshots/{snapshot.id}.xml",
        f"Virtual Machines/{srv.id}.xml",
    ]
    assert _folders(made) == ["Snapshots", f"Snapshots/{snapshot.id}", DISKS, "Virtual Machines"]
    assert made.record.file(f"{DISKS}/{leaf}").parent == f"{DISKS}/srv.vhd"
    (note,) = (item for item in made.plan.findings if item.code == "VHD934")
    assert note.location.path.endswith(leaf)
    assert (note.expected, note.related) == (f"{DISKS}/srv.vhd", ())


def test_disks_of_2008_r2_lie_side_by_side_and_find_each_other(tmp_path: Path) -> None:
    lab = HostLab(seed="layout")
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    lab.take(srv, "first")
    with scanned(lab, tmp_path / "host") as inventory:
        made = export(inventory, "srv", tmp_path / "export", policy=HYPER_V_2012)
    assert made.plan.findings == ()


def test_the_record_tells_what_configurations_call_a_file(tmp_path: Path) -> None:
    lab = HostLab(seed="record")
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    snapshot = lab.take(srv, "first", power="running")
    with scanned(lab, tmp_path / "host") as inventory:
        made = export(inventory, "srv", tmp_path / "export")
        machine = inventory.machines["srv"]
        ids = {image.name.rpartition("/")[2]: image.unique_id.hex() for image in inventory.images}
    base, leaf, memory, devices, kept, own = made.record.files
    saved = machine.snapshots[0].configuration.saved_state
    assert base.stored == (r"C:\Users\Public\Documents\Hyper-V\Virtual Hard Disks\srv.vhd",)
    assert machine.now is not None
    assert leaf.stored == (machine.now.configuration.disks[0].path,)
    assert (memory.stored, devices.stored) == ((saved.memory,), (saved.devices,))
    assert (memory.part, devices.part) == (ExportedPart.MEMORY, ExportedPart.DEVICES)
    assert (kept.part, own.part) == (ExportedPart.SNAPSHOT, ExportedPart.CONFIGURATION)
    assert [item.id for item in (base, leaf, memory, devices, kept, own)] == ["", "", *[snapshot.id] * 3, srv.id]
    assert {item.path.rpartition("/")[2]: item.unique_id for item in (base, leaf)} == ids


def test_disks_of_one_name_from_several_volumes_keep_it(tmp_path: Path) -> None:
    lab = HostLab(seed="names")
    srv = lab.machine(
        "srv",
        disks=[
            LabDisk("disk.vhd"),
            LabDisk("DISK.vhd", folder=r"D:\data"),
            LabDisk("disk.vhd", folder=r"E:\data", controller="SCSI"),
            LabDisk("disk.vhd", folder=r"E:\VMs", controller="SCSI"),
        ],
    )
    lab.take(srv, "first")
    with scanned(lab, tmp_path / "host") as inventory:
        made = export(inventory, "srv", tmp_path / "export")
        now = inventory.machines["srv"].now
        assert now is not None
        ids = {disk.place: inventory.image(disk.path or "").unique_id for disk in now.disks}
    with vc.scan_folder(made.folder) as exported:
        twin = exported.machines["srv"]
        assert twin.now is not None
        chains = [exported.graph.path_to_base(path) for path in twin.now.disk_paths]
        assert sorted(path.removeprefix(f"{made.folder}/{DISKS}/") for *_, path in chains) == [
            "VMs/disk.vhd",
            "data 2/disk.vhd",
            "data/DISK.vhd",
            "disk.vhd",
        ]
        assert {disk.place: exported.image(disk.path or "").unique_id for disk in twin.now.disks} == ids


def test_a_shared_base_goes_along_and_what_others_made_of_it_does_not(tmp_path: Path) -> None:
    lab = HostLab(seed="shared")
    base = lab.disk(LabDisk("base.vhd", folder=r"C:\Bases"))
    one, two = (lab.machine(name) for name in ("one", "two"))
    for machine in (one, two):
        lab.attach_shared(machine, base, LabDisk(f"{machine.name}.vhd"))
    with scanned(lab, tmp_path / "host") as inventory:
        made = export(inventory, "two", tmp_path / "export")
    assert _places(made) == [f"{DISKS}/base.vhd", f"{DISKS}/two.vhd", f"Virtual Machines/{two.id}.xml"]


def test_what_a_deleted_snapshot_left_goes_along_where_a_disk_builds_on_it(tmp_path: Path) -> None:
    lab = HostLab(seed="deleted")
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    first = lab.take(srv, "first")
    lab.take(srv, "second")
    lab.delete(srv, first, merge=False)
    with scanned(lab, tmp_path / "host") as inventory:
        made = export(inventory, "srv", tmp_path / "export")
        assert len([item for item in made.record.files if item.part is ExportedPart.DISK]) == 3
        assert "VHD827" in {item.code for item in vc.audit(inventory).findings}
    with vc.scan_folder(made.folder) as exported:
        assert "VHD827" in {item.code for item in vc.audit(exported).findings}


def test_a_machine_without_disks_and_snapshots_is_exported(tmp_path: Path) -> None:
    lab = HostLab(seed="empty")
    srv = lab.machine("srv")
    with scanned(lab, tmp_path / "host") as inventory:
        made = export(inventory, "srv", tmp_path / "export")
    assert _places(made) == [f"Virtual Machines/{srv.id}.xml"]
    assert _folders(made) == ["Snapshots", DISKS, "Virtual Machines"]
    assert made.plan.facts["files"] == 2


def _with_media(lab: HostLab, machine: LabMachine) -> None:
    lab.edit(machine, f"{DVD}/pathname", r"D:\Media\setup.iso")
    lab.edit(machine, f"{DVD}/type", "ISO")


def test_disks_of_the_host_and_media_are_not_exported_and_that_is_told(tmp_path: Path) -> None:
    lab = HostLab(seed="media")
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    lab.pass_through(srv, number=1, slot=3)
    _with_media(lab, srv)
    lab.add(r"D:\Media\setup.iso", b"CD001" * 1000)
    with scanned(lab, tmp_path / "host") as inventory:
        made = export(inventory, "srv", tmp_path / "export")
    assert _places(made) == [f"{DISKS}/srv.vhd", f"Virtual Machines/{srv.id}.xml"]
    told = {item.found: (str(item.severity), item.details) for item in made.plan.findings if item.code == "VHD935"}
    assert told == {
        "HDD": ("warning", (r"SCSI 1:3: HDD \\.\PHYSICALDRIVE1",)),
        "ISO": ("note", (r"IDE 1:0: ISO D:\Media\setup.iso",)),
    }


def test_letter_case_of_a_copy_does_not_matter(tmp_path: Path) -> None:
    lab = HostLab(seed="case")
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    lab.take(srv, "first", power="running")
    host = tmp_path / "host"
    host.mkdir()
    write_folder({name.lower(): content for name, content in lab.contents().items()}, host)
    with vc.scan_folder(host) as inventory:
        made = export(inventory, "srv", tmp_path / "export")
        assert f"virtual machines/{srv.id}.xml".lower() in [item.path.lower() for item in made.record.files]
    with vc.scan_folder(made.folder) as exported:
        assert len(exported.machines["srv"].snapshots) == 1
        assert {item.code for item in vc.audit(exported).findings if item.severity == "error"} == set()


def test_clones_of_one_base_become_files_of_two_names(tmp_path: Path) -> None:
    lab = HostLab(seed="clones")
    base = lab.disk(LabDisk("base.vhd"))
    srv = lab.machine("srv")
    for name in ("one.vhd", "two.vhd"):
        lab.attach_shared(srv, base, LabDisk(name))
    with scanned(lab, tmp_path / "host") as inventory:
        made = export(inventory, "srv", tmp_path / "export", compact=True, snapshots="none")
    disks = [item for item in made.record.files if item.part is ExportedPart.DISK]
    assert [item.path for item in disks] == [f"{DISKS}/base.vhd", f"{DISKS}/two.vhd"]
    assert [path.rpartition("\\")[2] for item in disks for path in item.stored] == ["base.vhd", "two.vhd"]
    with vc.scan_folder(made.folder) as exported:
        twin = exported.machines["srv"]
        assert twin.now is not None
        assert [posixpath.basename(path) for path in twin.now.disk_paths] == ["base.vhd", "two.vhd"]


def test_two_configurations_of_one_snapshot_have_one_place_and_are_refused(tmp_path: Path) -> None:
    lab = HostLab(seed="twice")
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    snapshot = lab.take(srv, "first")
    path = lab.configuration_path(snapshot)
    lab.add(rf"C:\Copy\{snapshot.id}.xml", lab.files()[path])
    with scanned(lab, tmp_path / "host") as inventory:
        machine = inventory.machines["srv"]
        assert len(machine.snapshots) == 2
        with pytest.raises(vc.PlanRefusedError) as caught:
            vc.plan_export(inventory, machine, tmp_path / "export")
        (found,) = caught.value.findings
        assert (found.code, f"Snapshots/{snapshot.id}.xml" in found.message) == ("VHD932", True)


def test_files_that_lie_beyond_what_was_scanned_go_along(tmp_path: Path) -> None:
    lab = HostLab(seed="beyond", root=r"C:\VMs", disks=r"C:\Disks")
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    lab.take(srv, "first")
    lab.save_state(srv)
    with scanned(lab, tmp_path / "host"):
        pass
    own = tmp_path / "host" / lab.configuration_path(srv)
    with vc.scan_folder(own, tmp_path / "host" / "VMs" / "Snapshots", within=tmp_path / "host") as inventory:
        made = export(inventory, "srv", tmp_path / "export")
    assert [item.part for item in made.record.files] == [
        ExportedPart.DISK,
        ExportedPart.DISK,
        ExportedPart.MEMORY,
        ExportedPart.DEVICES,
        ExportedPart.SNAPSHOT,
        ExportedPart.CONFIGURATION,
    ]


def test_a_machine_whose_states_share_a_saved_state_has_it_once(tmp_path: Path) -> None:
    lab = HostLab(seed="shared state")
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    first = lab.take(srv, "first", power="running")
    lab.apply(srv, first)
    with scanned(lab, tmp_path / "before") as inventory:
        saved = inventory.machines["srv"].snapshots[0].configuration.saved_state
    # Whether a host copies these files when it applies a snapshot, or names them twice, is not known.
    lab.edit(srv, "savedstate/memlocation", saved.memory)
    lab.edit(srv, "savedstate/vsvlocation", saved.devices)
    with scanned(lab, tmp_path / "host") as inventory:
        made = export(inventory, "srv", tmp_path / "export")
    states = [item for item in made.record.files if item.part in (ExportedPart.MEMORY, ExportedPart.DEVICES)]
    assert [(item.path, item.id) for item in states] == [
        (f"Snapshots/{first.id}/{first.id}.bin", first.id),
        (f"Snapshots/{first.id}/{first.id}.vsv", first.id),
    ]
