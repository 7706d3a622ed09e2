"""Whatever the bytes are, a deep check ends with findings, in bounded memory, and finds the same once more."""

from __future__ import annotations

import tracemalloc
from collections import Counter

import pytest

from tests.hostile.exercise import MEMORY_ALLOWED
from tests.hostile.mutations import hostile_input
from vhdchain.audit.deep import check_deep
from vhdchain.findings import Finding
from vhdchain.image import scan_image
from vhdchain.source import BytesSource

SUBSET = 1_200
MEASURED = 100


def _found(number: int) -> tuple[Finding, ...]:
    return check_deep(scan_image(BytesSource(hostile_input(number).data, name="hostile")))


@pytest.mark.parametrize("part", range(4))
def test_hostile_images_are_looked_at_or_skipped(part: int) -> None:
    codes: Counter[str] = Counter()
    for number in range(part, SUBSET, 4):
        findings = _found(number)
        assert all(type(item) is Finding for item in findings)
        codes.update(item.code for item in findings)
    # The inputs would prove little if all of them were skipped, or none.
    assert min(codes["VHD002"], codes["VHD455"] + codes["VHD459"]) >= 10, codes


def test_hostile_images_take_bounded_memory() -> None:
    tracemalloc.start()
    try:
        for number in range(10_000_000, 10_000_000 + MEASURED):
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            findings = _found(number)
            assert tracemalloc.get_traced_memory()[1] - before <= MEMORY_ALLOWED
            assert findings == _found(number)
    finally:
        tracemalloc.stop()
