"""How is a plan begun, gone on with, and taken back?

`execute` begins one; `resume` and `undo` go on from the journal that a crash, an error or an interruption left. As long
as nothing was begun, whatever goes wrong leaves nothing behind; from then on the journal stays until the plan is done
or taken back, and the error says so in a note (`BaseException.add_note`).
"""

# ruff: noqa: PTH112, PTH118, PTH119, PTH120 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
import shlex
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vhdchain.errors import PlanRefusedError
from vhdchain.shell.executor.footprint import all_named, home_of_the_journal
from vhdchain.shell.executor.handlers import BrokenCopyError
from vhdchain.shell.executor.journal import begin_journal, journal_path, open_journal
from vhdchain.shell.executor.locks import Locks
from vhdchain.shell.executor.names import is_journal_name
from vhdchain.shell.executor.places import Places, folders_outside, places_of_journal
from vhdchain.shell.executor.preflight import (
    check_facts,
    check_journals,
    check_names,
    check_room,
    check_states,
    lock_all,
)
from vhdchain.shell.executor.system import SystemLayer
from vhdchain.shell.executor.table import handler_of
from vhdchain.shell.executor.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vhdchain.plan import Plan
    from vhdchain.progress import Cancel, Progress
    from vhdchain.shell.executor.journal import Journal
    from vhdchain.shell.executor.layer import FileLayer
    from vhdchain.shell.executor.pace import Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a plan.

    Attributes:
        plan: The plan.
        undone: Whether it was taken back; otherwise all of it is done.
        facts: What its steps found out, by name: digests.
    """

    plan: Plan
    undone: bool = False
    facts: Mapping[str, int | str] = field(default_factory=dict)


def execute(
    plan: Plan,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    layer: FileLayer | None = None,
    check_free: bool = True,
    pace: Pace | None = None,
) -> Outcome:
    """Carry ``plan`` out.

    Args:
        plan: What is to be done; its relative paths start from the working folder.
        progress: Told how much is done, in bytes.
        cancel: Asked whether to stop; a plan that was begun can be gone on with then.
        layer: Through which files are changed; by default the operating system's.
        check_free: Whether a plan that may need more room than is free is refused.
        pace: How fast files are copied, disks written and files read back; several plans may share one.

    Raises:
        PlanRefusedError: A file changed since the plan was made, is in use, or is not what a step expects; or there is
            no room. Everything is as before.
        CancelledError: ``cancel`` asked to stop. The journal stays where something was begun.
        OSError: The operating system could not do it. The same.
    """
    layer = layer or SystemLayer()
    for step in plan.steps:
        handler_of(step)
    if not plan.steps:
        return Outcome(plan=plan)
    cwd = str(Path.cwd())
    places = Places(cwd)
    check_facts(plan)
    home = home_of_the_journal(plan, lambda folder: os.path.isdir(places.path(folder)))
    shown = journal_path(home)
    with Locks() as locks, _named_as_planned(places):
        lock_all(plan, places, locks)
        check_states(plan, places, locks)
        check_journals(plan, places, home)
        check_names(plan, places)
        if check_free:
            check_room(plan, places)
        with _at_the_folder(places.path(home), os.path.dirname(home) or os.curdir):
            journal = begin_journal(plan, places.path(home), cwd=cwd, layer=layer, locks=locks)
        outside = folders_outside(places, os.path.dirname(places.path(home)), all_named(plan))
        with closing(journal), _leaving_nothing_unless_begun(journal, layer), _telling(journal, shown, outside):
            work = Work(journal, places, layer=layer, progress=progress, cancel=cancel, pace=pace)
            try:
                work.forward()
            except PlanRefusedError:
                work.back()
                raise
            work.finish()
            return Outcome(plan=plan, facts=dict(journal.history.facts))


def resume(
    path: str | os.PathLike[str],
    *,
    within: Sequence[str | os.PathLike[str]] = (),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    layer: FileLayer | None = None,
    pace: Pace | None = None,
) -> Outcome:
    """Go on with the plan whose journal is ``path``, or lies beside the file or folder ``path``, to its end.

    A plan that was being taken back is taken back.

    Args:
        path: The journal, or the file or folder beside which it lies.
        within: Folders beside the journal's own in which the plan may touch files.
        progress: As of `execute`.
        cancel: As of `execute`.
        layer: As of `execute`.
        pace: As of `execute`.

    Raises:
        ConfigError: The journal is damaged.
        PlanRefusedError: A file changed that the plan had not touched, is in use, or lies outside of the folders; or
            what was written is not what it must be, and then the plan is taken back.
        CancelledError: ``cancel`` asked to stop. The journal stays.
        OSError: There is no journal, or the operating system could not do it.
    """
    return _go_on(path, within, progress=progress, cancel=cancel, layer=layer, pace=pace)


def undo(
    path: str | os.PathLike[str],
    *,
    within: Sequence[str | os.PathLike[str]] = (),
    layer: FileLayer | None = None,
) -> Outcome:
    """Take the plan back whose journal is ``path``, or lies beside the file or folder ``path``: all is as it was.

    Raises:
        ConfigError: The journal is damaged.
        PlanRefusedError: All its steps are done, so it can only be finished; or as `resume`.
        OSError: There is no journal, or the operating system could not do it.
    """
    return _go_on(path, within, layer=layer, undo=True)


def _go_on(
    path: str | os.PathLike[str],
    within: Sequence[str | os.PathLike[str]],
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    layer: FileLayer | None = None,
    pace: Pace | None = None,
    undo: bool = False,
) -> Outcome:
    layer = layer or SystemLayer()
    given = os.fspath(path).rstrip(os.sep)  # a folder may be written with one behind it
    shown = given if is_journal_name(given) else journal_path(given)
    place = os.path.join(os.path.realpath(os.path.dirname(shown)), os.path.basename(shown))
    with Locks() as locks, closing(open_journal(place, layer, locks)) as journal:
        plan, history = journal.header.plan, journal.history
        allowed = [os.fspath(root) for root in within]
        places = places_of_journal(journal.header, shown, allowed, all_named(plan))
        with _named_as_planned(places):
            if undo and history.committed:
                raise PlanRefusedError(
                    f"{shown}: every step is done, so it is too late to take them back; 'vhdchain resume' finishes"
                )
            lock_all(plan, places, locks)
            if not (undo or history.undoing):
                check_states(plan, places, locks, history)
            with _telling(journal, shown, allowed):
                journal.take_over()
                work = Work(journal, places, layer=layer, progress=progress, cancel=cancel, pace=pace)
                if undo or history.undoing:
                    work.back()
                else:
                    if not history.committed:
                        _forward_or_back(work)
                    work.finish()
                return Outcome(plan=plan, undone=history.undoing, facts=dict(history.facts))


def _forward_or_back(work: Work) -> None:
    """Do the rest of a plan; what can never be gone on with is taken back."""
    try:
        work.forward()
    except BrokenCopyError:
        work.back()
        raise


@contextmanager
def _leaving_nothing_unless_begun(journal: Journal, layer: FileLayer) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if not journal.history.begun and not journal.gone:
            with suppress(OSError):  # a journal of which nothing was begun does no harm
                layer.unlink(journal.path)
                layer.sync_folder(os.path.dirname(journal.path))
        raise


@contextmanager
def _telling(journal: Journal, shown: str, within: Sequence[str]) -> Iterator[None]:
    """Add to whatever is raised that nothing is lost, and what goes on; unless nothing was begun, or all is over."""
    try:
        yield
    except BaseException as error:
        history = journal.history
        if history.begun and not journal.gone:
            error.add_note(_what_goes_on(shown, within, committed=history.committed, undoing=history.undoing))
        raise


def _what_goes_on(shown: str, within: Sequence[str], *, committed: bool, undoing: bool) -> str:
    """Return the sentence that says how to go on from a journal."""
    command = " ".join(["vhdchain resume", shlex.quote(shown), *(f"--within {shlex.quote(each)}" for each in within)])
    if committed:
        return f"nothing is lost, and every step is done; to clear up: {command}"
    if undoing:
        return f"nothing is lost; to go on taking it back: {command}"
    return f"nothing is lost; to go on: {command} (--undo takes everything back)"


@contextmanager
def _named_as_planned(places: Places) -> Iterator[None]:
    """Let errors call files as the plan's maker does."""
    try:
        yield
    except OSError as error:
        if isinstance(error.filename, str):
            error.filename = places.shown(error.filename)
        if isinstance(error.filename2, str):
            error.filename2 = places.shown(error.filename2)
        raise


@contextmanager
def _at_the_folder(home: str, shown: str) -> Iterator[None]:
    """Say of a folder that takes no journal that it is the folder, and that nothing was begun."""
    try:
        yield
    except OSError as error:
        if error.errno is None or not str(error.filename).startswith(home):
            raise
        reason = f"no journal can be written here ({error.strerror}), and without one nothing is begun"
        raise OSError(error.errno, reason, shown) from error
