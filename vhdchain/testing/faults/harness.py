"""Does a plan survive every crash and every error?

`check_crashes` runs a plan once, recorded, and tries every state in which a crash may leave the folder: it must be fit
for use as it is, resuming must finish it, and undoing must bring back every byte. `check_failures` runs the plan again
for every operation and lets that one fail. Both raise `AssertionError` with the state that broke a promise.

What is promised beyond that (a disk that reads the same) is for the caller, who knows what the files are.
"""

from __future__ import annotations

import dataclasses
import errno
import os
import random
import shutil
import tempfile
from collections.abc import Callable
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from vhdchain.errors import PlanRefusedError
from vhdchain.shell.executor.names import JOURNAL, MARK, UNBORN_JOURNAL
from vhdchain.shell.executor.run import execute, resume, undo
from vhdchain.testing.faults.crashes import CrashState, crash_states
from vhdchain.testing.faults.failing import FailingLayer
from vhdchain.testing.faults.operations import Recording, snapshot
from vhdchain.testing.faults.quick import QuickLayer
from vhdchain.testing.faults.recording import RecordingLayer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.plan import Plan
    from vhdchain.shell.executor.layer import FileLayer

Check: TypeAlias = Callable[[Path], None]
"""Looks at a folder, and raises `AssertionError` where it is not as it must be."""

Runner: TypeAlias = "Callable[[Plan, FileLayer], object]"

