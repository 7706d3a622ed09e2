"""Which machines are there, with which snapshots and files, as the document has it? Part of ``vhdchain.tree``.

A state is named by the path of its configuration, which is unique; ids and names are not, in copied folders. What a
configuration stores stands beside what it means here: each stored path with the local file, the rule and every try.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.hyperv import NOW
from vhdchain.report.documents.findings import findings_list
from vhdchain.report.machine_forest import keyed_states
from vhdchain.report.slots import Slots
from vhdchain.report.times import from_filetime, from_unix_ns, iso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from vhdchain.findings import Finding
    from vhdchain.hyperv import Configuration, Drive, FoundPath, HostFile, Machine, MachineState, SnapshotTree
    from vhdchain.report.documents.shape import Json

    Take = Callable[[str], Iterable[Finding]]
    """Gives the findings about a file, to the first who asks."""


def machine_fields(machine: Machine, take: Take) -> dict[str, Json]:
    """Return one machine; what its own configuration would say is null where that is not here."""
    ids = {snapshot.path: snapshot.id for snapshot in machine.snapshots}
    states = {key: _state(machine.tree, key, state, ids, take) for key, state in keyed_states(machine).items()}
    now = None if machine.now is None else machine.now.configuration
    return {
        "id": machine.id,
        "name": machine.name,
        "configuration": None if now is None else now.path,
        "power": None if now is None else _power(now),
        **_settings(now),
        "now": None if now is None else states[NOW],
        "snapshots": [states[state.path] for state in machine.snapshots],
        "tree_known": machine.tree.is_known,
        "leftovers": list(machine.tree.leftovers),
    }


def _settings(now: Configuration | None) -> dict[str, Json]:
    fields: dict[str, Callable[[Configuration], Json]] = {
        "version": lambda c: c.version,
        "notes": lambda c: c.notes,
        "owner": lambda c: c.owner or None,
        "generation_id": lambda c: c.generation_id or None,
        "data_root": lambda c: c.data_root or None,
        "snapshot_root": lambda c: c.snapshot_root or None,
        "services": lambda c: {str(service): enabled for service, enabled in c.services.items()},
        "actions": lambda c: {
            "host_startup": c.host_startup,
            "host_shutdown": c.host_shutdown,
            "unexpected_termination": c.unexpected_termination,
        },
        "merge_pending": lambda c: c.merge_pending,
        "listed_snapshots": lambda c: c.listed_snapshots,
    }
    return {name: None if now is None else field(now) for name, field in fields.items()}


def _state(tree: SnapshotTree, key: str, state: MachineState, ids: Mapping[str, str], take: Take) -> dict[str, Json]:
    configuration, parent, slots = state.configuration, tree.parents.get(key), Slots(state.configuration)
    return {
        "id": state.id,
        "name": state.name,
        "path": state.path,
        "created": iso(from_filetime(configuration.created)),
        "powered_on": iso(from_filetime(configuration.powered_on)),
        "powered_off": iso(from_filetime(configuration.powered_off)),
        "state_changed": iso(from_filetime(configuration.state_changed)),
        "power": _power(configuration),
        "parent": parent,
        "parent_id": None if parent is None else ids.get(parent),
        "parent_known": key in tree.parents,
        "reason": tree.unknown.get(key),
        "disks": [_slot(slots, disk.drive) | _found(disk.found) for disk in state.disks],
        "drives": [_slot(slots, drive) | {"kind": drive.kind, "stored": drive.path} for drive in configuration.drives],
        "saved_state": {
            "type": configuration.saved_state.type,
            "in_progress": configuration.saved_state.in_progress,
            "memory": None if state.memory is None else _found(state.memory),
            "devices": None if state.devices is None else _found(state.devices),
        },
        "findings": findings_list(take(state.path)),
    }


def _power(configuration: Configuration) -> dict[str, Json]:
    return {"state": str(configuration.power.state), "reason": configuration.power.reason}


def _slot(slots: Slots, drive: Drive) -> dict[str, Json]:
    return {
        "place": slots.place(drive),
        "controller": str(drive.controller),
        "number": slots.number(drive),
        "slot": drive.slot,
        "field": drive.field,
    }


def _found(found: FoundPath) -> dict[str, Json]:
    return {
        "stored": found.stored,
        "path": found.path,
        "outcome": str(found.outcome),
        "rule": None if found.rule is None else str(found.rule),
        "exact": found.exact,
        "problem": found.problem or None,
        "candidates": list(found.candidates),
        "attempts": [
            {"rule": str(attempt.rule), "candidates": list(attempt.candidates), "detail": attempt.detail}
            for attempt in found.attempts
        ],
    }


def host_file_fields(file: HostFile, take: Take) -> dict[str, Json]:
    """Return one of a host's files that are no disks."""
    configuration = file.configuration
    return {
        "path": file.path,
        "role": str(file.role),
        "size": file.size,
        "mtime": iso(from_unix_ns(file.mtime_ns)),
        "mtime_ns": file.mtime_ns,
        "sha256": file.sha256,
        "kind": None if configuration is None else str(configuration.kind),
        "id": None if configuration is None else configuration.id,
        "findings": findings_list(take(file.path)),
    }
