"""What is wrong, for people?

Grouped by file, the file with the worst finding first; each finding with its code, its place and one sentence. Notes,
which healthy files have, too, are summed up by code. The sums come last, and what was not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.inputs import InputKind
from vhdchain.findings import Severity, code_info
from vhdchain.report.lines import Role, line, span, wrapped
from vhdchain.report.numbers import counted
from vhdchain.report.text.findings import ROLES, finding_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vhdchain.audit import AuditReport
    from vhdchain.findings import Finding
    from vhdchain.report.lines import Line, Span


def audit_lines(report: AuditReport, *, width: int | None, notes: bool = False) -> Iterator[Line]:
    """Yield the audit.

    Args:
        report: The audit.
        width: The columns to wrap prose at; None never wraps.
        notes: Whether notes are told like the others; healthy files have some, so that they are summed up otherwise.
    """
    told = [item for item in report.findings if not is_general_skip(item)]
    folded = [] if notes else [item for item in told if item.severity is Severity.NOTE]
    for path, findings in _by_file(item for item in told if notes or item.severity is not Severity.NOTE).items():
        yield line(span(path or "the whole", Role.PATH if path else Role.HEADING))
        for finding in findings:
            yield from finding_lines(finding, width=width)
        yield line("")
    if folded:
        yield from _folded(folded, width)
    yield line(*_sums(report, told))
    for clause in report.skipped:
        yield from wrapped(span("skipped: ", Role.LABEL), clause, width=width, rest="  ")


def is_general_skip(finding: Finding) -> bool:
    """Say whether a finding tells of a check that the whole audit does not make, so that no file is to blame."""
    return finding.code == "VHD002" and not finding.location.path


def _by_file(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Return the findings by file, in the order of the report: a file stands where its worst finding does."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.location.path, []).append(finding)
    return groups


def _folded(findings: Iterable[Finding], width: int | None) -> Iterator[Line]:
    """Yield one line for each code of the notes: its name, and how many files have it or which one."""
    paths: dict[str, dict[str, None]] = {}
    for item in findings:
        paths.setdefault(item.code, {})[item.location.path] = None
    yield line(span("notes", Role.HEADING), span("  (in full with --notes)", Role.FAINT))
    for code, where in sorted(paths.items()):
        head = line("  ", span(code, Role.NOTE), f"  {code_info(code).name}: ")
        files = span(counted(len(where), "file")) if len(where) > 1 else span(next(iter(where)), Role.PATH)
        yield from wrapped(files, width=width, first=head, rest=" " * 11)
    yield line("")


def _sums(report: AuditReport, told: Sequence[Finding]) -> Iterator[str | Span]:
    counts = {severity: sum(finding.severity is severity for finding in told) for severity in Severity}
    inputs = _inputs(report)
    if not told:
        yield span("clean", Role.GOOD)
        yield f": nothing found in {inputs}"
    elif counts[Severity.NOTE] == len(told):
        yield span("clean", Role.GOOD)
        yield f": no errors and no warnings in {inputs}, "
        yield span(counted(len(told), "note"), Role.NOTE)
    else:
        numbers = [(severity, number) for severity, number in counts.items() if number]
        for position, (severity, number) in enumerate(numbers):
            yield ", " if position else ""
            yield span(counted(number, severity.value), ROLES[severity])
        yield f" in {inputs}"
    if report.summary.suppressed:
        yield f"; {counted(report.summary.suppressed, 'known finding')} of the baseline not shown"


def _inputs(report: AuditReport) -> str:
    configurations = sum(item.kind is InputKind.CONFIGURATION for item in report.inputs)
    images = counted(len(report.inputs) - configurations, "image")
    return f"{images} and {counted(configurations, 'configuration')}" if configurations else images
