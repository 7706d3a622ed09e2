"""May a plan be begun, or gone on with?

Looked at before anything is changed: locks are taken, every file is compared with what the plan was made from, names
that the executor needs are free, no other plan is unfinished on the same files, and there is room. One line says what
is in the way.
"""

# ruff: noqa: PTH110, PTH112, PTH116, PTH118, PTH119, PTH120, PTH208 - paths are kept as the caller wrote them

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError, PlanRefusedError, VhdChainError
from vhdchain.plan import MakeFolder, require_digest
from vhdchain.shell.executor.footprint import (
    all_named,
    all_read,
    all_written,
    appears_by,
    asked_by,
    made_by,
    told_by,
    waits_for_the_end,
    written_by,
    written_in_place,
)
from vhdchain.shell.executor.journal import is_regular, journal_path, read_journal, unfinished
from vhdchain.shell.executor.names import PURPOSES, is_journal_name, name_beside
from vhdchain.shell.executor.places import Places

if TYPE_CHECKING:
    from vhdchain.plan import FileState, Plan
    from vhdchain.shell.executor.locks import Locks
    from vhdchain.shell.executor.records import History


def lock_all(plan: Plan, places: Places, locks: Locks) -> None:
    """Lock the plan's files that are there, for this run alone where they are changed.

    Raises:
        PlanRefusedError: Somebody else has one locked.
        OSError: One may not be opened as it must be.
    """
    written, read = all_written(plan), all_read(plan)
    locks.make_room(len(written) + len(read))
    # What is deleted, moved or replaced need not be writable itself: its folder must be.
    inside = {places.path(path) for path in written_in_place(plan)}
    for path in written:
        place = places.path(path)
        if os.path.lexists(place):
            locks.take(place, exclusive=True, shown=path, writing=place in inside)
    for path in read:
        place = places.path(path)
        if os.path.exists(place):
            locks.take(place, exclusive=False, shown=path)


def check_states(plan: Plan, places: Places, locks: Locks, history: History | None = None) -> None:
    """Compare every file that no step has touched yet with what the plan was made from.

    Args:
        plan: The plan.
        places: Where its paths lead.
        locks: Locks on them.
        history: How far the plan is; None where it was not begun.

    Raises:
        PlanRefusedError: One of them changed, or is gone.
    """
    begun = plan.steps[: history.begun] if history is not None else ()
    committed = history is not None and history.committed
    touched = {places.path(path) for step in begun if not waits_for_the_end(step) for path in written_by(step)}
    leaving = {places.path(path) for step in plan.steps if waits_for_the_end(step) for path in written_by(step)}
    for state in plan.files:
        place = places.path(state.path)
        if place in touched or (committed and place not in leaving):
            continue
        status = locks.status(place)
        if status is None and committed:
            continue  # deleted already
        what = _difference(state, status, with_identity=history is None)
        if what is not None:
            raise PlanRefusedError(f"{state.path}: {what} since the plan was made; {_remedy(history)}")


def _remedy(history: History | None) -> str:
    if history is None:
        return "make a new plan"
    if history.committed:
        return "it was going to be deleted: move it elsewhere if you need it, then resume"
    return "put the file back as it was, or take the plan back (resume --undo)"


def _difference(state: FileState, status: os.stat_result | None, *, with_identity: bool) -> str | None:
    if status is None:
        return "it is gone"
    if status.st_size != state.size:
        return f"its size changed from {state.size} to {status.st_size} bytes"
    if state.mtime_ns is not None and status.st_mtime_ns != state.mtime_ns:
        return "it was modified"
    if with_identity and state.identity not in (None, (status.st_dev, status.st_ino)):
        return "another file has taken its place"
    return None


def check_facts(plan: Plan) -> None:
    """Refuse a plan whose steps need what no earlier step finds out, or a digest that cannot be made.

    Raises:
        ConfigError: See above.
    """
    told: set[str] = set()
    for number, step in enumerate(plan.steps):
        missing = [name for name in asked_by(step) if name not in told]
        if missing:
            raise ConfigError(f"plan.steps[{number}]: needs {missing[0]!r}, which no earlier step finds out")
        require_digest(getattr(step, "hash", ""))
        told.update(told_by(step))


