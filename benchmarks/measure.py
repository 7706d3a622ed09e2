"""How long does one thing take, beside the same done by others?

Every measurement is the median of a few runs, taken in turn so that a slow moment of the machine meets all of them. A
row holds them together, names what of it is a target, and says whether it is met in this run.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

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


class Reported(float):
    """Seconds that another process measured by itself, so that its start does not count."""

    __slots__ = ()


Action: TypeAlias = Callable[[], object]
"""Something to time. Where it returns `Reported`, that is the time."""


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
        unit: What they are: seconds (``s``) or mebibytes (``MiB``).
        targets: What must hold of them.
    """

    chain: str
    what: str
    values: dict[str, float]
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


def measure(
    chain: str,
    what: str,
    actions: Mapping[str, Action],
    *,
    repeat: int,
    targets: Sequence[Target] = (),
    prepare: Action | None = None,
) -> Row:
    """Run every action once to warm up, then ``repeat`` times in turn; ``prepare`` runs before each, untimed."""
    first = {reader: _timed(action, prepare) for reader, action in actions.items()}
    taken: dict[str, list[float]] = {reader: [] for reader in actions}
    for _ in range(repeat):
        for reader, action in actions.items():
            if first[reader] < (SLOW_PEER if reader in PEERS else SLOW):
                taken[reader].append(_timed(action, prepare))
    values = {reader: statistics.median(times or [first[reader]]) for reader, times in taken.items()}
    return Row(chain=chain, what=what, values=values, targets=tuple(targets))


def _timed(action: Action, prepare: Action | None) -> float:
    if prepare is not None:
        prepare()
    begin = time.perf_counter()
    result = action()
    taken = time.perf_counter() - begin
    return float(result) if isinstance(result, Reported) else taken
