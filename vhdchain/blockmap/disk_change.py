"""What became of a disk of a machine, from one of its states to another? The record of a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.blockmap.ranges import Ranges
    from vhdchain.chain import Chain
    from vhdchain.graph import DiskPair


class DiskOutcome(StrEnum):
    """What became of a disk from one state to another."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ADDED = "added"
    REMOVED = "removed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DiskChange:
    """What changed on one disk of a machine.

    Attributes:
        pair: The disk in both states.
        ranges: What must be read of the newer one, as `changed_ranges` has it: all that its files hold where the older
            state does not have the disk; None where the newer one does not, or where there is a problem.
        older: The chain of the older one, where it was compared.
        newer: The chain of the newer one, likewise.
        problem: Why the two could not be compared; None where they were.
    """

    pair: DiskPair
    ranges: Ranges | None
    older: Chain | None = None
    newer: Chain | None = None
    problem: str | None = None

    @property
    def byte_count(self) -> int | None:
        """The sum of the lengths of the ranges; None where there are none to have."""
        return None if self.ranges is None else int(self.ranges["length"].sum())

    @property
    def outcome(self) -> DiskOutcome:
        """What became of the disk; changed also where only its size did."""
        if self.problem is not None:
            return DiskOutcome.UNKNOWN
        if self.pair.newer is None:
            return DiskOutcome.REMOVED
        if self.pair.older is None:
            return DiskOutcome.ADDED
        resized = self.older and self.newer and self.older.virtual_size != self.newer.virtual_size
        changed = resized or (self.ranges is not None and len(self.ranges) > 0)
        return DiskOutcome.CHANGED if changed else DiskOutcome.UNCHANGED
