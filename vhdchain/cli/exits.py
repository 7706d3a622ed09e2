"""What does an exit code mean?"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from vhdchain.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.findings import Finding


class Exit(IntEnum):
    """The exit codes of every command; where 1 and 3 apply, it is 3."""

    CLEAN = 0
    FINDINGS = 1  # at or above the threshold, or a plan was refused
    USAGE = 2
    UNPROCESSED = 3  # some input could not be processed
    INTERRUPTED = 130  # 128 + SIGINT, as shells report it
    BROKEN_PIPE = 141  # 128 + SIGPIPE: nobody reads the output any more


def exit_for(findings: Iterable[Finding], threshold: Severity | None = Severity.WARNING) -> Exit:
    """Return the exit code for what was found; with None as threshold, findings do not count."""
    if threshold is not None and any(finding.severity.at_least(threshold) for finding in findings):
        return Exit.FINDINGS
    return Exit.CLEAN
