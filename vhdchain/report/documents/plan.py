"""What became of plans that were interrupted, as a document? Schema ``vhdchain.resume``.

A plan itself is written by `vhdchain.plan.plan_document` (schema ``vhdchain.plan``), because it is read back as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from vhdchain.report.documents.shape import document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vhdchain.plan.interruption import Interruption
    from vhdchain.report.documents.shape import Json


class Ending(StrEnum):
    """What became of a plan that was interrupted."""

    DONE = "done"
    UNDONE = "undone"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A journal that was found, and what became of its plan.

    Attributes:
        journal: Its path.
        found: What it told; None where it is damaged.
        ending: What became of it.
        facts: What the steps found out, by name.
        error: Why it failed, as one line; empty where it did not.
    """

    journal: str
    found: Interruption | None
    ending: Ending
    facts: Mapping[str, int | str] = field(default_factory=dict)
    error: str = ""


def resume_document(path: str, mended: Iterable[Mended]) -> dict[str, Json]:
    """Return the ``vhdchain.resume`` document."""
    return document("resume", path=path, journals=[_journal(item) for item in mended])


def _journal(item: Mended) -> dict[str, Json]:
    found = item.found
    return {
        "path": item.journal,
        "action": None if found is None else found.plan.action,
        "summary": None if found is None else found.plan.summary,
        "steps": None if found is None else len(found.plan.steps),
        "done": None if found is None else found.done,
        "interrupted": None if found is None else str(found.point),
        "ending": str(item.ending),
        "facts": dict(item.facts),
        "error": item.error or None,
    }
