"""Which chains is every reader asked about? One case or more for each trap, in the order of the traps."""

from __future__ import annotations

from vhdchain.testing.conformance.suite import files, parents, sectors

SUITE = tuple(sorted((*sectors.CASES, *files.CASES, *parents.CASES), key=lambda case: case.trap))
"""The curated cases."""
