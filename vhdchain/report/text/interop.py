"""What would other programs make of a file, for people?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.interop import PROGRAMS, Effect
from vhdchain.report.lines import Role, labelled, line, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.audit.interop import Verdict
    from vhdchain.report.lines import Line

_MAY = {Effect.MISREADS: "may misread", Effect.TRUNCATES: "may truncate", Effect.REFUSES: "may refuse"}
_COLUMN = max(len(program.name) for program in PROGRAMS) + 6


def interop_lines(verdicts: Sequence[Verdict], *, width: int | None) -> Iterator[Line]:
    """Yield every program with what it would make of the file, and on what that is based."""
    yield line("  ", span("other programs", Role.HEADING))
    for program in PROGRAMS:
        own = [item for item in verdicts if item.program is program]
        label = f"  {program.name}"
        if not own:
            text = f"no fault known ({program.known_from})"
            yield from labelled(label, span(text, Role.GOOD), width=width, column=_COLUMN)
        for position, item in enumerate(own):
            effect = item.effect.value if item.certain else _MAY[item.effect]
            role = Role.ERROR if item.effect is Effect.MISREADS else Role.WARNING
            because = f" ({item.code})" if item.code else ""
            text = f": {item.reason}{because}"
            yield from labelled("" if position else label, span(effect, role), text, width=width, column=_COLUMN)
