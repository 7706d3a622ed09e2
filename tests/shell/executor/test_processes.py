"""A plan is killed, interrupted, or met by a second process."""

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
from tests.shell.executor.plans import (
    DONE,
    QUICK,
    contents,
    contents_and_times,
    make_folder,
    plan_of,
)
from vhdchain.plan import plan_document

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[3]
KILLS, MOST_KILLS = 16, 120


def begun(folder: Path, tmp_path: Path) -> subprocess.Popen[str]:
    """Return a process that is about to carry out the plan of all simple steps."""
    document = tmp_path / "plan.json"
    document.write_text(json.dumps(plan_document(plan_of(folder))), encoding="utf-8")
    command = [sys.executable, "-m", "tests.shell.executor.process", str(document)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def wait_for_journal(folder: Path) -> None:
    deadline = time.monotonic() + 30
    while not list(folder.rglob("*.vhdchain-journal")) and time.monotonic() < deadline:
        time.sleep(0.001)


def mended(folder: Path, before: object, *, back: bool) -> str:
    """Finish or take back what a stopped process left, look at the folder, and say how it was."""
    journals = list(folder.rglob("*.vhdchain-journal"))
    if not journals:
        for unborn in folder.rglob("*.vhdchain-journal-new"):
            unborn.unlink()
        if contents_and_times(folder) == before:
            return "not begun"
        assert contents(folder) == DONE
        return "done"
    if back:
        try:
            vc.undo(journals[0], layer=QUICK)
        except vc.PlanRefusedError:
            vc.resume(journals[0], layer=QUICK)
            assert contents(folder) == DONE
            return "committed"
        assert contents_and_times(folder) == before
        return "undone"
    vc.resume(journals[0], layer=QUICK)
    assert contents(folder) == DONE
    return "resumed"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_process_that_is_stopped_anywhere_leaves_what_can_be_gone_on_with(
    tmp_path: Path, number: signal.Signals, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(number)
    longest = 0.2
    outcomes: list[str] = []
    for turn in range(MOST_KILLS):
        # How far a process is when it is stopped is chance; some must have been stopped in the middle.
        if turn >= KILLS and {"resumed", "undone"} & set(outcomes):
            break
        folder = tmp_path / f"folder {turn}"
        make_folder(folder)
        before = contents_and_times(folder)
        process = begun(folder, tmp_path)
        started = time.monotonic()
        # The first one is left alone, so that the others are stopped somewhere in the time that it takes.
        if turn:
            # On a busy machine most of that time is waiting, so half of them are first seen to have begun.
            if turn % 4 < 2:
                wait_for_journal(folder)
            time.sleep(chance.random() * longest / (8 if turn % 4 < 2 else 1))
            process.send_signal(number)
        output, _ = process.communicate(timeout=60)
        if not turn:
            longest = time.monotonic() - started
        journals = list(folder.rglob("*.vhdchain-journal"))
        if number == signal.SIGINT and journals:
            assert process.returncode == 130
            assert output.startswith("nothing is lost")
            assert f"vhdchain resume '{journals[0]}'" in output
        outcomes.append(mended(folder, before, back=turn % 2 == 1))

    assert outcomes[0] == "done"
    assert {"resumed", "undone"} & set(outcomes)
    record_property("killed", (number.name, len(outcomes) - 1))


def test_of_two_processes_one_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    make_folder(folder)
    first, second = begun(folder, tmp_path), begun(folder, tmp_path)
    outputs = sorted((first.communicate(timeout=60)[0], second.communicate(timeout=60)[0]))

    assert contents(folder) == DONE
    assert outputs[1] == "done\n" or outputs[0] == "done\n"
    (refusal,) = [output for output in outputs if output != "done\n"]
    assert any(why in refusal for why in ("another program is using it", "since the plan was made", "is gone"))


def test_a_second_process_is_refused_while_the_first_is_stopped_in_the_middle(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    make_folder(folder)
    process = begun(folder, tmp_path)
    wait_for_journal(folder)
    process.send_signal(signal.SIGSTOP)
    try:
        (journal,) = folder.rglob("*.vhdchain-journal")
        for call in (vc.resume, vc.undo):
            with pytest.raises(vc.PlanRefusedError, match="another program is using it"):
                call(journal)
        with pytest.raises(vc.PlanRefusedError):
            vc.execute(plan_of(folder))
    finally:
        process.send_signal(signal.SIGCONT)
    process.communicate(timeout=60)

    assert contents(folder) == DONE
