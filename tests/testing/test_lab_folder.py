"""Where do the files of a lab lie, and what lies beside machines and disks?"""

from __future__ import annotations

import struct
import uuid
import zlib
from typing import TYPE_CHECKING

import pytest

from vhdchain.testing import HEALTHY_LABS, HostLab, LabDisk, Partitions, host_lab, naive_read
from vhdchain.testing.lab import ExportForm, partition_table

if TYPE_CHECKING:
    from pathlib import Path

ROOT = "ProgramData/Microsoft/Windows/Hyper-V"


def test_files_lie_where_a_host_has_them() -> None:
    lab = HostLab()
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    snapshot = lab.take(srv, power="running")
    empty = lab.take(srv)
    lab.save_state(srv)
    assert lab.files().keys() == {
        f"{ROOT}/InitialStore.xml",
        f"{ROOT}/Virtual Machines/{srv.id}.xml",
        f"{ROOT}/Virtual Machines/{srv.id}/{srv.id}.bin",
        f"{ROOT}/Virtual Machines/{srv.id}/{srv.id}.vsv",
        f"{ROOT}/Snapshots/{snapshot.id}.xml",
        f"{ROOT}/Snapshots/{snapshot.id}/{snapshot.id}.bin",
        f"{ROOT}/Snapshots/{snapshot.id}/{snapshot.id}.vsv",
        f"{ROOT}/Snapshots/{empty.id}.xml",
        *(lab.disk_path(image) for image in lab.images.images),
    }
    assert lab.disk_path(snapshot) == "Users/Public/Documents/Hyper-V/Virtual Hard Disks/srv.vhd"
    assert lab.folders() == [f"{ROOT}/Snapshots/{empty.id}"]


def test_drives_get_folders_only_where_there_are_several() -> None:
    lab = HostLab(root=r"D:\VMs", disks=r"D:\VMs")
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    assert lab.disk_path(srv) == "VMs/srv.vhd"
    web = lab.machine("web", disks=[LabDisk("web.vhd", folder=r"e:\disks")])
    assert (lab.disk_path(srv), lab.disk_path(web)) == ("D/VMs/srv.vhd", "E/disks/web.vhd")
    assert lab.configuration_path(web) == f"D/VMs/Virtual Machines/{web.id}.xml"


def test_folders_can_be_copied_to_other_places_and_the_deepest_counts() -> None:
    lab = host_lab()
    srv = lab.machines[0]
    lab.copied_to = {r"c:\users\PUBLIC\documents": "docs", "C:\\": "all of c", r"C:\ProgramData": ""}
    assert lab.disk_path(srv).startswith("docs/Hyper-V/Virtual Hard Disks/srv_")
    assert lab.configuration_path(srv) == f"Microsoft/Windows/Hyper-V/Virtual Machines/{srv.id}.xml"
    lab.add(r"C:\notes.txt", b"x", modified=5)
    assert (lab.files()["all of c/notes.txt"], lab.modified()["all of c/notes.txt"]) == (b"x", 5)


def test_links_lead_to_the_configurations_that_they_register(tmp_path: Path) -> None:
    lab = HEALTHY_LABS["caches and links"]()
    saved = lab.save(tmp_path)
    machines = {machine.name: machine for machine in lab.machines}
    linked, emptied = machines["linked"], machines["emptied"]
    assert len(lab.links()) == 2
    for owner in linked.owners:
        folder = "Virtual Machines" if owner is linked else "Snapshots"
        link = saved[f"{ROOT}/{folder}/{owner.id}.xml"]
        assert link.is_symlink()
        assert link.resolve() == saved[lab.configuration_path(owner)].resolve()
    for owner in emptied.owners:
        folder = "Virtual Machines" if owner is emptied else "Snapshots"
        assert lab.files()[f"{ROOT}/{folder}/{owner.id}.xml"] == b""


