"""What may be done with a machine in which state of power, and what else stands in the way?

One table says for every operation and every state of power where it leads, or why it is refused; one list holds the
other conditions of each operation. Nothing else in this room refuses anything. The diagram of the states in the docs is
made from the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from vhdchain.errors import PlanRefusedError, SnapshotLimitError
from vhdchain.findings import Location, finding
from vhdchain.graph import is_snapshot_file
from vhdchain.snapshots.state import Power, State

if TYPE_CHECKING:
    from vhdchain.snapshots.policy import Policy


class Operation(StrEnum):
    """What can be done with a machine and its snapshots."""

    TAKE = "take"
    APPLY = "apply"
    REVERT = "revert"
    DELETE = "delete"
    DELETE_SUBTREE = "delete-subtree"
    START = "start"
    STOP = "stop"
    SAVE = "save"
    ADD_DISK = "add-disk"
    REMOVE_DISK = "remove-disk"
    RENAME = "rename"


class Becomes(StrEnum):
    """Where an operation leads, beside a certain state of power."""

    SAME = "as it was"
    AS_TAKEN = "saved or off, as the snapshot was taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why an operation is refused in a state of power, as a clause."""

    why: str


Way: TypeAlias = Power | Becomes | Refused

_SAME = dict.fromkeys(Power, Becomes.SAME)
_PAUSED = {Power.PAUSED: Refused(why="it is paused; resume or turn it off first")}
_ON = Refused(why="it is on; turn it off first")
_HOT = Refused(why="disks are attached and removed here only while it is off")

WAYS: Mapping[Operation, Mapping[Power, Way]] = {
    Operation.TAKE: {**_SAME, **_PAUSED},
    Operation.APPLY: {**dict.fromkeys(Power, Becomes.AS_TAKEN), **_PAUSED},
    Operation.REVERT: {**dict.fromkeys(Power, Becomes.AS_TAKEN), **_PAUSED},
    Operation.DELETE: _SAME,
    Operation.DELETE_SUBTREE: _SAME,
    Operation.START: {
        Power.OFF: Power.RUNNING,
        Power.SAVED: Power.RUNNING,
        Power.RUNNING: Refused(why="it is running already"),
        Power.PAUSED: Refused(why="it is paused: it is resumed, not started"),
    },
    Operation.STOP: {
        Power.OFF: Refused(why="it is off already"),
        Power.SAVED: Power.OFF,
        Power.RUNNING: Power.OFF,
        Power.PAUSED: Power.OFF,
    },
    Operation.SAVE: {
        Power.OFF: Refused(why="it is off, so there is no state to save"),
        Power.SAVED: Refused(why="it is saved already"),
        Power.RUNNING: Power.SAVED,
        Power.PAUSED: Power.SAVED,
    },
    Operation.ADD_DISK: {**dict.fromkeys(Power, _HOT), Power.OFF: Becomes.SAME},
    Operation.REMOVE_DISK: {**dict.fromkeys(Power, _HOT), Power.OFF: Becomes.SAME},
    Operation.RENAME: _SAME,
}
"""Operation -> state of power -> where it leads, or why it is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for: an operation with whatever of these it takes.

    Attributes:
        operation: The operation.
        snapshot: The snapshot that it is about, by id or name.
        name: The name of a new snapshot, or a new name.
        place: Where a disk is attached or detached: ``IDE 0:1``.
        path: The disk that is attached.
        take_first: Of apply and revert: whether a snapshot of the present is taken before, called ``name`` or as the
            host would.
    """

    operation: Operation
    snapshot: str = ""
    name: str = ""
    place: str = ""
    path: str = ""
    take_first: bool = False


Condition: TypeAlias = Callable[[State, Request, "Policy"], str | None]
"""Returns why a request is refused, as a clause; None where it is not."""


def _power(state: State, request: Request, _: Policy) -> str | None:
    way = WAYS[request.operation][state.power]
    return way.why if isinstance(way, Refused) else None


def _limit(state: State, _: Request, policy: Policy) -> str | None:
    if len(state.snapshots) < policy.limit:
        return None
    return f"it has {len(state.snapshots)} snapshots, and the host allows {policy.limit}; delete one first"


def _depth(state: State, _: Request, policy: Policy) -> str | None:
    if policy.depth is None:
        return None
    for slot in state.slots:
        files = state.depth(slot.path) + 1
        if files >= policy.depth:
            return f"the chain of {slot.place} has {files} files, and the host allows {policy.depth}"
    return None


