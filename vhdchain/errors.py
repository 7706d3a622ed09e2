"""What is raised when the library cannot go on?

Every exception of this package derives from `VhdChainError`; `OSError` from the operating system passes through
unchanged. The text of an exception is one line that names the file, the field, the offset, what was found and what
to do. All that is known beyond that line travels in `VhdChainError.findings`.

An exception stops; a finding tells. A damaged file that can still be described yields findings, not exceptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.findings import Finding


class VhdChainError(Exception):
    """Base of everything that this package raises on purpose.

    Attributes:
        findings: All the findings that led here, worst first; empty where the cause is not a finding.
    """

    def __init__(self, message: str, *, findings: Iterable[Finding] = ()) -> None:
        super().__init__(message)
        self.findings: tuple[Finding, ...] = tuple(findings)


class FormatError(VhdChainError, ValueError):
    """Bytes are not what the VHD format says they must be."""


class ShortReadError(FormatError):
    """A source gave fewer bytes than its size promised: it was truncated while it was read."""


class ChainError(VhdChainError):
    """A chain cannot be built or read: parent not found, refused, mismatched, ambiguous, or a cycle."""


class UnknownDataError(ChainError):
    """Bytes were asked for that a partial view cannot know, because the file that supplies them is missing."""


class OutOfRangeError(VhdChainError, ValueError):
    """An offset or length lies outside the disk or the file."""


class PlanRefusedError(VhdChainError):
    """A plan would lose or damage something and is refused."""


class SnapshotLimitError(PlanRefusedError):
    """The machine already has as many snapshots as the host allows."""


class ConfigError(VhdChainError):
    """A configuration, or a setting that the caller gave, cannot be understood."""


class CancelledError(VhdChainError):
    """The caller's ``cancel`` asked a long call to stop.

    Nothing was left half done; of a plan that had begun, what was done stays, and its journal beside it: a note of the
    exception says how to go on or take it back.
    """
