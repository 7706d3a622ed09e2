"""What must somebody be told before an operation is carried out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, finding
from vhdchain.snapshots.actions import ActionKind
from vhdchain.snapshots.rules import Operation
from vhdchain.snapshots.state import Power

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.snapshots.actions import Result


def told_of(result: Result) -> Iterator[Finding]:
    """Yield what must be known of an operation before it is done; its losses hold the bytes that nobody sees."""
    place = Location(path=result.before.configuration, structure="machine")
    for notice in result.notices:
        yield finding(notice.code, place, f"{result.operation}: {notice.text}")
    if result.operation.partition(" ")[0] in (Operation.APPLY, Operation.REVERT):
        yield _present_discarded(result)


def only_the_host(result: Result) -> Finding | None:
    """Return why an operation cannot be carried out on files, but by the host alone; None where it can."""
    before = result.before
    if any(item.kind is ActionKind.SAVE_STATE for item in result.actions):
        what = f"{result.operation} needs what is in the memory of {before.name}, which runs"
    elif result.state.power is Power.RUNNING and before.power is not Power.RUNNING:
        what = f"{before.name} is started by its host, not by a change of its files"
    elif result.operation == Operation.STOP and before.power is not Power.SAVED:
        what = f"{before.name} is {before.power}, and is turned off by its host, not by a change of its files"
    else:
        return None
    return finding("VHD927", Location(path=before.configuration, structure="machine"), what)


def _present_discarded(result: Result) -> Finding:
    total = sum(loss.bytes or 0 for loss in result.losses)
    files = list(dict.fromkeys(loss.path for loss in result.losses))
    amount = f"{total} bytes that nothing else holds" if total else "and nothing of it is held there alone"
    number = f"{len(files)} file{'' if len(files) == 1 else 's'}"
    overwritten = " and ".join(item.name for item in result.state.shared_with_now())
    later = f"; {overwritten} goes, too, as soon as the machine is started" if overwritten else ""
    return finding(
        "VHD907",
        Location(path=result.before.configuration, structure="machine"),
        f"{result.operation} discards what {result.before.name} holds now: {number}, {amount}{later}",
        found=total,
        related=files,
        details=[f"{loss.path}: {loss.bytes} bytes" for loss in result.losses if loss.bytes],
    )