ROOM = Path("/dev/shm")
_ZEROS = bytes(64 << 10)
ERRORS = (
    ("no space", {"error": errno.ENOSPC, "full": True}),
    ("no space, short write", {"error": errno.ENOSPC, "full": True, "short": True}),
    ("input/output error", {"error": errno.EIO}),
    ("input/output error, short write", {"error": errno.EIO, "short": True}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashes:
    """What was tried.

    Attributes:
        operations: How many operations the run had.
        states: In how many distinct states a crash could leave the folder.
        resumed: How many of them were finished.
        undone: How many of them were taken back.
        untouched: In how many of them there was nothing to do.
        twice: How many states of a second crash, while the first was mended, were finished as well.
    """

    operations: int
    states: int
    resumed: int
    undone: int
    untouched: int
    twice: int = 0

    def as_property(self, label: str) -> tuple[str, tuple[str, int, int]]:
        """Return name and value for pytest's ``record_property``; the sums stand at the end of a run."""
        return "crashes", (label, self.operations, self.states + self.twice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """What was tried.

    Attributes:
        runs: How many runs there were, each with one operation that failed.
        left_nothing: How many of them left everything as it was.
        resumed: How many were gone on with.
        undone: How many were taken back, on a disk that was still full where it was that.
    """

    runs: int
    left_nothing: int
    resumed: int
    undone: int

    def as_property(self, label: str) -> tuple[str, tuple[str, int]]:
        """Return name and value for pytest's ``record_property``; the sums stand at the end of a run."""
        return "failures", (label, self.runs)


def check_crashes(
    folder: Path,
    plan: Plan,
    *,
    invariant: Check,
    after_resume: Check,
    after_undo: Check | None = None,
    seeds: int = 2,
    twice: int = 0,
    run: Runner | None = None,
    spread: bool = False,
    refused: bool = False,
) -> Crashes:
    """Carry ``plan`` out in ``folder``, and try every state in which a crash may leave it.

    Args:
        folder: What the plan works on; all of its paths lie in it. It is as after the plan in the end.
        plan: The plan.
        invariant: Looks at each state as the crash left it.
        after_resume: Looks at a folder in which the plan was finished.
        after_undo: Looks at a folder in which it was taken back, beside the bytes and times of every file.
        seeds: As of `crash_states`.
        twice: For how many of the states mending is interrupted once more.
        run: Carries out the plan, by default `execute`: for tests of the harness.
        spread: Whether the plan's files lie in several folders below ``folder``. A journal is moved with its own folder
            only, so every state is then made in ``folder`` itself, and mended with leave to touch files in it.
        refused: Whether the plan is refused in its middle, and taken back whether it is begun or gone on with.
    """
    layer = RecordingLayer(folder)
    with _refusal() if refused else nullcontext():
        (run or (lambda plan, layer: execute(plan, layer=layer)))(plan, layer)
    after_resume(folder)
    recording, end = layer.recording(), snapshot(str(folder))
    assert not refused or end == recording.start, _differences(folder, recording)
    states = list(crash_states(recording, seeds=seeds))
    counts = dict.fromkeys(("resumed", "undone", "untouched", "twice"), 0)
    chosen = set(random.Random(len(states)).sample(range(len(states)), min(twice, len(states))))
    checks = _Checks(recording, invariant, after_resume, after_undo, folder if spread else None, refused)
    with _room() as room:
        for number, state in enumerate(states):
            with _explained(state):
                _check_state(state, checks, room, counts)
                if number in chosen:
                    _check_twice(state, checks, room, counts)
    if spread:
        materialize(CrashState(operations=0, policy="after", files=end), folder)
    return Crashes(operations=len(recording.operations), states=len(states), **counts)


@dataclass(frozen=True, slots=True)
class _Checks:
    recording: Recording
    invariant: Check
    after_resume: Check
    after_undo: Check | None
    only: Path | None = None
    refused: bool = False

    @property
    def within(self) -> list[Path]:
        """Where a journal may touch files beside its own folder."""
        return [] if self.only is None else [self.only]

    def made(self, state: CrashState, room: Path) -> Path:
        """Make the folder of a state, in the only place that it may have or in ``room``."""
        return materialize(state, self.only or room)

    def mend(self, journal: Path, layer: FileLayer, *, back: bool) -> None:
        """Finish what was interrupted, or take it back."""
        going_on = suppress(PlanRefusedError) if self.refused and not back else nullcontext()
        with going_on:
            (undo if back else resume)(journal, layer=layer, within=self.within)

    def as_before(self, folder: Path) -> None:
        assert snapshot(str(folder)) == self.recording.start, _differences(folder, self.recording)
        if self.after_undo is not None:
            self.after_undo(folder)

    def as_after(self, folder: Path) -> None:
        left = [name for name in snapshot(str(folder)) if MARK in name]
        assert not left, f"left behind: {left}"
        if self.refused:
            self.as_before(folder)
        self.after_resume(folder)


def _check_state(state: CrashState, checks: _Checks, room: Path, counts: dict[str, int]) -> None:
    here = checks.made(state, room / "state")
    checks.invariant(here)
    journal = _journal_in(here)
    if journal is None:
        counts["untouched"] += 1
        _remove_unborn(here)
        if snapshot(str(here)) != checks.recording.start:
            checks.as_after(here)
        return
    checks.mend(journal, QuickLayer(), back=False)
    checks.as_after(here)
    counts["resumed"] += 1
    here = checks.made(state, room / "state")
    journal = _journal_in(here)
    assert journal is not None
    try:
        checks.mend(journal, QuickLayer(), back=True)
    except PlanRefusedError:  # every step was done: it can only be finished, which is tried above
        assert snapshot(str(here)).keys() == state.files.keys()
        return
    checks.as_before(here)
    counts["undone"] += 1


def _check_twice(state: CrashState, checks: _Checks, room: Path, counts: dict[str, int]) -> None:
    """Interrupt what mends the state once more, everywhere; then finish."""
    for back in (False, True):
        first = checks.made(state, room / "first")
        journal = _journal_in(first)
        if journal is None:
            return
        layer = RecordingLayer(first)
        with suppress(PlanRefusedError):  # taking back what is done already
            checks.mend(journal, layer, back=back)
        for again in crash_states(layer.recording(), seeds=1):
            here = checks.made(again, room / "second")
            checks.invariant(here)
            journal = _journal_in(here)
            undoing = False
            if journal is not None:
                undoing = resume(journal, layer=QuickLayer(), within=checks.within).undone
            _remove_unborn(here)
            if undoing or (journal is None and snapshot(str(here)) == checks.recording.start):
                checks.as_before(here)
            else:
                checks.as_after(here)
            counts["twice"] += 1


def check_failures(
    folder: Path,
    plan: Plan,
    *,
    invariant: Check,
    after_resume: Check,
    after_undo: Check | None = None,
    every: int = 1,
    spread: bool = False,
) -> Failures:
    """Carry ``plan`` out once for every operation of it, and let that one fail in each of a few ways.

    Args:
        folder: What the plan works on. It is as before in the end.
        plan: The plan.
        invariant: As of `check_crashes`; so are the others.
        after_resume: See there.
        after_undo: See there.
        every: Every how many operations one fails; 1 tries all.
        spread: Whether the plan's files lie in several folders below ``folder``.
    """
    start = snapshot(str(folder))
    # The files are made anew for every run, so they are others.
    plan = dataclasses.replace(plan, files=tuple(dataclasses.replace(each, identity=None) for each in plan.files))
    recording = Recording(start=start, numbers={}, operations=())
    checks = _Checks(recording, invariant, after_resume, after_undo, folder if spread else None)
    before = CrashState(operations=0, policy="before", files=start)
    counter = FailingLayer()
    execute(plan, layer=counter)
    counts = dict.fromkeys(("runs", "left_nothing", "resumed", "undone"), 0)
    for at in range(0, counter.count, every):
        for label, options in ERRORS:
            for back in (False, True):
                materialize(before, folder)
                try:
                    _check_failure(folder, plan, FailingLayer(at=at, **options), checks, counts, back=back)  # type: ignore[arg-type]  # as `ERRORS` has them
                except Exception as error:
                    raise AssertionError(
                        f"{label} at operation {at}, then {'undo' if back else 'resume'}: {error!r}"
                    ) from error
    materialize(before, folder)
    return Failures(**counts)


def _check_failure(
    folder: Path, plan: Plan, layer: FailingLayer, checks: _Checks, counts: dict[str, int], *, back: bool
) -> None:
    counts["runs"] += 1
    try:
        execute(plan, layer=layer)
    except OSError as error:
        notes = getattr(error, "__notes__", [])
    else:
        raise AssertionError("the error was not told")
    checks.invariant(folder)
    journal = _journal_in(folder)
    if journal is None:
        _remove_unborn(folder)
        if snapshot(str(folder)) == checks.recording.start:
            counts["left_nothing"] += 1
        else:  # the very last operation: the journal is gone already
            checks.as_after(folder)
        return
    assert notes, f"nothing says how to go on from {journal}"
    if not back:
        checks.mend(journal, QuickLayer(), back=False)
        checks.as_after(folder)
        counts["resumed"] += 1
        return
    try:
        checks.mend(journal, layer, back=True)  # on a disk that is still full, where it was that
    except PlanRefusedError:
        checks.mend(journal, QuickLayer(), back=False)
        checks.as_after(folder)
        return
    checks.as_before(folder)
    counts["undone"] += 1


def materialize(state: CrashState, folder: Path) -> Path:
    """Make ``folder`` hold exactly what ``state`` says, and return it."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name, content in state.files.items():
        path = folder / name
        if content is None:
            path.mkdir()
            continue
        if name in state.same:
            path.hardlink_to(folder / state.same[name])
            continue
        data, mtime_ns = content
        with path.open("wb") as file:
            for start in range(0, len(data), len(_ZEROS)):
                piece = data[start : start + len(_ZEROS)]
                if piece != _ZEROS[: len(piece)]:
                    file.seek(start)
                    file.write(piece)
            file.truncate(len(data))
        os.utime(path, ns=(mtime_ns, mtime_ns))
    return folder


def _journal_in(folder: Path) -> Path | None:
    journals = sorted(folder.rglob(f"*{MARK}{JOURNAL}"))
    assert len(journals) <= 1, journals
    return journals[0] if journals else None


def _remove_unborn(folder: Path) -> None:
    """Remove a journal that was never whole: it does no harm, and the next plan removes it."""
    for path in folder.rglob(f"*{MARK}{UNBORN_JOURNAL}"):
        path.unlink()


@contextmanager
def _explained(state: CrashState) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise AssertionError(f"after {state.operations} operations, {state.policy}: {error!r}") from error


@contextmanager
def _refusal() -> Iterator[None]:
    """Let a refusal pass that must come."""
    try:
        yield
    except PlanRefusedError:
        return
    raise AssertionError("the plan was not refused")


@contextmanager
def _room() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=ROOM if ROOM.is_dir() else None, prefix="vhdchain-faults-") as folder:
        yield Path(folder)


def _differences(folder: Path, recording: Recording) -> str:
    now, then = snapshot(str(folder)), recording.start
    names = sorted(name for name in now.keys() | then.keys() if now.get(name, 0) != then.get(name, 0))
    return f"not as before: {', '.join(names)}"
