"""How far is a plan that was interrupted?"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vhdchain.plan.records import Plan


class Point(StrEnum):
    """Where a plan was interrupted."""

    BEFORE = "before"
    """Nothing was begun."""
    IN_STEPS = "in-steps"
    CLEARING_UP = "clearing-up"
    """Every step is done; what waits for the end is not."""
    TAKING_BACK = "taking-back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """What a journal tells of its plan.

    Attributes:
        journal: The journal's path, as messages call it.
        plan: The plan.
        point: Where it was interrupted.
        begun: How many of its steps were begun.
        done: How many of these are done.
        facts: What its steps found out so far, by name.
    """

    journal: str
    plan: Plan
    point: Point
    begun: int
    done: int
    facts: Mapping[str, int | str] = field(default_factory=dict)
