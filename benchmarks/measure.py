"""How long does one thing take, beside the same done by others?

Every measurement is the median of a few runs, taken in turn so that a slow moment of the machine meets all of them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Action = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing measured on one chain.

    Attributes:
        chain: The chain's name.
        what: What was done.
        seconds: Median seconds by reader; ours is ``vhdchain``.
    """

    chain: str
    what: str
    seconds: dict[str, float]

    def ratios(self) -> dict[str, float]:
        """Return how many times as long as vhdchain each of the others took."""
        own = self.seconds["vhdchain"]
        return {reader: taken / own for reader, taken in self.seconds.items() if reader != "vhdchain"}


def measure(chain: str, what: str, actions: dict[str, Action], *, repeat: int) -> Row:
    """Run every action once to warm up, then ``repeat`` times in turn."""
    taken: dict[str, list[float]] = {reader: [] for reader in actions}
    for turn in range(repeat + 1):
        for reader, action in actions.items():
            begin = time.perf_counter()
            action()
            if turn:
                taken[reader].append(time.perf_counter() - begin)
    return Row(chain=chain, what=what, seconds={reader: statistics.median(times) for reader, times in taken.items()})
