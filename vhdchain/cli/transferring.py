"""How do the commands that move whole machines carry out what was planned, several at once, and tell of it?

Before: what is promised. Meanwhile: one bar. Afterwards: what became of each machine, as text or in one document. One
that fails is told in one line, and the others go on; the exit code is that of the worst.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import click

from vhdchain.cli.asking import goes_ahead
from vhdchain.cli.bars import progress_bar
from vhdchain.cli.exits import Exit
from vhdchain.cli.failures import complain, describe, notes
from vhdchain.cli.options import Settings, byte_rate
from vhdchain.cli.terminal import Terminal
from vhdchain.cli.unwinding import unwinding
from vhdchain.errors import PlanRefusedError, VhdChainError
from vhdchain.plan import CopyFile, DigestFile, PatchFile, digest_fact
from vhdchain.report.lines import line
from vhdchain.report.numbers import human_size
from vhdchain.report.text.transfer import done_lines, file_lines, promise_lines, speed_lines
from vhdchain.report.transfers import Speed, Transfer
from vhdchain.shell.denied import Right, clearer, denial_of, denial_text
from vhdchain.shell.executor.pace import Pace
from vhdchain.shell.transfer.probing import probe_target
from vhdchain.shell.transfer.running import Job, run_all
from vhdchain.shell.transfer.unfinished import bytes_there, room_missing, together, unfinished_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vhdchain.audit import AuditReport
    from vhdchain.graph import Inventory
    from vhdchain.report.lines import Line
    from vhdchain.shell.executor.run import Outcome
    from vhdchain.shell.transfer.running import Ended
    from vhdchain.shell.transfer.unfinished import Unfinished

_LEAST_TRIAL = 4 << 20
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_AGAIN = "to go on, give the same command again; with --clean-up what was begun is taken back"

automate_option = click.option(
    "--automate", is_flag=True, help="For scripts: never ask, show no bar, write one JSON document."
)
clean_up_option = click.option(
    "--clean-up", is_flag=True, help="Take back what an interrupted run of this command has left, and do no more."
)
dry_run_option = click.option("--dry-run", is_flag=True, help="Show what would be done, and write nothing at all.")
limit_option = click.option(
    "--limit-rate",
    "limit",
    metavar="RATE",
    type=byte_rate,
    help="Copy no more than this in a second, e.g. 50M, all machines together.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A machine that is ready to be moved, or cannot be.

    Attributes:
        transfer: What is promised.
        job: What is to be carried out; None where nothing can be.
        code: The exit code where it cannot be.
        counted: The files whose lengths together are told at the end, as absolute paths.
        machine: The id of the machine that is moved, before it is.
        needs: How many bytes more are taken on the way, at the most.
    """

    transfer: Transfer
    job: Job | None = None
    code: Exit = Exit.CLEAN
    counted: tuple[str, ...] = ()
    machine: str = ""
    needs: int = 0


