"""Which plans were interrupted here, and how far are they?

Journals are found by their names: the one that is meant, the one beside a file, every one below a folder, or the ones
beside a file that name it. They are read and not believed: what may be touched is decided when one is resumed.
"""

# ruff: noqa: PTH112, PTH118, PTH119, PTH120 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vhdchain.errors import VhdChainError
from vhdchain.plan.interruption import Interruption, Point
from vhdchain.shell.executor.footprint import all_read, all_written
from vhdchain.shell.executor.journal import is_regular, journal_path, read_journal
from vhdchain.shell.executor.names import is_journal_name
from vhdchain.shell.executor.places import Places
from vhdchain.shell.folders import walk_folder

if TYPE_CHECKING:
    from vhdchain.shell.executor.records import History


def find_journals(path: str | os.PathLike[str]) -> list[str]:
    """Return the journals that ``path`` means: itself, those about a file, or those beside and below a folder.

    Raises:
        OSError: There is nothing of this name, and no journal beside it.
    """
    shown = os.fspath(path)
    if os.path.isdir(shown):
        walk = walk_folder(os.path.realpath(shown), shown=shown, wanted=is_journal_name)
        for _, error in walk.unreadable[:1]:
            error.filename = shown
            raise error
        beside = journal_path(shown.rstrip(os.sep))  # of a plan that makes the folder
        below = [found.shown for found in walk.files if not found.is_link]
        return [beside, *below] if is_regular(beside) else below
    if is_journal_name(shown):
        os.lstat(shown)
        return [shown]
    if is_regular(journal_path(shown)):
        return [journal_path(shown)]
    folder = os.path.dirname(shown)
    place = os.path.join(os.path.realpath(folder), os.path.basename(shown))
    names = sorted(name for name in os.listdir(folder or os.curdir) if is_journal_name(name))  # noqa: PTH208 - as texts
    about = [journal for name in names if _names(journal := os.path.join(folder, name), place)]
    if not about:
        os.lstat(shown)
    return about


def _names(journal: str, place: str) -> bool:
    """Say whether a journal's plan has to do with the file at ``place``."""
    try:
        header, _, _, _ = read_journal(journal)
        places = Places(header.cwd)
        return any(places.path(path) == place for path in (*all_written(header.plan), *all_read(header.plan)))
    except (VhdChainError, OSError):  # it is told when the journal itself is asked for
        return False


def look_at_journal(journal: str) -> Interruption:
    """Return what a journal tells of its plan.

    Raises:
        ConfigError: It is damaged, or none.
        OSError: It cannot be read.
    """
    header, history, _, _ = read_journal(journal)
    return Interruption(
        journal=journal,
        plan=header.plan,
        point=_point(history),
        begun=history.begun,
        done=history.done,
        facts=dict(history.facts),
    )


def _point(history: History) -> Point:
    if history.undoing:
        return Point.TAKING_BACK
    if history.committed:
        return Point.CLEARING_UP
    return Point.IN_STEPS if history.begun else Point.BEFORE
