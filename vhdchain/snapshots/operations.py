"""What is the next state when a snapshot is taken, applied or deleted, and what must be done for it?

Each operation is a pure function from a `State` to a `Result`: the next state, what is done in which order, what is
lost and what must be known before. The semantics are those that Microsoft documents for Hyper-V 2008 and 2008 R2;
where a host's way is not known, `Policy` holds the choice. Names and ids of what is new come from the caller (`Names`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vhdchain.snapshots.actions import Action, ActionKind, Loss, LossKind, Notice, Result
from vhdchain.snapshots.deleting import reparented, voided
from vhdchain.snapshots.files import Files
from vhdchain.snapshots.policy import HYPER_V_2008_R2, Policy
from vhdchain.snapshots.rules import Operation, Request, check_allowed
from vhdchain.snapshots.state import STATE_SUFFIXES, Power, Slot, Snapshot, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.snapshots.names import Names

_USN = Notice(
    code="VHD928",
    text=(
        "its guest is a domain controller: going back to an earlier state without its knowledge can make the directory "
        "of the whole domain inconsistent (USN rollback)"
    ),
)


UNSAVED = Notice(
    code="VHD927",
    text="it is running, and what is in its memory is in no file: only its host can do this; here it is only told",
)


def take(state: State, names: Names, *, name: str | None = None, policy: Policy = HYPER_V_2008_R2) -> Result:
    """Take a snapshot: the machine's disks are frozen and go on in new differencing disks.

    Raises:
        SnapshotLimitError: The machine has as many snapshots as the host allows.
        PlanRefusedError: It is paused, a disk of the host is attached, or the name is blank or too long.
    """
    title = names.snapshot_name(state) if name is None else name
    check_allowed(state, Request(operation=Operation.TAKE, name=title), policy)
    made = names.snapshot_id()
    files = Files(state)
    slots = _above(files, state.slots, names, made)
    if state.power is Power.RUNNING:
        state_files, copies = saved_state(state, names, made)
    else:
        state_files, copies = _copied_state(state, state.state_files, names, made)
    snapshot = Snapshot(
        id=made,
        name=title,
        parent=state.parent,
        slots=state.slots,
        configuration=names.configuration(state, made),
        state_files=state_files,
    )
    notices = (UNSAVED,) if state.power is Power.RUNNING else ()
    after = replace(state, slots=slots, snapshots=(*state.snapshots, snapshot), parent=made, disks=files.disks)
    actions = (
        *files.actions,
        *copies,
        Action(kind=ActionKind.WRITE_SNAPSHOT, path=snapshot.configuration, source=state.configuration),
        Action(kind=ActionKind.WRITE_MACHINE, path=state.configuration),
    )
    return Result(operation=f"take {title}", before=state, state=after, actions=actions, notices=notices)


def apply(
    state: State, snapshot: str, names: Names, *, policy: Policy = HYPER_V_2008_R2, _as: Operation = Operation.APPLY
) -> Result:
    """Bring the machine back to the snapshot with this id; its present is lost, unless one is taken first.

    Raises:
        KeyError: There is no such snapshot.
        PlanRefusedError: The machine is paused, or was made from no snapshot (revert).
    """
    check_allowed(state, Request(operation=_as, snapshot=snapshot), policy)
    target = state.snapshot(snapshot)
    files = Files(state)
    losses = [Loss(what=LossKind.STATE, path=path, why="the present is replaced") for path in state.state_files]
    doomed: list[Snapshot] = []
    parent: str | None
    if policy.copy_on_apply:
        slots, parent = _above(files, target.slots, names, state.id), target.id
    else:
        # It goes on in the snapshot's own files, so it is made from what the snapshot was made from.
        slots, parent = target.slots, target.parent
        doomed = _builds_on(state, target)
        losses += voided(doomed, "its disks build on those that the machine writes to")
        files.forget(doomed)
    kept = tuple(item for item in state.snapshots if item not in doomed)
    after = replace(state, slots=slots, snapshots=reparented(kept, state), parent=parent)
    files.discard(_discarded(state, doomed), after.used, "nothing needs it any more")
    losses += [Loss(what=LossKind.DISK, path=path, why="nothing needs it any more") for path in files.deleted]
    state_files, copies = _copied_state(state, target.state_files, names, state.id)
    gone = [path for path in state.state_files if path not in state_files]
    after = replace(
        after,
        power=Power.SAVED if state_files else Power.OFF,
        state_files=state_files,
        disks=files.disks,
        freed=tuple(path for path in after.freed if path in files.disks),
    )
    actions = (
        *(item for item in files.actions if item.kind is ActionKind.CREATE_DISK),
        *copies,
        Action(kind=ActionKind.WRITE_MACHINE, path=state.configuration, source=target.configuration),
        *(Action(kind=ActionKind.DELETE_STATE, path=path) for path in gone),
        *(item for item in files.actions if item.kind is not ActionKind.CREATE_DISK),
    )
    notices = (_USN,) if state.domain_controller else ()
    return Result(
        operation=f"{_as} {target.name}",
        before=state,
        state=after,
        actions=actions,
        losses=tuple(losses),
        notices=notices,
    )


def revert(state: State, names: Names, *, policy: Policy = HYPER_V_2008_R2) -> Result:
    """Apply the snapshot that the present was made from: the one that was taken or applied last.

    Raises:
        PlanRefusedError: There is none, or the machine is paused.
    """
    check_allowed(state, Request(operation=Operation.REVERT), policy)
    assert state.parent is not None  # or it would have been refused
    return apply(state, state.parent, names, policy=policy, _as=Operation.REVERT)


def rename(state: State, name: str, *, snapshot: str | None = None, policy: Policy = HYPER_V_2008_R2) -> Result:
    """Give the machine, or a snapshot of it, another name.

    Raises:
        KeyError: There is no such snapshot.
        PlanRefusedError: The name is blank or too long.
    """
    check_allowed(state, Request(operation=Operation.RENAME, name=name), policy)
    if snapshot is None:
        old, action = state.name, Action(kind=ActionKind.WRITE_MACHINE, path=state.configuration)
        after = replace(state, name=name)
    else:
        target = state.snapshot(snapshot)
        old, action = target.name, Action(kind=ActionKind.WRITE_SNAPSHOT, path=target.configuration)
        renamed = (replace(item, name=name) if item.id == snapshot else item for item in state.snapshots)
        after = replace(state, snapshots=tuple(renamed))
    return Result(operation=f"rename {old} to {name}", before=state, state=after, actions=(action,))


def _above(files: Files, slots: Iterable[Slot], names: Names, owner: str) -> tuple[Slot, ...]:
    """Return the slots with a new differencing disk above each of their files."""
    made: dict[str, str] = {}
    for slot in slots:
        if slot.path not in made:
            made[slot.path] = names.disk(slot.path, owner)
            files.create(made[slot.path], slot.path, slot.place)
    return tuple(replace(slot, path=made[slot.path]) for slot in slots)


def saved_state(state: State, names: Names, owner: str) -> tuple[tuple[str, ...], list[Action]]:
    """Return where the host puts what is in the machine's memory for ``owner``, and that it does."""
    files = tuple(names.state_file(state, owner, suffix) for suffix in STATE_SUFFIXES)
    return files, [Action(kind=ActionKind.SAVE_STATE, path=path) for path in files]


def _copied_state(
    state: State, sources: Iterable[str], names: Names, owner: str
) -> tuple[tuple[str, ...], list[Action]]:
    """Return where copies of saved states lie for ``owner``, and how they come there."""
    copies = [
        Action(kind=ActionKind.COPY_STATE, path=names.state_file(state, owner, path), source=path) for path in sources
    ]
    return tuple(copy.path for copy in copies), copies


def _builds_on(state: State, target: Snapshot) -> list[Snapshot]:
    """Return the snapshots that have a disk above one of ``target``: writing to that breaks them."""
    own = set(target.paths)
    return [item for item in state.snapshots if any(own.intersection(state.below_file(path)) for path in item.paths)]


def _discarded(state: State, doomed: Iterable[Snapshot]) -> list[str]:
    """Return the disks that may go, those above before those below."""
    paths = dict.fromkeys([*(path for item in doomed for path in item.paths), *state.paths])
    return sorted(paths, key=lambda path: -state.depth(path))
