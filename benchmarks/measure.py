"""How long does one thing take, beside the same done by others?

Every measurement is the median of a few runs, taken in turn so that a slow moment of the machine meets all of them. A
row holds them together, names what of it is a target, and says whether it is met in this run. Beside the time that
passed, the processors' time is taken: where others use the machine as well, that alone says something.
"""

from __future__ import annotations

import dataclasses
import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

OWN = "vhdchain"
SEVEN_ZIP = "7-Zip"
LIBVHDI = "libvhdi"
DISSECT = "dissect¹"
VHD_LIB = "vhd-lib²"
VHD_UTIL = "vhd-util"
PEERS = (SEVEN_ZIP, LIBVHDI, DISSECT, VHD_LIB, VHD_UTIL)
"""The other readers; whatever else stands beside vhdchain is a limit."""

SLOW = 8.0
"""What took so many seconds when it was run to warm up is not run again: that time counts."""

SLOW_PEER = 1.5
"""The same of other readers, some of which take a hundred times as long."""


class Times(NamedTuple):
    """How long something took, in seconds: what passed, and what processors worked on it.

    An action that returns it did the work in another process, which took the times itself: its start does not count.
    """

    passed: float
    worked: float


Action: TypeAlias = Callable[[], object]
"""Something to time. Where it returns `Times`, these count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """How many times what ``against`` takes vhdchain may take at most; less than one: it must be faster."""

    against: str
    times: float

    def __str__(self) -> str:
        if self.against == "bound":
            return "≤ bound"
        if self.times < 1:
            return f"{1 / self.times:g} × faster than {self.against}"
        return f"≤ {self.times:g} × {self.against}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing measured on one chain.

    Attributes:
        chain: The chain's name.
        what: What was done.
        values: Medians by who did it; ours is ``vhdchain``.
        worked: The same in processors' time; empty where that says little, because an action waits for a disk, or
            because several processes work at once.
        unit: What they are: seconds (``s``) or mebibytes (``MiB``).
        targets: What must hold of them.
    """

    chain: str
    what: str
    values: dict[str, float]
    worked: dict[str, float] = field(default_factory=dict)
    unit: str = "s"
    targets: tuple[Target, ...] = field(default=())

    def ratio(self, other: str) -> float:
        """Return how many times as much vhdchain took as ``other`` did."""
        return self.values[OWN] / self.values[other]

    def judged(self) -> list[tuple[Target, bool]]:
        """Return every target that can be judged, because the other one was there, and whether it is met."""
        return [
            (target, self.ratio(target.against) <= target.times)
            for target in self.targets
            if target.against in self.values
        ]


def by_work(row: Row) -> Row:
    """Return the row by processors' time, where it has one."""
    return dataclasses.replace(row, values=row.worked, what=f"{row.what} (work)") if row.worked else row


def measure(
    chain: str,
    what: str,
    actions: Mapping[str, Action],
    *,
    repeat: int,
    targets: Sequence[Target] = (),
    prepare: Action | None = None,
    waits: bool = False,
) -> Row:
    """Run every action once to warm up, then ``repeat`` times in turn.

    Args:
        chain: The chain's name.
        what: What is done.
        actions: What to time, by who does it.
        repeat: How often.
        targets: What must hold.
        prepare: Runs before each, untimed.
        waits: Whether processors' time says little about these actions.
    """
    first = {reader: _timed(action, prepare) for reader, action in actions.items()}
    taken: dict[str, list[Times]] = {reader: [] for reader in actions}
    for _ in range(repeat):
        for reader, action in actions.items():
            if first[reader].passed < (SLOW_PEER if reader in PEERS else SLOW):
                taken[reader].append(_timed(action, prepare))
    counted = {reader: times or [first[reader]] for reader, times in taken.items()}
    passed = {reader: statistics.median(each.passed for each in times) for reader, times in counted.items()}
    worked = {reader: statistics.median(each.worked for each in times) for reader, times in counted.items()}
    return Row(chain=chain, what=what, values=passed, worked={} if waits else worked, targets=tuple(targets))


def _timed(action: Action, prepare: Action | None) -> Times:
    if prepare is not None:
        prepare()
    begin, work = time.perf_counter(), _worked()
    result = action()
    taken = Times(passed=time.perf_counter() - begin, worked=_worked() - work)
    return result if isinstance(result, Times) else taken


def _worked() -> float:
    """Return the seconds that this process and those that it waited for were worked on."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
