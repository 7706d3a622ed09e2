"""What is going to be done, for people: steps, what is moved, the room that it takes, what is different afterwards?

A plan is told before it is carried out, so that it can be refused; and in one line when it was interrupted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.plan import DeleteFile, PatchFile, ReplaceFile
from vhdchain.plan.interruption import Point
from vhdchain.report.lines import Role, labelled, line, span, wrapped
from vhdchain.report.numbers import counted, exact_size, hex_offset
from vhdchain.report.text.findings import finding_lines
from vhdchain.report.text.steps import step_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.plan import Plan, Step, VolumeNeed
    from vhdchain.plan.interruption import Interruption
    from vhdchain.report.lines import Line

_MOST_PATCHES = 12  # of one step; the document has them all
_COLUMN = 22
_SIZES = ("bytes", "size", "room", "growth")


def plan_lines(plan: Plan, *, width: int | None) -> Iterator[Line]:
    """Yield a plan: what it is, its steps, its figures, its room, and what is worth knowing beforehand."""
    yield from wrapped(span(plan.action, Role.HEADING), f": {plan.summary}", width=width, rest="  ")
    if not plan.steps:
        yield line("  nothing is to be done")
    digits = len(str(len(plan.steps)))
    for number, step in enumerate(plan.steps, 1):
        margin = " " * (digits + 4)
        yield from wrapped(*step_words(step), width=width, first=f"  {number:>{digits}}. ", rest=margin)
        yield from _patches(step, width=width, margin=margin)
    for name, value in plan.facts.items():
        yield from labelled(name.replace("_", " "), _fact(name, value), width=width, column=_COLUMN)
    for need in plan.needs:
        yield from labelled("room", *_need(need), width=width, column=_COLUMN)
    gone = [step.path for step in plan.steps if isinstance(step, DeleteFile)]
    for path in gone:
        yield from labelled("is gone afterwards", span(path, Role.PATH), width=width, column=_COLUMN)
    for finding in plan.findings:
        yield line("  ", span(finding.location.path, Role.PATH))
        yield from finding_lines(finding, width=width, indent=4)


def _patches(step: Step, *, width: int | None, margin: str) -> Iterator[Line]:
    if not isinstance(step, PatchFile | ReplaceFile):
        return
    for patch in step.patches[:_MOST_PATCHES]:
        head = line(margin, span(hex_offset(patch.offset), Role.FAINT), f" {counted(len(patch.new), 'byte')}: ")
        yield from wrapped(patch.why, width=width, first=head, rest=margin + "  ")
    if len(step.patches) > _MOST_PATCHES:
        yield line(margin, span(f"and {counted(len(step.patches) - _MOST_PATCHES, 'more place')}", Role.LABEL))


def _fact(name: str, value: int | str) -> str:
    if isinstance(value, str):
        return value
    return exact_size(value) if any(word in _SIZES for word in name.split("_")) and value >= 0 else f"{value:,}"


def _need(need: VolumeNeed) -> Line:
    change = f"{exact_size(abs(need.lasting))} {'more' if need.lasting >= 0 else 'less'} in the end"
    return line(f"up to {exact_size(need.peak)} meanwhile, {change}, in ", span(need.folder, Role.PATH))


def interruption_line(found: Interruption) -> Line:
    """Return the one line that says what was interrupted, and how far it was."""
    steps = len(found.plan.steps)
    head = (span(found.journal, Role.PATH), f": {found.plan.action}: {found.plan.summary}: ")
    match found.point:
        case Point.BEFORE:
            return line(*head, "nothing of it was begun")
        case Point.CLEARING_UP:
            return line(*head, f"all of its {counted(steps, 'step')} are done, and it was clearing up")
        case Point.TAKING_BACK:
            return line(*head, f"it was being taken back, from step {found.begun} of {steps}")
    if found.done == found.begun:
        return line(*head, f"interrupted after step {found.done} of {steps}")
    return line(
        *head, f"interrupted in step {found.begun} of {steps} (", *step_words(found.plan.steps[found.done]), ")"
    )
