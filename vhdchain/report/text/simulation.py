"""What would operations on snapshots do, for people?

The machine's states as they are and as they would be, side by side; then operation by operation what is done, what is
lost and how much room it takes; then what must be known beforehand, and what is refused.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from vhdchain.hyperv import NOW
from vhdchain.locate import shortened
from vhdchain.report.lines import Role, labelled, line, span, wrapped
from vhdchain.report.machine_forest import Shape
from vhdchain.report.names import folder_and_name
from vhdchain.report.numbers import counted, human_size
from vhdchain.report.text.findings import ROLES
from vhdchain.report.text.machines import SIGNS
from vhdchain.snapshots import Action, ActionKind, LossKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vhdchain.findings import Finding
    from vhdchain.report.lines import Line, Span
    from vhdchain.snapshots import Loss, Result, Room, Simulation, Snapshot, State

_GAP, _LEAST = 4, 24
_COLUMN = 14
_SAVED = {".bin": "memory", ".vsv": "devices"}


def simulation_lines(simulation: Simulation, *, width: int | None, unicode: bool = True) -> Iterator[Line]:
    """Yield what a simulation came to.

    Args:
        simulation: The simulation.
        width: The columns at which prose is wrapped; None where lines have no width.
        unicode: Whether the signs may be more than ASCII.
    """
    yield from _side_by_side(simulation, unicode=unicode)
    for result, room in zip(simulation.results, simulation.rooms, strict=True):
        yield line("")
        yield line(span(result.operation, Role.HEADING))
        names = _names(result)
        for action in result.actions:
            yield from _action(action, names, width)
        yield from _losses(result, width)
        yield from _room(room, width)
    for finding in simulation.findings:
        yield line("")
        yield from _finding(finding, width)
    for finding in simulation.refused:
        yield line("")
        yield from _finding(finding, width)


# ---------------------------------------------------------------------------------------------------------- both trees


def _side_by_side(simulation: Simulation, *, unicode: bool) -> Iterator[Line]:
    before = list(_states(simulation.before, unicode=unicode))
    after = list(_states(simulation.after, unicode=unicode))
    column = max(_LEAST, *(sum(len(part.text) for part in each) for each in before)) + _GAP
    name = shortened(simulation.before.name)
    heads = (line(span(name, Role.HEADING), span(" as it is", Role.LABEL)), line(span("afterwards", Role.LABEL)))
    for left, right in ((heads), *zip_longest(before, after, fillvalue=())):
        gap = column - sum(len(part.text) for part in left)
        yield (*left, *line(" " * gap), *right) if right else left


def _states(state: State, *, unicode: bool) -> Iterator[Line]:
    """Yield a line for every state of the machine, each below the one that it was made from."""
    states: dict[str, Snapshot | None] = {item.id: item for item in state.snapshots}
    states[NOW] = None
    parents = {item.id: item.parent for item in state.snapshots} | {NOW: state.parent}
    shape = Shape(states, parents)
    signs = SIGNS[unicode]
    for place in shape.trees([key for key in states if key not in shape.parents]):
        bars = "  " + signs.bar * place.depth
        lead = bars[: -len(signs.branch)] + signs.branch if place.is_branch else bars
        if place.state is None:
            yield line(lead, span(f"{signs.now} now", Role.GOOD), span(f"  {state.power}", Role.FAINT))
        else:
            saved = span("  with saved state", Role.FAINT) if place.state.state_files else span("")
            yield line(lead, f"{signs.snapshot} ", span(shortened(place.state.name), Role.HEADING), saved)


# -------------------------------------------------------------------------------------------------------- an operation


def _action(action: Action, names: Mapping[str, str], width: int | None) -> Iterator[Line]:
    name, source = _named(action.path, names), _named(action.source, names)
    why = f": {action.why}" if action.why else ""
    match action.kind:
        case ActionKind.CREATE_DISK:
            yield from _done("makes", f"a disk at {', '.join(action.files)} above ", source, width=width)
        case ActionKind.COPY_STATE:
            yield from _done("copies", source, " to ", name, width=width)
        case ActionKind.SAVE_STATE:
            yield from _done("saves", name, width=width)
        case ActionKind.WRITE_MACHINE | ActionKind.WRITE_SNAPSHOT:
            yield from _done("writes", name, width=width)
        case ActionKind.MERGE:
            others = [part for path in action.files for part in (", ", _named(path, names))]
            yield from _done("merges", *others[1:], " into ", name, width=width)
        case ActionKind.POSTPONE:
            yield from _done("leaves", name, why, width=width)
        case ActionKind.CANCEL_MERGE:
            yield from _done("gives up", "merging ", name, why, width=width)
        case _:
            yield from _done("deletes", name, why, width=width)


def _named(path: str, names: Mapping[str, str]) -> Span:
    return span(names[path]) if path in names else span(folder_and_name(path)[1], Role.PATH)


def _names(result: Result) -> dict[str, str]:
    """Return what files are, where that says more than their names: hosts make these of ids."""
    names: dict[str, str] = {}
    for state in (result.before, result.state):
        owners = [(state.configuration, state.state_files, state.slots, shortened(state.name))]
        owners += [
            (item.configuration, item.state_files, item.slots, f"snapshot {shortened(item.name)}")
            for item in state.snapshots
        ]
        for configuration, state_files, slots, owner in owners:
            names[configuration] = f"the configuration of {owner}"
            for path in state_files:
                names[path] = f"the saved {_SAVED.get(path[-4:].lower(), 'state')} of {owner}"
            for slot in slots:
                if not state.disks[slot.path].content:
                    names[slot.path] = f"the new disk of {owner} at {slot.place}"
    return names


def _done(verb: str, *parts: str | Span, width: int | None) -> Iterator[Line]:
    yield from labelled(verb, *parts, width=width, column=_COLUMN)


def _losses(result: Result, width: int | None) -> Iterator[Line]:
    verb = "loses"
    for text in _told(result.losses):
        first = line("  ", span(verb.ljust(_COLUMN - 2), Role.WARNING))
        yield from wrapped(text, width=width, first=first, rest=" " * _COLUMN)
        verb = ""


def _told(losses: Sequence[Loss]) -> Iterator[str]:
    for loss in losses:
        if loss.what is LossKind.SNAPSHOT:
            yield f"snapshot {shortened(loss.name)}: {loss.why}"
    states = sum(loss.what is LossKind.STATE for loss in losses)
    if states:
        yield f"{counted(states, 'file')} of saved states"
    for loss in losses:
        if loss.what is LossKind.SECTORS and loss.bytes:
            yield f"{human_size(loss.bytes)} of {folder_and_name(loss.path)[1]} that nothing else holds"


def _room(room: Room, width: int | None) -> Iterator[Line]:
    if room.peak or room.lasting:
        more = "takes" if room.lasting >= 0 else "frees"
        needs = f"up to {human_size(room.peak)} on the way; " if room.peak else ""
        yield from _done("room", f"{needs}in the end it {more} {human_size(abs(room.lasting))} of disks", width=width)


def _finding(finding: Finding, width: int | None) -> Iterator[Line]:
    first = line(span(f"{finding.severity} {finding.code}  ", ROLES[finding.severity]))
    yield from wrapped(finding.message, width=width, first=first, rest="  ")
