"""What did a simulation of several operations come to?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.findings import Finding
    from vhdchain.snapshots.actions import Result
    from vhdchain.snapshots.sizes import Room
    from vhdchain.snapshots.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What operations would lead to.

    Attributes:
        before: The machine as it is.
        results: One for every operation that is not refused, in order; losses with the bytes that nobody sees.
        rooms: The room that each of them takes.
        findings: What is worth knowing beforehand, in the order of the operations.
        refused: Why the next operation is refused; empty where all were possible.
    """

    before: State
    results: tuple[Result, ...] = ()
    rooms: tuple[Room, ...] = ()
    findings: tuple[Finding, ...] = ()
    refused: tuple[Finding, ...] = ()

    @property
    def after(self) -> State:
        """The state in which it ends."""
        return self.results[-1].state if self.results else self.before
