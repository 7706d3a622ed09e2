"""How does one finding read? Code, place and one sentence.

The sentence hangs below its head where it does not fit beside it; the file's name stands in the head of its group, so
it is not repeated in each finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Severity
from vhdchain.report.lines import Role, line, span, wrapped
from vhdchain.report.numbers import counted, hex_offset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.findings import Finding, Location
    from vhdchain.report.lines import Line

ROLES = {Severity.ERROR: Role.ERROR, Severity.WARNING: Role.WARNING, Severity.NOTE: Role.NOTE}

_MOST_RELATED = 8  # a cycle may have a thousand members; the document names them all

_SEVERITY_COLUMN = max(len(severity) for severity in Severity) + 2


def finding_lines(finding: Finding, *, width: int | None, indent: int = 2) -> Iterator[Line]:
    """Yield one finding: severity, code, place; below it the sentence, its details, and the other files involved."""
    role = ROLES[finding.severity]
    place = place_text(finding.location)
    margin = " " * indent
    yield line(
        margin,
        span(finding.severity.value.ljust(_SEVERITY_COLUMN), role),
        span(finding.code, role),
        span(f"  {place}" if place else "", Role.FAINT),
    )
    body = margin + " " * _SEVERITY_COLUMN
    yield from wrapped(finding.message, width=width, first=body, rest=body)
    for detail in finding.details[:_MOST_RELATED]:
        yield from wrapped(detail, width=width, first=f"{body}- ", rest=f"{body}  ")
    if len(finding.details) > _MOST_RELATED:
        yield line(body, span(f"- and {len(finding.details) - _MOST_RELATED} more", Role.LABEL))
    others = [name for name in finding.related if name != finding.location.path]
    for name in others[:_MOST_RELATED]:
        yield line(body, span("also ", Role.LABEL), span(name, Role.PATH))
    if len(others) > _MOST_RELATED:
        yield line(body, span(f"and {counted(len(others) - _MOST_RELATED, 'more file')}", Role.LABEL))


def place_text(location: Location) -> str:
    """Return where in its file a finding was made: ``BAT, block 7 @0x600``; empty where the whole file is meant."""
    structure = ".".join(part for part in (location.structure, location.field) if part)
    parts = [
        structure,
        "" if location.block is None else f"block {location.block}",
        "" if location.sector is None else f"sector {location.sector}",
    ]
    text = ", ".join(part for part in parts if part)
    offset = "" if location.offset is None else hex_offset(location.offset)
    return " ".join(part for part in (text, offset) if part)
