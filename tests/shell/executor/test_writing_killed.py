"""A process that flattens a disk is killed anywhere, and the next call finishes with the same bytes."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from vhdchain.plan import plan_document
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.faults.quick import QuickLayer

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[3]
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


def stopped(document: Path, journal: Path, *, after: float | None) -> None:
    """Carry a plan out in a process, and kill it ``after`` so many seconds from its beginning; None: let it end."""
    command = [sys.executable, "-m", "tests.shell.executor.process", str(document)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    while process.poll() is None and not journal.exists():
        time.sleep(0.0005)
    if after is not None:
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
    process.communicate(timeout=120)


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
            outcomes[-1] = _mended(journal, out, back=turn % 2 == 0)
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


def _mended(journal: Path, out: Path, *, back: bool) -> str:
    if back:
        try:
            vc.undo(journal, within=[out.parent.parent], layer=QuickLayer())
        except vc.PlanRefusedError:  # every step was done
            back = False
        else:
            return "undone"
    vc.resume(journal, within=[out.parent.parent], layer=QuickLayer())
    return "resumed"
