"""Are faults of the project noticed by its tests? Three of those of ``patches/`` in every run; all by hand."""

from __future__ import annotations

import pytest

from tests.mutations.__main__ import PATCHES, first_failure


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PATCHES)[::4])
def test_a_fault_is_noticed(name: str) -> None:
    assert first_failure(name) is not None


@pytest.mark.slow
def test_without_a_fault_the_same_tests_pass() -> None:
    assert first_failure(None) is None


def test_there_are_ten_faults() -> None:
    assert len(PATCHES) == 10
