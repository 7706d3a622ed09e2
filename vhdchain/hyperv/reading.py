"""How does a key tree become the record of a configuration?

Devices are found through the manifest and by their well-known ids, GUIDs compared without letter case, so that a key
more or less does no harm. What is not known of the format (how snapshots are listed, how a state names its parent) is
not interpreted: the GUIDs that occur are kept as candidates.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from vhdchain.hyperv.folders import MACHINES_FOLDER, SNAPSHOTS_FOLDER
from vhdchain.hyperv.power import power_guess, taken_in
from vhdchain.hyperv.records import Configuration, ConfigurationKind, ControllerKind, Drive, SavedState, Service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vhdchain.hyperv.keytree import Key
    from vhdchain.hyperv.xml import ConfigurationDocument

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

_KINDS = {MACHINES_FOLDER.upper(): ConfigurationKind.MACHINE, SNAPSHOTS_FOLDER.upper(): ConfigurationKind.SNAPSHOT}
_CONTROLLERS = {
    IDE_DEVICE: ControllerKind.IDE,
    SCSI_DEVICE: ControllerKind.SCSI,
    FLOPPY_DEVICE: ControllerKind.FLOPPY,
}
_GUID = re.compile(r"(?<![0-9A-Fa-f-])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f-])")
_SECTION = re.compile(r"_([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})_")
_SECTION_TAG = re.compile(rb"<_[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}_[\s/>]")
_NUMBERED = re.compile(r"(controller|drive)([0-9]{1,4})")
_NUMBERS = range(-(1 << 63), 1 << 63)
_SNAPSHOT_LIST = "global_settings/snapshots/list"
_FILETIME_BYTES = 8
_FILETIMES = range(1, 2_650_467_744_000_000_000)  # up to the year 9999, where calendars end; 0: never


def is_machine_tree(root: Key) -> bool:
    """Say whether a key tree is a configuration of a machine or snapshot at all: other programs use the name, too."""
    return root.name == "configuration" and any(
        root.find(key) is not None for key in ("properties/global_id", "manifest", "global_settings", "savedstate")
    )


def has_device_section(head: bytes) -> bool:
    """Say whether what a file begins with, in any encoding, has the section of a device, as hosts write first."""
    return _SECTION_TAG.search(head.replace(b"\0", b"")) is not None


def read_configuration(document: ConfigurationDocument, *, path: str, folder: str = "") -> Configuration:
    """Return what a configuration says.

    Args:
        document: The configuration.
        path: Its file as messages call it.
        folder: The name of the folder in which it lies, which helps to tell a machine's from a snapshot's.
    """
    root = document.root
    saved = SavedState(
        memory=root.text_at("savedstate/memlocation"),
        devices=root.text_at("savedstate/vsvlocation"),
        in_progress=root.bool_at("savedstate/in_progress"),
        type=root.text_at("savedstate/type"),
    )
    on, off = _time_at(root, "properties/last_powered_on_time"), _time_at(root, "properties/last_powered_off_time")
    own, machine = _id_at(root, "properties/global_id"), _id_at(root, "settings/global/logical_id")
    kind = _kind(folder, root.text_at("properties/type_id"), own, machine)
    guess = taken_in(saved) if kind is ConfigurationKind.SNAPSHOT else power_guess(saved, on, off)
    listed = root.find(_SNAPSHOT_LIST)
    return Configuration(
        path=path,
        kind=kind,
        id=own,
        machine_id=machine,
        name=root.text_at("properties/name"),
        notes=root.text_at("properties/notes"),
        version=_number_at(root, "properties/version"),
        created=_time_at(root, "properties/creation_time"),
        powered_on=on,
        powered_off=off,
        state_changed=_time_at(root, "properties/last_state_change_time"),
        drives=tuple(_drives(root)),
        scsi_controllers=tuple(_scsi_controllers(root)),
        saved_state=saved,
        services=MappingProxyType(_services(root)),
        has_manifest=root.find("manifest") is not None,
        snapshot_root=root.text_at("global_settings/snapshots/data_root"),
        data_root=root.text_at("global_settings/data_root"),
        listed_snapshots=_number_at(root, f"{_SNAPSHOT_LIST}/size"),
        listed_ids=() if listed is None else tuple(dict.fromkeys(guid for _, guid in _ids_at(listed))),
        mentioned_ids=_mentioned(root, own, machine),
        merge_pending=root.bool_at("global_settings/disk_merge_pending"),
        host_shutdown=_number_at(root, "global_settings/power/host_shutdown/action"),
        host_startup=_number_at(root, "global_settings/power/host_startup/action"),
        unexpected_termination=_number_at(root, "global_settings/unexpected_termination/action"),
        owner=root.text_at("global_settings/owner/sid"),
        generation_id=root.text_at("global_settings/devices/generation_id"),
        power=guess,
        tree=root,
        encoding=document.encoding,
    )


def _kind(folder: str, type_id: str, own: str, machine: str) -> ConfigurationKind:
    """Return whose configuration it is, by the majority of folder, stored type and ids; the folder breaks a tie.

    A copy may lie in any folder, also in one that happens to be called ``Snapshots``; of a snapshot's type and ids it
    is not known for certain that they say so.
    """
    votes = [_KINDS.get(name.upper()) for name in (folder, type_id)]
    if own and machine:
        votes.append(ConfigurationKind.MACHINE if own == machine else ConfigurationKind.SNAPSHOT)
    cast = [vote for vote in votes if vote is not None]
    return max(cast, key=cast.count, default=ConfigurationKind.MACHINE)


def _id_at(root: Key, path: str) -> str:
    """Return the GUID that a key holds, upper case without braces; its text where it is none."""
    text = root.text_at(path).strip()
    match = _GUID.search(text)
    return match[0].upper() if match else text.strip("{}").upper()


def _time_at(root: Key, path: str) -> int | None:
    """Return the FILETIME at ``path``: an integer, or 8 bytes, little-endian; None for one that is no time.

    A host stores 0 for what never happened, which is kept.
    """
    key = root.find(path)
    value = None if key is None else key.value
    if isinstance(value, bytes):
        value = int.from_bytes(value, "little") if len(value) == _FILETIME_BYTES else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if value in _FILETIMES or value == 0 else None


def _number_at(root: Key, path: str) -> int | None:
    """Return the integer at ``path``; None also for one that no host can store, so that every number has an end."""
    number = root.integer_at(path)
    return number if number is not None and number in _NUMBERS else None


# -------------------------------------------------------------------------------------------------------------- devices


def _manifest(root: Key) -> dict[str, str]:
    """Return the device of every instance that the manifest names, both in lower case; the first entry counts."""
    manifest = root.find("manifest")
    devices: dict[str, str] = {}
    for entry in manifest.children if manifest is not None else ():
        if instance := _bare(entry.text_at("instance")):
            devices.setdefault(instance, _bare(entry.text_at("device")))
    return devices


def _bare(guid: str) -> str:
    return guid.strip().strip("{}").lower()


def _sections(root: Key) -> Iterator[tuple[str, Key]]:
    for key in root.children:
        if match := _SECTION.fullmatch(key.name):
            yield match[1].lower(), key


def _drives(root: Key) -> Iterator[Drive]:
    devices = _manifest(root)
    order = {instance: place for place, instance in enumerate(devices)}
    # Controllers in the order of the manifest, which is the one that users see; those that it leaves out come first.
    for section, key in sorted(_sections(root), key=lambda item: order.get(item[0], -1)):
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


def _numbered(key: Key, word: str) -> Iterator[tuple[Key, int]]:
    found = ((child, match) for child in key.children if (match := _NUMBERED.fullmatch(child.name)))
    numbered = [(child, int(match[2])) for child, match in found if match[1] == word]
    yield from sorted(numbered, key=lambda item: item[1])


def _scsi_controllers(root: Key) -> Iterator[str]:
    """Yield the instances of the SCSI controllers in the order of the manifest, also of those that have no drive."""
    return (instance for instance, device in _manifest(root).items() if device == SCSI_DEVICE)


def _services(root: Key) -> dict[Service, bool]:
    """Return whether the services that the manifest names are enabled: nothing in their section says otherwise."""
    sections: dict[str, Key] = {}
    for instance, section in _sections(root):
        sections.setdefault(instance, section)
    services: dict[Service, bool] = {}
    for instance, device in _manifest(root).items():
        if (service := SERVICE_DEVICES.get(device)) is not None:
            found = sections.get(instance)
            services.setdefault(service, found is None or found.bool_at("Enabled") is not False)
    return services


# ------------------------------------------------------------------------------------------------------------------ ids


def _mentioned(root: Key, *apart: str) -> Mapping[str, str]:
    """Return the GUIDs outside of the devices' sections, the manifest and the list of snapshots, but for ``apart``."""
    found: dict[str, str] = {}
    for section in root.children:
        if section.name == "manifest" or _SECTION.fullmatch(section.name):
            continue
        for below, guid in _ids_at(section):
            path = f"{section.name}/{below}"
            if guid not in apart and not f"{path}/".startswith(f"{_SNAPSHOT_LIST}/"):
                found.setdefault(guid, path)
    return MappingProxyType(found)


def _ids_at(root: Key) -> Iterator[tuple[str, str]]:
    """Yield every GUID in a name or a value below ``root``, upper case, with the path of its key."""
    for path, key in root.walk():
        for text in (key.name, key.text):
            if len(text) >= 36:
                yield from ((path, match[0].upper()) for match in _GUID.finditer(text))
