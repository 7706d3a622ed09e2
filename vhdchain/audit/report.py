"""What did an audit come to, and on what is it based?

The report is a value: it can be printed, compared, and asked for the exit code that a command should end with. Findings
that the caller knew before (the baseline) are counted, not told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.audit.fingerprints import fingerprint
from vhdchain.audit.selection import UNPROCESSED
from vhdchain.findings import Finding, Severity

if TYPE_CHECKING:
    from datetime import datetime

    from vhdchain.audit.inputs import AuditInput

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_UNPROCESSED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many findings there are of each severity, and how many were left out because the baseline holds them."""

    error: int = 0
    warning: int = 0
    note: int = 0
    suppressed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """How an audit was made.

    Attributes:
        version: The version of this package.
        time: When it was made, as the caller told; None where it did not.
        scanned: The folders and files that were asked for, as the caller wrote them.
        roots: The folders inside which parents were looked for.
        select: The selectors of codes to report; none = all.
        ignore: The selectors of codes left out.
        baseline: How many fingerprints of known findings were given.
        deep: Whether sector bitmaps and data were read.
        domain_controllers: The machines that the caller called domain controllers.
        free_space: How many bytes the caller called free for merges; None where nothing was said.
    """

    version: str
    time: datetime | None = None
    scanned: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    baseline: int = 0
    deep: bool = False
    domain_controllers: tuple[str, ...] = ()
    free_space: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """The result of an audit.

    Attributes:
        findings: What is reported, worst first, then by path, offset and code.
        summary: Their numbers.
        known: Fingerprints of the findings that are not reported because the baseline holds them, sorted.
        inputs: Every image and configuration that was looked at, in the order of the paths.
        skipped: What was not looked at, one clause each.
        record: How the audit was made.
    """

    findings: tuple[Finding, ...]
    summary: Summary
    known: tuple[str, ...] = ()
    inputs: tuple[AuditInput, ...]
    skipped: tuple[str, ...]
    record: AuditRecord

    def fingerprint(self, item: Finding) -> str:
        """Return what names ``item`` in a baseline: readable, and the same when the folder moves as a whole."""
        return fingerprint(item, self.record.scanned)

    def fingerprints(self) -> tuple[str, ...]:
        """Return the fingerprints of all findings, known ones too, each once, sorted: a baseline for the next audit."""
        return tuple(sorted({*self.known, *(self.fingerprint(item) for item in self.findings)}))

    def exit_code(self, fail_on: Severity = Severity.WARNING) -> int:
        """Return 3 where an input could not be processed, 1 with findings at least as bad as ``fail_on``, else 0."""
        if any(item.code in UNPROCESSED for item in self.findings):
            return EXIT_UNPROCESSED
        return EXIT_FINDINGS if any(item.severity.at_least(fail_on) for item in self.findings) else EXIT_CLEAN


def summary_of(findings: tuple[Finding, ...], *, suppressed: int) -> Summary:
    """Return the numbers of ``findings`` by severity."""
    counts = Counter(item.severity for item in findings)
    return Summary(
        error=counts[Severity.ERROR],
        warning=counts[Severity.WARNING],
        note=counts[Severity.NOTE],
        suppressed=suppressed,
    )
