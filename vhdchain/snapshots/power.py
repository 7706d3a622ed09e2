"""What happens to a machine's files when it is started, saved or turned off, and when disks come and go?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vhdchain.snapshots.actions import Action, ActionKind, Loss, LossKind, Result
from vhdchain.snapshots.deleting import nearest_kept, reparented, settled, voided
from vhdchain.snapshots.operations import UNSAVED, saved_state
from vhdchain.snapshots.policy import HYPER_V_2008_R2, Policy
from vhdchain.snapshots.rules import Operation, Request, check_allowed
from vhdchain.snapshots.state import DiskFile, Power, Slot

if TYPE_CHECKING:
    from vhdchain.snapshots.names import Names
    from vhdchain.snapshots.state import State


def start(state: State, *, policy: Policy = HYPER_V_2008_R2) -> Result:
    """Turn the machine on, or let it go on from its saved state.

    A merge that is under way is cancelled, and its progress thrown away. A snapshot that was applied in place is
    written to from now on, and no longer what was taken.

    Raises:
        PlanRefusedError: It is on already.
    """
    check_allowed(state, Request(operation=Operation.START), policy)
    cancelled = () if Power.RUNNING in policy.merges_while else state.waiting()
    why = "the machine is started, and the host merges only while it is off"
    actions = [Action(kind=ActionKind.CANCEL_MERGE, path=path, why=why) for path in cancelled]
    actions += [Action(kind=ActionKind.DELETE_STATE, path=path, why="it goes on from it") for path in state.state_files]
    overwritten = state.shared_with_now()
    kept = tuple(item for item in state.snapshots if item not in overwritten)
    losses = voided(overwritten, "the machine writes to its disks")
    for item in overwritten:
        actions.append(Action(kind=ActionKind.DELETE_SNAPSHOT, path=item.configuration, why="its disks are written to"))
        actions += [Action(kind=ActionKind.DELETE_STATE, path=path) for path in item.state_files]
    after = replace(
        state,
        power=Power.RUNNING,
        state_files=(),
        snapshots=reparented(kept, state),
        parent=nearest_kept(state.parent, kept, state),
    )
    actions.append(Action(kind=ActionKind.WRITE_MACHINE, path=state.configuration))
    return Result(operation="start", before=state, state=after, actions=tuple(actions), losses=tuple(losses))


def stop(state: State, *, policy: Policy = HYPER_V_2008_R2) -> Result:
    """Turn the machine off; merges that waited for that are made.

    Raises:
        PlanRefusedError: It is off already.
    """
    check_allowed(state, Request(operation=Operation.STOP), policy)
    why = "a machine that is turned off does not go on from it"
    losses = tuple(Loss(what=LossKind.STATE, path=path, why=why) for path in state.state_files)
    actions = tuple(Action(kind=ActionKind.DELETE_STATE, path=path) for path in state.state_files)
    after, merges, gone = settled(replace(state, power=Power.OFF, state_files=()), policy)
    write = Action(kind=ActionKind.WRITE_MACHINE, path=state.configuration)
    return Result(
        operation="stop",
        before=state,
        state=after,
        actions=(*actions, *merges, *(() if write in merges else (write,))),
        losses=(*losses, *gone),
    )


def save(state: State, names: Names, *, policy: Policy = HYPER_V_2008_R2) -> Result:
    """Save the machine's state: what is in its memory goes to files, which only its host can write.

    Raises:
        PlanRefusedError: It is not on.
    """
    check_allowed(state, Request(operation=Operation.SAVE), policy)
    files, actions = saved_state(state, names, state.id)
    after = replace(state, power=Power.SAVED, state_files=files)
    actions.append(Action(kind=ActionKind.WRITE_MACHINE, path=state.configuration))
    return Result(operation="save", before=state, state=after, actions=tuple(actions), notices=(UNSAVED,))


def add_disk(state: State, place: str, disk: DiskFile, *, policy: Policy = HYPER_V_2008_R2) -> Result:
    """Attach a disk on which nothing builds.

    Raises:
        PlanRefusedError: The machine is on, the place is taken, or something builds on the disk.
    """
    check_allowed(state, Request(operation=Operation.ADD_DISK, place=place, path=disk.path), policy)
    after = replace(
        state,
        slots=(*state.slots, Slot(place=place, path=disk.path)),
        disks={**state.disks, disk.path: state.disks.get(disk.path, disk)},
    )
    action = Action(kind=ActionKind.WRITE_MACHINE, path=state.configuration)
    return Result(operation=f"add-disk {place}", before=state, state=after, actions=(action,))


def remove_disk(state: State, place: str, *, policy: Policy = HYPER_V_2008_R2) -> Result:
    """Detach a disk; its file stays where it is.

    Raises:
        PlanRefusedError: The machine is on, or nothing is attached there.
    """
    check_allowed(state, Request(operation=Operation.REMOVE_DISK, place=place), policy)
    after = replace(state, slots=tuple(slot for slot in state.slots if slot.place != place))
    action = Action(kind=ActionKind.WRITE_MACHINE, path=state.configuration)
    return Result(operation=f"remove-disk {place}", before=state, state=after, actions=(action,))
