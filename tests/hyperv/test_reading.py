"""What a configuration says as a record: every field, and what odd, doubled and hostile keys become."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.hyperv.calls import calls_of
from vhdchain.hyperv import (
    Configuration,
    ConfigurationKind,
    ControllerKind,
    Key,
    PowerState,
    Service,
    build_document,
    has_device_section,
    is_machine_tree,
    make_key,
    parse_document,
    read_configuration,
)
from vhdchain.hyperv.devices import FLOPPY_DEVICE, IDE_DEVICE, SCSI_DEVICE, SERVICE_DEVICES
from vhdchain.hyperv.encoding import HOST_ENCODING
from vhdchain.hyperv.xml import ConfigurationDocument

if TYPE_CHECKING:
    from pathlib import Path

ONE, OTHER = "E47E468F-8426-4C4A-98A7-0483DD4F0BE1", "5B3D7E90-1F0A-4E6E-8C7C-9D2C3A4B5E02"
SCSI = "d33d01d8-8f56-450e-a8b0-030249e07b6e"
VSS = next(device for device, service in SERVICE_DEVICES.items() if service is Service.VSS)


def _read(*keys: Key, folder: str = "") -> Configuration:
    document = ConfigurationDocument(root=make_key("configuration", None, *keys), encoding=HOST_ENCODING)
    return read_configuration(document, path="x.xml", folder=folder)


def _properties(**values: str | int | bool | bytes) -> Key:
    return make_key("properties", None, *(make_key(name, value) for name, value in values.items()))


def _logical_id(value: str) -> Key:
    return make_key("settings", None, make_key("global", None, make_key("logical_id", value)))


def _section(instance: str, *keys: Key) -> Key:
    return make_key(f"_{instance}_", None, *keys)


def _controller(number: int, *drives: Key) -> Key:
    return make_key(f"controller{number}", None, *drives)


def _drive(number: int, path: str, kind: str = "VHD") -> Key:
    return make_key(f"drive{number}", None, make_key("pathname", path), make_key("type", kind))


def _manifest(*devices: tuple[str, str]) -> Key:
    entries = (
        make_key(f"vdev{number:03}", None, make_key("device", device), make_key("instance", instance))
        for number, (device, instance) in enumerate(devices, 1)
    )
    return make_key("manifest", None, make_key("size", len(devices)), *entries)


# -------------------------------------------------------------------------------------------------------- real examples


@pytest.mark.corpus
def test_the_real_configuration_of_2012_r2_says_what_is_known_of_it(corpus: Path) -> None:
    data = (corpus / "config" / "vm_2012r2_ascii_declared_utf16.xml").read_bytes()
    found = read_configuration(parse_document(data, name="x"), path="x", folder="Virtual Machines")
    assert found.encoding.name == "ascii"
    assert found.encoding.declared == "UTF-16"
    assert (found.kind, found.id, found.machine_id) == (ConfigurationKind.MACHINE, found.id, found.id)
    assert found.id == "0AA394FA-7C4A-4070-BA32-773D43B28A68"
    assert (found.name, found.version) == ("2012R2", 1280)
    assert [(disk.place, disk.path) for disk in found.disks] == [
        ("IDE 0:0", r"C:\dev\vagrant\Win2k12R2\.vagrant\machines\default\hyperv\disk.vhd")
    ]
    assert found.created is not None
    created = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=found.created // 10)
    assert created.replace(microsecond=0) == datetime(2014, 11, 9, 5, 34, 40, tzinfo=UTC)
    assert found.generation_id == "fd66d6917bb7cdbf9a906875a3cf499b"
    assert found.owner == "S-1-5-21-805543585-96907229-3301423255-1001"
    assert (found.host_shutdown, found.host_startup, found.unexpected_termination) == (1, 1, 1)
    assert dict(found.services) == dict.fromkeys(Service, True)
    assert found.scsi_controllers == ("d7a36e9b-9256-4f0d-be2c-3a13887f7b03",)
    assert (found.powered_on, found.powered_off) == (130599954966442599, 130599959406707888)
    assert found.power.state is PowerState.OFF
    assert (bool(found.saved_state), found.merge_pending) == (False, False)
    assert [(drive.place, drive.kind) for drive in found.drives if not drive.path] == [
        ("IDE 0:1", "NONE"),
        ("IDE 1:0", "ISO"),
        ("IDE 1:1", "NONE"),
        ("floppy 0:0", "VFD"),
    ]


def test_the_annotated_machine_of_2008_r2(hyperv_examples: Path) -> None:
    data = (hyperv_examples / "vm_2008r2_two_snapshots.xml").read_bytes()
    found = read_configuration(parse_document(data, name="x"), path="x")
    assert (found.kind, found.id, found.machine_id, found.name) == (ConfigurationKind.MACHINE, ONE, ONE, "linux1")
    assert (found.version, found.data_root, found.snapshot_root) == (512, r"D:\VMs\linux1", r"D:\VMs\linux1")
    assert [(disk.place, disk.section, disk.path) for disk in found.disks] == [
        ("IDE 0:0", IDE_DEVICE, r"D:\VMs\linux1\linux1_1CE6964B-29B6-4D37-97AA-E847195217F3.avhd"),
        ("SCSI 0:0", SCSI, r"D:\VMs\linux1\data_7A0C3C0E-93E1-4D0B-8C64-6A9B6B2B7C11.avhd"),
    ]
    assert dict(found.services) == {Service.HEARTBEAT: True, Service.VSS: True}
    assert (found.listed_snapshots, found.listed_ids) == (2, ("0E1F6C1A-6C1E-4B52-9C6A-2B7E4F0B8D01", OTHER))
    assert dict(found.mentioned_ids) == {OTHER: "properties/PLACEHOLDER_PARENT"}
    assert (found.host_shutdown, found.host_startup, found.unexpected_termination) == (1, 2, 1)
    assert found.power.state is PowerState.RUNNING
    assert found.generation_id == ""


def test_the_annotated_snapshot_of_2008_r2(hyperv_examples: Path) -> None:
    data = (hyperv_examples / "snapshot_2008r2.xml").read_bytes()
    found = read_configuration(parse_document(data, name="x"), path="x")
    assert (found.kind, found.id, found.machine_id) == (ConfigurationKind.SNAPSHOT, OTHER, ONE)
    assert [disk.path for disk in found.disks] == [r"D:\VMs\linux1\linux1_F69039E2-D0A2-4494-B406-0A8476DA557F.avhd"]
    state = rf"D:\VMs\linux1\Snapshots\{OTHER}\{OTHER}"
    saved = found.saved_state
    assert (saved.memory, saved.devices, saved.in_progress, saved.type) == (
        f"{state}.bin",
        f"{state}.vsv",
        False,
        "Snapshot",
    )
    assert (found.power.state, found.has_manifest) == (PowerState.SAVED, False)
    assert dict(found.mentioned_ids) == {"0E1F6C1A-6C1E-4B52-9C6A-2B7E4F0B8D01": "properties/PLACEHOLDER_PARENT"}


# ------------------------------------------------------------------------------------------------ what it is, and whose


@pytest.mark.parametrize(
    ("folder", "type_id", "machine", "is_snapshot"),
    [
        ("Snapshots", "", "", True),
        ("SNAPSHOTS", "Snapshots", OTHER, True),
        ("Virtual Machines", "", "", False),
        ("", "Snapshots", "", True),
        ("", "", OTHER, True),
        ("", "", ONE, False),
        ("", "", "", False),
        ("evidence", "Virtual Machines", OTHER, False),
        ("Snapshots", "Virtual Machines", "", True),
        ("Snapshots", "Virtual Machines", OTHER, True),
        ("Snapshots", "Virtual Machines", ONE, False),  # somebody's folder of copies is called so
        ("Virtual Machines", "Snapshots", OTHER, True),
    ],
)
def test_folder_type_and_ids_say_together_what_it_is(
    folder: str, type_id: str, machine: str, is_snapshot: bool
) -> None:
    found = _read(_properties(global_id=ONE, type_id=type_id), _logical_id(machine), folder=folder)
    assert found.is_snapshot is is_snapshot


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        (ONE, ONE),
        (f"{{{ONE.lower()}}}", ONE),
        (f"  {ONE}\n", ONE),
        (f"Microsoft:{ONE}", ONE),
        ("", ""),
        ("  ", ""),
        ("{srv}", "SRV"),
        (ONE + "0", ONE + "0"),
        (ONE[:-1], ONE[:-1]),
        ("-" * 65_536, "-" * 65_536),
    ],
)
def test_ids_are_told_without_braces_in_upper_case(stored: str, read: str) -> None:
    assert _read(_properties(global_id=stored)).id == read


@pytest.mark.parametrize(
    ("root", "is_one"),
    [
        (make_key("configuration", None, _properties(global_id=ONE)), True),
        (make_key("configuration", None, make_key("savedstate", None)), True),
        (make_key("configuration", None, _properties(name="x")), False),
        (make_key("configuration", None, make_key("appSettings", None)), False),
        (make_key("other", None, _properties(global_id=ONE)), False),
    ],
)
def test_a_tree_is_a_machine_s_by_its_keys(root: Key, is_one: bool) -> None:
    assert is_machine_tree(root) is is_one


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be", "utf-8"])
def test_the_section_of_a_device_is_seen_in_any_encoding(codec: str) -> None:
    text = f"<configuration>\n  <_{SCSI.upper()}_>\n"
    assert has_device_section(text.encode(codec))
    assert not has_device_section(f"<configuration>\n  <x_{SCSI}_>\n".encode(codec))
    assert not has_device_section(b"")


# ---------------------------------------------------------------------------------------------------- times and numbers

LAST = 2_650_467_743_999_999_999


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ((130599584803518607).to_bytes(8, "little"), 130599584803518607),
        (130599584803518607, 130599584803518607),
        (0, 0),
        (b"\0" * 8, 0),
        (LAST, LAST),
        (LAST + 1, None),
        (-1, None),
        (10**30, None),
        (b"\xff" * 8, None),
        (b"\x01" * 7, None),
        (b"", None),
        (True, None),
        ("130599584803518607", None),
    ],
)
def test_times_are_those_of_a_calendar_or_none(stored: str | int | bool | bytes, read: int | None) -> None:
    found = _read(_properties(creation_time=stored, last_powered_on_time=stored, last_state_change_time=stored))
    assert (found.created, found.powered_on, found.state_changed) == (read, read, read)
    assert _read().created is None


@pytest.mark.parametrize(
    ("stored", "read"), [(512, 512), (-3, -3), (2**63 - 1, 2**63 - 1), (2**63, None), (10**40, None)]
)
def test_numbers_are_those_that_a_host_can_store_or_none(stored: int, read: int | None) -> None:
    listed = make_key("snapshots", None, make_key("list", None, make_key("size", stored)))
    found = _read(_properties(version=stored), make_key("global_settings", None, listed))
    assert (found.version, found.listed_snapshots) == (read, read)


def test_keys_of_another_type_are_none() -> None:
    found = _read(_properties(version="512", name=7, notes=True), make_key("savedstate", "x"))
    assert (found.version, found.name, found.notes, found.saved_state.devices) == (None, "", "", "")


# -------------------------------------------------------------------------------------------------------------- devices


def test_ide_and_floppy_need_no_manifest_and_scsi_does() -> None:
    sections = [
        _section(IDE_DEVICE.upper(), _controller(0, _drive(0, "a.vhd")), _controller(1, _drive(1, "b.iso", "ISO"))),
        _section(FLOPPY_DEVICE, _controller(0, _drive(0, "c.vfd", "VFD"))),
        _section(SCSI, _controller(0, _drive(63, "d.vhd"))),
    ]
    kinds = {drive.path: drive.controller for drive in _read(*sections).drives}
    ide, floppy = ControllerKind.IDE, ControllerKind.FLOPPY
    assert kinds == {"a.vhd": ide, "b.iso": ide, "c.vfd": floppy, "d.vhd": ControllerKind.OTHER}
    found = _read(*sections, _manifest((SCSI_DEVICE.upper(), f"{{{SCSI.upper()}}}")))
    (drive,) = (drive for drive in found.drives if drive.path == "d.vhd")
    assert (drive.controller, drive.place, drive.section) == (ControllerKind.SCSI, "SCSI 0:63", SCSI)
    assert drive.field == f"_{SCSI}_/controller0/drive63/pathname"
    assert found.tree.text_at(drive.field) == "d.vhd"
    assert [drive.path for drive in found.disks] == ["a.vhd", "d.vhd"]


def test_scsi_controllers_are_those_of_the_manifest_in_its_order_with_drives_or_without() -> None:
    ids = [f"{number}33d01d8-8f56-450e-a8b0-030249e07b6e" for number in (3, 2, 1)]
    found = _read(
        *(_section(instance, _controller(0, _drive(0, instance))) for instance in sorted(ids[1:])),
        _manifest(*((SCSI_DEVICE, instance) for instance in ids)),
    )
    assert found.scsi_controllers == tuple(ids)
    assert [drive.section for drive in found.drives] == ids[1:]


@pytest.mark.parametrize(
    ("kind", "path", "is_disk", "is_pass_through"),
    [
        ("VHD", r"C:\x.vhd", True, False),
        ("vhd", r"C:\x.avhd", True, False),
        (" VHD ", r"C:\x.vhd", True, False),
        ("VHD", "  ", False, False),
        ("ISO", r"C:\x.iso", False, False),
        ("VFD", r"C:\x.vfd", False, False),
        ("NONE", "", False, False),
        ("", r"C:\x.vhd", False, False),
        ("HDD", r"\\.\PHYSICALDRIVE1", False, True),
        ("VLU", "", False, True),
        ("what else", "x", False, True),
    ],
)
def test_the_type_says_what_is_attached(kind: str, path: str, is_disk: bool, is_pass_through: bool) -> None:
    (drive,) = _read(_section(IDE_DEVICE, _controller(0, _drive(0, path, kind)))).drives
    assert (drive.is_disk, drive.is_pass_through) == (is_disk, is_pass_through)


def test_what_is_called_like_a_drive_and_is_none_is_passed_over() -> None:
    odd = [make_key(name, None, *_drive(0, "x.vhd").children) for name in ("drive", "drivex", "drive00000", "drive-1")]
    empty = make_key("drive7", None, make_key("weight", 100))
    later = make_key("drive1", None, make_key("pathname", "y.vhd"), make_key("pool_id", ""), make_key("type", "VHD"))
    found = _read(_section(IDE_DEVICE, _controller(0, *odd, empty, later), make_key("controllers", None, later)))
    assert [(drive.slot, drive.path) for drive in found.drives] == [(1, "y.vhd")]


def test_slots_are_in_the_order_of_their_numbers() -> None:
    drives = [_drive(number, str(number)) for number in (10, 2, 1)]
    found = _read(_section(IDE_DEVICE, _controller(10, *drives), _controller(9, *drives)))
    assert [(drive.number, drive.slot) for drive in found.drives] == [
        (number, slot) for number in (9, 10) for slot in (1, 2, 10)
    ]


@pytest.mark.parametrize(
    ("section", "enabled"),
    [
        ([], True),
        ([_section(VSS)], True),
        ([_section(VSS, make_key("Enabled", value=True))], True),
        ([_section(VSS, make_key("Enabled", value=False))], False),
        ([_section(VSS.upper(), make_key("Enabled", value=False))], False),
        ([_section(VSS, make_key("Enabled", "False"))], True),
    ],
)
def test_a_service_of_the_manifest_is_enabled_unless_its_section_says_otherwise(
    section: list[Key], enabled: bool
) -> None:
    assert dict(_read(_manifest((VSS, VSS.upper())), *section).services) == {Service.VSS: enabled}


def test_a_service_without_an_entry_is_none_and_so_is_all_without_a_manifest() -> None:
    found = _read(_section(VSS))
    assert (dict(found.services), found.has_manifest) == ({}, False)
    found = _read(_section(VSS), _manifest())
    assert (dict(found.services), found.has_manifest) == ({}, True)


def test_the_first_of_repeated_entries_and_sections_counts() -> None:
    off, on = make_key("Enabled", value=False), make_key("Enabled", value=True)
    manifest = _manifest((VSS, VSS), (SCSI_DEVICE, VSS), (VSS, SCSI), (SCSI_DEVICE, ""))
    found = _read(_section(VSS, off), _section(VSS, on), _section(SCSI, on), manifest)
    assert dict(found.services) == {Service.VSS: False}
    assert found.scsi_controllers == ()


def test_many_controllers_cost_no_more_than_they_are() -> None:
    def work(number: int) -> int:
        ids = [f"{item:08x}-8f56-450e-a8b0-030249e07b6e" for item in range(number)]
        keys = [_section(item, _controller(0, _drive(0, item)), _controller(1, _drive(1, item))) for item in ids]
        manifest = _manifest(*((SCSI_DEVICE, item) for item in ids))
        return calls_of(lambda: _read(*keys, manifest))

    small, large = work(250), work(2000)
    assert large < 8 * small * 1.5


def test_a_text_of_any_length_is_searched_for_ids_once() -> None:
    long = "0123ABCD-" * 10_000
    found = _read(_properties(notes=long, name=f"x {OTHER} {OTHER}-1 y"))
    assert dict(found.mentioned_ids) == {OTHER: "properties/name"}


def test_what_is_written_and_parsed_again_reads_the_same() -> None:
    keys = [_properties(global_id=ONE, name="ü & <x>"), _logical_id(ONE), _manifest((SCSI_DEVICE, SCSI))]
    keys.append(_section(SCSI, _controller(0, _drive(0, "d.vhd"))))
    document = parse_document(build_document(make_key("configuration", None, *keys)), name="x")
    assert read_configuration(document, path="x.xml") == _read(*keys)
