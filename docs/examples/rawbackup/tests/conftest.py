"""What all tests of the tool have in common."""

from __future__ import annotations

import pytest


@pytest.fixture
def vhd_chain_settings() -> dict[str, object]:
    """Chains of three layers, as after two snapshots."""
    return {"layers": 3, "size": 1 << 19}
