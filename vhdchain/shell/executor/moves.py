"""What do the handlers of simple steps have in common: names, and syncs in the right order?

A file is made under the executor's own name, and gets its real one when it is whole and synced. Every helper may be
called again after a crash anywhere in it.
"""

# ruff: noqa: PTH120 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from vhdchain.errors import PlanRefusedError
from vhdchain.shell.executor.names import NEW
from vhdchain.shell.files import kind_of_file

if TYPE_CHECKING:
    from vhdchain.shell.executor.handlers import Run, State
    from vhdchain.shell.executor.layer import FileLayer

WHOLE: State = {"whole": True}
"""The checkpoint of a step whose copy is whole and synced under the executor's name."""


def exists(path: str) -> bool:
    """Say whether a name is taken, by whatever."""
    return os.path.lexists(path)


def same_file(path: str, other: str) -> bool:
    """Say whether two names that are there lead to one file."""
    one, two = os.lstat(path), os.lstat(other)
    return (one.st_dev, one.st_ino) == (two.st_dev, two.st_ino)


def require_file(place: str, shown: str) -> os.stat_result:
    """Return what a regular file is.

    Raises:
        PlanRefusedError: There is none, or something else.
    """
    try:
        status = os.lstat(place)
    except (FileNotFoundError, NotADirectoryError):
        raise PlanRefusedError(f"{shown}: is gone") from None
    if not stat.S_ISREG(status.st_mode):
        raise PlanRefusedError(f"{shown}: is {kind_of_file(status.st_mode)}, not a file")
    return status


def sync_folder_of(layer: FileLayer, *paths: str) -> None:
    """Make the names of these files safe, one behind the other."""
    for folder in dict.fromkeys(os.path.dirname(path) for path in paths):
        layer.sync_folder(folder)


def remove(layer: FileLayer, path: str) -> None:
    """Remove a name that may be gone already."""
    if exists(path):
        layer.unlink(path)


def put_in_place(run: Run, path: str) -> None:
    """Give the whole new file its name, which must be free; it has it already after a crash.

    Raises:
        PlanRefusedError: Somebody made a file of this name meanwhile.
    """
    place, new = run.path(path), run.beside(path, NEW)
    if exists(new):
        try:
            run.layer.rename_free(new, place)
        except FileExistsError:
            # A file system without the call may be left with both names of one file.
            if not same_file(new, place):
                raise PlanRefusedError(f"{path}: somebody made it meanwhile; nothing is replaced") from None
            run.layer.unlink(new)
    elif not exists(place):
        raise PlanRefusedError(f"{path}: is gone, though it was made by this plan")
    sync_folder_of(run.layer, place)


def take_away(run: Run, path: str, state: State | None) -> None:
    """Remove what `put_in_place` may have made, and what it was made from."""
    place, new = run.path(path), run.beside(path, NEW)
    if state is not None and state.get("whole") and exists(place) and (not exists(new) or same_file(new, place)):
        run.layer.unlink(place)
    remove(run.layer, new)
    sync_folder_of(run.layer, place)


def seen_as(run: Run, path: str, state: State | None) -> State:
    """Return what tells the file that a step began with: the same after a restart.

    Raises:
        PlanRefusedError: Somebody changed it since the step began.
    """
    status = require_file(os.path.realpath(run.path(path)), path)
    seen: State = {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
    if state is not None and any(state[name] != value for name, value in seen.items()):
        raise PlanRefusedError(
            f"{path}: was changed since it began to be copied; put it back as it was, or take the plan back (--undo)"
        )
    return seen