def test_caches_hold_a_file_for_every_machine_and_snapshot() -> None:
    lab = HEALTHY_LABS["caches and links"]()
    cached = {path.rpartition("/")[2] for path in lab.files() if " Cache/" in path}
    assert cached == {f"{owner.id}.xml" for machine in lab.machines for owner in machine.owners}


def test_one_base_serves_two_machines() -> None:
    lab = HEALTHY_LABS["two machines above one base"]()
    base = lab.images.images[0]
    assert [child.name.rpartition("/")[2] for child in lab.images.children(base)] == ["one.vhd", "two.vhd"]
    stacks = [machine.state.images[0].stack for machine in lab.machines]
    one, two = (naive_read([lab.files()[lab.disk_path(layer)] for layer in stack]) for stack in stacks)
    assert one[4608:5120] == two[4608:5120] == bytes(lab.expected(lab.machines[0]).read(4608, 512))
    assert one[8192:8704] != two[8192:8704]


def test_no_relative_locator_leads_to_another_drive() -> None:
    lab = HostLab()
    base = lab.disk(LabDisk("base.vhd", folder=r"D:\base"))
    srv = lab.machine("srv")
    lab.attach_shared(srv, base, LabDisk("srv.vhd"))
    content = lab.files()[lab.disk_path(srv)]
    codes = [content[at : at + 4] for at in range(1088, 1088 + 8 * 24, 24)]
    assert codes == [b"W2ku", *[bytes(4)] * 7]


def test_a_file_that_was_renamed_by_hand_is_named_by_its_old_place() -> None:
    lab = HostLab(disks=r"C:\VMs")
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    snapshot = lab.take(srv)
    leaf = lab.files()[lab.disk_path(srv)]
    base = snapshot.state.images[0]
    lab.images.rename(base, "C:/Other/base.vhd")
    assert lab.files()["Other/base.vhd"][-512:].startswith(b"conectix")
    assert "VMs/srv.vhd" not in lab.files()
    assert lab.files()[lab.disk_path(srv)] == leaf
    with pytest.raises(ValueError, match="already"):
        lab.images.rename(base, srv.state.images[0].name)


# ------------------------------------------------------------------------------------------------------------- exports


@pytest.mark.parametrize("form", [ExportForm.HOST_2008_R2, ExportForm.HOST_2012_R2])
def test_an_export_has_all_files_of_the_machine_in_its_own_folder(form: ExportForm) -> None:
    lab = HEALTHY_LABS["2008"]()
    srv = lab.machines[0]
    lab.save_state(srv)
    seen = [lab.expected(owner).sha256() for owner in srv.owners]
    before = lab.files()
    twin = lab.export(srv, r"C:\Exports", form=form)
    exported = {path: content for path, content in lab.files().items() if path.startswith("Exports/srv/")}
    assert {path: content for path, content in lab.files().items() if path not in exported} == before
    assert [lab.expected(owner).sha256() for owner in twin.owners] == seen
    assert twin.expected_tree() == srv.expected_tree()
    folders = {path.split("/")[2] for path in exported}
    beside = {"config.xml"} if form is ExportForm.HOST_2008_R2 else set()
    assert folders == {"Virtual Machines", "Snapshots", "Virtual Hard Disks"} | beside
    suffix = ".exp" if form is ExportForm.HOST_2008_R2 else ".xml"
    assert {path.rpartition("/")[2] for path in exported if path.endswith(suffix)} - beside == {
        f"{owner.id}{suffix}" for owner in srv.owners
    }
    disks = [path for path in exported if path.split("/")[2] == "Virtual Hard Disks"]
    assert len(disks) == len(lab.images.images) / 2
    assert {path.count("/") for path in disks} == {3}


def test_the_disks_of_an_export_name_each_other() -> None:
    lab = HEALTHY_LABS["export, 2012 R2"]()
    (srv,) = lab.machines
    for image in srv.state.images[0].stack[1:]:
        assert image.parent is not None
        content = lab.files()[lab.disk_path(image)]
        stored = ("C:\\" + lab.disk_path(image.parent).replace("/", "\\")).encode("utf-16-le")
        assert stored in content
        assert "ProgramData".encode("utf-16-le") not in content
    assert not any(path.startswith("ProgramData") for path in lab.files())


