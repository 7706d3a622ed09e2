r"""How would VSS back a machine up, would anybody notice, and can it be done?

The Hyper-V writer offers a machine as ``Backup Using Child Partition Snapshot\<name>`` where every condition of an
online backup holds; otherwise as ``Backup Using Saved State\<name>``, and a running one is put into saved state while
the volumes are snapshotted, which cuts its users off. What is unknown is never taken for good: that a machine runs, or
is off, is a guess here, and a guess proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from vhdchain.audit.backup.answers import Answer
from vhdchain.audit.backup.conditions import ONLINE, ConditionName
from vhdchain.audit.backup.required import Presence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.audit.backup.conditions import Condition
    from vhdchain.audit.backup.required import RequiredFile


class Method(StrEnum):
    """How VSS backs a machine up."""

    ONLINE = "online"
    SAVED_STATE = "saved state"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """Whether all of a machine can be backed up without cutting anybody off."""

    READY = "ready"
    UNKNOWN = "unknown"
    NOT_POSSIBLE = "not possible"


_COMPONENTS = {
    Method.ONLINE: "Backup Using Child Partition Snapshot",
    Method.SAVED_STATE: "Backup Using Saved State",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """How a machine would be backed up.

    Attributes:
        method: The method.
        interrupts: Whether its users are cut off meanwhile.
        reasons: Why, a clause each; never empty.
    """

    method: Method
    interrupts: Answer
    reasons: tuple[str, ...]

    def component(self, name: str) -> str | None:
        """Return what the writer calls the machine of this name; None where the method is unknown."""
        prefix = _COMPONENTS.get(self.method)
        return None if prefix is None else f"{prefix}\\{name}"


def predict(conditions: Sequence[Condition]) -> Prediction:
    """Return the method that VSS would use for a machine that meets ``conditions``, all of them given."""
    running = _of(conditions, ConditionName.RUNNING)
    against, unclear = _against(conditions), _unclear(conditions)
    if running.answer is Answer.NO:
        return Prediction(method=Method.SAVED_STATE, interrupts=Answer.NO, reasons=running.evidence[:1])
    if against:
        cut_off = Answer.YES if running.answer is Answer.YES else Answer.UNKNOWN
        return Prediction(method=Method.SAVED_STATE, interrupts=cut_off, reasons=tuple(_why(against)))
    if unclear:
        return Prediction(method=Method.UNKNOWN, interrupts=Answer.UNKNOWN, reasons=tuple(_whether(unclear)))
    return Prediction(method=Method.ONLINE, interrupts=Answer.NO, reasons=("all conditions of an online backup hold",))


def judge(
    conditions: Sequence[Condition], files: Sequence[RequiredFile], doubts: Sequence[str] = ()
) -> tuple[Verdict, tuple[str, ...]]:
    """Return whether all of a machine can be backed up without cutting anybody off, and why not or why not known.

    Args:
        conditions: All of the machine's.
        files: Those that it needs.
        doubts: What else keeps the list of files from being proven, a clause each.
    """
    reasons = list(_obstacles(conditions, files))
    if reasons:
        return Verdict.NOT_POSSIBLE, tuple(reasons)
    open_questions = [*_questions(conditions), *_unsure(files), *doubts]
    return (Verdict.UNKNOWN if open_questions else Verdict.READY), tuple(open_questions)


def completeness(files: Sequence[RequiredFile], doubts: Sequence[str] = ()) -> Answer:
    """Return whether every one of ``files`` is here."""
    if any(file.presence is Presence.MISSING for file in files):
        return Answer.NO
    return Answer.UNKNOWN if doubts or any(_unsure(files)) else Answer.YES


def _obstacles(conditions: Sequence[Condition], files: Sequence[RequiredFile]) -> Iterator[str]:
    if missing := [file for file in files if file.presence is Presence.MISSING]:
        yield "a file of it is missing" if len(missing) == 1 else f"{len(missing)} files of it are missing"
    in_files = _of(conditions, ConditionName.DISKS_IN_FILES)
    if in_files.answer is Answer.NO:
        yield from in_files.evidence[:1]
    if _of(conditions, ConditionName.RUNNING).answer is Answer.YES:
        yield from _why(_against(conditions))


def _questions(conditions: Sequence[Condition]) -> Iterator[str]:
    running = _of(conditions, ConditionName.RUNNING)
    if running.answer is Answer.NO:
        if not running.guess:
            return
        yield f"no file says whether it is running ({running.evidence[0]})"
    else:
        yield from _whether(_unclear(conditions))
    yield from (f"if it is running: {reason}" for reason in _why(_against(conditions)))


def _against(conditions: Sequence[Condition]) -> list[Condition]:
    """Return what an online backup needs of a running machine and does not have."""
    return [item for item in conditions if item.name in ONLINE and item.is_violated]


def _unclear(conditions: Sequence[Condition]) -> list[Condition]:
    return [item for item in conditions if item.name in ONLINE and item.answer is Answer.UNKNOWN]


def _unsure(files: Sequence[RequiredFile]) -> list[str]:
    """Return why the files are not known to be all, and whole chains, as clauses."""
    unknown = [file for file in files if file.presence is Presence.UNKNOWN]
    told = [file.detail for file in files if file.presence is Presence.PRESENT and file.detail]
    if unknown:
        number = "one file is" if len(unknown) == 1 else f"{len(unknown)} files are"
        told.insert(0, f"it is not known whether {number} here")
    return told


def _of(conditions: Sequence[Condition], name: ConditionName) -> Condition:
    return next(item for item in conditions if item.name is name)


def _why(conditions: Sequence[Condition]) -> Iterator[str]:
    return (item.evidence[0] for item in conditions)


def _whether(conditions: Sequence[Condition]) -> Iterator[str]:
    return (f"it is not known whether {item.statement}" for item in conditions)
