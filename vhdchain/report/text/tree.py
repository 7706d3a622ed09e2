"""How do the machines and disks of a folder hang together, for people?

First the machines, then the disks that belong to none: bases with what builds on them, below each disk what is wrong
with it. A disk's size stands at its base, and where it changes. Deep chains are indented up to a limit, and their depth
is told from there on. Last what else a host's folders hold. A folder without machines is its disks alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Severity
from vhdchain.locate import shortened
from vhdchain.report.forest import forest
from vhdchain.report.lines import Role, beside, line, span
from vhdchain.report.machine_forest import owners_of
from vhdchain.report.names import shown_name
from vhdchain.report.numbers import counted
from vhdchain.report.text.disks import disk_facts, missing_parent
from vhdchain.report.text.findings import ROLES
from vhdchain.report.text.host_files import host_file_lines, unplaced_lines
from vhdchain.report.text.machines import machine_lines
from vhdchain.report.text.marks import Marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vhdchain.findings import Finding
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine
    from vhdchain.report.forest import Place
    from vhdchain.report.lines import Line, Span

_DEEPEST = 12  # levels that are indented: three columns each, beside names of fifty characters

_GUIDES = {True: ("├─ ", "└─ ", "│  "), False: ("|- ", "`- ", "|  ")}


def tree_lines(
    inventory: Inventory,
    findings: Iterable[Finding],
    *,
    width: int | None,
    unicode: bool = True,
    disks: bool = False,
) -> Iterator[Line]:
    """Yield the machines and the disks of ``inventory``.

    Args:
        inventory: What a scan found.
        findings: What is wrong; errors and warnings are shown at the file that they are about.
        width: The columns; None where lines have no width.
        unicode: Whether the guides may be box-drawing characters.
        disks: Whether the disks of machines are shown again as a forest, with all others.
    """
    marks, owners = Marks(findings, width=width), owners_of(inventory)
    writer = _Writer(inventory, marks, owners, width, _GUIDES[unicode])
    if len(inventory.scanned) == 1:
        yield line(span(inventory.scanned[0], Role.HEADING))
    yield from machine_lines(inventory, marks, owners, width=width, unicode=unicode)
    # A folder without a host's files is its disks alone, without titles.
    in_parts = len(inventory.machines) > 0 or len(inventory.host_files) > 0
    places = forest(inventory, without=() if disks else owners.keys())
    title = "disks" if not len(inventory.machines) else "all disks" if disks else "disks of no machine"
    parts = (
        (title, (each for place in places for each in writer.place(place))),
        ("other files of the host", host_file_lines(inventory, marks, width=width)),
        ("not read", _unreadable(inventory, marks)),
        ("files without a place above", unplaced_lines(inventory, marks) if in_parts else ()),
    )
    for name, lines in parts:
        yield from _titled(name if in_parts else "", lines)
    yield from _summary(inventory, marks.found)


def _titled(title: str, lines: Iterable[Line]) -> Iterator[Line]:
    """Yield ``lines`` below their title, if there are any; without one they follow what stands above them."""
    for number, each in enumerate(lines):
        if title and not number:
            yield line("")
            yield line(span(title, Role.HEADING))
        yield each


def _unreadable(inventory: Inventory, marks: Marks) -> Iterator[Line]:
    for item in inventory.unreadable:
        marks.take(item.path)
        yield line(span(item.path, Role.PATH), "  ", span(f"not read: {item.reason}", Role.ERROR))


class _Writer:
    def __init__(
        self,
        inventory: Inventory,
        marks: Marks,
        owners: Mapping[str, Sequence[Machine]],
        width: int | None,
        guides: tuple[str, str, str],
    ) -> None:
        self._inventory = inventory
        self._marks = marks
        self._owners = owners
        self._width = width
        self._guides = guides

    def place(self, place: Place) -> Iterator[Line]:
        head, body = self._margins(place)
        if place.path is None:
            yield line(head, *(missing_parent(place.missing) if place.missing else ()))
            return
        shown = span(shown_name(place.path, self._inventory.scanned), Role.PATH)
        if place.elsewhere:
            names = ", ".join(shortened(machine.name) for machine in self._owners.get(place.path, ()))
            yield from beside(line(head, shown), f"of {names}", width=self._width, below=body)
            return
        below = body + (self._guides[2] if place.path in self._inventory.graph.children else "   ")
        name = line(head, shown, *self._part(place.path, depth=place.depth))
        yield from beside(name, disk_facts(self._inventory, place.path), width=self._width, below=below)
        yield from self._marks.at(place.path, below)

    def _margins(self, place: Place) -> tuple[str, str]:
        """Return what stands before a disk's name, and before further lines about it."""
        if not place.more:
            return "", ""
        tee, corner, bar = self._guides
        levels = [bar if more else "   " for more in place.more[:_DEEPEST]]
        if place.depth > _DEEPEST:
            return "".join(levels) + f"({place.depth}) ", "".join(levels)
        return "".join(levels[:-1]) + (tee if place.more[-1] else corner), "".join(levels)

    def _part(self, path: str, *, depth: int) -> Iterator[Span]:
        """Yield the part that a file plays among the others."""
        graph = self._inventory.graph
        if path not in graph.children:
            yield span("  leaf", Role.GOOD)
        elif path in graph.forks:
            yield span(f"  fork of {len(graph.children[path])}", Role.HEADING)
        if depth == 0 and (parent := graph.parent(path)) is not None:
            yield span(f"  comes back to {shown_name(parent, self._inventory.scanned)}", Role.ERROR)


def _summary(inventory: Inventory, found: Sequence[Finding]) -> Iterator[Line]:
    graph = inventory.graph
    machines, snapshots = len(inventory.machines), sum(len(machine.snapshots) for machine in inventory.machines)
    counts = [counted(machines, "machine"), counted(snapshots, "snapshot")] if machines else []
    counts += [
        counted(len(graph.nodes), "image"),
        counted(len(graph.leaves), "leaf", "leaves"),
        counted(len(graph.bases), "base"),
    ]
    counts += [
        counted(number, noun)
        for number, noun in ((len(graph.orphans), "orphan"), (len(graph.cycles), "cycle"))
        if number
    ]
    yield line("")
    yield line(", ".join(counts))
    parts: list[str | Span] = []
    for severity in (Severity.ERROR, Severity.WARNING):
        number = sum(finding.severity is severity for finding in found)
        if number:
            parts += [", "] if parts else []
            parts.append(span(counted(number, severity.value), ROLES[severity]))
    if parts:
        yield line(*parts, ": vhdchain audit tells more")
