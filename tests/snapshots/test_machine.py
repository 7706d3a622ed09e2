"""Whatever is done with snapshots, in whatever order: what was foretold is what comes out, on real files."""

from __future__ import annotations

import pytest
from hypothesis import settings

from vhdchain.testing.snapshot_machine import SnapshotMachine

TestSnapshotMachine = pytest.mark.slow(SnapshotMachine.TestCase)
TestSnapshotMachine.settings = settings(max_examples=settings().max_examples // 2, stateful_step_count=12)
