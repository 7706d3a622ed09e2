"""A process that merges is killed or interrupted anywhere, and the next call finishes."""

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
from tests.merge.scenes import MODIFIED, disk_of
from vhdchain.plan import plan_document
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.faults.operations import snapshot
from vhdchain.testing.faults.quick import QuickLayer

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
BLOCK = 64 << 10
SIZE = 400 * BLOCK
KILLS, MOST_KILLS = 12, 90


def many_blocks() -> ChainBuilder:
    """Return a chain whose merge takes a while: short and long runs, into old and new blocks."""
    tree = ChainBuilder(seed="kill")
    base = tree.dynamic("base.vhd", size=SIZE, block_size=BLOCK)
    leaf = tree.snapshot(base, "leaf.avhd")
    child = tree.snapshot(leaf, "above.avhd")
    for block in range(0, 400, 2):
        tree.block(base, block)
    for block in range(0, 400, 3):
        tree.block(leaf, block, sectors=range(block % 5, 128, 1 + block % 4))
    tree.fill(child, 0, 512)
    return tree


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_merge_that_is_stopped_anywhere_leaves_every_disk_as_it_was(
    number: signal.Signals, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    tree = many_blocks()
    chance, longest = random.Random(number), 0.2
    outcomes: list[str] = []
    for turn in range(MOST_KILLS):
        # How far a process is when it is stopped is chance; some must have been stopped in the middle.
        if turn >= KILLS and {"resumed", "undone"} & set(outcomes):
            break
        folder = tmp_path / f"folder {turn}"
        tree.save(folder)
        before = snapshot(str(folder))
        known = {name: disk_of(folder / name) for name in ("leaf.avhd", "above.avhd")}
        document = tmp_path / "plan.json"
        plan = vc.plan_merge(folder / "leaf.avhd", modified=MODIFIED)
        document.write_text(json.dumps(plan_document(plan)), encoding="utf-8")
        command = [sys.executable, "-m", "tests.shell.executor.process", str(document)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        # The first one is left alone, so that the others are stopped somewhere in the time that it takes.
        while process.poll() is None and not (folder / "base.vhd.vhdchain-journal").exists():
            time.sleep(0.0005)
        started = time.monotonic()
        if turn:
            time.sleep(chance.random() * longest)
            process.send_signal(number)
        while process.poll() is None and not turn and (folder / "leaf.avhd").exists():
            time.sleep(0.0005)
        longest = longest if turn else time.monotonic() - started
        output, _ = process.communicate(timeout=120)
        _same(folder, known)
        outcomes.append(_mended(folder, before, output, back=turn % 2 == 1))
        _same(folder, known)

    assert outcomes[0] == "ended"
    assert {"resumed", "undone"} & set(outcomes)
    record_property("killed", (number.name, len(outcomes) - 1))


def _same(folder: Path, known: dict[str, bytes]) -> None:
    top = "leaf.avhd" if (folder / "leaf.avhd").exists() else "base.vhd"
    assert disk_of(folder / top) == known["leaf.avhd"]
    assert disk_of(folder / "above.avhd") == known["above.avhd"]


def _mended(folder: Path, before: object, output: str, *, back: bool) -> str:
    journals = list(folder.glob("*.vhdchain-journal"))
    if not journals:
        return "ended"
    if output.startswith("nothing is lost"):  # an interrupted one says in a line what goes on
        assert f"vhdchain resume '{journals[0]}'" in output
    if back:
        try:
            vc.undo(journals[0], layer=QuickLayer())
        except vc.PlanRefusedError:  # every step was done
            back = False
        else:
            assert snapshot(str(folder)) == before
            return "undone"
    vc.resume(journals[0], layer=QuickLayer())
    assert sorted(path.name for path in folder.iterdir()) == ["above.avhd", "base.vhd"]
    return "resumed"
