"""What is wrong, for people?

Grouped by file, the file with the worst finding first; each finding with its code, its place and one sentence. The sums
come last, and what was not looked at: a clean audit is two lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Severity
from vhdchain.report.lines import Role, line, span, wrapped
from vhdchain.report.numbers import counted
from vhdchain.report.text.findings import ROLES, finding_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.audit import AuditReport
    from vhdchain.findings import Finding
    from vhdchain.report.lines import Line, Span


def audit_lines(report: AuditReport, *, width: int | None) -> Iterator[Line]:
    """Yield the audit."""
    for path, findings in _by_file(report).items():
        yield line(span(path or "the whole", Role.PATH if path else Role.HEADING))
        for finding in findings:
            yield from finding_lines(finding, width=width)
        yield line("")
    yield line(*_sums(report))
    for clause in report.skipped:
        yield from wrapped(span("skipped: ", Role.LABEL), clause, width=width, rest="  ")


def is_general_skip(finding: Finding) -> bool:
    """Say whether a finding tells of a check that the whole audit does not make, so that no file is to blame."""
    return finding.code == "VHD002" and not finding.location.path


def _by_file(report: AuditReport) -> dict[str, list[Finding]]:
    """Return the findings by file, in the order of the report: a file stands where its worst finding does."""
    groups: dict[str, list[Finding]] = {}
    for finding in report.findings:
        # What was skipped altogether is told in the last lines, in the same words.
        if not is_general_skip(finding):
            groups.setdefault(finding.location.path, []).append(finding)
    return groups


def _sums(report: AuditReport) -> Iterator[str | Span]:
    told = [finding for findings in _by_file(report).values() for finding in findings]
    counts = [(severity, sum(finding.severity is severity for finding in told)) for severity in Severity]
    images = counted(len(report.inputs), "image")
    if not told:
        yield span("clean", Role.GOOD)
        yield f": nothing found in {images}"
    for position, (severity, number) in enumerate((severity, number) for severity, number in counts if number):
        yield ", " if position else ""
        yield span(counted(number, severity.value), ROLES[severity])
    if told:
        yield f" in {images}"
    if report.summary.suppressed:
        yield f"; {counted(report.summary.suppressed, 'known finding')} of the baseline not shown"
