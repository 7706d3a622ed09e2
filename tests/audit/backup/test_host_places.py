"""What the host calls files: volumes, parents by what their children store, and places inferred from neighbours."""

from __future__ import annotations

import pytest

from vhdchain.audit.backup.host_places import HostPlaces
from vhdchain.audit.backup.volumes import host_volume, joined, parent_path, place_of
from vhdchain.image import scan_image
from vhdchain.source import BytesSource
from vhdchain.testing import ChainBuilder, built_image
from vhdchain.testing.lab import HostLab, LabDisk

VOLUME = r"\\?\Volume{0a5b1d43-6c0e-4f6b-9b0e-6d7b0f0c2a11}"


@pytest.mark.parametrize(
    ("stored", "volume"),
    [
        (r"d:\VMs\srv.vhd", "D:"),
        (r"C:\ClusterStorage\Volume2\srv.vhd", r"C:\ClusterStorage\Volume2"),
        (r"C:\ClusterStorage", "C:"),
        (r"\\san\vms\srv.vhd", r"\\san\vms"),
        (rf"{VOLUME}\VMs\srv.vhd", VOLUME),
        (r"\\.\PHYSICALDRIVE1", None),
        ("srv.vhd", None),
        ("", None),
        (r"\VMs\srv.vhd", None),
    ],
)
def test_a_path_tells_its_volume_or_nothing(stored: str, volume: str | None) -> None:
    assert host_volume(stored) == volume


def test_two_spellings_of_a_place_are_one() -> None:
    assert place_of(r"c:\VMs\.\x\..\SRV.vhd") == place_of("C:/vms/srv.VHD")
    assert place_of(r"c:\VMs\srv.vhd") != place_of(r"d:\VMs\srv.vhd")
    assert place_of(rf"{VOLUME}\a.vhd") != place_of(rf"{VOLUME}\b.vhd")
    assert joined("D:\\", "x", "y") == r"D:\x\y"


def test_a_parent_is_called_by_the_relative_path_and_without_a_place_by_the_absolute_one() -> None:
    lab = HostLab(seed="parent", root=r"D:\VMs", disks=r"D:\VMs\disks")
    machine = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    snapshot = lab.take(machine, "first")
    (leaf,) = machine.state.images
    child = scan_image(BytesSource(lab.files()[lab.disk_path(machine)], name="leaf.avhd"))
    assert parent_path(child, None) == snapshot.state.images[0].name.replace("/", "\\")
    assert parent_path(child, r"E:\moved\leaf.avhd") == r"E:\moved\srv.vhd"
    assert leaf.parent is snapshot.state.images[0]


def test_a_disk_without_names_has_a_parent_without_a_name() -> None:
    tree = ChainBuilder(seed="nameless")
    base = tree.dynamic("base.vhd", size=1 << 20)
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.edit(leaf, locators=(), header_fields={"parent_unicode_name_raw": bytes(512)})
    assert parent_path(built_image(tree, leaf), r"C:\x\leaf.avhd") is None


def test_places_follow_from_neighbours_as_far_up_as_names_agree() -> None:
    places = HostPlaces()
    places.learn("copy/ProgramData/Hyper-V/Snapshots/x.xml", r"C:\ProgramData\Hyper-V\Snapshots\X.xml")
    assert places.stored("copy/ProgramData/Hyper-V/Snapshots/y.xml") == r"C:\ProgramData\Hyper-V\Snapshots\y.xml"
    assert places.stored("copy/programdata/hyper-v/Store.xml") == r"C:\ProgramData\Hyper-V\Store.xml"
    assert places.stored("copy/Users/a/z.vhd") == r"C:\Users\a\z.vhd"
    assert places.stored("other/z.vhd") is None


def test_a_folder_that_stands_for_two_stands_for_none() -> None:
    places = HostPlaces()
    places.learn("all/a.vhd", r"C:\one\a.vhd")
    places.learn("all/b.vhd", r"C:\two\b.vhd")
    assert places.stored("all/c.vhd") is None
    assert places.stored("all/deeper/c.vhd") is None


@pytest.mark.parametrize("stored", ["a.vhd", r"\\?\C:", r"con\a.vhd", "", r"C:\x\other.vhd"])
def test_what_is_no_place_teaches_nothing(stored: str) -> None:
    places = HostPlaces()
    places.learn("x/a.vhd", stored)
    assert places.stored("x/b.vhd") is None
