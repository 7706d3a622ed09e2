"""How is what readers made of the suite told to a program? As one JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.report.documents.schema_parts import COUNT, DRAFT, TEXT, TEXTS, list_of, maybe, one_of, record, said
from vhdchain.report.documents.shape import VERSION, document
from vhdchain.testing.conformance.case import Right
from vhdchain.testing.conformance.judge import Shown, Verdict
from vhdchain.testing.conformance.lines import RANDOM
from vhdchain.testing.conformance.traps import NOT_ASKED, TRAPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.report.documents.shape import Json
    from vhdchain.testing.conformance.run import Conformance, Result


def conformance_document(reports: Sequence[Conformance]) -> dict[str, Json]:
    """Return the document about the readers that were asked."""
    return document(
        "conformance",
        readers=[_reader(report) for report in reports],
        not_asked=[{"trap": trap, "title": TRAPS[trap], "reason": reason} for trap, reason in NOT_ASKED.items()],
    )


def _reader(report: Conformance) -> dict[str, Json]:
    return {
        "name": report.reader.name,
        "reader_version": report.reader.version,
        "command": list(report.reader.command.words),
        "summary": _summary(report),
        "traps": [_trap(report, trap) for trap in (*TRAPS, 0) if report.of_trap(trap)],
    }


def _summary(report: Conformance) -> dict[str, Json]:
    return {verdict.name.lower(): count for verdict, count in report.counts.items()}


def _trap(report: Conformance, trap: int) -> dict[str, Json]:
    return {
        "trap": trap or None,
        "title": TRAPS.get(trap, RANDOM),
        "verdict": str(report.verdict(trap)),
        "cases": [_case(result) for result in report.of_trap(trap)],
    }


def _case(result: Result) -> dict[str, Json]:
    case, judgement = result.case, result.judgement
    return {
        "name": case.name,
        "asks": case.asks,
        "right": str(case.right),
        "verdict": str(judgement.verdict),
        "first_wrong_sector": judgement.sector,
        "shown": None if judgement.shown is None else str(judgement.shown),
        "said": judgement.said,
        "recipe": case.recipe or None,
    }


_CASE = record(
    name=said(TEXT, "Unique; `--case` takes it."),
    asks=said(TEXT, "What lies in the files."),
    right=said(one_of(Right), "What a right reader gives."),
    verdict=one_of(Verdict),
    first_wrong_sector=maybe("integer", "The first sector of the disk that is not what the files say."),
    shown=said(one_of(Shown, or_null=True), "What the reader showed in that sector."),
    said=said(TEXT, "The last line on its standard error, or what came of its process."),
    recipe=maybe("string", "What can be pasted into a test, of a random chain."),
)
_TRAP = record(
    trap=maybe("integer", "Its number in docs/format.md; null: random chains."),
    title=said(TEXT, "In a few words."),
    verdict=said(one_of(Verdict), "The worst of its cases."),
    cases=list_of("case", "In the order in which they were asked."),
)
_READER = record(
    name=said(TEXT, "What it is called."),
    reader_version=maybe("string", "Its version, where it is known."),
    command=said(TEXTS, "How it was called, with placeholders."),
    summary=said(record(**{verdict.name.lower(): COUNT for verdict in Verdict}), "How many cases had each verdict."),
    traps=list_of("trap", "In the order of their numbers; the random chains last."),
)
CONFORMANCE_SCHEMA: dict[str, Json] = {
    "$schema": DRAFT,
    "title": "Report of vhdchain conformance",
    **record(
        schema={"const": "vhdchain.conformance"},
        version={"const": VERSION},
        readers=list_of("reader", "In the order in which they were named."),
        not_asked=list_of("unasked", "The traps that cannot be asked about in this way."),
    ),
    "$defs": {
        "reader": _READER,
        "trap": _TRAP,
        "case": _CASE,
        "unasked": record(trap=COUNT, title=TEXT, reason=TEXT),
    },
}
"""Of a document that one run of ``vhdchain conformance --json`` writes."""
