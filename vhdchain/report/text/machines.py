"""Which machines are there, with which snapshots, on which files, for people?

A machine's name and what its configuration says; below that its history, each state below the one that it was made
from, `now` where it hangs; at each state its files, and below each file what is wrong with it. Of a chain each state
shows its own part: the files between its disk and those of the state above it. What the present lost or never had
(a configuration, a parent, a file) is said in its place.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.locate import fold_case, shortened
from vhdchain.report.lines import Role, beside, fits, labelled, line, span, wrapped
from vhdchain.report.machine_forest import CYCLE, histories
from vhdchain.report.names import MachineNames, folder_and_name, shown_name
from vhdchain.report.numbers import counted
from vhdchain.report.text.machine_facts import controllers_text, power_text, state_name, taken_text
from vhdchain.report.text.machine_files import FilesWriter, in_files
from vhdchain.report.times import from_filetime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine, MachineState
    from vhdchain.report.lines import Line, Span
    from vhdchain.report.machine_forest import History, StatePlace
    from vhdchain.report.text.marks import Marks

_INDENT = "  "
_COLUMN = 17  # where the values of a machine's facts begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What stands for what in a history; ``bar`` and ``branch`` are as wide as a state's sign with its gap."""

    now: str
    snapshot: str
    bar: str
    branch: str
    arrow: str


SIGNS = {
    True: Signs(now="●", snapshot="○", bar="│ ", branch="├─", arrow="← "),
    False: Signs(now="@", snapshot="o", bar="| ", branch="|-", arrow="<- "),
}
"""By whether the terminal can show more than ASCII."""


def machine_lines(
    inventory: Inventory,
    marks: Marks,
    owners: Mapping[str, Sequence[Machine]],
    *,
    width: int | None,
    unicode: bool = True,
) -> Iterator[Line]:
    """Yield the machines of ``inventory`` by name, with an empty line before each but the first.

    Args:
        inventory: What a scan found.
        marks: What is wrong.
        owners: The machines of every file in the chains of machines' disks.
        width: The columns; None where lines have no width.
        unicode: Whether the signs may be more than ASCII.
    """
    ordered = sorted(inventory.machines, key=lambda machine: (fold_case(machine.name), machine.name, machine.id))
    for number, machine in enumerate(ordered):
        if number:
            yield line("")
        yield from _Writer(inventory, machine, marks, owners, width=width, signs=SIGNS[unicode]).lines()


class _Writer:
    def __init__(
        self,
        inventory: Inventory,
        machine: Machine,
        marks: Marks,
        owners: Mapping[str, Sequence[Machine]],
        *,
        width: int | None,
        signs: Signs,
    ) -> None:
        self._machine = machine
        self._scanned = inventory.scanned
        self._marks = marks
        self._width = width
        self._signs = signs
        self._names = MachineNames(machine, inventory.scanned)
        self._files = FilesWriter(inventory, machine, marks, owners, names=self._names, width=width, arrow=signs.arrow)
        names = Counter(state.name for state in machine.snapshots)
        self._repeated = {name for name, number in names.items() if number > 1}

    def lines(self) -> Iterator[Line]:
        yield from self._title()
        yield from self._facts()
        for history in histories(self._machine):
            yield from self._history(history)

    # ------------------------------------------------------------------------------------------------- the machine

    def _title(self) -> Iterator[Line]:
        machine = self._machine
        head = line(span(shortened(machine.name), Role.HEADING))
        number = counted(len(machine.snapshots), "snapshot") if machine.snapshots else "no snapshot"
        facts = ", ".join(part for part in (power_text(machine.now), number) if part)
        yield from beside(head, facts, width=self._width, below=_INDENT)
        if machine.now is None:
            text = span("its configuration is not here: only snapshots of it", Role.ERROR)
            yield from wrapped(text, width=self._width, first=_INDENT, rest=_INDENT)

    def _facts(self) -> Iterator[Line]:
        now = self._machine.now
        if now is not None:
            yield from self._fact("power guess", now.configuration.power.reason)
            yield from self._fact("controllers", controllers_text(now.configuration))
            yield from self._place("configuration", now.path)
        if self._names.folder:
            yield from self._folder("disks in", self._names.folder)
        if self._names.snapshots:
            yield from self._folder("snapshots in", self._names.snapshots)
        if now is not None:
            files = in_files(now, self._marks.take(now.path))
            yield from self._marks.lines(files.own, _INDENT)

    def _fact(self, label: str, text: str) -> Iterator[Line]:
        if text:
            yield from labelled(label, text, width=self._width, column=_COLUMN)

    def _folder(self, label: str, folder: str) -> Iterator[Line]:
        yield from labelled(label, span(folder, Role.PATH), width=self._width, column=_COLUMN)

    def _place(self, label: str, path: str) -> Iterator[Line]:
        """Yield a path, on two lines where it does not fit on one."""
        shown = shown_name(path, self._scanned)
        folder, name = folder_and_name(shown)
        if self._width is None or _COLUMN + len(shown) <= self._width or not folder:
            yield from labelled(label, span(shown, Role.PATH), width=self._width, column=_COLUMN)
        else:
            yield from labelled(label, span(name, Role.PATH), width=self._width, column=_COLUMN)
            yield line(" " * _COLUMN, span("in ", Role.LABEL), span(folder, Role.PATH))

    # -------------------------------------------------------------------------------------------------- its history

    def _history(self, history: History) -> Iterator[Line]:
        # Where there are no snapshots, there is nothing that the present could have been made from.
        if history.reason is not None and self._machine.snapshots:
            text = history.reason if history.reason == CYCLE else f"parent unknown: {history.reason}"
            yield from wrapped(span(text, Role.WARNING), width=self._width, first=_INDENT, rest=_INDENT)
        for place in history.places:
            yield from self._state(place, history.reason)

    def _state(self, place: StatePlace[MachineState], reason: str | None) -> Iterator[Line]:
        signs, bars = self._signs, _INDENT + self._signs.bar * place.depth
        lead = bars[: -len(signs.branch)] + signs.branch if place.is_branch else bars
        below = bars + (signs.bar if place.goes_on else "  ") + "  "
        sign = span(f"{signs.now} now", Role.GOOD) if place.is_now else span(f"{signs.snapshot} ")
        name = span("" if place.is_now else state_name(place.state), Role.HEADING)
        *above, head = self._heads(line(lead, sign, name), line(lead, sign), name, below)
        yield from above
        yield from beside(head, self._state_facts(place, reason), width=self._width, below=below)
        files = in_files(place.state, self._marks.take(place.state.path))
        if not place.is_now:
            yield from self._marks.lines(files.own, below)
        yield from self._files.lines(place, files, below)

    def _heads(self, whole: Line, lead: Line, name: Span, below: str) -> Iterator[Line]:
        """Yield the name of a state behind its sign: as it is where it fits, else broken at its spaces."""
        if fits(whole, "", width=self._width):
            yield whole
        else:
            yield from wrapped(name, width=self._width, first=lead, rest=below)

    def _state_facts(self, place: StatePlace[MachineState], reason: str | None) -> str:
        state, facts = place.state, []
        if not place.is_now:
            created = from_filetime(state.configuration.created)
            facts.append(f"{created:%Y-%m-%d %H:%M:%S} UTC" if created else "")
            facts.append(taken_text(state))
            facts.append(f"id {shortened(state.id)}" if state.name in self._repeated else "")
        if reason == CYCLE and place.parent is None:
            parent = self._machine.tree.parents.get(place.key)
            facts += [f"made from {state_name(item)}" for item in self._machine.snapshots if item.path == parent]
        return ", ".join(fact for fact in facts if fact)
