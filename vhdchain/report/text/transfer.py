"""What is a machine's export or import told as: before it begins, when it is done, and when it cannot be?"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from vhdchain.findings import Severity
from vhdchain.plan import (
    CopyFile,
    CreateFile,
    DigestFile,
    MakeFolder,
    SetModified,
    VerifyChain,
    VerifyFile,
    WriteDisk,
    WriteRecord,
)
from vhdchain.report.lines import Role, labelled, line, span, wrapped
from vhdchain.report.numbers import counted, exact_size, human_size
from vhdchain.report.text.findings import finding_lines
from vhdchain.report.text.steps import step_words
from vhdchain.transfer import RECORD_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.findings import Finding
    from vhdchain.report.lines import Line, Span
    from vhdchain.report.transfers import Speed, Transfer

_COLUMN = 12
_SIZE_COLUMN = 19  # a terabyte with its commas
_MOST_DIGESTS = 24  # of one machine; the record and the document have them all
_MOST_FINDINGS = 8  # of one machine; the document has them all
_MINUTE, _HOUR = 60, 3600


def promise_lines(item: Transfer, *, width: int | None, notes: bool = False) -> Iterator[Line]:
    """Yield what is going to be done with one machine, before it begins, or why nothing is.

    Args:
        item: The machine.
        width: The columns.
        notes: Whether notes are told as well; otherwise they are when it is done.
    """
    yield _head(item)
    if item.executed:
        yield from _fact("done", "by an earlier run, which was interrupted later", width)
        return
    if item.error or item.plan is None:  # the error itself is told on standard error
        yield from _findings(item.findings, width)
        return
    most = "up to " if any(isinstance(step, WriteDisk) for step in item.plan.steps) else ""
    yield from _fact("files", f"{counted(item.files, 'file')}, {most}{exact_size(item.bytes)}", width)
    yield from _fact("to", span(item.folder, Role.PATH), width)
    free = "" if item.room is None else f", {human_size(item.room)} are free"
    yield from _fact("room", f"{most}{exact_size(item.bytes_allocated)} needed{free}", width)
    if item.resumed:
        yield from _fact("goes on", "where an interrupted run stopped", width)
    yield from _findings([each for each in item.findings if notes or each.severity is not Severity.NOTE], width)


def speed_lines(machines: Sequence[Transfer], speed: Speed | None, *, width: int | None) -> Iterator[Line]:
    """Yield how long all of them are going to take, as far as that is known."""
    known = [item.estimate for item in machines if item.estimate is not None]
    if speed is None or not known:
        return
    how = "the limit" if speed.limit is not None and speed.bytes_per_second >= speed.limit else "measured just now"
    holes = "" if speed.keeps_holes else "; holes of files take room there"
    rate = human_size(round(speed.bytes_per_second))
    yield from _fact("time", f"about {duration(sum(known))} at {rate} a second ({how}){holes}", width)


def file_lines(item: Transfer, *, width: int | None) -> Iterator[Line]:
    """Yield the files that are going to be there, each with its length, and what else changes."""
    plan = item.plan
    if plan is None:
        return
    lengths = {state.path: state.size for state in plan.files}
    for step in plan.steps:
        match step:
            case CopyFile():
                yield _file(step.path, lengths.get(step.source, 0))
            case CreateFile() | WriteRecord():
                yield _file(step.path, len(step.content))
            case MakeFolder() | SetModified() | VerifyFile() | VerifyChain() | DigestFile():
                pass  # what nobody needs to see to know what there will be
            case _:
                yield from wrapped(*step_words(step), width=width, first="    ", rest="      ")


def done_lines(item: Transfer, *, action: str, width: int | None) -> Iterator[Line]:
    """Yield what became of one machine; ``action`` is ``export`` or ``import``."""
    yield _head(item)
    if item.error:  # as above
        yield from _findings(item.findings, width)
        return
    if item.undone:
        yield from _fact("undone", "taken back: everything is as it was", width)
        return
    again = "; gone on with after an interruption" if item.resumed else ""
    took = "" if item.seconds is None else f" in {duration(item.seconds)}"
    size = item.bytes if item.written is None else item.written
    kept = ""
    if item.written is not None:
        kept = ", as promised" if item.written == item.bytes else f" of up to {exact_size(item.bytes)}"
    yield from _fact("done", f"{counted(item.files, 'file')}, {exact_size(size)}{kept}{took}{again}", width)
    yield from _digests(item, width) if action == "export" else _compared(item, width)
    yield from _findings(item.findings, width)
    if action == "export":
        command = shlex.join(("vhdchain", "import", item.folder, "--to"))
        yield from _fact("import", span(f"{command} FOLDER", Role.PATH), width)


def duration(seconds: float) -> str:
    """Return a time in words, no finer than it is known.

    Example:
        >>> duration(0.3), duration(75), duration(4000)
        ('1 s', '1 min 15 s', '1 h 7 min')
    """
    whole = max(1, round(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    minutes, rest = divmod(whole, _MINUTE)
    if whole < _HOUR:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(whole / _MINUTE), _MINUTE)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def _head(item: Transfer) -> Line:
    return line(span(item.name or item.folder, Role.HEADING), span(f"  {item.id}" if item.id else "", Role.FAINT))


def _fact(label: str, value: str | Span, width: int | None) -> Iterator[Line]:
    yield from labelled(label, value, width=width, column=_COLUMN)


def _digests(item: Transfer, width: int | None) -> Iterator[Line]:
    if len(item.digests) > _MOST_DIGESTS:
        yield from _fact(item.hash, f"of {counted(len(item.digests), 'file')}, all in {RECORD_NAME}", width)
        return
    for path, digest in item.digests.items():
        yield line("  ", span(item.hash.ljust(_COLUMN - 2), Role.LABEL), digest, "  ", span(path, Role.PATH))


def _compared(item: Transfer, width: int | None) -> Iterator[Line]:
    steps = () if item.plan is None else item.plan.steps
    copies = sum(isinstance(step, CopyFile) and bool(step.expected) for step in steps)
    if copies:
        what = f"{counted(copies, 'copy', 'copies')} with the {item.hash} in {RECORD_NAME}: the same"
        yield from _fact("compared", what, width)


def _file(path: str, size: int) -> Line:
    return line(f"  {size:>{_SIZE_COLUMN},}  ", span(path, Role.PATH))


def _findings(findings: Sequence[Finding], width: int | None) -> Iterator[Line]:
    above = None
    for finding in findings[:_MOST_FINDINGS]:
        if finding.location.path != above:
            above = finding.location.path
            yield line("  ", span(above, Role.PATH))
        yield from finding_lines(finding, width=width, indent=4)
    if len(findings) > _MOST_FINDINGS:
        yield line("  ", span(f"and {counted(len(findings) - _MOST_FINDINGS, 'more finding')}", Role.LABEL))
