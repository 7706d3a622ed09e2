"""What does a reader make of all these chains?

Each case gets a folder of its own, in which the reader finds nothing but the chain's files. What was not read right can
be kept, with ``expected.json`` beside it.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vhdchain.progress import check_cancel
from vhdchain.testing.conformance.case import lay
from vhdchain.testing.conformance.command import SECONDS, ask
from vhdchain.testing.conformance.drawn import random_cases
from vhdchain.testing.conformance.judge import Verdict, judge
from vhdchain.testing.conformance.suite import SUITE
from vhdchain.testing.conformance.traps import TRAPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vhdchain.progress import Cancel, Progress
    from vhdchain.testing.conformance.case import Case
    from vhdchain.testing.conformance.judge import Judgement
    from vhdchain.testing.conformance.readers import Reader

_WORST = (Verdict.CRASHED, Verdict.TIMED_OUT, Verdict.WRONG, Verdict.REFUSED, Verdict.RIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a reader made of one case."""

    case: Case
    judgement: Judgement

    @property
    def verdict(self) -> Verdict:
        """What became of it."""
        return self.judgement.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformance:
    """What a reader made of all cases.

    Attributes:
        results: In the order of the cases.
    """

    reader: Reader
    results: tuple[Result, ...]

    def of_trap(self, trap: int) -> list[Result]:
        """Return the results of one trap; of 0: those of the random chains."""
        return [result for result in self.results if result.case.trap == trap]

    def verdict(self, trap: int) -> Verdict | None:
        """Return the worst verdict of a trap; None where no case asked about it."""
        found = {result.verdict for result in self.of_trap(trap)}
        return next((verdict for verdict in _WORST if verdict in found), None)

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many cases had each verdict."""
        return {verdict: sum(result.verdict is verdict for result in self.results) for verdict in Verdict}


def chosen_cases(*, names: Iterable[str] = (), traps: Iterable[int] = (), random: int = 0, seed: int = 0) -> list[Case]:
    """Return the cases of the suite that have one of ``names`` or ``traps`` (all without either), and random ones.

    Raises:
        LookupError: There is no such case or trap.
    """
    wanted, numbers = set(names), set(traps)
    if unknown := sorted(wanted - {case.name for case in SUITE}):
        raise LookupError(f"there is no case {unknown[0]!r}")
    if missing := sorted(numbers - set(TRAPS)):
        raise LookupError(f"there is no trap {missing[0]}")
    everything = not wanted and not numbers
    chosen = [case for case in SUITE if everything or case.name in wanted or case.trap in numbers]
    return [*chosen, *random_cases(random, seed)]


def run_suite(
    reader: Reader,
    cases: Sequence[Case],
    *,
    seconds: float = SECONDS,
    keep: Path | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Conformance:
    """Ask ``reader`` about every case.

    Args:
        reader: The reader.
        cases: What it is asked.
        seconds: How long it may take for one disk.
        keep: A folder that gets the files of every case that was not read right.
        progress: Called with the number of cases that are done, and of all.
        cancel: Asked before every case.

    Raises:
        ConfigError: The reader cannot be started.
    """
    results = []
    for number, case in enumerate(cases):
        check_cancel(cancel)
        results.append(Result(case=case, judgement=ask_about(reader, case, seconds=seconds)))
        if keep is not None and results[-1].verdict is not Verdict.RIGHT:
            lay(case, keep / case.name, expected=True)
        if progress is not None:
            progress(number + 1, len(cases))
    return Conformance(reader=reader, results=tuple(results))


def ask_about(reader: Reader, case: Case, *, seconds: float = SECONDS) -> Judgement:
    """Return what ``reader`` made of one case.

    Raises:
        ConfigError: The reader cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="vhdchain-") as place:
        files, room = Path(place) / "files", Path(place) / "room"
        room.mkdir()
        laid = lay(case, files)
        return judge(ask(reader.command, laid, room, seconds=seconds), laid.built, case.right)
