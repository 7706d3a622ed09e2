"""Which drives, SCSI controllers and integration services does a key tree know?

Devices are found through the manifest, which says the device of each instance, and by their well-known ids: those that
a machine has once have the device's id as instance, and on 2008 R2 IDE controller and floppy drive stand in no
manifest. GUIDs are compared without letter case. Where an instance or section is there twice, the first counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from vhdchain.hyperv.records import ControllerKind, Drive, Service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vhdchain.hyperv.keytree import Key

MANIFEST = "manifest"
IDE_DEVICE = "83f8638b-8dca-4152-9eda-2ca8b33039b4"
SCSI_DEVICE = "d422512d-2bf2-4752-809d-7b82b5fcb1b4"
FLOPPY_DEVICE = "8f0d2762-0b00-4e04-af4f-19010527cb93"
SERVICE_DEVICES: Mapping[str, Service] = MappingProxyType(
    {
        "5ced1297-4598-4915-a5fc-ad21bb4d02a4": Service.VSS,
        "84eaae65-2f2e-45f5-9bb5-0e857dc8eb47": Service.HEARTBEAT,
        "2a34b1c2-fd73-4043-8a5b-dd2159bc743f": Service.KEY_VALUE,
        "9f8233ac-be49-4c79-8ee3-e7e1985b2077": Service.SHUTDOWN,
        "2497f4de-e9fa-4204-80e4-4b75c46419c0": Service.TIME,
    }
)
"""The ids of devices, which are also the instances of those that a machine has once."""

_CONTROLLERS = {
    IDE_DEVICE: ControllerKind.IDE,
    SCSI_DEVICE: ControllerKind.SCSI,
    FLOPPY_DEVICE: ControllerKind.FLOPPY,
}
_GUID = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_SECTION = re.compile(f"_({_GUID})_")
_SECTION_TAG = re.compile(rf"<_{_GUID}_[\s/>]".encode())
_NUMBER = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices:
    """The devices of one configuration; attributes as of `vhdchain.hyperv.records.Configuration`."""

    drives: tuple[Drive, ...] = ()
    scsi_controllers: tuple[str, ...] = ()
    services: Mapping[Service, bool]
    has_manifest: bool


def has_device_section(head: bytes) -> bool:
    """Say whether what a file begins with, in any encoding, has the section of a device, as hosts write first."""
    return _SECTION_TAG.search(head.replace(b"\0", b"")) is not None


def is_device_section(name: str) -> bool:
    """Say whether a key of the root with this name is the section of a device."""
    return _SECTION.fullmatch(name) is not None


def read_devices(root: Key) -> Devices:
    """Return the devices of a configuration."""
    manifest = root.find(MANIFEST)
    devices = {} if manifest is None else _manifest(manifest)
    sections = [(match[1].lower(), key) for key in root.children if (match := _SECTION.fullmatch(key.name))]
    return Devices(
        drives=tuple(_drives(sections, devices)),
        scsi_controllers=tuple(instance for instance, device in devices.items() if device == SCSI_DEVICE),
        services=MappingProxyType(_services(sections, devices)),
        has_manifest=manifest is not None,
    )


def _manifest(manifest: Key) -> dict[str, str]:
    """Return the device of every instance that the manifest names, both in lower case."""
    devices: dict[str, str] = {}
    for entry in manifest.children:
        if instance := _bare(entry.text_at("instance")):
            devices.setdefault(instance, _bare(entry.text_at("device")))
    return devices


def _bare(guid: str) -> str:
    return guid.strip().strip("{}").lower()


def _drives(sections: list[tuple[str, Key]], devices: Mapping[str, str]) -> Iterator[Drive]:
    order = {instance: place for place, instance in enumerate(devices)}
    # Controllers in the order of the manifest, which is the one that users see; those that it leaves out come first.
    for section, key in sorted(sections, key=lambda item: order.get(item[0], -1)):
        kind = _CONTROLLERS.get(devices.get(section, section), ControllerKind.OTHER)
        for controller, number in _numbered(key, "controller"):
            for drive, slot in _numbered(controller, "drive"):
                stored = drive.find("pathname")
                if stored is None and drive.find("type") is None:
                    continue
                yield Drive(
                    controller=kind,
                    section=section,
                    number=number,
                    slot=slot,
                    kind=drive.text_at("type").strip(),
                    path=drive.text_at("pathname"),
                    field=f"{key.name}/{controller.name}/{drive.name}/pathname",
                )


def _numbered(key: Key, word: str) -> list[tuple[Key, int]]:
    """Return the keys that are called ``word`` and a number, in the order of the numbers."""
    named = [child for child in key.children if child.name.startswith(word)]
    numbered = [(child, int(rest)) for child in named if _NUMBER.fullmatch(rest := child.name[len(word) :])]
    return sorted(numbered, key=lambda item: item[1])


def _services(sections: list[tuple[str, Key]], devices: Mapping[str, str]) -> dict[Service, bool]:
    """Return whether the services that the manifest names are enabled: nothing in their section says otherwise."""
    by_instance = dict(reversed(sections))
    services: dict[Service, bool] = {}
    for instance, device in devices.items():
        if (service := SERVICE_DEVICES.get(device)) is not None:
            section = by_instance.get(instance)
            services.setdefault(service, section is None or section.bool_at("Enabled") is not False)
    return services
