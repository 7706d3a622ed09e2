"""From where a configuration's paths are looked at: what paths say, what its root is, which places follow."""

from __future__ import annotations

import pytest

from tests.hyperv.machines import SRV, configuration, snapshot, snapshot_id
from vhdchain.hyperv import SavedState, Viewpoint
from vhdchain.hyperv.known_files import names_of
from vhdchain.hyperv.viewpoint import DEFAULT_ROOT, HostPath, host_path

DEFAULT = host_path(DEFAULT_ROOT).names
VOLUME = "\\\\?\\VOLUME{26A21BDA-A627-11D7-9931-806E6F6E6963"


@pytest.mark.parametrize(
    ("stored", "names", "is_absolute"),
    [
        (r"d:\VMs\Srv.vhd", ("D:", "VMS", "SRV.VHD"), True),
        ("\n D:/VMs/srv.vhd \r\n", ("D:", "VMS", "SRV.VHD"), True),
        (r"\\?\D:\VMs\srv.vhd", ("D:", "VMS", "SRV.VHD"), True),
        (r"D:\a\..\..\b\.\c.vhd", ("D:", "B", "C.VHD"), True),
        (r"D:\name with end. \c.vhd", ("D:", "NAME WITH END", "C.VHD"), True),
        (r"\\Server\Share\c.vhd", (r"\\SERVER\SHARE", "C.VHD"), True),
        (rf"{VOLUME.lower()}}}\vms\c.vhd", (VOLUME, "VMS", "C.VHD"), True),
        (r"\VMs\c.vhd", ("VMS", "C.VHD"), False),
        ("c.vhd", ("C.VHD",), False),
        ("/vms/c.vhd", ("VMS", "C.VHD"), False),
        ("file:///vms/c.vhd", ("VMS", "C.VHD"), False),
    ],
)
def test_a_path_of_the_host_has_folded_names(stored: str, names: tuple[str, ...], is_absolute: bool) -> None:
    path = host_path(stored)
    assert path == HostPath(names=names, is_absolute=is_absolute)
    assert path.below == (names[1:] if is_absolute else names)


@pytest.mark.parametrize(
    "stored", ["", " ", "D:", "D:\\", r"D:x.vhd", r"D:\x\..", r"\\.\C:", r"C:\nul", "C:\\a\tb", "x" * 4097]
)
def test_some_texts_are_no_path_of_a_file(stored: str) -> None:
    path = host_path(stored)
    assert (path.names, path.is_absolute) == ((), False)
    assert path.problem


def test_a_folder_may_be_a_drive() -> None:
    assert host_path("D:\\", is_folder=True) == HostPath(names=("D:",), is_absolute=True)
    assert host_path("D:", is_folder=True).names == ("D:",)


@pytest.mark.parametrize("folder", ["Virtual Machines", "SNAPSHOTS"])
def test_the_root_is_above_the_host_s_folders(folder: str) -> None:
    viewpoint = Viewpoint.of(configuration(path=f"/x/Srv/{folder}/x.xml"))
    assert (viewpoint.folder, viewpoint.root) == (("/", "X", "SRV", folder.upper()), ("/", "X", "SRV"))


def test_anywhere_else_it_is_the_folder_itself() -> None:
    assert Viewpoint.of(configuration(path="x/flat/x.xml")).root == ("X", "FLAT")
    assert Viewpoint.of(configuration(path="x.xml")).root == ()
    assert Viewpoint.of(configuration(path="x.xml"), place=names_of("/a/Virtual Machines/x.xml")).root == ("/", "A")


