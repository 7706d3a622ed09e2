"""How are several plans carried out at once?

Side by side in threads, a few at a time, with one pace and one count of what is done. One that fails does not stop the
others. A wish to stop reaches all of them: each stops where its plan can be gone on with, and only then is it told. The
threads end with the process, which may die at any time: journals are made for that.
"""

# ruff: noqa: PTH102, PTH106, PTH112, PTH120 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
import queue
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vhdchain.errors import CancelledError
from vhdchain.progress import check_cancel
from vhdchain.shell.executor.run import execute, resume, undo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from vhdchain.plan import Plan
    from vhdchain.progress import Cancel, Progress
    from vhdchain.shell.executor.pace import Pace
    from vhdchain.shell.executor.run import Outcome

MOST_AT_ONCE = 4
_LOOK_EVERY = 0.2  # seconds, so that a wish to stop is heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A plan that is to be begun, or one that was interrupted and is to be ended.

    Attributes:
        plan: The plan.
        weight: About how many bytes it moves, which counts until it has begun and tells itself.
        journal: Where an interrupted run left it; empty where it is begun now.
        within: Folders in which the journal may name files.
        back: Whether it is taken back.
    """

    plan: Plan
    weight: int = 0
    journal: str = ""
    within: tuple[str, ...] = ()
    back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What became of a job: an outcome or an error.

    Attributes:
        job: The job.
        outcome: What became of the plan; None where it failed or was stopped.
        error: What was raised instead.
        seconds: How long it took.
    """

    job: Job
    outcome: Outcome | None = None
    error: BaseException | None = None
    seconds: float = 0.0


def run_all(
    jobs: Sequence[Job],
    *,
    pace: Pace | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    at_once: int = MOST_AT_ONCE,
) -> list[Ended]:
    """Carry out ``jobs``, some ``at_once``, and return what became of each, in their order.

    Args:
        jobs: No two of them may change the same file.
        pace: How fast all of them together may copy.
        progress: Told how much of all of them is done, in bytes.
        cancel: Asked whether to stop; those that were stopped, and those that were not begun, end with
            `CancelledError`.
        at_once: How many are carried out at the same time.

    Raises:
        KeyboardInterrupt: Or whatever else was raised here while waiting (`SystemExit`), when every job has stopped.
    """
    amounts = {number: (0, job.weight) for number, job in enumerate(jobs)}
    run = _Run(jobs=jobs, pace=pace, sum=_Sum(report=progress, parts=amounts), cancel=cancel)
    run.start(min(at_once, len(jobs)))
    try:
        run.wait()
    except BaseException:
        run.stopped.set()
        run.wait()
        raise
    return run.ended


@dataclass(slots=True, kw_only=True)
class _Run:
    jobs: Sequence[Job]
    pace: Pace | None
    sum: _Sum
    cancel: Cancel | None
    stopped: threading.Event = field(default_factory=threading.Event)
    waiting: queue.SimpleQueue[int] = field(default_factory=queue.SimpleQueue)
    over: threading.Event = field(default_factory=threading.Event)
    done: dict[int, Ended] = field(default_factory=dict)

    def start(self, count: int) -> None:
        for number in range(len(self.jobs)):
            self.waiting.put(number)
        if not self.jobs:
            self.over.set()
        for _ in range(count):
            threading.Thread(target=self._work, daemon=True).start()

    def wait(self) -> None:
        # Not by joining threads: an interrupted join takes a thread for ended that is not.
        while not self.over.wait(_LOOK_EVERY):
            pass

    @property
    def ended(self) -> list[Ended]:
        return [self.done[number] for number in range(len(self.jobs))]

    def _work(self) -> None:
        while True:
            try:
                number = self.waiting.get_nowait()
            except queue.Empty:
                return
            job, begun = self.jobs[number], time.monotonic()
            try:
                ended = Ended(job=job, outcome=self._carried_out(number, job))
            except BaseException as error:  # noqa: BLE001  # it is told by whoever gets the list
                ended = Ended(job=job, error=error)
            self.done[number] = replace(ended, seconds=time.monotonic() - begun)
            if len(self.done) == len(self.jobs):
                self.over.set()

    def _carried_out(self, number: int, job: Job) -> Outcome:
        check_cancel(self._is_to_stop)
        progress = self.sum.part(number)
        if not job.journal:
            return execute(job.plan, progress=progress, cancel=self._is_to_stop, pace=self.pace)
        if job.back:
            return undo(job.journal, within=job.within)
        return resume(job.journal, within=job.within, progress=progress, cancel=self._is_to_stop, pace=self.pace)

    def _is_to_stop(self) -> bool:
        if not self.stopped.is_set() and self.cancel is not None:
            try:
                check_cancel(self.cancel)
            except CancelledError:
                self.stopped.set()
        return self.stopped.is_set()


@dataclass(slots=True, kw_only=True)
class _Sum:
    """One count for several callbacks."""

    report: Progress | None
    parts: dict[int, tuple[int, int]]
    lock: threading.Lock = field(default_factory=threading.Lock)

    def part(self, number: int) -> Progress | None:
        if self.report is None:
            return None

        def told(done: int, total: int) -> None:
            with self.lock:
                self.parts[number] = (done, total)
                self._tell()

        return told

    def _tell(self) -> None:
        assert self.report is not None
        done, total = (sum(part[index] for part in self.parts.values()) for index in (0, 1))
        self.report(done, total)


@contextmanager
def common_folders(folders: Iterable[str], *, keep: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Make what several plans have in common, so that no plan's journal lies where another one's does.

    Args:
        folders: What is made where it is not there, with the folders around it.
        keep: Asked at the end whether empty folders stay, because a plan that goes on later relies on them; otherwise
            those that were made here are removed again.
    """
    made: list[str] = []
    try:
        for folder in folders:
            for place in _missing(folder):
                os.mkdir(place)
                made.append(place)
        yield
    finally:
        if made and not keep():
            for place in reversed(made):
                with suppress(OSError):  # there is something in it
                    os.rmdir(place)


def _missing(folder: str) -> list[str]:
    missing: list[str] = []
    while folder and not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder.rstrip("/"))
    return missing[::-1]
