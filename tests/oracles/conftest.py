"""The other readers as fixtures: each by the rule of ``tests/conftest.py`` for what is absent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oracles.others import BY_NAME, DISSECT, LIBVHDI, QEMU_IMG, SEVEN_ZIP

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.testing.oracles import Oracle

_FIXTURES = {SEVEN_ZIP: "seven_zip", QEMU_IMG: "qemu_img", LIBVHDI: "pyvhdi", DISSECT: "dissect_vhd"}


@pytest.fixture(scope="session")
def installed(request: pytest.FixtureRequest) -> Callable[[str], Oracle]:
    """A function that gives the oracle of a name, or skips (fails where oracles are required)."""

    def get(name: str) -> Oracle:
        request.getfixturevalue(_FIXTURES[name])
        return BY_NAME[name]

    return get
