"""What becomes of a machine's files when snapshots are deleted, and when merges are made or put off?

A snapshot's configuration and saved state go at once; those that were made from it get its parent. Its disks go at once
when nothing builds on them, are merged when one file does, and wait otherwise; a merge also waits while the machine is
in a state of power in which its host does not merge.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vhdchain.snapshots.actions import Action, ActionKind, Loss, LossKind, Result
from vhdchain.snapshots.files import Files
from vhdchain.snapshots.policy import HYPER_V_2008_R2, Policy
from vhdchain.snapshots.rules import Operation, Request, check_allowed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vhdchain.snapshots.state import Slot, Snapshot, State


def delete(state: State, snapshot: str, *, policy: Policy = HYPER_V_2008_R2) -> Result:
    """Delete the snapshot with this id.

    Raises:
        KeyError: There is no such snapshot.
    """
    check_allowed(state, Request(operation=Operation.DELETE, snapshot=snapshot), policy)
    return _deleted(state, (state.snapshot(snapshot),), Operation.DELETE, policy)


def delete_subtree(state: State, snapshot: str, *, policy: Policy = HYPER_V_2008_R2) -> Result:
    """Delete the snapshot with this id and all that were made from it.

    Raises:
        KeyError: There is no such snapshot.
    """
    check_allowed(state, Request(operation=Operation.DELETE_SUBTREE, snapshot=snapshot), policy)
    return _deleted(state, state.below(snapshot), Operation.DELETE_SUBTREE, policy)


def settled(state: State, policy: Policy) -> tuple[State, tuple[Action, ...], tuple[Loss, ...]]:
    """Return the state after the merges that are owed, where the host makes them now; what it did, and what went."""
    if not state.freed:
        return state, (), ()
    files, merging = Files(state), state.power in policy.merges_while
    left = files.settle(merging=merging)
    into = files.merged_into()
    rewritten = [item for item in state.snapshots if any(path in into for path in item.paths)]
    snapshots = tuple(replace(item, slots=_moved(item.slots, into)) for item in state.snapshots)
    after = replace(state, slots=_moved(state.slots, into), snapshots=snapshots, disks=files.disks, freed=left)
    put_off: list[Action] = []
    if not merging:
        why = f"the host merges while the machine is {' or '.join(sorted(policy.merges_while))}"
        put_off = [Action(kind=ActionKind.POSTPONE, path=path, why=why) for path in after.waiting()]
    writes = [Action(kind=ActionKind.WRITE_SNAPSHOT, path=item.configuration) for item in rewritten]
    if after.slots != state.slots or after.freed != state.freed:
        writes.append(Action(kind=ActionKind.WRITE_MACHINE, path=state.configuration))
    losses = tuple(Loss(what=LossKind.DISK, path=path, why="no snapshot keeps it any more") for path in files.deleted)
    return after, (*files.actions, *put_off, *writes), losses


def reparented(kept: Sequence[Snapshot], state: State) -> tuple[Snapshot, ...]:
    """Return ``kept``, each with the nearest of its ancestors in ``state`` that is kept."""
    return tuple(replace(item, parent=nearest_kept(item.parent, kept, state)) for item in kept)


def nearest_kept(id_: str | None, kept: Sequence[Snapshot], state: State) -> str | None:
    """Return the snapshot ``id_``, or the nearest of its ancestors that is kept."""
    ids = {item.id for item in kept}
    while id_ is not None and id_ not in ids:
        id_ = state.snapshot(id_).parent
    return id_


def voided(snapshots: Iterable[Snapshot], why: str) -> list[Loss]:
    """Return the losses of snapshots that go, with their saved states."""
    losses = []
    for item in snapshots:
        losses.append(Loss(what=LossKind.SNAPSHOT, path=item.configuration, name=item.name, why=why))
        losses += [Loss(what=LossKind.STATE, path=path, name=item.name, why=why) for path in item.state_files]
    return losses


def _deleted(state: State, doomed: Sequence[Snapshot], operation: Operation, policy: Policy) -> Result:
    ids = {item.id for item in doomed}
    kept = tuple(item for item in state.snapshots if item.id not in ids)
    actions = [Action(kind=ActionKind.DELETE_SNAPSHOT, path=item.configuration) for item in doomed]
    actions += [Action(kind=ActionKind.DELETE_STATE, path=path) for item in doomed for path in item.state_files]
    losses = voided(doomed, "it is deleted")
    after = replace(state, snapshots=reparented(kept, state), parent=nearest_kept(state.parent, kept, state))
    left = dict.fromkeys([*state.freed, *(path for item in doomed for path in item.paths)])
    after = replace(after, freed=tuple(path for path in left if path not in after.used))
    after, merges, gone = settled(after, policy)
    write = Action(kind=ActionKind.WRITE_MACHINE, path=state.configuration)
    return Result(
        operation=f"{operation} {doomed[0].name}",
        before=state,
        state=after,
        actions=(*actions, *merges, *(() if write in merges else (write,))),
        losses=(*losses, *gone),
    )


def _moved(slots: tuple[Slot, ...], into: dict[str, str]) -> tuple[Slot, ...]:
    return tuple(replace(slot, path=into.get(slot.path, slot.path)) for slot in slots)
