"""What came out of the search for a parent?

A `Resolution` says which file is the parent of a child and keeps the trace: every place that was tried, and what was
met there. It travels in place of the search, so that reports and checks never search again.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from vhdchain.locate.paths import PathKind
    from vhdchain.locate.references import Rule

FileKey: TypeAlias = Hashable
"""What tells files apart: equal for two names of one file. Device and inode numbers, where there is a file system."""


class Outcome(StrEnum):
    """What a place that was tried turned out to be, and what the whole search came to."""

    FOUND = "found"
    MISSING = "missing"
    REFUSED = "refused"
    UNMAPPED = "unmapped"
    AMBIGUOUS = "ambiguous"
    MISMATCH = "mismatch"
    NOT_A_VHD = "not-a-vhd"
    SELF = "self"
    ACCESS_DENIED = "access-denied"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One place that was tried.

    Attributes:
        child: Path of the image whose parent was looked for.
        rule: What said to look there.
        slot: Which locator entry said so; None for the other rules.
        reference: The stored text, as it is: not fit for a terminal before it is escaped.
        candidate: Path of the file that was met or would have been; None where the text leads to no path here.
        outcome: What came of it.
        detail: One clause that says why; empty where the outcome says it all.
        unique_id: The 16 stored bytes that identify the candidate, where it is a VHD that could be read.
        outside: Whether it was refused because it lies outside of the folders that the caller allowed.
        kind: What the stored path is relative to; None where nothing stored led here.
        guess: Whether this is no place that the child records, but one where its parent is often found.
        bent: Whether a file was met only because letter case was ignored.
        file: What tells the file that was met apart from others; None where none was met.
        other_volume: Whether the path map says that Windows sees the file on another drive or share than the child;
            None where it does not say.
    """

    child: str
    rule: Rule
    slot: int | None = None
    reference: str
    candidate: str | None
    outcome: Outcome
    detail: str = ""
    unique_id: bytes | None = None
    outside: bool = False
    kind: PathKind | None = None
    guess: bool = False
    bent: bool = False
    file: FileKey = None
    other_volume: bool | None = None

    @property
    def is_recorded(self) -> bool:
        """Whether a parent locator says to look there."""
        return self.slot is not None and not self.guess


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The answer for one child.

    Attributes:
        child: Path of the differencing image.
        outcome: `Outcome.FOUND`, or why there is no parent.
        parent: Path of the parent; None unless found.
        found_by: The most trusted rule that led to the parent; None unless found.
        fallback: Whether nothing but a guess led there (bare name, index of identifiers, other letter case).
        agrees: Whether the parent has the identifier that the child asks for; False where a mismatch was accepted.
        wanted: The 16 stored bytes that the child asks for; null for a raw parent.
        attempts: The trace, in the order of the tries.
    """

    child: str
    outcome: Outcome
    parent: str | None = None
    found_by: Rule | None = None
    fallback: bool = False
    agrees: bool = True
    wanted: bytes = bytes(16)
    attempts: tuple[Attempt, ...] = ()

    @property
    def is_found(self) -> bool:
        """Whether there is a parent."""
        return self.outcome is Outcome.FOUND

    @property
    def leading(self) -> tuple[Attempt, ...]:
        """The tries that led to the parent, by whichever of its names, in their order."""
        if self.parent is None:
            return ()
        files = {item.file for item in self.attempts if item.candidate == self.parent} - {None}
        return tuple(item for item in self.attempts if item.candidate == self.parent or item.file in files)

    @property
    def is_outside(self) -> bool:
        """Whether there is no parent because the search was not allowed to look where it may be."""
        return self.outcome is Outcome.REFUSED and any(attempt.outside for attempt in self.attempts)

    def candidates(self, outcome: Outcome | None = None) -> tuple[str, ...]:
        """Return the paths that were met, each once, in the order of the tries; of one outcome, or of all."""
        tried = (item for item in self.attempts if outcome is None or item.outcome is outcome)
        return tuple(dict.fromkeys(item.candidate for item in tried if item.candidate is not None))
