"""Try hostile inputs: ``python -m tests.hostile COUNT [FIRST]``.

Prints what became of them, the slowest one, and how much memory the process ever took beyond what it had before.
"""

# ruff: noqa: T201 - a program that prints what it found

from __future__ import annotations

import resource
import sys
import time
from collections import Counter

from tests.hostile.exercise import exercise
from tests.hostile.mutations import hostile_input


def main(count: int, first: int = 0) -> int:
    """Run inputs ``first`` to ``first + count``; return how many failed."""
    outcomes: Counter[str] = Counter()
    slowest = (0.0, -1)
    before = _peak_memory()
    for number in range(first, first + count):
        begin = time.perf_counter()
        try:
            outcomes[exercise(hostile_input(number))] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            outcomes["FAILED"] += 1
            print(f"input {number}: {type(error).__name__}: {error}", flush=True)
        slowest = max(slowest, (time.perf_counter() - begin, number))
    print(f"{count} inputs: {dict(outcomes)}; slowest {slowest[0]:.3f} s (input {slowest[1]})")
    print(f"memory: {(_peak_memory() - before) / (1 << 20):.1f} MiB more than before the first input")
    return outcomes["FAILED"]


def _peak_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


if __name__ == "__main__":
    sys.exit(min(main(*map(int, sys.argv[1:])), 1))
