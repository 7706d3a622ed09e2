"""What must somebody be told before an operation is carried out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, finding
from vhdchain.snapshots.rules import Operation

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


def _present_discarded(result: Result) -> Finding:
    total = sum(loss.bytes or 0 for loss in result.losses)
    files = list(dict.fromkeys(loss.path for loss in result.losses))
    amount = f"{total} bytes that nothing else holds" if total else "and nothing of it is held there alone"
    return finding(
        "VHD907",
        Location(path=result.before.configuration, structure="machine"),
        f"{result.operation} discards what {result.before.name} holds now: {len(files)} files, {amount}",
        found=total,
        related=files,
        details=[f"{loss.path}: {loss.bytes} bytes" for loss in result.losses if loss.bytes],
    )
