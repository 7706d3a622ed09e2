"""What is done with a hostile input? Everything that a user could ask of it."""

from __future__ import annotations

import time
import tracemalloc
from typing import TYPE_CHECKING

from tests.hostile.wording import badly_worded
from vhdchain.audit import check_alone
from vhdchain.audit.deep import check_deep
from vhdchain.errors import VhdChainError
from vhdchain.findings import CODES, Severity
from vhdchain.image import load_image, scan_image
from vhdchain.shell.opening import chain_from_sources
from vhdchain.source import BytesSource
from vhdchain.testing.damage import LOOKED_AT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.hostile.mutations import HostileInput
    from vhdchain.shell.handle import OpenChain

MEMORY_ALLOWED = 64 << 20
SECONDS_ALLOWED = 2.0
_READ_AT_MOST = 256 << 10


def exercise(hostile: HostileInput) -> str:
    """Scan, check, load, chain, map and read the input; return how far it came, raise what is not `VhdChainError`."""
    begin = time.perf_counter()
    image = scan_image(BytesSource(hostile.data, name=hostile.name))
    findings = check_alone(image, now=LOOKED_AT, children=hostile.children)
    assert badly_worded((*findings, *check_deep(image))) == []
    assert time.perf_counter() - begin < SECONDS_ALLOWED
    outcome = "loaded"
    try:
        load_image(BytesSource(hostile.data, name=hostile.name))
    except VhdChainError:
        outcome = "refused"
    if outcome == "refused":
        assert any(item.severity is Severity.ERROR or item.code == "VHD002" for item in findings)
    files = [*hostile.parents, hostile.data]
    strictly, damaged = _use(files, ()), _use(files, tuple(CODES))
    if strictly:
        return "read"
    return "read when all is accepted" if damaged else outcome


def _use(files: Sequence[bytes], accept: tuple[str, ...]) -> bool:
    sources = [BytesSource(file, name=f"layer {index}") for index, file in enumerate(files)]
    try:
        with chain_from_sources(sources, accept=accept, partial=True) as chain:
            _read(chain)
    except VhdChainError:
        return False
    return True


def _read(chain: OpenChain) -> None:
    size = chain.virtual_size
    covered = 0
    # A claimed size of exabytes is all zeros: one extent, but nothing to read through.
    for extents in chain.block_map().chunks():
        assert int(extents["start"][0]) == covered
        assert (extents["length"] > 0).all()
        covered = int(extents["start"][-1] + extents["length"][-1])
    assert covered == size
    for offset in {0, max(0, size - _READ_AT_MOST)}:
        chain.read(offset, min(size - offset, _READ_AT_MOST))


def exercise_bounded(hostile: HostileInput) -> str:
    """`exercise`, and raise where more than 64 MiB and twice the files' size were in use at once."""
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    outcome = exercise(hostile)
    peak = tracemalloc.get_traced_memory()[1] - before
    allowed = MEMORY_ALLOWED + 2 * (len(hostile.data) + sum(map(len, hostile.parents)))
    assert peak <= allowed, f"{peak} bytes in use at once, {allowed} allowed"
    return outcome
