"""Is the snapshot tree of each machine known, and do the ids in its configurations agree with it?

The tree is derived from the disks. Ids only confirm or contradict it: which key holds the id of a parent is not known,
so that a state contradicts its derived parent only where, outside of the list of snapshots, it mentions the id of a
single other snapshot of the machine, that is not the parent's, and that snapshot held a disk which the state has, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, finding
from vhdchain.graph.machine_words import shown_name
from vhdchain.hyperv import NOW
from vhdchain.hyperv.snapshot_tree import A_DISK_AWAY, base_files
from vhdchain.locate import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vhdchain.graph.disks import DiskGraph
    from vhdchain.graph.inventory import Inventory
    from vhdchain.hyperv import Machine, MachineState

_LISTED = 20


def check_snapshot_trees(inventory: Inventory) -> Iterator[Finding]:
    """Yield VHD825 and 826."""
    for machine in inventory.machines:
        if machine.snapshots:
            yield from _unknown(machine)
            yield from _contradictions(machine, inventory.graph)


def _unknown(machine: Machine) -> Iterator[Finding]:
    states = _by_key(machine)
    has_disks = any(state.disks for state in machine.states)
    reasons = {
        key: reason
        for key, reason in machine.tree.unknown.items()
        if reason != A_DISK_AWAY and not _is_told_elsewhere(states[key], is_now=key == NOW, has_disks=has_disks)
    }
    if not reasons:
        return
    (key, reason), *more = reasons.items()
    first = _called(states[key], machine)
    message = f"the disks do not tell which snapshot {first} was made from: {reason}"
    if more:
        others = f"{len(more)} other states" if len(more) > 1 else "another state"
        message += f"; nor do they of {others}"
    yield finding(
        "VHD825",
        Location(path=machine.states[0].path, structure="configuration"),
        message,
        related=[states[key].path for key in reasons],
        details=[f"{_called(states[key], machine)}: {reason}" for key, reason in list(reasons.items())[:_LISTED]],
    )


def _is_told_elsewhere(state: MachineState, *, is_now: bool, has_disks: bool) -> bool:
    """Say whether a state has no answer only because it has no disk (VHD810), or none is here (VHD801, 802, 837).

    ``has_disks``: whether the machine has a disk in any state.
    """
    return not state.disk_paths if state.disks else has_disks and not is_now


def _contradictions(machine: Machine, graph: DiskGraph) -> Iterator[Finding]:
    states = _by_key(machine)
    bases: Mapping[str, str] | None = None
    by_id: dict[str, MachineState] = {}
    for snapshot in machine.snapshots:
        if snapshot.id:
            by_id.setdefault(snapshot.id, snapshot)
    for key, parent in machine.tree.parents.items():
        state = states[key]
        mentioned = [item for item in state.configuration.mentioned_ids if item in by_id and item != state.id]
        if len(mentioned) != 1:
            continue
        other = by_id[mentioned[0]]
        derived = None if parent is None else states[parent]
        if derived is not None and derived.id == other.id:
            continue
        if bases is None:
            bases = base_files((path for item in machine.states for path in item.disk_paths), graph.parents)
        if _tell_of(state, other, bases):
            yield _contradiction(machine, state, derived, other)


def _tell_of(state: MachineState, other: MachineState, bases: Mapping[str, str]) -> bool:
    """Say whether the disks of a state tell of a snapshot: both had one disk, and it is not the very same file."""
    held = {bases[path] for path in other.disk_paths}
    return any(path not in other.disk_paths and bases[path] in held for path in state.disk_paths)


def _contradiction(
    machine: Machine, state: MachineState, derived: MachineState | None, mentioned: MachineState
) -> Finding:
    mentions = state.configuration.mentioned_ids
    below = "no other snapshot" if derived is None else f"snapshot {shown_name(derived)}"
    message = (
        f"by its disks, {_called(state, machine)} was made from {below}, while the only other snapshot that its "
        f"configuration mentions is {shown_name(mentioned)}"
    )
    return finding(
        "VHD826",
        Location(path=state.path, structure="configuration", field=shortened(mentions[mentioned.id])),
        message,
        expected=None if derived is None else derived.id,
        found=mentioned.id,
        related=[item.path for item in (derived, mentioned) if item is not None],
    )


def _by_key(machine: Machine) -> Mapping[str, MachineState]:
    states = {snapshot.path: snapshot for snapshot in machine.snapshots}
    return states if machine.now is None else {**states, NOW: machine.now}


def _called(state: MachineState, machine: Machine) -> str:
    if state is machine.now:
        return f"the present state of {shown_name(machine)}"
    return f"snapshot {shown_name(state)} of {shown_name(machine)}"