def test_a_running_machine_is_not_exported() -> None:
    lab = HostLab()
    srv = lab.machine("srv")
    lab.start(srv)
    with pytest.raises(ValueError, match="running"):
        lab.export(srv, r"C:\Exports")


def test_a_removed_machine_leaves_what_others_need() -> None:
    lab = HEALTHY_LABS["two machines above one base"]()
    one, two = lab.machines
    kept = {lab.disk_path(layer) for owner in two.owners for layer in owner.state.images[0].stack}
    lab.remove(one)
    assert {path for path in lab.files() if path.endswith("vhd")} == kept
    lab.remove(two)
    assert not [path for path in lab.files() if path.endswith("vhd")]


# ---------------------------------------------------------------------------------------------------- partition tables


@pytest.mark.parametrize(("partitions", "kind"), [(Partitions.BASIC, 0x07), (Partitions.DYNAMIC, 0x42)])
def test_a_master_boot_record_covers_the_disk(partitions: Partitions, kind: int) -> None:
    lab = HostLab()
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd", partitions=partitions, size=64 * 1024)])
    sector = naive_read([lab.files()[lab.disk_path(srv)]])[:512]
    first, count = struct.unpack_from("<II", sector, 454)
    assert (sector[450], sector[510:]) == (kind, b"\x55\xaa")
    assert (first, first + count) == (8, 128)
    assert sector[462:510] == bytes(48)
    lab.dynamic_guest_disk(srv)
    assert lab.expected(srv).read(450, 1) == b"\x42"


@pytest.mark.parametrize(
    ("partitions", "kinds"),
    [
        (Partitions.GPT_BASIC, ["EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"]),
        (
            Partitions.GPT_DYNAMIC,
            ["5808C8AA-7E8F-42E0-85D2-E1E90434CFB3", "AF9B60A0-1431-4F62-BC68-3311714A69AD"],
        ),
    ],
)
def test_a_guid_partition_table_is_whole_at_both_ends(partitions: Partitions, kinds: list[str]) -> None:
    disk = bytearray(128 * 1024)
    for offset, data in partition_table(partitions, len(disk)):
        disk[offset : offset + len(data)] = data
    assert disk[450] == 0xEE
    for at, other in ((1, 255), (255, 1)):
        header = bytes(disk[at * 512 :][:92])
        here, there, first, last = struct.unpack_from("<QQQQ", header, 24)
        (table,) = struct.unpack_from("<Q", header, 72)
        entries = disk[table * 512 :][: 128 * 128]
        assert (header[:8], here, there, first, last) == (b"EFI PART", at, other, 34, 255 - 33)
        assert struct.unpack_from("<I", header, 88) == (zlib.crc32(entries),)
        assert struct.unpack_from("<I", header, 16) == (zlib.crc32(header[:16] + bytes(4) + header[20:]),)
        found = [str(uuid.UUID(bytes_le=bytes(entries[start : start + 16]))).upper() for start in (0, 128)]
        assert found[: len(kinds)] == kinds
        ends = [struct.unpack_from("<QQ", entries, start + 32) for start in (0, 128)][: len(kinds)]
        assert (ends[0][0], ends[-1][1]) == (first, last)
        assert all(start <= end for start, end in ends)


@pytest.mark.parametrize("partitions", [Partitions.BASIC, Partitions.GPT_BASIC])
def test_a_disk_without_room_for_a_table_is_refused(partitions: Partitions) -> None:
    with pytest.raises(ValueError, match="no room"):
        partition_table(partitions, 4096)


def test_a_disk_may_have_no_partition_table() -> None:
    assert partition_table(Partitions.NONE, 512) == []