class Claims:
    """Which files the machines of one call are going to write, so that no two of them write the same."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, paths: Iterable[str]) -> bool:
        """Take ``paths`` for one machine; say whether all of them were free, whatever their letter case."""
        own = {path.casefold() for path in paths}
        free = not own & self._taken
        if free:
            self._taken |= own
        return free


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known when the plans of one call are made.

    Attributes:
        speed: How fast the target is; None where that was not tried.
        over: The ids of machines that an interrupted call may have moved already; see `finished_before`.
        claims: What the plans that are made already are going to write.
        audited: What an audit of the source tells, where several plans ask for it.
    """

    speed: Speed | None
    over: frozenset[str]
    audited: AuditReport | None = None
    claims: Claims = field(default_factory=Claims)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a command goes about it.

    Attributes:
        action: ``export`` or ``import``.
        settings: The shared options.
        written: Folders in which it writes, and in which its journals lie.
        limit: Bytes in a second; None for as many as possible.
        keeps_source: Whether nothing of what is moved is changed.
        dry_run: Whether it only tells.
        asks: Whether somebody is asked first.
    """

    action: str
    settings: Settings
    written: tuple[str, ...]
    limit: float | None = None
    keeps_source: bool = True
    dry_run: bool = False
    asks: bool = False

    def carried_out(
        self, prepared: Sequence[Prepared], *, speed: Speed | None, promised: bool = True
    ) -> tuple[list[Transfer], Exit]:
        """Tell what is promised, do it, and tell again; return what became of every machine, and the exit code."""
        terminal = Terminal(self.settings)
        if self._tells and promised:
            terminal.write(self._promises(prepared, speed, terminal.width))
        code = max((item.code for item in prepared), default=Exit.CLEAN)
        if self.dry_run:
            if self._tells:
                terminal.write([line("nothing was written")])
            return [item.transfer for item in prepared], code
        if self.asks and any(item.job for item in prepared) and not goes_ahead(self.settings):
            terminal.write([line("nothing was changed")])
            return [item.transfer for item in prepared], max(code, Exit.FINDINGS)
        done, worst = self._run(prepared)
        if self._tells:
            begun = [became for item, became in zip(prepared, done, strict=True) if item.job is not None]
            for became in begun:
                terminal.write(done_lines(became, action=self.action, width=terminal.width))
        return done, max(code, worst)

    def refused(self, transfer: Transfer, error: Exception, *, denied: str = "") -> Prepared:
        """Tell that a machine cannot be moved, in one line; ``denied``: what could not be looked into, as a clause."""
        text = "; ".join(filter(None, [self._described(error), denied]))
        # What is refused for want of a file that may not be read was not processed.
        return Prepared(transfer=_failed(transfer, error, text), code=Exit.UNPROCESSED if denied else _code(error))

    def unfinished(self) -> list[Unfinished]:
        """Return what earlier runs have left."""
        found = [item for folder in self.written for item in unfinished_in(folder, self.action)]
        return list({os.path.realpath(item.journal): item for item in found}.values())

    @property
    def _tells(self) -> bool:
        return not self.settings.as_json and (self.dry_run or not self.settings.quiet)

    def _promises(self, prepared: Sequence[Prepared], speed: Speed | None, width: int | None) -> Iterator[Line]:
        for item in prepared:
            yield from promise_lines(item.transfer, width=width, notes=self.dry_run)
            if self.dry_run:
                yield from file_lines(item.transfer, width=width)
        yield from speed_lines([item.transfer for item in prepared], speed, width=width)

    def _run(self, prepared: Sequence[Prepared]) -> tuple[list[Transfer], Exit]:
        jobs = [item.job for item in prepared if item.job is not None]
        pace = None if self.limit is None else Pace(self.limit)
        with unwinding():
            try:
                with progress_bar(f"{self.action}ing", self.settings, in_bytes=True) as progress:
                    ended = iter(run_all(jobs, pace=pace, progress=progress))
            except (KeyboardInterrupt, SystemExit) as error:
                self._tell_of_interruption(error)
                raise
        became = [
            (item.transfer, item.code) if item.job is None else self._became(item, next(ended)) for item in prepared
        ]
        return [transfer for transfer, _ in became], max((code for _, code in became), default=Exit.CLEAN)

    def _became(self, item: Prepared, ended: Ended) -> tuple[Transfer, Exit]:
        error, outcome = ended.error, ended.outcome
        if outcome is None:
            assert isinstance(error, Exception)  # what ends the program was raised before
            return _failed(item.transfer, error, self._failure(item, error)), _code(error)
        wanted_back = ended.job.back
        done = replace(
            item.transfer,
            executed=not outcome.undone,
            undone=outcome.undone,
            seconds=ended.seconds,
            written=None if outcome.undone or not item.counted else bytes_there(item.counted),
            digests={} if outcome.undone else _digests(outcome, item.transfer.folder),
        )
        return done, Exit.CLEAN if outcome.undone is wanted_back else Exit.FINDINGS

    # ----------------------------------------------------------------------------------------------------- what is told

    def _failure(self, item: Prepared, error: Exception) -> str:
        """Return the line about a plan that failed: why, and how to go on where something of it is left."""
        is_full = isinstance(error, OSError) and error.errno in _FULL
        text = self._no_room(item) if is_full else self._described(error)
        if not notes(error):  # the executor notes where something is left
            return text
        untouched = "nothing of the source was touched; " if self.keeps_source else ""
        return f"{text}; {untouched}{_AGAIN}"

    def _no_room(self, item: Prepared) -> str:
        where = item.transfer.folder
        steps = None if item.job is None else item.job.plan.steps
        missing = max((room_missing(each, where) for each in self.unfinished() if each.plan.steps == steps), default=0)
        more = f"{human_size(missing)} more are needed" if missing else "there is some again by now"
        return f"{where}: no room is left on this volume; {more}"

    def _described(self, error: Exception) -> str:
        return describe(clearer(error, written=self.written) if isinstance(error, OSError) else error)

    def _tell_of_interruption(self, error: BaseException) -> None:
        how = _AGAIN if self.unfinished() else "nothing was left behind"
        if isinstance(error, KeyboardInterrupt):
            error.add_note(how)
        else:
            complain(f"ended by a request to terminate; {how}")


def _failed(transfer: Transfer, error: Exception, text: str) -> Transfer:
    complain(text)
    findings = error.findings if isinstance(error, VhdChainError) else ()
    return replace(transfer, error=text, findings=findings)


def _code(error: Exception) -> Exit:
    return Exit.FINDINGS if isinstance(error, PlanRefusedError) else Exit.UNPROCESSED


def _digests(outcome: Outcome, folder: str) -> Mapping[str, str]:
    """Return the digests of files as they are now, by the path below ``folder`` where it lies there."""
    inside = os.path.join(folder, "")  # noqa: PTH118
    # The digest of a copy in which paths were changed afterwards is that of the export's file.
    changed = {step.path for step in outcome.plan.steps if isinstance(step, PatchFile)}
    made = [step for step in outcome.plan.steps if isinstance(step, CopyFile | DigestFile) and step.hash]
    steps = [step for step in made if step.path not in changed]
    found = {step.path: outcome.facts.get(digest_fact(step.hash, step.path)) for step in steps}
    return {path.removeprefix(inside): str(digest) for path, digest in found.items() if digest is not None}


# -------------------------------------------------------------------------------------------- what commands have common


def asked_otherwise(earlier: Unfinished, asked: str) -> PlanRefusedError | None:
    """Return the refusal to go on with what was asked for with other options; None where they are the same."""
    if earlier.asked == asked:
        return None
    what = f"the {earlier.plan.action} of {earlier.machine[1] or earlier.machine[0]} that was interrupted"
    return PlanRefusedError(
        f"{earlier.journal}: {what} was asked for with {earlier.asked}; give these options to go on, or --clean-up to "
        "take it back"
    )


def finished_before(earlier: Iterable[Unfinished]) -> frozenset[str]:
    """Return the ids of machines that interrupted calls may have moved to their end, or not begun."""
    found = list(earlier)
    return frozenset(id_ for item in found for id_ in item.together) - {item.machine[0] for item in found}


def of_one_call(prepared: Sequence[Prepared], earlier: Iterable[Unfinished]) -> list[Prepared]:
    """Return what is prepared, each plan with the machines that are moved together, if there are several."""
    fresh = [item for item in prepared if item.job is not None and not item.job.journal]
    ids = {item.machine for item in fresh} | {id_ for item in earlier for id_ in item.together}
    if len(ids) < 2:  # alone
        return list(prepared)
    return [
        replace(item, job=replace(item.job, plan=together(item.job.plan, ids)))
        if item.job is not None and not item.job.journal
        else item
        for item in prepared
    ]


def fitting(course: Course, prepared: Sequence[Prepared]) -> list[Prepared]:
    """Return what is prepared, refused where there is no room beside those before; the executor looks at each alone."""
    found: list[Prepared] = []
    taken = 0
    for item in prepared:
        free = item.transfer.room
        if item.job is None or free is None or taken == 0 or taken + item.needs <= free:
            taken += item.needs if item.job is not None else 0
            found.append(item)
            continue
        what = f"{human_size(item.needs)} are needed, and {human_size(max(0, free - taken))} are left beside the others"
        found.append(course.refused(item.transfer, PlanRefusedError(f"{item.transfer.folder}: {what} of this call")))
    return found


def speed_of(folder: str, inventories: Iterable[Inventory], limit: float | None) -> Speed:
    """Return how fast ``folder`` takes the disks of some scans, as a short trial shows it; see `probe_target`."""
    size = sum(image.source.size for inventory in inventories for image in inventory.images)
    # Of a few bytes, the time would tell nothing of the rate.
    probe = probe_target(folder, size=max(size, _LEAST_TRIAL), limit=limit)
    return Speed(bytes_per_second=probe.bytes_per_second, keeps_holes=probe.keeps_holes, limit=limit)


def taken_back(
    course: Course, names: Sequence[str], within: tuple[str, ...], *, reading: Sequence[str]
) -> tuple[list[Transfer], Exit]:
    """Take back what earlier runs left; nothing is scanned, since what was moved may be gone by now.

    Args:
        course: How the command goes about it.
        names: The machines that are meant, by name or id; all where it is empty.
        within: Folders in which journals may name files.
        reading: Folders; only what was moving something of them is meant.
    """
    wanted = {name.strip("{}").upper() for name in names}
    found = [
        item
        for item in course.unfinished()
        if any(map(item.is_below, reading)) and (not wanted or wanted & {key.upper() for key in item.machine})
    ]
    if not found and not course.settings.as_json:
        Terminal(course.settings).write([line(f"nothing was interrupted in {', '.join(course.written)}")])
    prepared = [
        Prepared(
            transfer=Transfer(name=item.machine[1], id=item.machine[0], folder=course.written[0], plan=item.plan),
            job=Job(plan=item.plan, journal=item.journal, within=within, back=True),
        )
        for item in found
    ]
    return course.carried_out(prepared, speed=None, promised=False)


def what_is_denied(inventory: Inventory) -> str:
    """Return what a scan could not look into for want of a right, as a clause; empty where that is nothing."""
    for item in inventory.unreadable:
        denial = denial_of(item.path, writing=False)
        if denial.right is not Right.UNKNOWN:
            return f"{item.path}: {denial_text(denial, item.path)}"
    return ""
