"""Which configurations make up which machine?

A snapshot belongs to the machine whose id it stores. Where that machine is not here, its snapshots are a machine of
which the present state is unknown; where two configurations claim the id, to the one whose folders are nearest. The
files that configurations name are looked up, and the snapshot tree is derived from the disks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.hyperv.known_files import distance, names_of
from vhdchain.hyperv.machines import AttachedDisk, Machine, Machines, MachineState
from vhdchain.hyperv.records import ControllerKind
from vhdchain.hyperv.snapshot_tree import NOW, derive_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from vhdchain.hyperv.machines import FoundPath
    from vhdchain.hyperv.records import Configuration, Drive


def assemble(
    configurations: Iterable[Configuration],
    *,
    find: Callable[[Configuration, str], FoundPath],
    parents: Mapping[str, str],
    orphans: Collection[str] = (),
) -> Machines:
    """Return the machines.

    Args:
        configurations: All that were read, in the order of their paths.
        find: Says which local file a path in a configuration means.
        parents: Disk file -> its parent file.
        orphans: Disk files that need a parent and have none here.
    """
    machines: list[MachineState] = []
    snapshots: list[MachineState] = []
    for configuration in configurations:
        (snapshots if configuration.is_snapshot else machines).append(_state(configuration, find))
    owned, without = _owned(machines, snapshots)
    orphaned = frozenset(orphans)
    found = [_machine(now.id, now, owned.get(now.path, []), parents, orphaned) for now in machines]
    found += [_machine(key, None, states, parents, orphaned) for key, states in without.items()]
    return Machines(found)


def _state(configuration: Configuration, find: Callable[[Configuration, str], FoundPath]) -> MachineState:
    saved = configuration.saved_state
    controllers: dict[str, int] = {}
    for drive in configuration.drives:
        if drive.controller is ControllerKind.SCSI:
            controllers.setdefault(drive.section, len(controllers))
    return MachineState(
        configuration=configuration,
        disks=tuple(_disk(drive, find(configuration, drive.path), controllers) for drive in configuration.disks),
        memory=find(configuration, saved.memory) if saved.memory.strip() else None,
        devices=find(configuration, saved.devices) if saved.devices.strip() else None,
    )


def _disk(drive: Drive, found: FoundPath, controllers: Mapping[str, int]) -> AttachedDisk:
    return AttachedDisk(drive=drive, found=found, number=controllers.get(drive.section, 0))


def _owned(
    machines: Sequence[MachineState], snapshots: Iterable[MachineState]
) -> tuple[dict[str, list[MachineState]], dict[str, list[MachineState]]]:
    """Return the snapshots of every machine by its file, and by machine id those whose machine is not here."""
    by_id: dict[str, list[MachineState]] = {}
    for machine in machines:
        if machine.id:
            by_id.setdefault(machine.id, []).append(machine)
    owned: dict[str, list[MachineState]] = {}
    without: dict[str, list[MachineState]] = {}
    for snapshot in snapshots:
        claims = by_id.get(snapshot.configuration.machine_id, [])
        if claims:
            owner = _nearest(claims, snapshot)
            owned.setdefault(owner.path, []).append(snapshot)
        else:
            without.setdefault(snapshot.configuration.machine_id, []).append(snapshot)
    return owned, without


def _nearest(claims: Sequence[MachineState], snapshot: MachineState) -> MachineState:
    if len(claims) == 1:
        return claims[0]
    place = names_of(snapshot.path)
    return min(claims, key=lambda claim: distance(names_of(claim.path), place))


def _machine(
    key: str,
    now: MachineState | None,
    snapshots: Iterable[MachineState],
    parents: Mapping[str, str],
    orphans: Collection[str],
) -> Machine:
    ordered = tuple(sorted(snapshots, key=lambda item: (item.configuration.created or 0, item.path)))
    states = {state.path: tuple(disk.path for disk in state.disks) for state in ordered}
    if now is not None:
        states[NOW] = tuple(disk.path for disk in now.disks)
    name = now.name if now is not None else ""
    return Machine(
        id=key,
        name=name or key or (now.path if now is not None else ordered[0].path),
        now=now,
        snapshots=ordered,
        tree=derive_tree(states, parents, orphans=orphans),
    )
