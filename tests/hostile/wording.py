"""Is what a finding says fit for a line of a report, whatever the file says of itself?

Texts from files reach messages and details escaped and cut. What was expected and found, and related files, are exact:
programs take these from the JSON, and reports escape them where they show them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.findings import Finding

LONGEST = 600


def badly_worded(findings: Iterable[Finding]) -> list[tuple[str, str, str]]:
    """Return the code, the fault and the sentence of everything that is not one printable sentence of some length."""
    said = ((item.code, text) for item in findings for text in (item.message, *item.details))
    return [(code, fault, text) for code, text in said for fault in _faults(text)]


def _faults(text: str) -> list[str]:
    faults = {
        "not printable": not text.isprintable(),
        "empty": not text.strip(),
        "too long": len(text) >= LONGEST,
        "a full stop at its end": text.endswith("."),
    }
    return [fault for fault, holds in faults.items() if holds]
