"""Volumes of the host, by the text of paths."""

from __future__ import annotations

import pytest

from vhdchain.hyperv import volume_of


@pytest.mark.parametrize(
    ("stored", "volume"),
    [
        (r"D:\VMs\srv.vhd", "D:"),
        ("d:/VMs/srv.vhd", "D:"),
        (r"C:\ProgramData\Microsoft\Windows\Hyper-V", "C:"),
        (r"C:\ClusterStorage\Volume1\srv\srv.vhd", r"C:\ClusterStorage\Volume1"),
        (r"C:\CLUSTERSTORAGE\volume2", r"C:\CLUSTERSTORAGE\volume2"),
        (r"C:\ClusterStorage\Volume1\..\Volume2\x.vhd", r"C:\ClusterStorage\Volume2"),
        (r"C:\ClusterStorage", "C:"),
        (r"\\server\share\srv.vhd", r"\\server\share"),
        (r"\\?\E:\VMs\srv.vhd", "E:"),
        (r"\VMs\srv.vhd", None),
        (r"D:srv.vhd", None),
        ("srv.vhd", None),
        (r"D:\VMs\srv.vhd:stream", None),
        (r"\\.\PHYSICALDRIVE1", None),
        ("/var/vms/srv.vhd", None),
        ("", None),
    ],
)
def test_a_path_says_its_volume_or_nothing(stored: str, volume: str | None) -> None:
    assert volume_of(stored) == volume
