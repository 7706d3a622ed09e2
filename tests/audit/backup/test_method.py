"""Which method follows from which answers: every combination is looked at against the rule as it is documented."""

from __future__ import annotations

from itertools import product

import pytest

from vhdchain.audit.backup import (
    ONLINE,
    Answer,
    Condition,
    ConditionName,
    Judgement,
    Method,
    Part,
    Presence,
    RequiredFile,
    Verdict,
)
from vhdchain.audit.backup.method import completeness, judge, predict

Name = ConditionName
OTHERS = [name for name in ONLINE if name is not Name.RUNNING]


def _conditions(answers: dict[Name, Answer], *, guess: bool = False) -> tuple[Condition, ...]:
    return tuple(
        Condition(
            name=name,
            judgement=Judgement(answer=answers.get(name, Answer.YES), evidence=(f"why {name}",)),
            guess=guess and name is Name.RUNNING,
        )
        for name in Name
    )


def _file(presence: Presence, detail: str = "") -> RequiredFile:
    return RequiredFile(part=Part.DISK, stored="C:\\x.vhd", volume="C:", presence=presence, detail=detail)


HERE = _file(Presence.PRESENT)


@pytest.mark.parametrize("running", Answer)
@pytest.mark.parametrize("guess", [False, True])
def test_the_method_is_the_documented_one_for_every_combination(running: Answer, guess: bool) -> None:
    for answers in product(Answer, repeat=len(OTHERS)):
        conditions = _conditions({Name.RUNNING: running, **dict(zip(OTHERS, answers, strict=True))}, guess=guess)
        found = predict(conditions)
        if running is Answer.NO:
            expected = (Method.SAVED_STATE, Answer.NO)
        elif Answer.NO in answers:
            expected = (Method.SAVED_STATE, running)
        elif set(answers) == {Answer.YES} and running is Answer.YES:
            expected = (Method.ONLINE, Answer.NO)
        else:
            expected = (Method.UNKNOWN, Answer.UNKNOWN)
        assert (found.method, found.interrupts) == expected
        assert found.reasons
        verdict, reasons = judge(conditions, [HERE])
        proven = found.interrupts is Answer.NO and not (running is Answer.NO and guess)
        assert (verdict is Verdict.READY) == proven == (reasons == ())
        assert (verdict is Verdict.NOT_POSSIBLE) == (running is Answer.YES and Answer.NO in answers)


def test_the_writer_calls_a_machine_by_the_method() -> None:
    online, saved = predict(_conditions({})), predict(_conditions({Name.RUNNING: Answer.NO}))
    unknown = predict(_conditions({Name.FILE_SYSTEMS: Answer.UNKNOWN}))
    assert online.component("srv") == r"Backup Using Child Partition Snapshot\srv"
    assert saved.component("srv") == r"Backup Using Saved State\srv"
    assert unknown.component("srv") is None
    assert unknown.reasons == ("it is not known whether the guest's file systems have shadow copies",)


@pytest.mark.parametrize(
    ("files", "doubts", "complete", "verdict"),
    [
        ([HERE], (), Answer.YES, Verdict.READY),
        ([HERE, _file(Presence.MISSING)], (), Answer.NO, Verdict.NOT_POSSIBLE),
        ([HERE, _file(Presence.UNKNOWN)], (), Answer.UNKNOWN, Verdict.UNKNOWN),
        ([_file(Presence.UNKNOWN), _file(Presence.MISSING)], (), Answer.NO, Verdict.NOT_POSSIBLE),
        ([_file(Presence.PRESENT, "it is no VHD")], (), Answer.UNKNOWN, Verdict.UNKNOWN),
        ([HERE], ("two snapshots are not here",), Answer.UNKNOWN, Verdict.UNKNOWN),
    ],
)
def test_what_lacks_or_may_lack_counts_whatever_the_method(
    files: list[RequiredFile], doubts: tuple[str, ...], complete: Answer, verdict: Verdict
) -> None:
    for answers in ({}, {Name.RUNNING: Answer.NO}):
        found, reasons = judge(_conditions(answers), files, doubts)
        assert (completeness(files, doubts), found) == (complete, verdict)
        assert len(reasons) == (0 if verdict is Verdict.READY else 1)


def test_several_snapshots_do_not_keep_a_machine_from_being_backed_up() -> None:
    assert judge(_conditions({Name.FEW_SNAPSHOTS: Answer.NO}), [HERE]) == (Verdict.READY, ())
