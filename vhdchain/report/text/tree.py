"""How do the disks of a folder hang together, for people?

Bases with what builds on them, below each disk what is wrong with it. A disk's size stands at its base, and where it
changes. Deep chains are indented up to a limit, and their depth is told from there on.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from vhdchain.findings import Severity, code_info
from vhdchain.report.forest import forest, wanted_name
from vhdchain.report.lines import Role, line, span, wrapped
from vhdchain.report.numbers import counted, exact_size
from vhdchain.report.text.findings import ROLES
from vhdchain.report.text.image import disk_type_text
from vhdchain.structures import id_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vhdchain.findings import Finding
    from vhdchain.graph import Inventory
    from vhdchain.locate import Resolution
    from vhdchain.report.forest import Place
    from vhdchain.report.lines import Line, Span

_DEEPEST = 12  # levels that are indented: three columns each, beside names of fifty characters

_GUIDES = {True: ("├─ ", "└─ ", "│  "), False: ("|- ", "`- ", "|  ")}


def tree_lines(
    inventory: Inventory, findings: Iterable[Finding], *, width: int | None, unicode: bool = True
) -> Iterator[Line]:
    """Yield the forest of ``inventory``.

    Args:
        inventory: What a scan found.
        findings: What is wrong; errors and warnings are shown at the file that they are about.
        width: The columns; None where lines have no width.
        unicode: Whether the guides may be box-drawing characters.
    """
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.severity is not Severity.NOTE:
            by_path.setdefault(finding.location.path, []).append(finding)
    writer = _Writer(inventory, by_path, width, _GUIDES[unicode])
    yield from _title(inventory)
    for place in forest(inventory):
        yield from writer.place(place)
    for item in inventory.unreadable:
        yield line(span(item.path, Role.PATH), "  ", span(f"not read: {item.reason}", Role.ERROR))
    yield from _summary(inventory, [finding for found in by_path.values() for finding in found])


def shown_name(path: str, scanned: Sequence[str]) -> str:
    """Return ``path`` without the folder that was scanned, where it is a single one."""
    if len(scanned) == 1:
        folder = scanned[0].rstrip("/\\")
        if path.startswith(folder) and path[len(folder) : len(folder) + 1] in ("/", "\\"):
            return path[len(folder) + 1 :]
    return path


class _Writer:
    def __init__(
        self,
        inventory: Inventory,
        findings: Mapping[str, Sequence[Finding]],
        width: int | None,
        guides: tuple[str, str, str],
    ) -> None:
        self._inventory = inventory
        self._findings = findings
        self._width = width
        self._guides = guides

    def place(self, place: Place) -> Iterator[Line]:
        head, body = self._margins(place)
        if place.path is None:
            yield line(head, *(_missing(place.missing) if place.missing else ()))
            return
        below = body + (self._guides[2] if place.path in self._inventory.graph.children else "   ")
        name, facts = line(head, *self._name(place.path, depth=place.depth)), self._facts(place.path)
        if self._width is None or sum(len(part.text) for part in name) + 2 + len(facts) <= self._width:
            yield (*name, span("  " + facts, Role.FAINT))
        else:
            yield name
            yield line(below, span(facts, Role.FAINT))
        yield from self._findings_at(place.path, below)

    def _findings_at(self, path: str, below: str) -> Iterator[Line]:
        """Yield the codes at one file, each once; what exactly was found is for the audit to tell."""
        counts = Counter((finding.severity, finding.code) for finding in self._findings.get(path, ()))
        for (severity, code), number in counts.items():
            times = f" ({number} times)" if number > 1 else ""
            first = line(below, span(f"{severity} {code}  ", ROLES[severity]))
            yield from wrapped(code_info(code).title + times, width=self._width, first=first, rest=below + "  ")

    def _margins(self, place: Place) -> tuple[str, str]:
        """Return what stands before a disk's name, and before further lines about it."""
        if not place.more:
            return "", ""
        tee, corner, bar = self._guides
        levels = [bar if more else "   " for more in place.more[:_DEEPEST]]
        if place.depth > _DEEPEST:
            return "".join(levels) + f"({place.depth}) ", "".join(levels)
        return "".join(levels[:-1]) + (tee if place.more[-1] else corner), "".join(levels)

    def _name(self, path: str, *, depth: int) -> Iterator[Span]:
        graph, scanned = self._inventory.graph, self._inventory.scanned
        yield span(shown_name(path, scanned), Role.PATH)
        if path not in graph.children:
            yield span("  leaf", Role.GOOD)
        elif path in graph.forks:
            yield span(f"  fork of {len(graph.children[path])}", Role.HEADING)
        if depth == 0 and (parent := graph.parent(path)) is not None:
            yield span(f"  comes back to {shown_name(parent, scanned)}", Role.ERROR)

    def _facts(self, path: str) -> str:
        image, parent = self._inventory.image(path), self._inventory.parent(path)
        facts = [] if image.is_differencing else [disk_type_text(image)]
        if parent is None or parent.virtual_size != image.virtual_size:
            facts.append(f"disk of {exact_size(image.virtual_size)}")
        return ", ".join([*facts, f"file of {exact_size(image.file_size)}"])


def _missing(resolution: Resolution) -> Iterator[Span]:
    name = wanted_name(resolution)
    yield span(name or f"a disk with the identifier {id_text(resolution.wanted)}", Role.PATH)
    yield span(f"  {resolution.outcome}", Role.ERROR)


def _title(inventory: Inventory) -> Iterator[Line]:
    if len(inventory.scanned) == 1:
        yield line(span(inventory.scanned[0], Role.HEADING))


def _summary(inventory: Inventory, found: Sequence[Finding]) -> Iterator[Line]:
    graph = inventory.graph
    counts = [
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
