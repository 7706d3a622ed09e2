"""What does a code mean, for people?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.report.lines import Role, line, span, wrapped
from vhdchain.report.text.findings import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.findings import CodeInfo
    from vhdchain.report.lines import Line


def code_lines(info: CodeInfo, *, width: int | None) -> Iterator[Line]:
    """Yield the page of one code."""
    yield line(span(f"{info.code}  {info.title}", Role.HEADING))
    yield line(span(info.severity.value, ROLES[info.severity]), f"  {info.name}  since {info.since}")
    if info.status != "stable":
        yield line(span(info.status, Role.FAINT))
    if info.windows_error is not None:
        text = f": {info.windows_text}" if info.windows_text else ""
        yield from wrapped(f"Windows says 0x{info.windows_error:08X}{text}", width=width)
    page = info.page
    sections = (
        ("What it finds", page.finds),
        ("Why it matters", page.matters),
        ("Seen in the wild", page.seen),
        ("False positives", page.false_positives),
        ("What to do", page.do),
    )
    for heading, text in sections:
        yield line("")
        yield line(span(heading, Role.HEADING))
        yield from wrapped(text, width=width, first="  ", rest="  ")


def code_list_lines(codes: Iterable[CodeInfo]) -> Iterator[Line]:
    """Yield all codes, one line each."""
    for info in codes:
        yield line(f"{info.code}  ", span(f"{info.severity:8}", ROLES[info.severity]), f"  {info.title}")