def test_what_the_host_calls_the_root_is_tried_in_the_order_of_trust() -> None:
    saved = SavedState(memory=rf"E:\e\Virtual Machines\{SRV.lower()}\{SRV}.bin", devices="E:\\x.vsv")
    roots = {"data_root": r"D:\d", "snapshot_root": r"F:\f"}
    expected = [("E:", "E"), ("D:", "D"), ("F:", "F")]
    assert list(Viewpoint.of(configuration(**roots, saved_state=saved)).stored_roots) == expected
    assert list(Viewpoint.of(configuration(**roots)).stored_roots) == expected[1:]
    assert list(Viewpoint.of(snapshot(1, **roots)).stored_roots) == expected[:0:-1]
    assert list(Viewpoint.of(configuration(snapshot_root=r"F:\f")).stored_roots) == [("F:", "F"), DEFAULT]
    assert list(Viewpoint.of(snapshot(1, data_root=r"D:\d")).stored_roots) == [("D:", "D"), DEFAULT]
    assert list(Viewpoint.of(configuration()).stored_roots) == [DEFAULT]
    same = configuration(data_root=r"D:\d", snapshot_root="d:/D/", saved_state=SavedState())
    assert list(Viewpoint.of(same).stored_roots) == [("D:", "D")]


@pytest.mark.parametrize("root", ["relative", "x" * 70_000, "D:\\a\x00", "C:nowhere", "/srv"])
def test_a_root_that_is_no_folder_of_windows_is_none(root: str) -> None:
    assert Viewpoint.of(configuration(data_root=root)).stored_roots == ()


def test_the_state_file_of_a_snapshot_tells_the_root_of_the_snapshots() -> None:
    own = snapshot_id(1)
    kept = snapshot(1, saved_state=SavedState(devices=rf"G:\g\snapshots\{own}\{own}.vsv"), snapshot_root=r"F:\f")
    assert Viewpoint.of(kept).stored_roots[0] == ("G:", "G")


def _places(path: str, root: str, stored: str) -> list[str]:
    viewpoint = Viewpoint.of(configuration(path=f"{path}/Virtual Machines/x.xml", data_root=root))
    return ["/".join(place) for place in viewpoint.places(host_path(stored))]


def test_places_are_reckoned_from_the_root() -> None:
    assert _places("a/b/c", r"D:\v\s", r"D:\v\s\x.vhd") == ["A/B/C/X.VHD"]
    assert _places("a/b/c", r"D:\v\s", r"D:\v\t\x.vhd") == ["A/B/T/X.VHD"]
    assert _places("a/b/c", r"D:\v\s", r"D:\x.vhd") == ["A/X.VHD"]
    assert _places("a/b/c", r"D:\v\s", r"E:\e\x.vhd") == ["E/E/X.VHD", "E:/E/X.VHD", "A/E/E/X.VHD", "A/E:/E/X.VHD"]
    assert _places("c", r"D:\v\s", r"D:\x.vhd") == []
    assert _places("a/b/c", r"D:\v\s", r"\\srv\share\x.vhd") == []
    assert _places("a/b/c", r"D:\v\s", r"v\s\x.vhd") == []
    assert _places("a/b/c", r"D:\v\x.vhd\s", r"D:\v\x.vhd") == []


def test_likely_places_are_those_beside_the_configuration_besides() -> None:
    viewpoint = Viewpoint.of(configuration(path="c/Virtual Machines/x.xml", data_root=r"D:\s"))
    assert ["/".join(place) for place in viewpoint.likely_places(host_path(r"D:\s\x.vhd"))] == [
        "C/X.VHD",
        "C/VIRTUAL MACHINES/X.VHD",
        "C/VIRTUAL HARD DISKS/X.VHD",
        "C/VIRTUAL MACHINES/VIRTUAL HARD DISKS/X.VHD",
    ]
    assert list(viewpoint.likely_places(host_path(r"D:\nul"))) == []


def test_a_root_is_at_home_where_it_is_called_as_on_the_host() -> None:
    assert Viewpoint.of(configuration(path="a/S/Virtual Machines/x.xml", data_root=r"D:\v\s")).is_at_home
    assert not Viewpoint.of(configuration(path="a/t/Virtual Machines/x.xml", data_root=r"D:\v\s")).is_at_home
