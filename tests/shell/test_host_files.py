"""The files of a host that are no disks: what is read of them, what is passed over, where links and maps lead."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.shell.tracing import open_descriptors, traced
from vhdchain.hyperv import FileRole, PathOutcome, PathRule
from vhdchain.hyperv.xml import MAX_CONFIGURATION_BYTES
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.lab import HostLab, LabDisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import FoundPath, HostFile

ID = "0A5B1D43-6C0E-4F6B-9B0E-6D7B0F0C2A11"
ROOT = r"D:\VMs\srv"


@pytest.fixture
def lab() -> HostLab:
    """A saved machine with a snapshot that was taken running, all in one folder ``VMs/srv``."""
    lab = HostLab(seed="files", root=ROOT, disks=ROOT, store=False)
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    lab.take(srv, power="running")
    lab.save_state(srv)
    return lab


@pytest.fixture
def srv(lab: HostLab, tmp_path: Path) -> Path:
    """The folder that holds ``Virtual Machines``, ``Snapshots`` and disks; files may be written to."""
    lab.save(tmp_path / "copy")
    for path in (tmp_path / "copy").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return tmp_path / "copy/VMs/srv"


def _configuration(srv: Path) -> Path:
    (path,) = (srv / "Virtual Machines").glob("*.xml")
    return path


def _file(inventory: Inventory, path: Path) -> HostFile:
    (found,) = (item for item in inventory.host_files if item.path == str(path))
    return found


def _all_found(inventory: Inventory) -> Iterator[FoundPath]:
    for machine in inventory.machines:
        for state in machine.states:
            yield from (disk.found for disk in state.disks)
            yield from state.state_files


def _whole(inventory: Inventory) -> bool:
    """Say whether there is one machine, all of whose files are found in their places, with its tree."""
    (machine,) = inventory.machines
    found = list(_all_found(inventory))
    return len(found) == 6 and all(item.path and item.exact for item in found) and machine.tree.is_known


# --------------------------------------------------------------------------------------------------------- what is read


def test_every_file_has_its_part_size_and_time(srv: Path, lab: HostLab) -> None:
    with scan_folder(srv) as inventory:
        assert _whole(inventory)
        (machine,) = lab.machines
        parts = {Path(item.path).name.lower(): item.role for item in inventory.host_files}
        configurations = [f"{owner.id}.xml".lower() for owner in machine.owners]
        states = [f"{owner.id}.{suffix}".lower() for owner in machine.owners for suffix in ("bin", "vsv")]
        assert parts == {
            **dict.fromkeys(configurations, FileRole.CONFIGURATION),
            **dict.fromkeys(states, FileRole.STATE),
        }
        for item in inventory.host_files:
            status = Path(item.path).stat()
            assert (item.size, item.mtime_ns) == (status.st_size, status.st_mtime_ns)
            assert (item.sha256 is None) is (item.role is FileRole.STATE)
            assert (item.configuration is None) is (item.role is FileRole.STATE)


def test_files_are_only_read_and_each_is_closed(srv: Path) -> None:
    before = open_descriptors()
    with traced() as trace, scan_folder(srv):
        pass
    assert trace.writing == []
    assert open_descriptors() == before


@pytest.mark.parametrize(
    "content",
    [
        b"<settings><a/></settings>",
        b"<configuration><appSettings/></configuration>",
        b'<configuration xmlns="urn:schemas-microsoft-com:asm.v1"><startup/></configuration>',
        b'<!DOCTYPE configuration SYSTEM "http://logback/x.dtd"><configuration debug="true"/>',
        b"<configuration><never closed",
        b"<configuration>" + b"<a>" * 500,
        b"not XML at all",
        b"\xff\xfe",
        b"",
        b"<configuration>" + b" " * (MAX_CONFIGURATION_BYTES + 10),
    ],
    ids=lambda content: f"{content[:40]!r}",
)
def test_other_programs_xml_is_passed_over(content: bytes, srv: Path) -> None:
    for name in ("settings.xml", "Virtual Machines/settings.xml"):
        (srv / name).write_bytes(content)
    with scan_folder(srv) as inventory:
        assert _whole(inventory)
        assert len(inventory.host_files) == 6
        assert inventory.unreadable == ()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
def test_a_configuration_by_any_name_in_any_folder_is_one(encoding: str, srv: Path) -> None:
    text = _configuration(srv).read_text(encoding="utf-16")
    _configuration(srv).unlink()
    (srv / "backup of srv.xml").write_text(text, encoding=encoding)
    with scan_folder(srv) as inventory:
        (machine,) = inventory.machines
        assert machine.now is not None
        assert machine.now.path == str(srv / "backup of srv.xml")
        assert len(machine.snapshots) == 1


@pytest.mark.parametrize("place", [f"Virtual Machines/{ID}.xml", f"SNAPSHOTS/{ID.lower()}.XML"])
@pytest.mark.parametrize("content", [b"<configuration/>", b"<other/>", b"not XML", b"\xff\xfe<", b"\0" * 100])
def test_what_should_be_a_configuration_and_is_none_is_kept_with_the_reason(
    place: str, content: bytes, srv: Path
) -> None:
    (srv / place).parent.mkdir(exist_ok=True)
    (srv / place).write_bytes(content)
    with scan_folder(srv) as inventory:
        file = _file(inventory, srv / place)
        assert [finding.code for finding in file.problems] == ["VHD816"]
        assert (file.role, file.configuration) == (FileRole.CONFIGURATION, None)
        assert _whole(inventory)


def test_a_torn_configuration_is_told_wherever_it_lies(srv: Path) -> None:
    data = _configuration(srv).read_bytes()
    (srv / "srv.xml").write_bytes(data[: len(data) // 2])
    with scan_folder(srv) as inventory:
        assert [finding.code for finding in _file(inventory, srv / "srv.xml").problems] == ["VHD816"]


def test_a_file_that_is_far_too_large_is_read_to_the_limit_only(srv: Path) -> None:
    path = srv / f"Virtual Machines/{ID}.xml"
    with path.open("wb") as file:
        file.write(b"<configuration>")
        file.truncate(1 << 40)
    with scan_folder(srv) as inventory:
        found = _file(inventory, path)
        assert (found.size, found.sha256, [item.code for item in found.problems]) == (1 << 40, None, ["VHD816"])


def test_caches_links_and_the_store_are_no_configurations(srv: Path) -> None:
    copies = [f"Virtual Machines Cache/{ID}.xml", f"snapshots cache/deep/{ID}.xml"]
    for name in (*copies, "InitialStore.xml"):
        (srv / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_configuration(srv), srv / name)
    (srv / f"Virtual Machines/{ID}.xml").touch()
    with scan_folder(srv) as inventory:
        assert _whole(inventory)
        assert [_file(inventory, srv / name).role for name in copies] == [FileRole.CACHED] * 2
        assert _file(inventory, srv / "InitialStore.xml").role is FileRole.STORE
        link = _file(inventory, srv / f"Virtual Machines/{ID}.xml")
        assert (link.role, link.size, link.target) == (FileRole.LINK, 0, "")


def test_a_pipe_is_never_opened(srv: Path) -> None:
    os.mkfifo(srv / f"Virtual Machines/{ID}.xml")
    with traced() as trace, scan_folder(srv) as inventory:
        assert _whole(inventory)
    assert not any(path.endswith(f"{ID}.xml") for path in trace.paths)
    with scan_folder(srv / f"Virtual Machines/{ID}.xml") as inventory:
        assert [item.path for item in inventory.unreadable] == [str(srv / f"Virtual Machines/{ID}.xml")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_configuration_that_may_not_be_read_is_told(srv: Path) -> None:
    _configuration(srv).chmod(0)
    with scan_folder(srv) as inventory:
        (unreadable,) = inventory.unreadable
        assert (unreadable.path, unreadable.refused) == (str(_configuration(srv)), True)


def test_names_with_backslashes_are_paths(srv: Path, tmp_path: Path) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    for path in sorted(srv.rglob("*")):
        if path.is_file():
            shutil.copy(path, flat / str(path.relative_to(srv.parent)).replace("/", "\\"))
    with scan_folder(flat) as inventory:
        assert _whole(inventory)


# ---------------------------------------------------------------------------------------------------------------- links


def test_a_link_leads_to_the_configuration_that_is_read_once(srv: Path) -> None:
    default = srv.parents[1] / "Hyper-V/Virtual Machines"
    default.mkdir(parents=True)
    (default / _configuration(srv).name).symlink_to(_configuration(srv))
    for folders in ([srv.parents[1]], [srv, default], [default, srv]):
        with scan_folder(*folders) as inventory:
            assert _whole(inventory)
            assert len(inventory.host_files) == 6


def test_a_link_to_another_folder_inside_the_roots_is_followed(srv: Path, tmp_path: Path) -> None:
    default = tmp_path / "Hyper-V/Virtual Machines"
    default.mkdir(parents=True)
    (default / _configuration(srv).name).symlink_to(_configuration(srv))
    with scan_folder(default, within=tmp_path) as inventory:
        (machine,) = inventory.machines
        assert machine.now is not None
        assert machine.now.path == str(_configuration(srv))
        assert [disk.found.exact for disk in machine.now.disks] == [True]


@pytest.mark.parametrize("target", ["outside", "nowhere", "/etc", r"D:\VMs\srv\Virtual Machines\x.xml"])
def test_a_link_that_leads_out_or_nowhere_is_the_registration_of_a_machine(
    target: str, srv: Path, tmp_path: Path
) -> None:
    shutil.copy(_configuration(srv), tmp_path / "outside")
    link = srv / f"Virtual Machines/{ID}.xml"
    link.symlink_to(tmp_path / "outside" if target == "outside" else target)
    with traced() as trace, scan_folder(srv) as inventory:
        assert _whole(inventory)
        found = _file(inventory, link)
        assert (found.role, found.configuration, found.target) == (FileRole.LINK, None, str(link.readlink()))
    assert not any("outside" in path for path in trace.paths)


def test_other_links_that_lead_nowhere_say_nothing(srv: Path) -> None:
    for name in ("notes.xml", "InitialStore.xml", f"Virtual Machines Cache/{ID}.xml"):
        (srv / name).parent.mkdir(exist_ok=True)
        (srv / name).symlink_to("nowhere")
    with scan_folder(srv) as inventory:
        assert (len(inventory.host_files), inventory.unreadable) == (6, ())


def test_a_state_file_that_is_a_link_is_found_by_its_name(srv: Path) -> None:
    for path in [*srv.rglob("*.bin"), *srv.rglob("*.vsv")]:
        kept = srv / "kept" / f"{path.parent.name}{path.suffix}.data"
        kept.parent.mkdir(exist_ok=True)
        path.rename(kept)
        path.symlink_to(kept)
    with scan_folder(srv) as inventory:
        assert _whole(inventory)
        assert {item.path for item in inventory.host_files if item.role is FileRole.STATE} == {
            str(path) for path in (srv / "kept").iterdir()
        }


def test_a_state_file_that_is_a_link_to_nowhere_is_told(srv: Path) -> None:
    path = next(srv.rglob("*.vsv"))
    path.unlink()
    path.symlink_to("nowhere")
    with scan_folder(srv) as inventory:
        assert [item.path for item in inventory.unreadable] == [str(path)]
        assert [item.outcome for item in _all_found(inventory)].count(PathOutcome.MISSING) == 1


def test_hard_linked_copies_have_all_their_names(srv: Path, tmp_path: Path) -> None:
    """As backups that link what did not change: the configuration alone differs, and is a file of its own."""
    copy = tmp_path / "copy/VMs/tuesday"
    shutil.copytree(srv, copy, copy_function=os.link)
    configuration = _configuration(copy)
    text = configuration.read_text(encoding="utf-16")
    configuration.unlink()
    configuration.write_text(text.replace("<notes", "<no_notes").replace("</notes", "</no_notes"), encoding="utf-16")
    with scan_folder(tmp_path / "copy") as inventory:
        assert [machine.now.path for machine in inventory.machines if machine.now] == [
            str(_configuration(srv)),
            str(configuration),
        ]
        found = list(_all_found(inventory))
        assert {item.rule for item in found} == {PathRule.SAME_PLACE}
        assert len({item.path for item in found}) == 6


# ---------------------------------------------------------------------------------------------------- named, and nested


def test_a_configuration_is_named_from_any_folder(srv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(srv / "Virtual Machines")
    name = _configuration(srv).name
    with scan_folder(name, "..") as inventory:
        (machine,) = inventory.machines
        assert machine.now is not None
        assert (machine.now.path, len(machine.snapshots)) == (name, 1)
        assert all(found.path and found.exact for found in _all_found(inventory))


def test_a_snapshot_that_is_named_alone_is_one(srv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(srv / "Snapshots")
    (name,) = (path.name for path in (srv / "Snapshots").glob("*.xml"))
    with scan_folder(name) as inventory:
        (machine,) = inventory.machines
        assert (machine.now, [item.path for item in machine.snapshots]) == (None, [name])
        assert [item.outcome for item in _all_found(inventory)].count(PathOutcome.FOUND) == 2  # of its saved state


def test_a_file_that_is_named_by_a_link_lies_where_it_lies(srv: Path, tmp_path: Path) -> None:
    (path,) = (srv / "Snapshots").glob("*.xml")
    text = path.read_text(encoding="utf-16").replace("type_id", "no_type_id").replace("logical_id", "no_logical_id")
    path.write_text(text, encoding="utf-16")
    (tmp_path / "links").mkdir()
    (tmp_path / "links/named.xml").symlink_to(path)
    with scan_folder(tmp_path / "links/named.xml") as inventory:
        (machine,) = inventory.machines
        assert (machine.now, len(machine.snapshots)) == (None, 1)


def test_a_named_configuration_finds_its_files_where_it_may_look(srv: Path) -> None:
    with scan_folder(_configuration(srv)) as inventory:
        assert {item.outcome for item in _all_found(inventory) if item.stored.endswith("vhd")} == {PathOutcome.MISSING}
    with scan_folder(_configuration(srv), within=srv) as inventory:
        assert all(found.exact and found.rule is PathRule.SAME_PLACE for found in _all_found(inventory))
        assert len(inventory.images) == 2  # the disk, and its parent
        assert len([item for item in inventory.host_files if item.role is FileRole.STATE]) == 2


def test_a_named_file_must_be_a_configuration(srv: Path) -> None:
    (srv / "notes.xml").write_text("<notes/>")
    (srv / ".xml").write_text("<notes/>")
    for name in ("notes.xml", ".xml"):
        with scan_folder(srv / name) as inventory:
            assert [finding.code for finding in _file(inventory, srv / name).problems] == ["VHD816"]


def test_folders_that_overlap_are_scanned_once(srv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(srv.parent)
    with scan_folder("srv", ".", srv, "srv/Virtual Machines", _configuration(srv)) as inventory:
        assert _whole(inventory)
        assert (len(inventory.images), len(inventory.host_files)) == (2, 6)


def test_a_folder_is_the_same_through_a_link(srv: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/link").symlink_to(srv)
    with scan_folder(tmp_path / "elsewhere/link") as inventory:
        assert _whole(inventory)
    with scan_folder(tmp_path / "elsewhere/link/Virtual Machines", srv / "Snapshots", srv) as inventory:
        assert _whole(inventory)


# ------------------------------------------------------------------------------------------------------------- path map


def test_a_map_leads_to_disks_and_states_outside_of_the_scan(srv: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    for path in [*srv.glob("*vhd"), *srv.rglob("*.bin"), *srv.rglob("*.vsv")]:
        target = away / path.relative_to(srv)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    with scan_folder(srv) as inventory:
        assert {item.outcome for item in _all_found(inventory)} == {PathOutcome.MISSING}
    with scan_folder(srv, path_map={ROOT: str(away)}) as inventory:
        assert _whole(inventory)
        assert {item.rule for item in _all_found(inventory)} == {PathRule.MAP}
        assert {image.name for image in inventory.images} == {str(path) for path in away.glob("*vhd")}
        assert {item.path for item in inventory.host_files if item.role is FileRole.STATE} == {
            str(path) for path in away.rglob("*.*") if path.suffix in (".bin", ".vsv")
        }


def test_a_mapped_disk_may_have_any_name(srv: Path, tmp_path: Path) -> None:
    (disk,) = srv.glob("*.vhd")
    disk.rename(tmp_path / "image.data")
    with scan_folder(srv, path_map={rf"{ROOT}\srv.vhd": str(tmp_path / "image.data")}) as inventory:
        assert str(tmp_path / "image.data") in [image.name for image in inventory.images]


def test_where_a_map_leads_nowhere_the_search_goes_on_and_is_not_certain(srv: Path, tmp_path: Path) -> None:
    with scan_folder(srv, path_map={ROOT: str(tmp_path)}) as inventory:
        found = list(_all_found(inventory))
        assert [item.path is not None for item in found] == [True] * 6
        assert not any(item.exact for item in found)
        assert all(item.attempts[0].rule is PathRule.MAP and item.attempts[0].detail for item in found)


def test_a_map_never_leads_out_of_the_folders_that_were_given(srv: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    for path in srv.glob("*vhd"):
        path.rename(away / path.name)
    with traced() as trace, scan_folder(srv, within=srv, path_map={ROOT: str(away)}) as inventory:
        assert {item.outcome for item in _all_found(inventory) if item.stored.endswith("vhd")} == {PathOutcome.MISSING}
    assert not any(str(away) in path for path in trace.paths)


# -------------------------------------------------------------------------------------------------------- what it costs

_SCAN = """
import sys
from vhdchain.shell.scanning import scan_folder
with scan_folder(sys.argv[1]) as inventory:
    print(len(inventory.images), len(inventory.host_files), "lxml" in sys.modules, "networkx" in sys.modules)
"""


def test_the_reader_of_xml_is_loaded_for_configurations_only(srv: Path, tmp_path: Path) -> None:
    def scanned(folder: Path) -> str:
        command = [sys.executable, "-c", _SCAN, str(folder)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    assert scanned(srv) == "2 6 True False"
    shutil.copytree(srv, tmp_path / "disks", ignore=shutil.ignore_patterns("*.xml"))
    assert scanned(tmp_path / "disks") == "2 4 False False"
