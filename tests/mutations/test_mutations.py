"""Are faults of the project noticed by its tests? Three of those of ``patches/`` in every run; all by hand."""

from __future__ import annotations

import pytest

from tests.mutations.__main__ import PATCHES, first_failure


@pytest.mark.slow
def test_faults_are_noticed_by_tests_that_pass_without_them() -> None:
    noticed = {name: first_failure(name) for name in sorted(PATCHES)[::4]}
    tests = sorted({test for test in noticed.values() if test is not None})
    assert None not in noticed.values(), noticed
    assert first_failure(None, tests) is None


def test_there_are_ten_faults() -> None:
    assert len(PATCHES) == 10
