r"""Options that say what a stored path means, for a folder or for one file."""

from __future__ import annotations

import shlex

import pytest

from tests.graph.machine_records import disk, machine, state
from vhdchain.graph.map_options import MapOptions
from vhdchain.hyperv import AttachedDisk, Machines
from vhdchain.locate import PathMap


def _options(*disks: AttachedDisk) -> MapOptions:
    return MapOptions(Machines([machine(state("srv", *disks))]))


@pytest.mark.parametrize(
    ("stored", "path", "option"),
    [
        (r"D:\VMs\srv.vhd", None, r"--map 'D:\VMs=DIR'"),
        (r"d:/VMs/../x/srv.vhd", None, r"--map 'D:\x=DIR'"),
        (r"D:\srv.vhd", "a/SRV.VHD", r"--map 'D:\=a'"),
        (r"D:\srv.vhd", "srv.vhd", r"--map 'D:\=.'"),
        (r"D:\srv.vhd", "/srv.vhd", r"--map 'D:\=/'"),
        (r"\\nas\vms\srv.vhd", "/mnt/nas/srv.vhd", r"--map '\\nas\vms\=/mnt/nas'"),
        (r"\\nas\vms\x\srv.vhd", "/mnt/nas/srv.vhd", r"--map '\\nas\vms\x=/mnt/nas'"),
        ("/sr/srv.vhd", "copy/srv.vhd", "--map /sr=copy"),
        (r"D:\it's\srv.vhd", None, r"""--map 'D:\it'"'"'s=DIR'"""),
        (r"D:\VMs\srv.vhd", "a/renamed.vhd", r"--map 'D:\VMs\srv.vhd=a/renamed.vhd'"),
        # What no option can say.
        (r"D:\a=b\srv.vhd", None, None),
        (r"D:\VMs\srv.vhd", "a=b/srv.vhd", None),
        (r"D:\VMs\srv.vhd", "a\x1b/srv.vhd", None),
        (r"VMs\srv.vhd", None, None),
        (r"\VMs\srv.vhd", None, None),
        (r"\\.\PHYSICALDRIVE1", None, None),
        ("D:\\", None, None),
        ("", None, None),
    ],
)
def test_the_option_is_what_a_path_map_takes(stored: str, path: str | None, option: str | None) -> None:
    assert _options().option(stored, path) == option
    if option is not None and path is not None:
        assert PathMap.parse([shlex.split(option)[1]]).to_local(stored) in (path, _as_stored(stored, path))


def _as_stored(stored: str, path: str) -> str:
    """Return ``path`` with the letter case that is stored for its name, which a gate ignores."""
    return f"{path.rpartition('/')[0]}/{stored.replace('/', chr(92)).rpartition(chr(92))[2]}"


def test_a_folder_of_which_disks_lie_elsewhere_is_not_mapped_as_a_whole() -> None:
    beside = disk("host/VMs/data.vhd", stored=r"d:\VMS\data.vhd")
    assert _options(beside).option(r"D:\VMs\srv.vhd", "host/VMs/srv.vhd") == r"--map 'D:\VMs=host/VMs'"
    assert _options(beside).option(r"D:\VMs\srv.vhd", "x/srv.vhd") == r"--map 'D:\VMs\srv.vhd=x/srv.vhd'"
    assert _options(beside).option(r"D:\VMs\srv.vhd", None) == r"--map 'D:\VMs\srv.vhd=FILE'"
    assert _options(beside).option(r"D:\VMs\sub\srv.vhd", None) == r"--map 'D:\VMs\sub=DIR'"
    gone = disk(None, stored=r"D:\VMs\data.vhd")
    assert _options(gone).option(r"D:\VMs\srv.vhd", None) == r"--map 'D:\VMs=DIR'"
