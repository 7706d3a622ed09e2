"""How does a configuration change when a snapshot is taken, applied or deleted?

Each function takes a key tree and returns another that differs in exactly the keys whose meaning is known; everything
else is kept as it is, whatever it means. Hosts also list a machine's snapshots and name each state's parent, under keys
that are not known: ids that stand there already are replaced by others, none is added. The size of the list is known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vhdchain.hyperv.devices import MANIFEST, is_device_section
from vhdchain.hyperv.folders import SNAPSHOTS_FOLDER
from vhdchain.hyperv.keytree import Key, make_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_LIST = "global_settings/snapshots/list"
_IDENTITY = ("properties/global_id", "properties/name", "properties/type_id")
_OWN_SETTINGS = ("global_settings", "settings/global/logical_id", "properties/creation_time")
_OWN_IDS = ("properties/global_id", "settings/global/logical_id")
_FILETIME_BYTES = 8
_TIMES_OF_TURNING_OFF = ("properties/last_powered_off_time", "properties/last_state_change_time")


def with_disks(root: Key, paths: Mapping[str, str]) -> Key:
    r"""Return ``root`` with other files attached.

    Args:
        root: The configuration.
        paths: The path of the key of a ``pathname`` (`vhdchain.hyperv.Drive.field`) -> the Windows path that it gets.
    """
    for field, path in paths.items():
        root = root.with_value(field, path)
    return root


def with_drive(root: Key, field: str, path: str) -> Key:
    r"""Return ``root`` with a disk in a slot that it has, or with none there.

    Args:
        root: The configuration.
        field: The path of the key of the slot's ``pathname`` (`vhdchain.hyperv.Drive.field`).
        path: The Windows path of the disk; empty: the slot becomes empty.
    """
    slot = field.rpartition("/")[0]
    return root.with_value(field, path).with_value(f"{slot}/type", "VHD" if path else "NONE")


def with_saved_state(root: Key, memory: str, devices: str, *, kind: str) -> Key:
    """Return ``root`` with a saved state in these files (Windows paths); ``kind``: ``Normal`` or ``Snapshot``."""
    values: dict[str, str | bool] = {"in_progress": False, "memlocation": memory, "type": kind, "vsvlocation": devices}
    for name, value in values.items():
        root = root.with_value(f"savedstate/{name}", value)
    return root


def without_saved_state(root: Key) -> Key:
    """Return ``root`` without a saved state; a container that held one stays, and is empty."""
    state = root.find("savedstate")
    return root if state is None or not state.items else root.with_key("", make_key("savedstate", None))


def turned_off(root: Key, at: int) -> Key:
    """Return ``root`` of a machine that was turned off ``at`` (a FILETIME), where it tells of such times."""
    for path in _TIMES_OF_TURNING_OFF:
        if root.integer_at(path) is not None:
            root = root.with_value(path, at)
    return root


def as_snapshot(root: Key, *, snapshot_id: str, name: str, created: int) -> Key:
    """Return the configuration of a snapshot that is taken of the machine with the configuration ``root``.

    Args:
        root: The machine's configuration.
        snapshot_id: The snapshot's id.
        name: Its name.
        created: When it is taken, as a FILETIME; stored where the machine's configuration stores such a time.
    """
    root = root.with_value("properties/global_id", snapshot_id).with_value("properties/name", name)
    if root.find("properties/type_id") is not None:
        root = root.with_value("properties/type_id", SNAPSHOTS_FOLDER)
    stored = root.find("properties/creation_time")
    if stored is not None and isinstance(stored.value, bytes):
        root = root.with_value("properties/creation_time", created.to_bytes(_FILETIME_BYTES, "little"))
    elif stored is not None and isinstance(stored.value, int):
        root = root.with_value("properties/creation_time", created)
    return root


def as_present(snapshot: Key, machine: Key) -> Key:
    """Return the configuration of a machine that is brought back to ``snapshot``; ``machine`` is its present one.

    Devices and settings are the snapshot's; what makes the machine itself (its ids, its name, where it lies, how the
    host treats it) stays.
    """
    for path in (*_IDENTITY, *_OWN_SETTINGS):
        key, parent = machine.find(path), path.rpartition("/")[0]
        snapshot = snapshot.without(path) if key is None else snapshot.with_key(parent, key)
    return snapshot


def with_snapshots(root: Key, count: int) -> Key:
    """Return the machine's configuration with this many snapshots listed, where it says how many there are."""
    if root.integer_at(f"{_LIST}/size") is None:
        return root
    return root.with_value(f"{_LIST}/size", count)


def with_merge_pending(root: Key, *, pending: bool) -> Key:
    """Return ``root`` that says whether a merge is owed, where it says anything about that."""
    path = "global_settings/disk_merge_pending"
    return root if root.bool_at(path) is None else root.with_value(path, pending)


def renamed(root: Key, name: str) -> Key:
    """Return ``root`` with another name."""
    return root.with_value("properties/name", name)


def with_ids(root: Key, ids: Mapping[str, str | None]) -> Key:
    """Return ``root`` in which ids of snapshots are replaced where they may name a state's parent.

    The list of snapshots, devices, and the ids of the configuration itself are left alone.

    Args:
        root: The configuration.
        ids: Id (upper case) -> the id that takes its place; None: the key that holds it goes.
    """
    for path, key in list(root.walk()):
        if not _is_apart(path) and isinstance(key.value, str) and (bare := _bare(key.text)) in ids:
            new = ids[bare]
            root = root.without(path) if new is None else root.with_value(path, new)
    return root


def without_listed(root: Key, ids: Collection[str]) -> Key:
    """Return the machine's configuration without the entries of its list of snapshots that hold one of ``ids``."""
    listed = root.find(_LIST)
    if listed is None:
        return root
    going = [entry for entry in listed.children if any(_bare(key.text) in ids for _, key in _with_below(entry))]
    return root.with_key(
        _LIST.rpartition("/")[0], replace(listed, items=tuple(item for item in listed.items if item not in going))
    )


def _with_below(key: Key) -> Iterator[tuple[str, Key]]:
    yield key.name, key
    yield from key.walk()


def _is_apart(path: str) -> bool:
    section = path.partition("/")[0]
    return section == MANIFEST or is_device_section(section) or path.startswith(_LIST) or path in _OWN_IDS


def _bare(text: str) -> str:
    return text.strip().strip("{}").upper()
