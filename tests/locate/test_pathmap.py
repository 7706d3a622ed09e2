"""Path maps: both ways, longest prefix, nothing guessed."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from vhdchain.errors import ConfigError
from vhdchain.locate import PathMap, parse_path, path_map_of

VMS = PathMap(
    {
        r"D:\VMs": "/mnt/evidence/vms",
        r"d:\vms\srv\disks": "/mnt/disks",
        r"\\Server\Share\x": "/mnt/share",
        "/var/run/sr-mount": "/mnt/sr",
        "E:": "/mnt/e",
    }
)


@pytest.mark.parametrize(
    ("windows", "local"),
    [
        (r"D:\VMs\base.vhd", "/mnt/evidence/vms/base.vhd"),
        (r"d:/vMS/Srv/Base.vhd", "/mnt/evidence/vms/Srv/Base.vhd"),
        (r"D:\VMs\srv\DISKS\a.vhd", "/mnt/disks/a.vhd"),
        (r"D:\VMs", "/mnt/evidence/vms"),
        (r"D:\VMs\a\..\base.vhd", "/mnt/evidence/vms/base.vhd"),
        (r"\\SERVER\share\X\base.vhd", "/mnt/share/base.vhd"),
        ("/var/run/sr-mount/1/base.vhd", "/mnt/sr/1/base.vhd"),
        (r"E:\base.vhd", "/mnt/e/base.vhd"),
        (r"\\?\E:\base.vhd", "/mnt/e/base.vhd"),
    ],
)
def test_a_windows_path_becomes_a_local_one_by_its_longest_prefix(windows: str, local: str) -> None:
    assert VMS.to_local(windows) == local
    assert VMS.to_local(parse_path(windows)) == local


@pytest.mark.parametrize(
    "windows",
    [
        r"C:\VMs\base.vhd",
        r"D:\VMs2\base.vhd",
        r"D:\VMs\..\secret.vhd",
        r".\base.vhd",
        r"\VMs\base.vhd",
        "/VAR/run/sr-mount/base.vhd",
        r"\\server\other\x\base.vhd",
        r"D:\VMs\NUL",
    ],
)
def test_what_no_pair_covers_has_no_local_path(windows: str) -> None:
    assert VMS.to_local(windows) is None


@pytest.mark.parametrize(
    ("local", "windows"),
    [
        ("/mnt/evidence/vms/srv/base.vhd", r"D:\VMs\srv\base.vhd"),
        ("/mnt/disks/a.vhd", r"D:\vms\srv\disks\a.vhd"),
        ("/mnt/share/base.vhd", r"\\Server\Share\x\base.vhd"),
        ("/mnt/sr/1/base.vhd", "/var/run/sr-mount/1/base.vhd"),
        ("/mnt/e", "E:"),
        ("/mnt/e/base.vhd", r"E:\base.vhd"),
        ("/mnt/elsewhere/base.vhd", None),
    ],
)
def test_a_local_path_becomes_what_images_call_it(local: str, windows: str | None) -> None:
    assert VMS.to_windows(local) == windows


def test_one_folder_under_two_names_has_no_windows_path() -> None:
    twice = PathMap({r"D:\VMs": "/mnt/vms", r"E:\VMs": "/mnt/vms"})
    assert twice.to_local(r"E:\VMs\a.vhd") == "/mnt/vms/a.vhd"
    with pytest.raises(ConfigError):
        twice.to_windows("/mnt/vms/a.vhd")


def test_one_name_for_two_folders_is_refused() -> None:
    with pytest.raises(ConfigError):
        PathMap([(r"D:\VMs", "/mnt/a"), (r"d:/vms", "/mnt/b")])


def test_the_same_pair_may_stand_twice() -> None:
    assert len(PathMap([(r"D:\VMs", "/mnt/a"), (r"d:/vms\\", "/mnt/a")]).entries) == 1


@pytest.mark.parametrize("source", ["", "VMs", r".\VMs", r"\VMs", "C:VMs", r"\\?\PhysicalDrive0", r"C:\NUL"])
def test_a_source_is_an_absolute_path(source: str) -> None:
    with pytest.raises(ConfigError):
        PathMap({source: "/mnt/a"})


def test_the_command_lines_form_is_understood() -> None:
    parsed = PathMap.parse([r"D:\VMs=/mnt/vms", "/srv=copy"])
    assert [(entry.source, entry.target) for entry in parsed.entries] == [(r"D:\VMs", "/mnt/vms"), ("/srv", "copy")]


@pytest.mark.parametrize("text", ["", "=", r"D:\VMs", r"D:\VMs=", "=/mnt", r"D:\a=b=/mnt"])
def test_a_text_that_is_no_pair_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        PathMap.parse([text])


def test_functions_take_a_map_or_a_mapping_or_nothing() -> None:
    assert path_map_of(VMS) is VMS
    assert not path_map_of(None)
    assert path_map_of({"C:": PurePosixPath("/c")}).to_local(r"c:\x") == "/c/x"
