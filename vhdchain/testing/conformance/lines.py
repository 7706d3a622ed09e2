"""How is what a reader made of the suite told to a person?

One line for each trap with its worst verdict, and below it one for each case that was not read right: what lay in the
files, which sector was wrong first, and what the reader showed there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.report.lines import Role, line, span, wrapped
from vhdchain.report.numbers import counted
from vhdchain.testing.conformance.case import Right
from vhdchain.testing.conformance.judge import Shown, Verdict
from vhdchain.testing.conformance.traps import NOT_ASKED, TRAPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.report.lines import Line
    from vhdchain.testing.conformance.run import Conformance, Result

_ROLES = {
    Verdict.RIGHT: Role.GOOD,
    Verdict.WRONG: Role.ERROR,
    Verdict.REFUSED: Role.WARNING,
    Verdict.CRASHED: Role.ERROR,
    Verdict.TIMED_OUT: Role.ERROR,
}
_SHOWED = {
    Shown.ZEROS: "shows zeros",
    Shown.CHILD: "shows what lies in a file above the right one",
    Shown.PARENT: "shows what lies in a file below the right one",
    Shown.JUNK: "shows something else",
    Shown.NOTHING: "is missing: the output ends",
    Shown.MORE: "does not exist: the output goes on behind the end of the disk",
}
RANDOM = "random chains"
"""What the random chains are called where traps have their titles."""


def conformance_lines(report: Conformance, *, width: int | None) -> Iterator[Line]:
    """Yield the report on one reader."""
    yield line(span(_title(report), Role.HEADING))
    yield line(", ".join(f"{count} {verdict}" for verdict, count in report.counts.items() if count))
    if report.reader.command.finds_no_parents:
        yield from wrapped(
            "its caller tells it which files make up a chain: how parents are named is not asked of it", width=width
        )
    for trap in (*TRAPS, 0):
        results = report.of_trap(trap)
        if results:
            yield from _trap_lines(report, trap, results, width)
    silent = [trap for trap in TRAPS if trap in NOT_ASKED]
    yield line()
    yield line(
        f"traps {', '.join(map(str, silent))} cannot be asked about in this way",
    )


def _title(report: Conformance) -> str:
    version = f" {report.reader.version}" if report.reader.version else ""
    return f"{report.reader.name}{version}: {counted(len(report.results), 'case')}"


def _trap_lines(report: Conformance, trap: int, results: list[Result], width: int | None) -> Iterator[Line]:
    verdict = report.verdict(trap)
    assert verdict is not None
    good = sum(result.verdict is Verdict.RIGHT for result in results)
    number = f"{trap:4}" if trap else "   –"
    count = f" ({good} of {len(results)} right)" if good < len(results) else ""
    yield line(number, "  ", span(f"{verdict:9}", _ROLES[verdict]), "  ", TRAPS.get(trap, RANDOM), count)
    for result in results:
        if result.verdict is not Verdict.RIGHT:
            text = f"{result.case.asks}: {said(result)}"
            yield from wrapped(text, width=width, first=f"      {result.case.name}: ", rest="        ")


def said(result: Result) -> str:
    """Return what became of a case, as a clause."""
    judgement = result.judgement
    if result.verdict is not Verdict.WRONG:
        return f"{result.verdict}: {judgement.said}" if judgement.said else str(result.verdict)
    if result.case.right is Right.REFUSAL:
        known = "" if judgement.shown is None else f"; sector {judgement.sector} {_SHOWED[judgement.shown]}"
        return f"wrong: no error, though nobody can know this disk{known}"
    assert judgement.shown is not None
    return f"wrong: sector {judgement.sector} {_SHOWED[judgement.shown]}"
