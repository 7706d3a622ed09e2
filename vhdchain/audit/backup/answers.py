"""How is told whether a condition holds that files may prove, refute, or say nothing about?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """Whether a condition holds; `UNKNOWN` wherever the files prove neither."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """An answer and what it rests on.

    Attributes:
        answer: Whether the condition holds.
        evidence: Clauses that say what was read where, and what follows; fit for one line each, never empty.
    """

    answer: Answer
    evidence: tuple[str, ...]
