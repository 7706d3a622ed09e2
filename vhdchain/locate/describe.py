"""How is the search for a parent told in words?

One clause per try: what said to look there, where that led, and what was met. The texts come from files, so that they
are escaped and cut here, once, for messages and reports alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.locate.paths import LONGEST_PATH, shortened
from vhdchain.locate.records import Outcome
from vhdchain.locate.references import Rule
from vhdchain.structures import id_text
from vhdchain.structures.footer import NULL_ID

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.locate.records import Attempt, Resolution

_WORDS = {
    Outcome.FOUND: "found",
    Outcome.MISSING: "missing",
    Outcome.REFUSED: "refused",
    Outcome.UNMAPPED: "not mapped",
    Outcome.AMBIGUOUS: "ambiguous",
    Outcome.MISMATCH: "another disk",
    Outcome.NOT_A_VHD: "no VHD",
    Outcome.SELF: "refused",
    Outcome.ACCESS_DENIED: "access denied",
    Outcome.UNREADABLE: "unreadable",
}

_REASONS = {
    Outcome.FOUND: "the parent was found",
    Outcome.MISSING: "the parent was not found",
    Outcome.REFUSED: "the parent is not among the files that may be opened",
    Outcome.UNMAPPED: "the parent was not found",
    Outcome.AMBIGUOUS: "several files may be the parent",
    Outcome.MISMATCH: "what stands in the parent's place is another disk",
    Outcome.NOT_A_VHD: "what stands in the parent's place is no VHD",
    Outcome.SELF: "it names itself as its parent",
    Outcome.ACCESS_DENIED: "access to the parent is denied",
    Outcome.UNREADABLE: "the parent could not be read",
}


def describe_attempts(attempts: Iterable[Attempt]) -> str:
    """Return all tries in one line; see `attempt_clauses`."""
    return "; ".join(attempt_clauses(attempts))


def attempt_clauses(attempts: Iterable[Attempt]) -> list[str]:
    """Return all tries, a clause each; rules that say the same in the same words share one."""
    grouped: dict[tuple[str, str], list[Attempt]] = {}
    for attempt in attempts:
        clause = describe_attempt(attempt).partition(" ")[2]
        grouped.setdefault((clause, attempt.child), []).append(attempt)
    clauses = [(dict.fromkeys(attempt.rule for attempt in same), clause) for (clause, _), same in grouped.items()]
    return [f"{', '.join(rules)} {clause}" for rules, clause in clauses]


def describe_attempt(attempt: Attempt) -> str:
    r"""Return one clause for one try, such as ``W2ru '.\base.vhd' -> vms/base.vhd: missing (there is no base.vhd)``."""
    asked = f"{attempt.rule} '{shortened(attempt.reference)}'"
    if attempt.rule is Rule.UUID_INDEX:
        asked = f"{attempt.rule} {attempt.reference}"
    led = f" -> {shortened(attempt.candidate, LONGEST_PATH)}" if attempt.candidate is not None else ""
    why = f" ({attempt.detail})" if attempt.detail else ""
    return f"{asked}{led}: {_WORDS[attempt.outcome]}{why}"


def describe_failure(resolution: Resolution) -> str:
    """Return one line that says why a child has no parent here, and everything that was tried."""
    wanted = "raw" if resolution.wanted == NULL_ID else f"identifier {id_text(resolution.wanted)}"
    tried = describe_attempts(resolution.attempts)
    child = shortened(resolution.child, LONGEST_PATH)
    return f"{child}: {_REASONS[resolution.outcome]} ({wanted}); tried: {tried or 'nothing, it names none'}"
