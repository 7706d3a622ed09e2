"""How does a machine of a scan become a state?

The disks are the authority for the tree of its snapshots, as everywhere. A machine whose state is not known for certain
has none here: a disk that was not found, a tree that cannot be derived, configurations that are missing. What is only
doubted about other files travels along, so that nothing is deleted or merged on a guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError, PlanRefusedError
from vhdchain.findings import Location, finding
from vhdchain.graph import UnknownUses, left_by_deleted
from vhdchain.hyperv import NOW, PowerState
from vhdchain.hyperv.snapshot_tree import base_files
from vhdchain.snapshots.state import DiskFile, Power, Slot, Snapshot, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine, MachineState

_POWERS = {
    PowerState.OFF: Power.OFF,
    PowerState.RUNNING: Power.RUNNING,
    PowerState.SAVED: Power.SAVED,
    PowerState.UNKNOWN: Power.OFF,
}
MARKER = "domain controller"
"""What a user writes into a machine's notes to say that its guest is one."""


def state_of(
    inventory: Inventory,
    machine: Machine,
    *,
    power: Power | None = None,
    domain_controller: bool | None = None,
    also: Iterable[str] = (),
) -> State:
    """Return the state of ``machine``.

    Args:
        inventory: The scan that it is from.
        machine: The machine.
        power: Whether it is on, where that is known better than its files tell: they only allow a guess.
        domain_controller: Whether its guest is a domain controller; None: where its notes say so.
        also: Images of the scan that it does not have and that may be attached: their families are known as well.

    Raises:
        ConfigError: The scan has no such image.
        PlanRefusedError: Its state is not known for certain; every reason is a finding.
    """
    now = machine.now
    reasons = list(_reasons(machine))
    if reasons or now is None:
        path = machine.states[0].path
        place = Location(path=path, structure="machine")
        found = [finding("VHD929", place, f"what {machine.name} is made of is not known: {why}") for why in reasons]
        raise PlanRefusedError(f"{path}: {found[0].message}", findings=found)
    ids = {item.path: item.id for item in machine.snapshots}
    parents = machine.tree.parents
    unknown = UnknownUses.of(inventory)
    disks = _family_files(inventory, machine, also)
    own = {id(state) for state in machine.states}
    foreign = (path for path in disks if any(id(use.state) not in own for use in inventory.uses(path)))
    notes = now.configuration.notes.casefold()
    return State(
        id=machine.id,
        name=machine.name,
        configuration=now.path,
        slots=_slots(now),
        disks=disks,
        snapshots=tuple(_snapshot(item, ids, parents[item.path]) for item in machine.snapshots),
        parent=None if (current := parents[NOW]) is None else ids[current],
        power=power_of(now, power),
        state_files=_state_files(now),
        freed=tuple(path for path, machines in left_by_deleted(inventory).items() if machine in machines),
        needed=frozenset([*foreign, *filter(unknown.may_be_used, disks)]),
        doubt=unknown.doubt or "",
        pass_through=tuple(drive.place for drive in now.configuration.drives if drive.is_pass_through),
        domain_controller=MARKER in notes if domain_controller is None else domain_controller,
    )


def power_of(now: MachineState, known: Power | None = None) -> Power:
    """Return whether a machine is on: what is known of it, or what its files allow to guess.

    Args:
        now: Its present state.
        known: Whether it is on, where that is known better.
    """
    return _POWERS[now.configuration.power.state] if known is None else known


def _reasons(machine: Machine) -> Iterator[str]:
    if machine.now is None:
        yield "only its snapshots are here; scan the folder that holds its configuration, too"
    for state in machine.states:
        for disk in state.disks:
            if disk.path is None:
                yield f"{state.name} has a disk at {disk.place} that is not here: {disk.drive.path}"
        for file in state.state_files:
            if file.path is None:
                yield f"{state.name} names a saved state that is not here: {file.stored}"
    for path, why in machine.tree.unknown.items():
        yield f"from what {'its present' if path == NOW else path} was made cannot be derived: {why}"


def _slots(state: MachineState) -> tuple[Slot, ...]:
    return tuple(Slot(place=disk.place, path=disk.path) for disk in state.disks if disk.path is not None)


def _state_files(state: MachineState) -> tuple[str, ...]:
    return tuple(file.path for file in state.state_files if file.path is not None)


def _snapshot(state: MachineState, ids: dict[str, str], parent: str | None) -> Snapshot:
    return Snapshot(
        id=state.id,
        name=state.name,
        parent=None if parent is None else ids[parent],
        slots=_slots(state),
        configuration=state.path,
        state_files=_state_files(state),
    )


def _family_files(inventory: Inventory, machine: Machine, also: Iterable[str]) -> dict[str, DiskFile]:
    """Return every file that shares its base with a disk of the machine, or with one of ``also``."""
    parents = inventory.graph.parents
    bases = base_files(inventory.graph.nodes, parents)
    own = {bases[path] for state in machine.states for path in state.disk_paths if path in bases}
    for path in also:
        if path not in bases:
            raise ConfigError(f"{path}: the scan has no image of this name")
        own.add(bases[path])
    return {
        path: DiskFile(path=path, parent=parents.get(path), content=(path,))
        for path in inventory.graph.nodes
        if bases[path] in own
    }
