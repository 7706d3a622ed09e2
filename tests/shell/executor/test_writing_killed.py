"""A process that flattens a disk is killed anywhere, and the next call finishes with the same bytes."""

from __future__ import annotations

import json
import random
import signal
import time
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.shell.executor.killing import mended, stopped
from vhdchain.plan import plan_document
from vhdchain.testing.builder import ChainBuilder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BLOCK = 64 << 10
BLOCKS = 300
KILLS = 7


def saved_chain(folder: Path) -> Path:
    """Write a chain whose disk takes a while to write; return its leaf."""
    tree = ChainBuilder(seed="killed")
    base = tree.dynamic("base.vhd", size=BLOCKS * BLOCK, block_size=BLOCK)
    leaf = tree.snapshot(base, "leaf.avhd")
    for block in range(0, BLOCKS, 2):
        tree.block(base, block)
    for block in range(0, BLOCKS, 3):
        tree.block(leaf, block, sectors=range(block % 5, 128, 1 + block % 4))
    return tree.save(folder)["leaf.avhd"]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["raw", "fixed", "dynamic"])
def test_a_flattening_that_is_killed_anywhere_is_finished_or_taken_back(
    form: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    leaf = saved_chain(tmp_path / "chain")
    document, chance, outcomes = tmp_path / "plan.json", random.Random(form), []
    with vc.open_chain(leaf) as chain:
        disk = chain.read(0, chain.virtual_size)
    longest = 0.2
    for turn in range(KILLS):
        folder = tmp_path / f"out {turn}"
        folder.mkdir()
        out, journal = folder / "disk", folder / "disk.vhdchain-journal"
        with vc.open_chain(leaf) as chain:
            plan = vc.plan_flatten(chain, out, form=form)
        document.write_text(json.dumps(plan_document(plan)), encoding="utf-8")
        started = time.monotonic()
        # The first one is left alone, so that the others are stopped somewhere in the time that it takes.
        # One is stopped as soon as it has begun, however fast the machine is.
        stopped(document, journal, after=chance.random() * longest * (turn > 1) if turn else None)
        longest = longest if turn else (time.monotonic() - started) / 4
        assert not out.exists() or _content(out, form) == disk
        outcomes.append("ended")
        if journal.exists():
            outcomes[-1] = mended(journal, tmp_path, back=turn % 2 == 0)
        assert [path.name for path in folder.iterdir()] == ([] if outcomes[-1] == "undone" else ["disk"])
        if out.exists():
            assert _content(out, form) == disk

    assert outcomes[0] == "ended"
    assert {"resumed", "undone"} & set(outcomes)
    record_property("killed", (signal.SIGKILL.name, len(outcomes) - 1))


def _content(out: Path, form: str) -> bytes:
    if form == "raw":
        return out.read_bytes()
    with vc.open_chain(out) as chain:
        return chain.read(0, chain.virtual_size)
