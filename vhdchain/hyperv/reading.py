"""How does a key tree become the record of a configuration?

Every key may be missing, of another type, or say what cannot be. What is not known of the format (how snapshots are
listed, how a state names its parent) is not interpreted: the GUIDs that occur are kept as candidates.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from vhdchain.hyperv.devices import MANIFEST, is_device_section, read_devices
from vhdchain.hyperv.folders import MACHINES_FOLDER, SNAPSHOTS_FOLDER
from vhdchain.hyperv.keytree import Key
from vhdchain.hyperv.power import power_guess, taken_in
from vhdchain.hyperv.records import Configuration, ConfigurationKind, SavedState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vhdchain.hyperv.xml import ConfigurationDocument

_KINDS = {MACHINES_FOLDER.upper(): ConfigurationKind.MACHINE, SNAPSHOTS_FOLDER.upper(): ConfigurationKind.SNAPSHOT}
GUID_IN_TEXT = re.compile(r"(?<![0-9A-Fa-f-])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f-])")
_NOTHING = Key(name="")
_NUMBERS = range(-(1 << 63), 1 << 63)
_SNAPSHOT_LIST = "global_settings/snapshots/list"
_FILETIME_BYTES = 8
_FILETIMES = range(1, 2_650_467_744_000_000_000)  # up to the year 9999, where calendars end; 0: never


def is_machine_tree(root: Key) -> bool:
    """Say whether a key tree is a configuration of a machine or snapshot at all: other programs use the name, too."""
    return root.name == "configuration" and any(
        root.find(key) is not None for key in ("properties/global_id", "manifest", "global_settings", "savedstate")
    )


def read_configuration(document: ConfigurationDocument, *, path: str, folder: str = "") -> Configuration:
    """Return what a configuration says.

    Args:
        document: The configuration.
        path: Its file as messages call it.
        folder: The name of the folder in which it lies, which helps to tell a machine's from a snapshot's.
    """
    root = document.root
    properties, settings, state = (
        root.find(name) or _NOTHING for name in ("properties", "global_settings", "savedstate")
    )
    saved = SavedState(
        memory=state.text_at("memlocation"),
        devices=state.text_at("vsvlocation"),
        in_progress=state.bool_at("in_progress"),
        type=state.text_at("type"),
    )
    own, machine = _guid(properties.text_at("global_id")), _guid(root.text_at("settings/global/logical_id"))
    on, off = _time_at(properties, "last_powered_on_time"), _time_at(properties, "last_powered_off_time")
    kind = _kind(folder, properties.text_at("type_id"), own, machine)
    guess = taken_in(saved) if kind is ConfigurationKind.SNAPSHOT else power_guess(saved, on, off)
    devices, snapshots = read_devices(root), settings.find("snapshots") or _NOTHING
    listed = snapshots.find("list") or _NOTHING
    return Configuration(
        path=path,
        kind=kind,
        id=own,
        machine_id=machine,
        name=properties.text_at("name"),
        notes=properties.text_at("notes"),
        version=_number_at(properties, "version"),
        created=_time_at(properties, "creation_time"),
        powered_on=on,
        powered_off=off,
        state_changed=_time_at(properties, "last_state_change_time"),
        drives=devices.drives,
        scsi_controllers=devices.scsi_controllers,
        saved_state=saved,
        services=devices.services,
        has_manifest=devices.has_manifest,
        snapshot_root=snapshots.text_at("data_root"),
        data_root=settings.text_at("data_root"),
        listed_snapshots=_number_at(listed, "size"),
        listed_ids=tuple(dict.fromkeys(guid for _, guid in _ids_at(listed))),
        mentioned_ids=_mentioned(root, own, machine),
        merge_pending=settings.bool_at("disk_merge_pending"),
        host_shutdown=_number_at(settings, "power/host_shutdown/action"),
        host_startup=_number_at(settings, "power/host_startup/action"),
        unexpected_termination=_number_at(settings, "unexpected_termination/action"),
        owner=settings.text_at("owner/sid"),
        generation_id=settings.text_at("devices/generation_id"),
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


def _guid(text: str) -> str:
    """Return the GUID in a text, upper case without braces; the text where there is none."""
    match = GUID_IN_TEXT.search(text)
    return match[0].upper() if match else text.strip().strip("{}").upper()


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


def _mentioned(root: Key, *apart: str) -> Mapping[str, str]:
    """Return the GUIDs outside of the devices' sections, the manifest and the list of snapshots, but for ``apart``."""
    found: dict[str, str] = {}
    for section in root.children:
        if section.name == MANIFEST or is_device_section(section.name):
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
                yield from ((path, match[0].upper()) for match in GUID_IN_TEXT.finditer(text))
