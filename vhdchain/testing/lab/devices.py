"""Which sections for devices, and which manifest, does a configuration have?

IDE, floppy and integration services have the id of their device as instance, SCSI controllers one of their own, which
the manifest tells. On 2008 R2 the IDE controller and the floppy drive stand in no manifest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.hyperv.keytree import make_key
from vhdchain.hyperv.records import ControllerKind, Service
from vhdchain.testing.lab.sections import AFTER_SERVICES, BEFORE_SERVICES, NETWORK, further_sections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.hyperv.keytree import Key
    from vhdchain.testing.lab.machine import LabDrive, LabState
    from vhdchain.testing.lab.versions import HostVersion

IDE = "83f8638b-8dca-4152-9eda-2ca8b33039b4"
SCSI = "d422512d-2bf2-4752-809d-7b82b5fcb1b4"
FLOPPY = "8f0d2762-0b00-4e04-af4f-19010527cb93"

SERVICES: dict[Service, tuple[str, str]] = {
    Service.HEARTBEAT: ("84eaae65-2f2e-45f5-9bb5-0e857dc8eb47", "Microsoft Heartbeat Component"),
    Service.KEY_VALUE: ("2a34b1c2-fd73-4043-8a5b-dd2159bc743f", "Microsoft Key-Value Pair Exchange Component"),
    Service.SHUTDOWN: ("9f8233ac-be49-4c79-8ee3-e7e1985b2077", "Microsoft Shutdown Component"),
    Service.TIME: ("2497f4de-e9fa-4204-80e4-4b75c46419c0", "Microsoft Time Synchronization Component"),
    Service.VSS: ("5ced1297-4598-4915-a5fc-ad21bb4d02a4", "Microsoft VSS Component"),
}
"""The integration services in the order of the manifest: the device's id, which is also the instance, and its name."""

_EMPTY_IDE = {(0, 0): "NONE", (0, 1): "NONE", (1, 0): "ISO", (1, 1): "NONE"}


def device_keys(state: LabState, version: HostVersion) -> list[Key]:
    """Return the sections of the devices of ``state``, and the manifest."""
    keys = [_ide(state, version), _floppy(version)]
    keys += [_scsi(state, number, instance, version) for number, instance in enumerate(state.scsi)]
    keys += [_service(service, enabled=enabled, version=version) for service, enabled in state.services.items()]
    if version.is_2012:
        keys += further_sections(state.network)
    return [*keys, _manifest(state, version)]


def section_name(instance: str) -> str:
    """Return the name of the section of a device's instance."""
    return f"_{instance.lower()}_"


def _ide(state: LabState, version: HostVersion) -> Key:
    slots = {place: _drive(None, kind, version) for place, kind in _EMPTY_IDE.items()}
    for drive in state.drives:
        if drive.controller is ControllerKind.IDE:
            slots[drive.number, drive.slot] = _drive(drive, drive.kind, version)
    controllers = [
        make_key(
            f"controller{number}", None, *(make_key(f"drive{slot}", None, *slots[number, slot]) for slot in (0, 1))
        )
        for number in (0, 1)
    ]
    return make_key(section_name(IDE), None, *controllers, _version(version, old=5, new=1280))


def _floppy(version: HostVersion) -> Key:
    drive = make_key("drive0", None, *_drive(None, "VFD", version))
    controller = make_key("controller0", None, drive)
    return make_key(section_name(FLOPPY), None, controller, _version(version, old=1, new=256))


def _scsi(state: LabState, number: int, instance: str, version: HostVersion) -> Key:
    drives = [
        make_key(f"drive{drive.slot}", None, *_drive(drive, drive.kind, version))
        for drive in state.drives
        if drive.controller is ControllerKind.SCSI and drive.number == number
    ]
    # The channel is another id than the instance; any other serves.
    channel = "{" + instance[::-1].replace("-", "")[:8] + instance[8:] + "}"
    keys = [make_key("ChannelInstanceGuid", channel.upper())]
    if drives:
        keys.append(make_key("controller0", None, *drives))
    keys.append(_version(version, old=0, new=256) if version.is_2012 else make_key("ElementName", "SCSI Controller"))
    return make_key(section_name(instance), None, *keys)


def _service(service: Service, *, enabled: bool, version: HostVersion) -> Key:
    keys = [] if enabled else [make_key("Enabled", value=False)]
    return make_key(section_name(SERVICES[service][0]), None, *keys, _version(version, old=1, new=256))


def _version(version: HostVersion, *, old: int, new: int) -> Key:
    return make_key("VDEVVersion", new) if version.is_2012 else make_key("version", old)


def _drive(drive: LabDrive | None, kind: str, version: HostVersion) -> Iterator[Key]:
    yield make_key("pathname", "" if drive is None else stored_path(drive))
    yield make_key("type", kind)
    if version.is_2012 and drive is not None and drive.kind == "VHD":
        yield make_key("iops_limit", 0)
        yield make_key("iops_reservation", 0)
        yield make_key("persistent_reservations_supported", value=False)
        yield make_key("weight", 100)


def stored_path(drive: LabDrive) -> str:
    """Return the path that a configuration stores for ``drive``."""
    return drive.path if drive.image is None else drive.image.name.replace("/", "\\")


def _manifest(state: LabState, version: HostVersion) -> Key:
    devices = [(*SERVICES[service], SERVICES[service][0]) for service in SERVICES if service in state.services]
    name = "Synthetic SCSI Controller" if version.is_2012 else "Microsoft Synthetic SCSI Controller"
    if version.is_2012:
        devices = [*_same(BEFORE_SERVICES), *devices, *_same(AFTER_SERVICES)]
        devices.append((NETWORK, "Synthetic Ethernet Port", state.network))
    devices += [(SCSI, name, instance) for instance in state.scsi]
    entries = [
        make_key(
            f"vdev{number:03}",
            None,
            make_key("device", device),
            make_key("flags", 1),
            make_key("instance", instance.upper() if version.is_2012 else instance),
            make_key("name", called),
        )
        for number, (device, called, instance) in enumerate(devices, 1)
    ]
    return make_key("manifest", None, make_key("size", len(devices)), make_key("version", 260), *entries)


def _same(devices: tuple[tuple[str, str], ...]) -> list[tuple[str, str, str]]:
    return [(device, name, device) for device, name in devices]
