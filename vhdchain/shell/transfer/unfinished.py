"""Which transfers into, or in, a folder were interrupted, and what do they still need?

Their journals lie beside what they were going to make first: in the target folder, or beside the highest folder that
was not there yet. A journal is a file like any other: it is read to see whose it is, and believed by nobody.
"""

# ruff: noqa: PTH112, PTH118, PTH120 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vhdchain.errors import VhdChainError
from vhdchain.shell.executor.footprint import all_read, all_written, is_folder, written_by
from vhdchain.shell.executor.journal import is_regular, journal_path, read_journal
from vhdchain.shell.executor.names import NEW, is_journal_name, name_beside
from vhdchain.shell.executor.places import Places
from vhdchain.shell.folders import walk_folder
from vhdchain.shell.transfer.probing import free_room
from vhdchain.units import sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.plan import Plan

_ID, _NAME, _ASKED, _TOGETHER = "machine_id", "machine_name", "asked", "together"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """An interrupted transfer.

    Attributes:
        journal: Its journal.
        plan: What it was doing.
        files: Every file that it makes or changes, as absolute paths.
        folders: Every folder, likewise.
        reads: Every other file that it relies on, likewise.
        begun: How many of its steps were begun.
    """

    journal: str
    plan: Plan
    files: tuple[str, ...]
    folders: tuple[str, ...]
    reads: tuple[str, ...]
    begun: int

    @property
    def machine(self) -> tuple[str, str]:
        """The id and the name of its machine; empty where the plan was not made by `marked`."""
        return str(self.plan.facts.get(_ID, "")), str(self.plan.facts.get(_NAME, ""))

    @property
    def asked(self) -> str:
        """The options that it was asked for with; empty likewise."""
        return str(self.plan.facts.get(_ASKED, ""))

    @property
    def together(self) -> frozenset[str]:
        """The ids of the machines that were moved by the same call, this one's among them; see `together`."""
        return frozenset(str(self.plan.facts.get(_TOGETHER, "")).split())

    def is_below(self, folder: str | os.PathLike[str]) -> bool:
        """Say whether something that it reads or changes lies below ``folder``."""
        root = os.path.join(os.path.realpath(folder), "")
        return any(path.startswith(root) for path in (*self.files, *self.folders, *self.reads))


def marked(plan: Plan, *, machine: tuple[str, str], asked: str) -> Plan:
    """Return ``plan`` with what tells, if it is interrupted, whose it is and what it was asked for with.

    Args:
        plan: A plan.
        machine: The id and the name of its machine.
        asked: The options on which the result depends, as words.
    """
    return replace(plan, facts={**plan.facts, _ID: machine[0], _NAME: machine[1], _ASKED: asked})


def together(plan: Plan, others: Iterable[str]) -> Plan:
    """Return a plan that was `marked`, with the ids of all machines that are moved by the same call.

    If the call is interrupted, what is left of it tells which machines it has moved already.
    """
    ids = {str(plan.facts.get(_ID, "")), *others} - {""}
    return replace(plan, facts={**plan.facts, _TOGETHER: " ".join(sorted(ids))})


def unfinished_in(folder: str | os.PathLike[str], action: str) -> list[Unfinished]:
    """Return the interrupted transfers whose journals lie in ``folder``, below it, or beside a folder above it.

    Args:
        folder: It need not exist; then it may be what one of them was going to make.
        action: ``export`` or ``import``. Journals of other plans, and those that are damaged, are left to others.

    Raises:
        OSError: The folder cannot be looked into.
    """
    told = os.fspath(folder)
    root = os.path.join(os.path.realpath(told), "")
    try:
        journals = dict.fromkeys([*_above(told), *_below(told)])
    except OSError as error:
        error.filename = told  # nobody asked for a journal
        raise
    found = [_read(journal) for journal in journals]
    return [
        item
        for item in found
        if item is not None
        and item.plan.action == action
        and any(path.startswith(root) for path in (*item.files, *item.folders))
    ]


def room_needed(item: Unfinished) -> int:
    """Return how many bytes more an interrupted transfer takes at the most until it is ended."""
    there = sum(_taken(path) + _taken(name_beside(path, NEW)) for path in item.files)
    return max(0, sum(need.peak for need in item.plan.needs) - there)


def room_missing(item: Unfinished, folder: str) -> int:
    """Return how many bytes the volume of ``folder`` lacks to end an interrupted transfer; 0 where none is lacking."""
    return max(0, room_needed(item) - (free_room(folder) or 0))


def bytes_there(paths: Iterable[str]) -> int:
    """Return how long the files are together that there are of ``paths``."""
    total = 0
    for path in paths:
        with contextlib.suppress(OSError):
            status = os.lstat(path)
            total += status.st_size if stat.S_ISREG(status.st_mode) else 0
    return total


def _above(folder: str) -> Iterator[str]:
    """Yield the journals beside ``folder`` and the folders above it."""
    place = folder.rstrip("/") or folder
    while place not in ("", "/", os.curdir):
        if is_regular(journal_path(place)):
            yield journal_path(place)
        place = os.path.dirname(place)


def _below(folder: str) -> Iterator[str]:
    if not os.path.isdir(folder):
        return
    walk = walk_folder(os.path.realpath(folder), shown=folder, wanted=is_journal_name)
    for path, error in walk.unreadable:
        if path == folder:
            raise error
    yield from (found.shown for found in walk.files if not found.is_link)


def _read(journal: str) -> Unfinished | None:
    try:
        header, history, _, _ = read_journal(journal)
    except (VhdChainError, OSError):  # the executor says that it is in the way
        return None
    places = Places(header.cwd)
    plan = header.plan
    folders = [path for step in plan.steps if is_folder(step) for path in written_by(step)]
    return Unfinished(
        journal=journal,
        plan=plan,
        files=tuple(places.path(path) for path in all_written(plan)),
        folders=tuple(places.path(path) for path in folders),
        reads=tuple(places.path(path) for path in all_read(plan)),
        begun=history.begun,
    )


def _taken(path: str) -> int:
    try:
        return sectors_to_bytes(os.lstat(path).st_blocks)
    except OSError:
        return 0
