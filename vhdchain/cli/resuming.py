"""How does a command go on with what was interrupted, or take it back? It says in one line what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.cli.bars import progress_bar
from vhdchain.cli.exits import Exit
from vhdchain.cli.failures import complain, described
from vhdchain.cli.terminal import Terminal
from vhdchain.errors import CancelledError, PlanRefusedError, VhdChainError
from vhdchain.plan import WriteDisk, digest_fact
from vhdchain.report.documents.plan import Ending, Mended
from vhdchain.report.lines import Role, line, span
from vhdchain.report.text.plan import interruption_line
from vhdchain.shell.executor.pending import look_at_journal
from vhdchain.shell.executor.run import resume, undo

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.cli.options import Settings
    from vhdchain.plan.interruption import Interruption
    from vhdchain.shell.executor.run import Outcome


def mend_all(journals: Iterable[str], settings: Settings, *, back: bool) -> tuple[Exit, list[Mended]]:
    """Go on with, or take back, the plan of every journal; tell of each unless a document is asked for.

    An error of one is told, and the next one is gone on with. An interruption ends it all.
    """
    code, done = Exit.CLEAN, []
    for journal in journals:
        found: Interruption | None = None
        try:
            found = look_at_journal(journal)
            done.append(_mend(found, settings, back=back))
        except (BrokenPipeError, CancelledError):
            raise
        except (VhdChainError, OSError) as error:
            complain(described(error))
            done.append(Mended(journal=journal, found=found, ending=Ending.FAILED, error=described(error)))
            code = max(code, Exit.FINDINGS if isinstance(error, PlanRefusedError) else Exit.UNPROCESSED)
    return code, done


def _mend(found: Interruption, settings: Settings, *, back: bool) -> Mended:
    terminal = Terminal(settings)
    if not settings.as_json:
        terminal.write([interruption_line(found)])
    if back:
        outcome = undo(found.journal, within=settings.within)
    else:
        with progress_bar("resuming", settings, in_bytes=True) as progress:
            outcome = resume(found.journal, within=settings.within, progress=progress)
    ending = Ending.UNDONE if outcome.undone else Ending.DONE
    if not settings.as_json and not settings.quiet:
        words = "taken back: every file is as it was" if outcome.undone else "finished"
        facts = "" if outcome.undone else _digest_of_one(outcome)
        terminal.write([line(span(found.journal, Role.PATH), f": {words}{facts}")])
    return Mended(journal=found.journal, found=found, ending=ending, facts=outcome.facts)


def _digest_of_one(outcome: Outcome) -> str:
    """Return the digest of a disk that was written; a plan of many files has its digests elsewhere."""
    steps = [step for step in outcome.plan.steps if isinstance(step, WriteDisk) and step.hash]
    if len(steps) != 1:
        return ""
    return f", {steps[0].hash} {outcome.facts[digest_fact(steps[0].hash, steps[0].path)]}"
