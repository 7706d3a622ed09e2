r"""How does a host write the configuration of a machine, or of a snapshot?

The key tree of a `LabState`, with the sections, keys and types that real files show: of 2008 R2 where such a file is
known, of 2012 R2 for that version. **Assumptions** of the lab, where nothing real was found:

* Integration services of 2008 R2 have a section with a ``version``; a disabled one has ``Enabled`` there.
* ``controller0/drive0`` below a SCSI controller, and ``creation_time``, exist on 2008 R2 as they do on 2012 R2.
* 2008 writes what 2008 R2 writes, with ``properties/version`` 256.
* A snapshot's ``savedstate/type`` is ``Snapshot``, a machine's ``Normal``.
* How entries of ``snapshots/list`` and ids of parents are called is **not known**: with ``ids`` the lab writes them
  under names that begin with ``PLACEHOLDER_``, which no host writes. ``snapshots/list/size`` is real; a snapshot's
  has the value that the machine's had when it was taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from vhdchain.hyperv.folders import MACHINES_FOLDER, SNAPSHOTS_FOLDER
from vhdchain.hyperv.keytree import make_key
from vhdchain.testing.lab.devices import device_keys
from vhdchain.testing.lab.machine import ExportForm, LabMachine
from vhdchain.testing.lab.sections import metrics

if TYPE_CHECKING:
    from vhdchain.hyperv.keytree import Key
    from vhdchain.testing.lab.machine import LabSnapshot, LabState
    from vhdchain.testing.lab.versions import HostVersion

_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_SETTINGS_2012 = (
    ("memory/vnuma/max_size_per_node", 6610),
    ("processors/vnuma/count_per_node/max", 4),
    ("processors/vnuma/node_per_socket/max", 1),
    ("topology/low_mmio_gap_mb", 128),
    ("vnuma/enabled", True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How configurations are written.

    Attributes:
        version: The host's version.
        default_root: The host's default folder, which configurations do not name.
        ids: Whether ids of snapshots are mentioned, under invented names.
    """

    version: HostVersion
    default_root: str
    ids: bool = True


def configuration_tree(owner: LabMachine | LabSnapshot, manner: Manner) -> Key:
    """Return the keys of the configuration of a machine or snapshot, with its edits done."""
    is_machine = isinstance(owner, LabMachine)
    machine = owner if isinstance(owner, LabMachine) else owner.machine
    state = owner.state
    root = make_key(
        "configuration",
        None,
        *device_keys(state, manner.version),
        _global_settings(owner, machine, state, manner),
        _properties(owner, state, manner, MACHINES_FOLDER if is_machine else SNAPSHOTS_FOLDER),
        *_saved_state(owner, manner, "Normal" if is_machine else "Snapshot"),
        _settings(machine, manner),
    )
    for edit in owner.edits:
        root = edit(root)
    return root


def configuration_folder(owner: LabMachine | LabSnapshot) -> str:
    """Return the Windows folder in which the configuration of ``owner`` lies."""
    if isinstance(owner, LabMachine):
        return f"{owner.root}\\{MACHINES_FOLDER}"
    return f"{owner.machine.snapshot_root}\\{SNAPSHOTS_FOLDER}"


def configuration_file(owner: LabMachine | LabSnapshot) -> str:
    """Return the Windows path of the configuration of ``owner``."""
    machine = owner if isinstance(owner, LabMachine) else owner.machine
    suffix = "exp" if machine.exported is ExportForm.HOST_2008_R2 else "xml"
    return f"{configuration_folder(owner)}\\{owner.id}.{suffix}"


def state_folder(owner: LabMachine | LabSnapshot) -> str:
    """Return the Windows folder in which the files of the saved state of ``owner`` lie, or would lie."""
    return f"{configuration_folder(owner)}\\{owner.id}"


def filetime(seconds: int) -> int:
    """Return seconds since 2000 as a FILETIME: units of 100 ns since 1601; 0 stays 0."""
    since = _EPOCH + timedelta(seconds=seconds) - _FILETIME_EPOCH
    return since // timedelta(microseconds=1) * 10 if seconds else 0


