"""Which configurations make up which machine?

A snapshot belongs to the machine whose id it stores; one that stores no id, to the machine that lists it, or else to
the only one whose disks have the same base as its own. Where two configurations claim the id, the one whose folder is
nearest gets it. Snapshots whose machine is not here are a machine of which the present state is unknown. The files that
configurations name are looked up, and the snapshot tree is derived from the disks.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from vhdchain.hyperv.known_files import NearFiles, names_of
from vhdchain.hyperv.machines import AttachedDisk, Machine, Machines, MachineState
from vhdchain.hyperv.snapshot_tree import NOW, base_files, derive_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from vhdchain.hyperv.known_files import Names
    from vhdchain.hyperv.machines import FoundPath
    from vhdchain.hyperv.records import Configuration


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
    owners = _Owners(machines, snapshots, parents)
    owned: dict[str, list[MachineState]] = {}
    without: dict[tuple[str, str], list[MachineState]] = {}
    for snapshot in snapshots:
        owner = owners.of(snapshot)
        if owner is not None:
            owned.setdefault(owner, []).append(snapshot)
        else:
            machine = snapshot.configuration.machine_id
            # Without any id, only those that lie together are taken to belong together.
            without.setdefault((machine, "" if machine else _folder(snapshot.path)), []).append(snapshot)
    orphaned = frozenset(orphans)
    found = [_machine(now.id, now, owned.get(now.path, []), parents, orphaned) for now in machines]
    found += [_machine(machine, None, states, parents, orphaned) for (machine, _), states in without.items()]
    return Machines(found)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _state(configuration: Configuration, find: Callable[[Configuration, str], FoundPath]) -> MachineState:
    saved = configuration.saved_state
    controllers = {section: number for number, section in enumerate(configuration.scsi_controllers)}
    return MachineState(
        configuration=configuration,
        disks=tuple(
            AttachedDisk(drive=drive, found=find(configuration, drive.path), number=controllers.get(drive.section, 0))
            for drive in configuration.disks
        ),
        memory=find(configuration, saved.memory) if saved.memory.strip() else None,
        devices=find(configuration, saved.devices) if saved.devices.strip() else None,
    )


class _Owners:
    """The machines to which snapshots may belong, by the paths of their configurations."""

    def __init__(
        self, machines: Sequence[MachineState], snapshots: Iterable[MachineState], parents: Mapping[str, str]
    ) -> None:
        self._by_id = _near((machine.id, machine.path) for machine in machines)
        nameless = [snapshot for snapshot in snapshots if not snapshot.configuration.machine_id]
        listed = ((key, machine.path) for machine in machines for key in machine.configuration.listed_ids)
        self._by_listed = _near(listed if nameless else ())
        # Asked for by those alone that store no id.
        disks = chain.from_iterable(state.disk_paths for state in (*machines, *nameless))
        self._bases = base_files(disks if nameless else (), parents)
        self._by_base: dict[str, set[str]] = {}
        for machine in machines if nameless else ():
            for disk in machine.disk_paths:
                self._by_base.setdefault(self._bases[disk], set()).add(machine.path)

    def of(self, snapshot: MachineState) -> str | None:
        """Return the configuration of the machine to which a snapshot belongs; None where it is not here."""
        stored = snapshot.configuration.machine_id
        claims = self._by_id.get(stored) if stored else self._by_listed.get(snapshot.id)
        if claims is not None:
            return claims.nearest(names_of(snapshot.path)[:-1]).files[0]
        if stored:
            return None
        owners = [self._by_base.get(self._bases[disk], set()) for disk in snapshot.disk_paths]
        common = set.intersection(*owners) if owners else set()
        return common.pop() if len(common) == 1 else None


def _near(pairs: Iterable[tuple[str, str]]) -> dict[str, NearFiles]:
    places: dict[str, list[tuple[Names, str]]] = {}
    for key, path in pairs:
        places.setdefault(key, []).append((names_of(path), path))
    return {key: NearFiles(sorted(some)) for key, some in places.items()}


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
