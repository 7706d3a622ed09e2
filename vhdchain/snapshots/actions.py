"""What has to be done to files when a machine goes from one state to the next?

An `Action` names what a host does: it makes a differencing disk, copies a state, writes a configuration, merges.
What that means in bytes is decided when the files are at hand (`vhdchain.shell`); here is what and in which order.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.snapshots.state import State


class ActionKind(StrEnum):
    """What is done."""

    MAKE_FOLDER = "make folder"
    CREATE_DISK = "create differencing disk"
    COPY_STATE = "copy saved state"
    SAVE_STATE = "save what is in memory"
    WRITE_MACHINE = "write configuration"
    WRITE_SNAPSHOT = "write snapshot configuration"
    DELETE_SNAPSHOT = "delete snapshot configuration"
    DELETE_STATE = "delete saved state"
    DELETE_DISK = "delete disk"
    REMOVE_FOLDER = "remove folder"
    MERGE = "merge"
    POSTPONE = "postpone merge"
    CANCEL_MERGE = "cancel merge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that is done.

    Attributes:
        kind: What.
        path: The file that is made, changed or deleted; of a merge, the file that takes the others up.
        source: The file that is copied, or that a new disk builds on.
        files: Of a merge: the files that are taken up, from below to above; of a new disk, where it is attached.
        why: The reason, as a clause; empty where it goes without saying.
    """

    kind: ActionKind
    path: str
    source: str = ""
    files: tuple[str, ...] = ()
    why: str = ""


class LossKind(StrEnum):
    """What is lost."""

    DISK = "disk"
    STATE = "saved state"
    SNAPSHOT = "snapshot"
    SECTORS = "sectors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Something that exists nowhere any more.

    Attributes:
        what: What it is.
        path: The file that held it; of a snapshot, its configuration.
        name: The snapshot's name; empty for files.
        bytes: How much: the length of a file that goes, or the bytes of disk that no state shows any more. None where
            it was not asked for.
        why: How it is lost, as a clause.
    """

    what: LossKind
    path: str
    name: str = ""
    bytes: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that is worth knowing of an operation, with the code by which it is told.

    Attributes:
        code: The code.
        text: A clause.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an operation leads to.

    Attributes:
        operation: What was asked for, such as ``apply second``.
        before: The state that it began with.
        state: The next state.
        actions: What is done, in order.
        losses: What is lost.
        notices: What is worth knowing beforehand.
    """

    operation: str
    before: State
    state: State
    actions: tuple[Action, ...] = ()
    losses: tuple[Loss, ...] = ()
    notices: tuple[Notice, ...] = ()
