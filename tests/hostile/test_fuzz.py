"""Whatever the bytes are: only `VhdChainError`, in bounded memory and time.

A seeded subset runs here; ``python -m tests.hostile 200000`` runs as many as one likes.
"""

from __future__ import annotations

import tracemalloc
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.hostile.exercise import exercise, exercise_bounded
from tests.hostile.mutations import hostile_input

if TYPE_CHECKING:
    from collections.abc import Iterator

SUBSET = 3_000
MEASURED = 300


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.parametrize("part", range(6))
def test_hostile_inputs_raise_nothing_else(part: int) -> None:
    outcomes = Counter(exercise(hostile_input(number)) for number in range(part, SUBSET, 6))
    # The inputs would prove little if all of them stopped at the first structure.
    assert {"refused", "read", "read when all is accepted"} <= outcomes.keys()
    assert min(outcomes[name] for name in ("refused", "read", "read when all is accepted")) >= 20, outcomes


@pytest.mark.usefixtures("traced")
def test_hostile_inputs_take_bounded_memory() -> None:
    for number in range(10_000_000, 10_000_000 + MEASURED):
        exercise_bounded(hostile_input(number))