def _properties(owner: LabMachine | LabSnapshot, state: LabState, manner: Manner, type_id: str) -> Key:
    version = manner.version
    keys = [
        make_key("creation_time", filetime(state.created).to_bytes(8, "little")),
        make_key("global_id", owner.id),
        make_key("last_powered_off_time", filetime(state.powered_off)),
        make_key("last_powered_on_time", filetime(state.powered_on)),
        make_key("last_state_change_time", filetime(state.changed)),
        make_key("name", owner.name),
        make_key("notes", state.notes),
        make_key("type_id", type_id),
        make_key("version", version.properties),
    ]
    if version.is_2012:
        keys += [make_key("highly_available", value=False), make_key("subtype", 0)]
    if manner.ids and owner.parent is not None:
        keys.append(make_key("PLACEHOLDER_PARENT", owner.parent.id))
    return make_key("properties", None, *keys)


def _saved_state(owner: LabMachine | LabSnapshot, manner: Manner, type_: str) -> list[Key]:
    if owner.state.saved is None:
        # A real file of 2008 R2 has the empty container, one of 2012 R2 nothing.
        return [] if manner.version.is_2012 else [make_key("savedstate", None)]
    stem = f"{state_folder(owner)}\\{owner.id}"
    keys = (
        make_key("in_progress", value=False),
        make_key("memlocation", f"{stem}.bin"),
        make_key("type", type_),
        make_key("vsvlocation", f"{stem}.vsv"),
    )
    return [make_key("savedstate", None, *keys)]


def _global_settings(owner: LabMachine | LabSnapshot, machine: LabMachine, state: LabState, manner: Manner) -> Key:
    devices = [make_key("storage_allow_full_scsi_command_set", value=False)]
    if manner.version.is_2012:
        devices.append(make_key("allow_reduced_fc_redundancy", value=False))
    if state.generation_id:
        devices.append(make_key("generation_id", state.generation_id))
    keys = [
        make_key("devices", None, *devices),
        make_key("disk_merge_pending", owner is machine and machine.merge_pending),
        make_key("owner", None, make_key("sid", machine.owner)),
        make_key(
            "power",
            None,
            make_key("host_shutdown", None, make_key("action", machine.host_shutdown)),
            make_key("host_startup", None, make_key("action", machine.host_startup)),
        ),
        _snapshots(owner, machine, manner),
        make_key("unexpected_termination", None, make_key("action", machine.unexpected_termination)),
        make_key("vhd_path_acled", value=True),
    ]
    if manner.version.is_2012:
        keys.append(metrics())
    if machine.root != manner.default_root:
        keys.append(make_key("data_root", machine.root))
    return make_key("global_settings", None, *keys)


def _snapshots(owner: LabMachine | LabSnapshot, machine: LabMachine, manner: Manner) -> Key:
    entries = [make_key("size", len(machine.snapshots) if isinstance(owner, LabMachine) else owner.listed)]
    if manner.ids and owner is machine:
        entries += [
            make_key(f"PLACEHOLDER_ENTRY_{number:03}", None, make_key("PLACEHOLDER_GUID", snapshot.id))
            for number, snapshot in enumerate(machine.snapshots, 1)
        ]
    keys = [make_key("list", None, *entries)]
    # A real file of 2008 R2 names the folder; one of 2012 R2 in the default place does not.
    if not manner.version.is_2012 or machine.snapshot_root != manner.default_root:
        keys.append(make_key("data_root", machine.snapshot_root))
    return make_key("snapshots", None, *keys)


def _settings(machine: LabMachine, manner: Manner) -> Key:
    bank = (
        make_key("dynamic_memory_enabled", value=False),
        make_key("limit", 512),
        make_key("priority", 5000),
        make_key("reservation", 512),
        make_key("size", 512),
        make_key("target_memory_buffer", 20),
    )
    processors = (
        make_key("count", 1),
        make_key("features", None, make_key("limit", value=False)),
        make_key("limit", 100000),
        make_key("limit_cpuid", value=False),
        make_key("reservation", 0),
        make_key("weight", 100),
    )
    keys = [
        make_key("global", None, make_key("logical_id", machine.id)),
        make_key("memory", None, make_key("bank", None, *bank)),
        make_key("processors", None, *processors),
        make_key("stopped_at_host_shutdown", value=False),
    ]
    settings = make_key("settings", None, *keys)
    for path, value in _SETTINGS_2012 if manner.version.is_2012 else ():
        settings = settings.with_value(path, value)
    return settings