def check_names(plan: Plan, places: Places) -> None:
    """Refuse where a name that the executor or a step needs is taken, or a folder is missing that no step makes.

    Raises:
        PlanRefusedError: See above.
        OSError: A name is too long for the file system, or a folder may not be looked into.
    """
    for path in all_written(plan):
        for purpose in PURPOSES:
            own = name_beside(places.path(path), purpose)
            if os.path.lexists(own):
                raise PlanRefusedError(
                    f"{places.shown(own)}: is in the way; it is left from an interrupted plan whose journal "
                    "(*.vhdchain-journal) lies beside another file: resume that one; or move this one elsewhere"
                )
    made: set[str] = set()
    for step in plan.steps:
        written = [places.path(path) for path in written_by(step)]
        if appears_by(step) and written[0] not in made and os.path.lexists(written[0]):
            raise PlanRefusedError(f"{places.shown(written[0])}: is there already; nothing is replaced")
        if isinstance(step, MakeFolder):
            _require_folder_or_nothing(written[0], step.path)
        for place in written:
            _require_folder_of(place, made, places)
        made.update(written)


def _require_folder_or_nothing(place: str, shown: str) -> None:
    if os.path.lexists(place) and not os.path.isdir(place):
        raise PlanRefusedError(f"{shown}: is there already, and is no folder")


def _require_folder_of(place: str, made: set[str], places: Places) -> None:
    """Refuse where a name would lie in what is no folder; one that a step makes is a folder by then."""
    folder = os.path.dirname(place)
    if folder in made or os.path.isdir(folder):
        return
    missing = folder
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    if not os.path.isdir(folder):
        raise PlanRefusedError(f"{folder}: is no folder, and {places.shown(place)} would lie in it")
    raise PlanRefusedError(f"{missing}: is not there, no step makes it, and {places.shown(place)} would lie in it")


def check_journals(plan: Plan, places: Places, home: str) -> None:
    """Refuse where another plan is unfinished on these files, or its journal has the name that this one's needs.

    Args:
        plan: The plan.
        places: Where its paths lead.
        home: The path beside which its journal is going to lie.

    Raises:
        PlanRefusedError: See above.
    """
    if os.path.lexists(journal_path(places.path(home))):
        raise PlanRefusedError(unfinished(journal_path(home)))
    written = {places.path(path) for path in all_written(plan)}
    own = written | {places.path(path) for path in all_read(plan)}
    for folder in sorted({os.path.dirname(path) for path in (*own, *map(places.path, made_by(plan)))}):
        for name in sorted(filter(is_journal_name, _names_in(folder))):
            path = os.path.join(folder, name)
            if is_regular(path) and _is_about(path, own, written):
                raise PlanRefusedError(unfinished(_shown_below(path, folder, plan, places)))


def _names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    # Not made yet; a folder that files may be opened in and not listed; a file, of which `check_names` tells.
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return []


def _shown_below(path: str, folder: str, plan: Plan, places: Places) -> str:
    """Return a journal's path with its folder as the plan's maker wrote it."""
    for each in all_named(plan):
        if os.path.dirname(places.path(each)) == folder:
            return os.path.join(os.path.dirname(each), os.path.basename(path))
    return path


def _is_about(journal: str, own: set[str], written: set[str]) -> bool:
    """Say whether a journal's plan and this one have a file in common that one of them changes."""
    try:
        header, _, _, _ = read_journal(journal)
        other = Places(header.cwd)
        changed = {other.path(path) for path in all_written(header.plan)}
        named = changed | {other.path(path) for path in all_read(header.plan)}
    except FileNotFoundError:  # finished meanwhile
        return False
    except (VhdChainError, OSError):
        # Nobody knows what a damaged journal was about: the files beside it may be half done.
        return True
    return bool(changed & own or named & written)


def check_room(plan: Plan, places: Places) -> None:
    """Refuse where less is free than the plan needs at the most.

    Raises:
        PlanRefusedError: See above.
    """
    needs: dict[int, tuple[str, int]] = {}
    for need in plan.needs:
        folder = _existing(places.path(need.folder))
        device = os.stat(folder).st_dev
        needs[device] = (need.folder, needs.get(device, ("", 0))[1] + need.peak)
    for shown, peak in needs.values():
        volume = os.statvfs(_existing(places.path(shown)))
        free = volume.f_bavail * volume.f_frsize
        if free < peak:
            raise PlanRefusedError(f"{shown}: the plan needs up to {peak} bytes there, and {free} are free")


def _existing(folder: str) -> str:
    while not os.path.isdir(folder) and folder not in ("/", ""):
        folder = os.path.dirname(folder)
    return folder or os.curdir
