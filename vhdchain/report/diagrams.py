"""How do the disks of a folder hang together, as a diagram that another program draws?

Graphviz (DOT) and Mermaid: one box for each file, an arrow from each child to its parent, bases on top. A parent that
was not found has a dashed box; what is in a cycle or has errors is red. Names are quoted for the language and shown
printable, so that no name is taken for syntax.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.escape import printable
from vhdchain.findings import Severity
from vhdchain.report.forest import missing_parents, wanted_name
from vhdchain.report.numbers import human_size
from vhdchain.report.text.image import disk_type_text
from vhdchain.report.text.tree import shown_name
from vhdchain.structures import id_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.findings import Finding
    from vhdchain.graph import Inventory


def dot_text(inventory: Inventory, findings: Iterable[Finding]) -> str:
    """Return a Graphviz digraph."""
    boxes = _Boxes(inventory, findings)
    lines = ["digraph disks {", "  rankdir=BT;", '  node [shape=box, fontname="sans-serif"];']
    for key, label in boxes.disks():
        color = ", color=red" if key in boxes.damaged else ""
        lines.append(f'  {key} [label="{_dot(label)}"{color}];')
    lines += [f'  {key} [label="{_dot(label)}", style=dashed, color=red];' for key, label in boxes.missing()]
    lines += [f"  {child} -> {parent};" for child, parent in boxes.edges()]
    return "\n".join([*lines, "}", ""])


def mermaid_text(inventory: Inventory, findings: Iterable[Finding]) -> str:
    """Return a Mermaid flowchart."""
    boxes = _Boxes(inventory, findings)
    lines = ["flowchart BT", "  classDef damaged stroke:red", "  classDef missing stroke:red,stroke-dasharray:5"]
    for key, label in boxes.disks():
        lines.append(f'  {key}["{_mermaid(label)}"]{":::damaged" if key in boxes.damaged else ""}')
    lines += [f'  {key}["{_mermaid(label)}"]:::missing' for key, label in boxes.missing()]
    lines += [f"  {child} --> {parent}" for child, parent in boxes.edges()]
    return "\n".join([*lines, ""])


class _Boxes:
    """What is drawn: keys that are words of the language, labels of several lines, arrows."""

    def __init__(self, inventory: Inventory, findings: Iterable[Finding]) -> None:
        self._inventory = inventory
        self._keys = {path: f"d{number}" for number, path in enumerate(inventory.graph.nodes)}
        self._missing = missing_parents(inventory)
        errors = {finding.location.path for finding in findings if finding.severity is Severity.ERROR}
        in_cycles = {path for cycle in inventory.graph.cycles for path in cycle}
        self.damaged = {self._keys[path] for path in (errors | in_cycles) if path in self._keys}

    def disks(self) -> Iterator[tuple[str, list[str]]]:
        for path, key in self._keys.items():
            image = self._inventory.image(path)
            facts = f"{disk_type_text(image)}, {human_size(image.virtual_size)}, file {human_size(image.file_size)}"
            yield key, [shown_name(path, self._inventory.scanned), facts]

    def missing(self) -> Iterator[tuple[str, list[str]]]:
        for number, (resolution, _) in enumerate(self._missing):
            yield f"m{number}", [wanted_name(resolution) or id_text(resolution.wanted), str(resolution.outcome)]

    def edges(self) -> Iterator[tuple[str, str]]:
        yield from ((self._keys[child], self._keys[parent]) for child, parent in self._inventory.graph.parents.items())
        for number, (_, orphans) in enumerate(self._missing):
            yield from ((self._keys[orphan], f"m{number}") for orphan in orphans)


def _dot(label: list[str]) -> str:
    return "\\n".join(printable(text).replace("\\", "\\\\").replace('"', '\\"') for text in label)


def _mermaid(label: list[str]) -> str:
    marks = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;", "\\": "#92;"}
    return "<br/>".join("".join(marks.get(letter, letter) for letter in printable(text)) for text in label)
