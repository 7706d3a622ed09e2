"""How would machines be backed up, and is all there, for people?

Machine by machine: the verdict, the method, every condition with its answer and evidence. Then what concerns the host,
the list of files by volume, the comparison with a set, what exports hold, and the sums.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from vhdchain.audit.backup import ONLINE, Answer, ConditionName, Method, Presence, Verdict
from vhdchain.findings import Severity
from vhdchain.report.lines import Role, beside, labelled, line, span, wrapped
from vhdchain.report.names import shown_name
from vhdchain.report.numbers import counted, exact_size
from vhdchain.report.text.backup_files import SIZE_COLUMN, file_lines, files_text
from vhdchain.report.text.findings import finding_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.audit.backup import BackupReport, Condition, ExportReport, Judgement, MachineBackup, SetReport
    from vhdchain.findings import Finding
    from vhdchain.report.lines import Line, Span

_ANSWER_COLUMN = 9
_SUPERFLUOUS = "VHD834"
_ROLES = {Answer.YES: Role.GOOD, Answer.NO: Role.WARNING, Answer.UNKNOWN: Role.NOTE}
_VERDICTS = {
    Verdict.READY: (Role.GOOD, "ready: all of it can be backed up, and nobody is cut off"),
    Verdict.UNKNOWN: (Role.NOTE, "unknown"),
    Verdict.NOT_POSSIBLE: (Role.WARNING, "not possible"),
}
_ASKED = " whether all of it can be backed up with nobody cut off"
_REFUSED = " to back all of it up with nobody cut off"
_CUT_OFF = {
    Answer.YES: "its users are cut off meanwhile",
    Answer.NO: "nobody is cut off while it is not running",
    Answer.UNKNOWN: "its users are cut off if it is running",
}


def backup_lines(report: BackupReport, *, width: int | None) -> Iterator[Line]:
    """Yield the check.

    Args:
        report: The check.
        width: The columns to wrap prose at; None never wraps.
    """
    if len(report.scanned) == 1:
        yield line(span(report.scanned[0], Role.PATH))
    for machine in report.machines:
        yield from _machine(machine, report.scanned, width)
        yield line("")
    yield from _host(report.registration, width)
    yield line("")
    yield from file_lines(report, width=width)
    if report.set is not None:
        yield from _set(report.set, width)
        yield line("")
    for export in report.exports:
        yield from _export(export, width)
        yield line("")
    for path, reason in report.unprocessed:
        head = line(span(path, Role.PATH), "  ")
        yield from wrapped(span(f"not read: {reason}", Role.ERROR), width=width, first=head, rest="  ")
    yield from wrapped(*_sums(report), width=width, rest="  ")


# ------------------------------------------------------------------------------------------------------------- machines


def _machine(machine: MachineBackup, scanned: Sequence[str], width: int | None) -> Iterator[Line]:
    yield line(span(machine.name, Role.HEADING))
    yield line("  ", span(shown_name(machine.path, scanned), Role.PATH))
    yield from _verdict(machine, width)
    yield from labelled("method", *_method(machine), width=width)
    yield from labelled("files", *files_text(machine.files), width=width)
    online = [item for item in machine.conditions if item.name in ONLINE]
    others = [item for item in machine.conditions if item.name not in ONLINE]
    yield line("  ", span("for an online backup", Role.LABEL))
    for condition in online:
        yield from _condition(condition, width)
    yield line("  ", span("for any backup", Role.LABEL))
    for condition in others:
        yield from _condition(condition, width)


def _verdict(machine: MachineBackup, width: int | None) -> Iterator[Line]:
    role, word = _VERDICTS[machine.verdict]
    question = {Verdict.UNKNOWN: _ASKED, Verdict.NOT_POSSIBLE: _REFUSED}.get(machine.verdict, "")
    yield from labelled("backup", span(word, role), f"{question}:" if question else "", width=width)
    for reason in machine.reasons:
        yield from wrapped(reason, width=width, first=f"{' ' * 16}- ", rest=" " * 18)


def _method(machine: MachineBackup) -> Iterator[str | Span]:
    prediction = machine.prediction
    why = "; ".join(prediction.reasons)
    if prediction.method is Method.UNKNOWN:
        yield "unknown, as above" if prediction.reasons == machine.reasons else f"unknown: {why}"
        return
    yield span(prediction.method.value, Role.GOOD if prediction.interrupts is Answer.NO else Role.WARNING)
    yield f" ({machine.component}): {_CUT_OFF[prediction.interrupts]}"
    # Why it does not run, and what stands in the verdict, is told there.
    told = prediction.interrupts is Answer.NO or prediction.reasons == machine.reasons
    yield "" if told else f"; {why}"


def _condition(condition: Condition, width: int | None) -> Iterator[Line]:
    # That a machine does not run is no fault.
    role = Role.PLAIN if condition.name is ConditionName.RUNNING else _ROLES[condition.answer]
    head = line("    ", span(condition.answer.value.ljust(_ANSWER_COLUMN), role))
    code = f" ({condition.code})" if condition.is_violated and condition.code is not None else ""
    evidence = "; ".join(condition.evidence)
    yield from wrapped(
        condition.statement,
        span(code, role),
        ": ",
        span(evidence, Role.FAINT),
        width=width,
        first=head,
        rest=" " * (4 + _ANSWER_COLUMN),
    )


# ----------------------------------------------------------------------------------------------------- host and the set


def _host(registration: Judgement, width: int | None) -> Iterator[Line]:
    yield line(span("the host", Role.HEADING))
    head = line("    ", span(registration.answer.value.ljust(_ANSWER_COLUMN), _ROLES[registration.answer]))
    yield from wrapped(
        "the VSS writer of Hyper-V is registered for Windows Server Backup: ",
        span("; ".join(registration.evidence), Role.FAINT),
        width=width,
        first=head,
        rest=" " * (4 + _ANSWER_COLUMN),
    )


def _set(found: SetReport, width: int | None) -> Iterator[Line]:
    yield line(span("the set", Role.HEADING), "  ", span(", ".join(found.scanned), Role.PATH))
    role = Role.GOOD if found.held == found.required else Role.ERROR
    compared = "byte for byte" if found.exact else "by sizes and identifiers"
    yield from wrapped(
        span(f"{found.held:,} of {counted(found.required, 'file')}", role),
        f" are there, compared {compared}",
        "; configurations in the form of an export were not looked into" if found.exported else "",
        width=width,
        first="  ",
        rest="  ",
    )
    yield from _judged(found.findings, "that no machine needs", width)


def _export(found: ExportReport, width: int | None) -> Iterator[Line]:
    head = line(span("the export", Role.HEADING), "  ", span(found.folder or ".", Role.PATH))
    yield from beside(head, f"of {found.machine}" if found.machine else "", width=width, below="  ")
    role = Role.GOOD if found.held == found.required else Role.ERROR
    what = "; no record tells what else there should be"
    if found.record is not None:
        what = f", compared with the record {'byte for byte' if found.exact else 'by sizes and identifiers'}"
    number = span(f"{found.held:,} of {counted(found.required, 'file')}", role)
    yield from wrapped(number, f" are there{what}", width=width, first="  ", rest="  ")
    yield from _judged(found.findings, "that nothing in it needs", width)


def _judged(found: Sequence[Finding], needless: str, width: int | None) -> Iterator[Line]:
    groups: dict[str, list[Finding]] = {}
    for item in found:
        if item.severity is not Severity.NOTE:
            groups.setdefault(item.location.path, []).append(item)
    for path, findings in groups.items():
        yield line("  ", span(path, Role.PATH))
        for item in findings:
            yield from finding_lines(item, width=width, indent=4)
    notes = [item for item in found if item.severity is Severity.NOTE]
    yield from _listed(
        [item for item in notes if item.code != _SUPERFLUOUS], "that the export was told to leave out", width
    )
    yield from _listed([item for item in notes if item.code == _SUPERFLUOUS], needless, width)


def _listed(findings: Sequence[Finding], what: str, width: int | None) -> Iterator[Line]:
    """Yield one line for each file: there may be as many as in the whole backup of a host."""
    if not findings:
        return
    yield line("  ", span(findings[0].code, Role.NOTE), f"  {counted(len(findings), 'file')} {what}")
    for item in findings:
        extra = item.code == _SUPERFLUOUS
        size = f"{item.found:,}" if isinstance(item.found, int) else ""
        name = item.location.path if extra else str(item.expected)
        head = line(size.rjust(SIZE_COLUMN), "  ", span(name, Role.PATH))
        below = " " * (SIZE_COLUMN + 2)
        yield from beside(head, "; ".join(item.details) if extra else item.details[-1], width=width, below=below)


# ----------------------------------------------------------------------------------------------------------------- sums


def _sums(report: BackupReport) -> Iterator[str | Span]:
    yield f"{counted(len(report.machines), 'machine')}: "
    verdicts = Counter(machine.verdict for machine in report.machines)
    told = [(verdict, verdicts[verdict]) for verdict in Verdict if verdicts[verdict]]
    for position, (verdict, number) in enumerate(told):
        yield ", " if position else ""
        yield span(f"{number:,} {verdict}", _VERDICTS[verdict][0])
    volumes = [volume for volume in report.volumes if volume.volume is not None]
    yield f"; {counted(len(report.files), 'file')} on {counted(len(volumes), 'volume')}, "
    yield exact_size(sum(volume.size for volume in report.volumes))
    yield from _lacking([volume.count(Presence.MISSING) for volume in report.volumes], "missing", Role.ERROR)
    yield from _lacking([volume.count(Presence.UNKNOWN) for volume in report.volumes], "unknown", Role.NOTE)


def _lacking(counts: Sequence[int], word: str, role: Role) -> Iterator[str | Span]:
    if total := sum(counts):
        yield ", "
        yield span(f"{total:,} {word}", role)
