"""What changed on the disks of a machine between two states, for people?

Both states, each disk as `vhdchain.report.text.diff` tells two of them, and the sums at the end.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from vhdchain.blockmap import DiskOutcome
from vhdchain.report.lines import Role, labelled, line, span, wrapped
from vhdchain.report.numbers import counted, exact_size
from vhdchain.report.text.diff import diff_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.blockmap import DiskChange
    from vhdchain.hyperv import AttachedDisk, Machine, MachineState
    from vhdchain.report.lines import Line


def machine_diff_lines(
    older: tuple[Machine, MachineState],
    newer: tuple[Machine, MachineState],
    changes: Iterable[DiskChange],
    *,
    exact: bool = False,
    block_size: int = 1,
    gap: int = 0,
    width: int | None = None,
) -> Iterator[Line]:
    """Yield both states, their disks with the ranges of each, and the sums."""
    for word, (machine, state) in (("older", older), ("newer", newer)):
        yield from labelled(word, _state(machine, state), width=width, indent=0, column=10)
        yield from labelled("", span(state.path, Role.PATH), width=width, indent=0, column=10)
    outcomes: Counter[DiskOutcome] = Counter()
    count, total = 0, 0
    for change in changes:
        yield line("")
        yield line(span(_title(change), Role.HEADING))
        if change.newer is not None and change.ranges is not None:
            pieces = [change.ranges] if len(change.ranges) else []
            yield from diff_lines(
                change.older, change.newer, pieces, exact=exact, block_size=block_size, gap=gap, width=width
            )
        else:
            yield from _not_compared(change, width)
        outcomes[change.outcome] += 1
        count += 0 if change.ranges is None else len(change.ranges)
        total += change.byte_count or 0
    yield line("")
    yield from wrapped(_sums(outcomes, count, total), width=width)


def _state(machine: Machine, state: MachineState) -> str:
    return f"{machine.name}, now" if state is machine.now else f"{machine.name}, snapshot {state.name!r}"


def _title(change: DiskChange) -> str:
    older, newer = change.pair.older, change.pair.newer
    if older is None or newer is None:
        return f"{_place(newer or older)}  {change.outcome}"
    moved = "" if older.place == newer.place else f" (was {older.place})"
    return f"{newer.place}{moved}  {change.outcome}"


def _place(disk: AttachedDisk | None) -> str:
    return "" if disk is None else disk.place


def _not_compared(change: DiskChange, width: int | None) -> Iterator[Line]:
    for word, disk in (("older", change.pair.older), ("newer", change.pair.newer)):
        if disk is not None:
            name = disk.found.stored if disk.path is None else disk.path
            yield from labelled(word, span(name, Role.PATH), width=width, indent=0, column=10)
    if change.problem is not None:
        yield from wrapped(span(f"not compared: {change.problem}", Role.ERROR), width=width)


def _sums(outcomes: Counter[DiskOutcome], count: int, total: int) -> str:
    parts = [f"{outcomes[outcome]:,} {outcome}" for outcome in DiskOutcome if outcomes[outcome]]
    disks = f"{counted(outcomes.total(), 'disk')}: {', '.join(parts)}" if parts else "no disks"
    return f"{disks}; {exact_size(total)} in {counted(count, 'range')} to be read"
