"""Writes readers.md, what other readers do with a differencing disk: ``python docs/generate_readers.py``.

Every reader that has an adapter must be installed. It takes some minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vhdchain.testing.conformance import (
    ADAPTERS,
    NOT_ASKED,
    Conformance,
    Result,
    Right,
    Shown,
    Verdict,
    chosen_cases,
    run_suite,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PAGE = Path(__file__).resolve().parent / "readers.md"
OTHERS = ("qemu-img", "7zip", "libvhdi", "dissect")


INTRODUCTION = """\
# What readers do with a differencing disk

Made by `python docs/generate_readers.py` with the programs that the columns name; `vhdchain conformance` asks the same
of any reader ([conformance.md](conformance.md)). Bold: bytes that are not the disk's, and no error.
"""
EVERY_CASE = """\
## Every case

The numbers are those of [format.md](format.md#what-implementers-got-wrong). *refuses* is right where nobody can know
the disk, and a loss elsewhere; *told the parent*: who uses the library finds the parents himself.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the table.

    Attributes:
        title: What lies in the files.
        case: The case of the suite.
        earlier: What a table says that was measured earlier on other chains, in the order of `OTHERS`.
        finding: Whether the row asks how a parent is found.
    """

    title: str
    case: str
    earlier: tuple[str, str, str, str]
    finding: bool = False


_BLOCKS = ("wrong", "right", "wrong", "wrong")
_PLACES = ("zeros", "refuses", "refuses", "zeros")
_HEADERS = ("opens", "refuses", "opens", "opens")
ROWS = (
    Row(title="child with whole bitmap bytes (0xFF)", case="whole-bytes", earlier=("wrong", "right", "right", "wrong")),
    Row(title="child with single bits set (0xA5)", case="bits-0xa5", earlier=("wrong", "right", "wrong", "wrong")),
    Row(title="blocks of 512 KiB", case="blocks-of-512-kib", earlier=_BLOCKS),
    Row(title="blocks of 4 MiB", case="blocks-of-4-mib", earlier=_BLOCKS),
    Row(title="dynamic, original ≠ current size", case="grown", earlier=("right", "right", "cut short", "right")),
    Row(title="parent missing", case="parent-missing", earlier=_PLACES),
    Row(title=r"parent in `..\base\`, on Linux", case="other-folder", earlier=_PLACES, finding=True),
    Row(title="parent in other letter case, on Linux", case="other-case", earlier=_PLACES, finding=True),
    Row(
        title="BAT entry behind the end of the file",
        case="entry-beyond-the-file",
        earlier=("refuses", "refuses", "refuses", "cut short"),
    ),
    Row(title="two BAT entries, one block", case="entry-twice", earlier=("opens", "wrong", "wrong", "wrong")),
    Row(title="reserved byte 85 set", case="reserved-byte", earlier=_HEADERS),
    Row(title="BAT longer than needed", case="long-bat", earlier=_HEADERS),
)


def words(result: Result, report: Conformance, *, finding: bool = False) -> str:
    """Return what a reader did, in a cell's few words."""
    judgement = result.judgement
    if result.verdict is Verdict.RIGHT and result.case.right is Right.BYTES:
        return "told the parent" if finding and report.reader.command.finds_no_parents else "right"
    if result.verdict in (Verdict.RIGHT, Verdict.REFUSED):
        return "refuses"
    if result.verdict is not Verdict.WRONG:
        return str(result.verdict)
    match judgement.shown:
        case None:
            return "no error"
        case Shown.NOTHING:
            return "cut short"
        case Shown.ZEROS:
            return "zeros"
        case Shown.MORE:
            return "too long"
    return f"wrong: {judgement.shown}"


_SILENT = ("zeros", "cut short", "too long", "no error")
_MEANS: dict[str, Callable[[str], bool]] = {
    "wrong": lambda now: now in _SILENT or now.startswith("wrong"),
    "opens": lambda now: now != "refuses",
}


def agrees(earlier: str, now: str) -> bool:
    """Say whether a cell of the earlier table means what was measured now."""
    return _MEANS[earlier](now) if earlier in _MEANS else earlier == now


def table(reports: Sequence[Conformance], names: Sequence[str] = OTHERS) -> Iterator[str]:
    """Yield the lines of the table, and below it where it differs from the earlier one."""
    results = [{result.case.name: result for result in report.results} for report in reports]
    yield f"| case | {' | '.join(_title(report) for report in reports)} |"
    yield f"|---|{'---|' * len(reports)}"
    differences = []
    for row in ROWS:
        cells = [words(of[row.case], report, finding=row.finding) for of, report in zip(results, reports, strict=True)]
        yield f"| {row.title} | {' | '.join(map(_marked, cells))} |"
        for report, name, now in zip(reports, names, cells, strict=True):
            earlier = row.earlier[OTHERS.index(name)]
            if not agrees(earlier, now):
                differences.append(f"* {row.title}, {report.reader.name}: {earlier} there, {now} here")
    yield ""
    yield "Where it differs from the table that was measured when this project began, on other chains:"
    yield ""
    yield from differences or ["* nowhere"]


def matrix(reports: Sequence[Conformance]) -> Iterator[str]:
    """Yield the lines of the table of all cases."""
    yield f"| trap | case | {' | '.join(_title(report) for report in reports)} |"
    yield f"|---|---|{'---|' * len(reports)}"
    for results in zip(*(report.results for report in reports), strict=True):
        case = results[0].case
        finding = case.trap in (16, 18, 19, 20, 25)
        cells = [words(result, report, finding=finding) for result, report in zip(results, reports, strict=True)]
        yield f"| {case.trap} | {case.asks} | {' | '.join(map(_marked, cells))} |"


def _title(report: Conformance) -> str:
    return f"{report.reader.name} {report.reader.version}"


def _marked(cell: str) -> str:
    return f"**{cell}**" if cell in _SILENT or cell.startswith("wrong") else cell


def page(others: Sequence[Conformance], own: Conformance) -> str:
    """Return the text of the page."""
    unasked = (f"Trap {trap} is not asked about: {reason}.  " for trap, reason in NOT_ASKED.items())
    return "\n".join([INTRODUCTION, *table(others), "", EVERY_CASE, *matrix([*others, own]), "", *unasked, ""])


def ask(names: Sequence[str], cases: Sequence[str] = ()) -> list[Conformance]:
    """Ask the readers of these adapters about the suite, or about some cases of it."""
    return [run_suite(ADAPTERS[name].reader(), chosen_cases(names=cases)) for name in names]


def main() -> None:
    """Write the page."""
    *others, own = ask([*OTHERS, "vhdchain"])
    PAGE.write_text(page(others, own), encoding="utf-8")


if __name__ == "__main__":
    main()
