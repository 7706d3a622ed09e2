"""How are operations asked for in words, and carried out one after the other?

A request is an operation with what it takes, as the command line and tests write it: ``take``, ``take:before update``,
``apply:second``, ``rename:second=third``, ``add-disk:IDE 0:1=D:/VMs/data.vhd``. Several requests lead from state to
state; the first that is refused ends them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError
from vhdchain.snapshots.deleting import delete, delete_subtree
from vhdchain.snapshots.operations import apply, rename, revert, take
from vhdchain.snapshots.power import add_disk, remove_disk, save, start, stop
from vhdchain.snapshots.rules import Operation, Request
from vhdchain.snapshots.state import DiskFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from vhdchain.snapshots.actions import Result
    from vhdchain.snapshots.names import Names
    from vhdchain.snapshots.policy import Policy
    from vhdchain.snapshots.state import State

_OF_A_SNAPSHOT = (Operation.APPLY, Operation.DELETE, Operation.DELETE_SUBTREE)
_BARE = (Operation.REVERT, Operation.START, Operation.STOP, Operation.SAVE)
_PAIRS = (Operation.RENAME, Operation.ADD_DISK)


def parse_request(text: str) -> Request:
    """Return the request that ``text`` describes.

    Raises:
        ConfigError: It is none; the message says what an operation takes.
    """
    word, colon, rest = text.partition(":")
    try:
        operation = Operation(word)
    except ValueError:
        raise ConfigError(f"{text!r} is no operation; known are {', '.join(Operation)}") from None
    if operation in _BARE and colon:
        raise ConfigError(f"{text!r}: {operation} takes nothing behind it")
    if operation in (*_OF_A_SNAPSHOT, *_PAIRS, Operation.REMOVE_DISK) and not rest:
        raise ConfigError(f"{text!r}: {_TAKES[operation]} is missing, as in '{operation}:{_EXAMPLES[operation]}'")
    if operation in _OF_A_SNAPSHOT:
        return Request(operation=operation, snapshot=rest)
    if operation is Operation.REMOVE_DISK:
        return Request(operation=operation, place=rest)
    if operation in _PAIRS:
        return _pair(operation, text, rest)
    return Request(operation=operation, name=rest)


_TAKES = {
    Operation.APPLY: "a snapshot",
    Operation.DELETE: "a snapshot",
    Operation.DELETE_SUBTREE: "a snapshot",
    Operation.RENAME: "what gets which name",
    Operation.ADD_DISK: "the place and the file",
    Operation.REMOVE_DISK: "the place",
}
_EXAMPLES = {
    Operation.APPLY: "first",
    Operation.DELETE: "first",
    Operation.DELETE_SUBTREE: "first",
    Operation.RENAME: "first=before the update",
    Operation.ADD_DISK: "IDE 0:1=data.vhd",
    Operation.REMOVE_DISK: "IDE 0:1",
}


def _pair(operation: Operation, text: str, rest: str) -> Request:
    left, equals, right = rest.partition("=")
    if not equals or not left or (operation is Operation.ADD_DISK and not right):
        raise ConfigError(f"{text!r}: {_TAKES[operation]} is wanted, as in '{operation}:{_EXAMPLES[operation]}'")
    if operation is Operation.RENAME:
        return Request(operation=operation, snapshot=left, name=right)
    return Request(operation=operation, place=left, path=right)


def parts_of(state: State, request: Request) -> tuple[Request, ...]:
    """Return the operations, one after the other, that a request consists of: two where a snapshot is taken first.

    Raises:
        KeyError: There is no such snapshot, or there are several; the message says which.
    """
    if not request.take_first or request.operation not in (Operation.APPLY, Operation.REVERT):
        return (request,)
    if request.operation is Operation.REVERT:
        if state.parent is None:
            return (replace(request, take_first=False),)
        # The one that is taken would be reverted to: what was meant is named.
        target = state.parent
    else:
        target = state.find(request.snapshot).id
    return (
        Request(operation=Operation.TAKE, name=request.name),
        Request(operation=Operation.APPLY, snapshot=target),
    )


def run_request(state: State, request: Request, names: Names, policy: Policy) -> Result:
    """Carry one request out on the model.

    Raises:
        KeyError: There is no such snapshot, or there are several; the message says which.
        ConfigError: It is two operations, since a snapshot is to be taken first; see `parts_of`.
        PlanRefusedError: It is refused.
    """
    if len(parts_of(state, request)) > 1:
        raise ConfigError("taking a snapshot first is an operation of its own, with a plan of its own")
    target = state.find(request.snapshot).id if _names_snapshot(state, request) else ""
    ways: dict[Operation, Callable[[], Result]] = {
        Operation.TAKE: lambda: take(state, names, name=request.name or None, policy=policy),
        Operation.APPLY: lambda: apply(state, target, names, policy=policy),
        Operation.REVERT: lambda: revert(state, names, policy=policy),
        Operation.DELETE: lambda: delete(state, target, policy=policy),
        Operation.DELETE_SUBTREE: lambda: delete_subtree(state, target, policy=policy),
        Operation.START: lambda: start(state, policy=policy),
        Operation.STOP: lambda: stop(state, policy=policy),
        Operation.SAVE: lambda: save(state, names, policy=policy),
        Operation.ADD_DISK: lambda: add_disk(
            state, request.place, DiskFile(path=request.path, parent=None, content=(request.path,)), policy=policy
        ),
        Operation.REMOVE_DISK: lambda: remove_disk(state, request.place, policy=policy),
        Operation.RENAME: lambda: rename(state, request.name, snapshot=target or None, policy=policy),
    }
    return ways[request.operation]()


def _names_snapshot(state: State, request: Request) -> bool:
    """Say whether a request names a snapshot; a new name may also be meant for the machine itself."""
    if request.operation is Operation.RENAME:
        return request.snapshot not in (state.name, state.id)
    return bool(request.snapshot)


def run_requests(
    state: State, requests: Iterable[Request], names: Callable[[State], Names], policy: Policy
) -> Iterator[Result]:
    """Yield the result of each operation, each begun where the one before ended; raises as `run_request`.

    Args:
        state: Where the first begins.
        requests: What is done, in order.
        names: Gives the names for what is new, from the state that an operation begins with.
        policy: The host's rules.
    """
    for request in requests:
        for part in parts_of(state, request):
            result = run_request(state, part, names(state), policy)
            yield result
            state = result.state