def _pass_through(state: State, _: Request, __: Policy) -> str | None:
    if not state.pass_through:
        return None
    return f"a disk of the host is attached at {', '.join(state.pass_through)}, and no snapshot can hold it; detach it"


def _no_disk(state: State, _: Request, __: Policy) -> str | None:
    return None if state.slots else "it has no disk in a file, so there is nothing that a snapshot of files could keep"


def _name(_: State, request: Request, policy: Policy) -> str | None:
    if not request.name.strip():
        return "the name is blank"
    if len(request.name) > policy.longest_name:
        return f"the name has {len(request.name)} characters, and the host allows {policy.longest_name}"
    return None


def _parent(state: State, _: Request, __: Policy) -> str | None:
    return None if state.parent is not None else "it was made from no snapshot, so there is none to go back to"


def _place_is_free(state: State, request: Request, _: Policy) -> str | None:
    taken = [slot.path for slot in state.slots if slot.place == request.place]
    return f"{request.place} holds {taken[0]} already" if taken else None


def _is_leaf(state: State, request: Request, _: Policy) -> str | None:
    above = state.children().get(request.path)
    if above:
        return f"{above[0]} builds on {request.path}: starting the machine would break it"
    if request.path in state.needed:
        return f"{request.path} is needed as it is: another machine has it, or nobody can say"
    if request.path in state.used:
        return f"{request.path} is attached already, or a snapshot keeps it"
    return None


def _others_above(state: State, request: Request, policy: Policy) -> str | None:
    target = request.snapshot or state.parent
    if policy.copy_on_apply or target is None:
        return None
    own = set(state.snapshot(target).paths)
    if state.doubt:
        return f"other disks may build on {min(own, default='its disks')}, which it would write to: {state.doubt}"
    goes = {path for path in (*state.used, *state.freed) if is_snapshot_file(path)} - state.needed
    for path in sorted(state.disks.keys() - goes):
        below = own.intersection(state.below_file(path))
        if below:
            return f"{path} builds on {min(below)}, which it would write to, and is not the machine's to delete"
    return None


def _place_is_used(state: State, request: Request, _: Policy) -> str | None:
    return (
        None if any(slot.place == request.place for slot in state.slots) else f"nothing is attached at {request.place}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """A condition that stands in the way of operations, with the code by which it is told."""

    code: str
    why: Condition


_LIMIT = Obstacle(code="VHD921", why=_limit)
_DEPTH = Obstacle(code="VHD921", why=_depth)
_POWER = Obstacle(code="VHD922", why=_power)
_PASS_THROUGH = Obstacle(code="VHD923", why=_pass_through)
_NO_DISK = Obstacle(code="VHD923", why=_no_disk)
_NAME = Obstacle(code="VHD924", why=_name)
_PARENT = Obstacle(code="VHD925", why=_parent)
_TAKEN = Obstacle(code="VHD926", why=_place_is_free)
_ABOVE = Obstacle(code="VHD926", why=_is_leaf)
_OTHERS = Obstacle(code="VHD926", why=_others_above)
_EMPTY = Obstacle(code="VHD926", why=_place_is_used)

CONDITIONS: Mapping[Operation, tuple[Obstacle, ...]] = {
    **dict.fromkeys(Operation, (_POWER,)),
    Operation.TAKE: (_LIMIT, _DEPTH, _POWER, _PASS_THROUGH, _NO_DISK, _NAME),
    Operation.APPLY: (_POWER, _OTHERS),
    Operation.REVERT: (_POWER, _PARENT, _OTHERS),
    Operation.RENAME: (_POWER, _NAME),
    Operation.ADD_DISK: (_POWER, _TAKEN, _ABOVE),
    Operation.REMOVE_DISK: (_POWER, _EMPTY),
}
"""Operation -> what may stand in its way, in the order in which it is asked."""


def check_allowed(state: State, request: Request, policy: Policy) -> Way:
    """Return where ``request`` leads from the machine's state of power.

    Raises:
        SnapshotLimitError: The machine has as many snapshots as the host allows.
        PlanRefusedError: Anything else stands in the way; every reason is a finding.
    """
    operation = request.operation
    place = Location(path=state.configuration, structure="machine")
    findings = [
        finding(obstacle.code, place, f"{operation} is refused for {state.name}: {why}")
        for obstacle in CONDITIONS[operation]
        if (why := obstacle.why(state, request, policy)) is not None
    ]
    if findings:
        kind = SnapshotLimitError if findings[0].code == _LIMIT.code else PlanRefusedError
        raise kind(f"{state.configuration}: {findings[0].message}", findings=findings)
    return WAYS[operation][state.power]
