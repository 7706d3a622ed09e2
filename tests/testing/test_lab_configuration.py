"""Do the configurations of a lab have the form of real ones, and say what the lab was told?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from vhdchain.hyperv import read_configuration
from vhdchain.hyperv.records import ConfigurationKind, ControllerKind, PowerState, Service
from vhdchain.hyperv.xml import parse_document
from vhdchain.testing import HostLab, LabDisk

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.hyperv.keytree import Key
    from vhdchain.hyperv.records import Configuration
    from vhdchain.testing import LabMachine, LabSnapshot

_INSTANCE = re.compile(r"_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}_")


def _read(lab: HostLab, owner: LabMachine | LabSnapshot) -> Configuration:
    path = lab.configuration_path(owner)
    document = parse_document(lab.files()[path], name=path)
    return read_configuration(document, path=path, folder=path.split("/")[-2])


def _types(root: Key) -> set[tuple[str, str | None]]:
    """Return path and type of every key; instances that differ by machine by their devices, numbers left out."""
    manifest = root.find("manifest")
    entries = () if manifest is None else manifest.children
    devices = {f"_{entry.text_at('instance').lower()}_": f"_{entry.text_at('device')}_" for entry in entries}
    types = set()
    for path, key in root.walk():
        named = _INSTANCE.sub(lambda match: devices.get(match[0], match[0]), path)
        named = re.sub(r"(PLACEHOLDER_ENTRY_|vdev)[0-9]+", r"\1", named)
        types.add((named, key.type))
    return types


def _lab(version: str) -> tuple[HostLab, LabMachine]:
    lab = HostLab(version=version, root=r"C:\root")
    return lab, lab.machine("srv", disks=[LabDisk("srv.vhd")], generation_id="fd66d6917bb7cdbf9a906875a3cf499b")


@pytest.mark.corpus
def test_a_real_file_of_2012_r2_has_no_key_that_a_lab_lacks_and_the_other_way_round(corpus: Path) -> None:
    path = corpus / "config" / "vm_2012r2_ascii_declared_utf16.xml"
    real = _types(parse_document(path.read_bytes(), name=path.name).root)
    lab, machine = _lab("2012 R2")
    assert _types(lab.configuration(machine)) == real


@pytest.mark.corpus
def test_the_reconstruction_of_2008_r2_has_no_key_that_a_lab_lacks(corpus: Path) -> None:
    path = corpus.parent / "hyperv-examples" / "vm_2008r2_two_snapshots.xml"
    known = _types(parse_document(path.read_bytes(), name=path.name).root)
    lab = HostLab()
    disks = [LabDisk("linux1.vhd"), LabDisk("data.vhd", controller="SCSI")]
    machine = lab.machine("linux1", root=r"D:\VMs\linux1", disks=disks)
    lab.take(machine)
    lab.take(machine)
    services = {f"_{device}_" for device in _SERVICES}
    extra = {path for path, _ in _types(lab.configuration(machine)) - known}
    assert known <= _types(lab.configuration(machine))
    assert extra == services | {f"{section}/version" for section in services}


_SERVICES = (
    "2497f4de-e9fa-4204-80e4-4b75c46419c0",
    "2a34b1c2-fd73-4043-8a5b-dd2159bc743f",
    "5ced1297-4598-4915-a5fc-ad21bb4d02a4",
    "84eaae65-2f2e-45f5-9bb5-0e857dc8eb47",
    "9f8233ac-be49-4c79-8ee3-e7e1985b2077",
)


@pytest.mark.parametrize("version", ["2008", "2008 R2", "2012 R2"])
def test_a_machine_is_read_as_it_was_made(version: str) -> None:
    lab = HostLab(version=version)
    srv = lab.machine(
        "srv",
        root=r"D:\VMs\srv",
        snapshot_root=r"E:\Snapshots",
        disks=[LabDisk("a.vhd", slot=1), LabDisk("b.vhd", controller="SCSI", number=1, slot=5)],
        vss=False,
        services={Service.TIME: None},
        notes="a note",
        host_shutdown=2,
        host_startup=0,
        unexpected_termination=2,
        generation_id="fd66d6917bb7cdbf9a906875a3cf499b",
    )
    read = _read(lab, srv)
    assert (read.kind, read.id, read.machine_id, read.name) == (ConfigurationKind.MACHINE, srv.id, srv.id, "srv")
    assert (read.data_root, read.snapshot_root, read.notes) == (r"D:\VMs\srv", r"E:\Snapshots", "a note")
    assert (read.host_shutdown, read.host_startup, read.unexpected_termination) == (2, 0, 2)
    assert (read.generation_id, read.owner) == ("fd66d6917bb7cdbf9a906875a3cf499b", srv.owner)
    assert read.services == {
        Service.HEARTBEAT: True,
        Service.KEY_VALUE: True,
        Service.SHUTDOWN: True,
        Service.VSS: False,
    }
    assert [(drive.controller, drive.number, drive.slot) for drive in read.disks] == [
        (ControllerKind.IDE, 0, 1),
        (ControllerKind.SCSI, 0, 5),
    ]
    assert [drive.path.rpartition("\\")[2] for drive in read.disks] == ["a.vhd", "b.vhd"]
    assert read.disks[1].section == srv.state.scsi[1]
    assert read.created is not None
    assert read.powered_on is not None
    assert read.powered_off is not None
    assert read.created < read.powered_on < read.powered_off == read.state_changed
    # 8:02 on 2011-05-02 as Unix knows it, and the seconds between 1601 and 1970.
    assert read.created == (1_304_323_320 + 11_644_473_600) * 10_000_000
    assert read.power.state is PowerState.OFF


@pytest.mark.parametrize("power", [PowerState.RUNNING, PowerState.SAVED, PowerState.OFF])
def test_the_state_of_power_is_guessed_right(power: PowerState) -> None:
    lab = HostLab()
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    lab.bring(srv, power)
    assert _read(lab, srv).power.state is power


def test_saved_states_name_files_that_are_there() -> None:
    lab = HostLab()
    srv = lab.machine("srv")
    snapshot = lab.take(srv, power="running")
    lab.save_state(srv)
    for owner, kind in ((srv, "Normal"), (snapshot, "Snapshot")):
        saved = _read(lab, owner).saved_state
        assert (saved.type, saved.in_progress) == (kind, False)
        stored = [path[3:].replace("\\", "/") for path in (saved.memory, saved.devices)]
        assert tuple(stored) == lab.state_paths(owner)
        assert set(stored) < set(lab.files())


def test_ids_of_snapshots_are_mentioned_unless_they_are_stripped() -> None:
    lab = HostLab()
    srv = lab.machine("srv")
    first, second = lab.take(srv), lab.take(srv)
    read = _read(lab, srv)
    assert (read.listed_snapshots, read.listed_ids) == (2, (first.id, second.id))
    assert _read(lab, second).tree.text_at("properties/PLACEHOLDER_PARENT") == first.id
    lab.ids = False
    stripped = _read(lab, srv)
    assert (stripped.listed_snapshots, stripped.listed_ids) == (2, ())
    for owner in srv.owners:
        others = {other.id.encode("utf-16-le") for other in srv.snapshots if other is not owner}
        # An id may still be part of the path of a saved state; here there is none.
        assert not any(other in lab.files()[lab.configuration_path(owner)] for other in others)


def test_any_key_can_be_set_and_left_out() -> None:
    lab = HostLab()
    srv = lab.machine("srv")
    lab.edit(srv, "properties/global_id", "another")
    lab.edit(srv, "global_settings/new/key", 7)
    lab.without(srv, "manifest")
    lab.start(srv)
    tree = _read(lab, srv).tree
    assert tree.text_at("properties/global_id") == "another"
    assert tree.integer_at("global_settings/new/key") == 7
    assert tree.find("manifest") is None


# --------------------------------------------------------------------------------------------------------------- slots


def test_disks_take_the_slots_that_are_free() -> None:
    lab = HostLab()
    srv = lab.machine("srv", disks=[LabDisk(f"{number}.vhd") for number in range(3)])
    places = [(drive.number, drive.slot) for drive in srv.state.drives]
    assert places == [(0, 0), (0, 1), (1, 1)]  # the DVD drive has 1:0
    with pytest.raises(ValueError, match="no free slot"):
        lab.attach(srv, LabDisk("fourth.vhd"))
    with pytest.raises(ValueError, match="no free slot"):
        lab.attach(srv, LabDisk("fifth.vhd", controller="SCSI", slot=64))
    with pytest.raises(ValueError, match="no disk can be attached"):
        lab.attach(srv, LabDisk("sixth.vhd", controller="floppy"))


def test_a_disk_can_be_attached_to_another_machine_and_taken_out() -> None:
    lab = HostLab()
    one, other = lab.machine("one", disks=[LabDisk("shared.vhd")]), lab.machine("other")
    image = one.state.images[0]
    lab.attach(other, image, controller="SCSI", slot=2)
    assert _read(lab, other).disks[0].path == _read(lab, one).disks[0].path
    assert _read(lab, other).disks[0].slot == 2
    assert lab.detach(other, 0) is image
    assert _read(lab, other).disks == ()


def test_a_disk_of_the_host_is_no_file() -> None:
    lab = HostLab()
    srv = lab.machine("srv")
    lab.pass_through(srv)
    (drive,) = [drive for drive in _read(lab, srv).drives if drive.is_pass_through]
    assert (drive.controller, drive.kind) == (ControllerKind.SCSI, "HDD")
    assert _read(lab, srv).disks == ()
