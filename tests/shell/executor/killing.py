"""Kills a process that carries a plan out, and mends what it left."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import vhdchain as vc
from vhdchain.testing.faults import QuickLayer

ROOT = Path(__file__).resolve().parents[3]


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


def mended(journal: Path, within: Path, *, back: bool) -> str:
    """Finish or take back what a killed process left, and say how it ended."""
    if not journal.exists():
        return "ended"
    if back:
        try:
            vc.undo(journal, within=[within], layer=QuickLayer())
        except vc.PlanRefusedError:  # every step was done
            back = False
        else:
            return "undone"
    vc.resume(journal, within=[within], layer=QuickLayer())
    return "resumed"
