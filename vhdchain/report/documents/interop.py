"""What would other programs make of a file, as part of a document?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.audit.interop import Verdict
    from vhdchain.report.documents.shape import Json


def verdict_list(verdicts: Iterable[Verdict]) -> list[Json]:
    """Return verdicts in their order."""
    return [
        {
            "program": item.program.name,
            "known_from": item.program.known_from,
            "effect": item.effect.value,
            "certain": item.certain,
            "reason": item.reason,
            "code": item.code,
        }
        for item in verdicts
    ]
