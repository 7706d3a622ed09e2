"""How do the machines and disks of a folder hang together, as a diagram that another program draws?

Graphviz (DOT) and Mermaid: one box for each file, an arrow from each child to its parent, bases on top. A machine is a
frame around its snapshots and its present, with arrows to what each was made from, and dashed ones to the files of its
disks. What was not found has a dashed box; what is in a cycle or has errors is red. Names are quoted for the language
and shown printable, so that no name is taken for syntax.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.escape import printable
from vhdchain.report.diagram_boxes import Diagram

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vhdchain.findings import Finding
    from vhdchain.graph import Inventory
    from vhdchain.report.diagram_boxes import Box, Frame


def dot_text(inventory: Inventory, findings: Iterable[Finding]) -> str:
    """Return a Graphviz digraph."""
    diagram = Diagram(inventory, findings)
    lines = ["digraph disks {", "  rankdir=BT;", '  node [shape=box, fontname="sans-serif"];']
    lines += [_dot_box(box) for box in diagram.disks]
    lines += [f'  {box.key} [label="{_dot(box.label)}", style=dashed, color=red];' for box in diagram.missing]
    for frame in diagram.frames:
        lines += _dot_frame(frame)
    lines += [f"  {child} -> {parent};" for child, parent in diagram.parents]
    lines += [f"  {state} -> {disk} [style=dashed, arrowhead=open];" for state, disk in diagram.uses]
    return "\n".join([*lines, "}", ""])


def _dot_box(box: Box, style: str = "") -> str:
    color = ", color=red" if box.damaged else ""
    return f'  {box.key} [label="{_dot(box.label)}"{style}{color}];'


def _dot_frame(frame: Frame) -> Iterator[str]:
    yield f"  subgraph cluster_{frame.key} {{"
    yield f'    label="{_dot(frame.label)}";'
    yield from ("  " + _dot_box(box, ", style=rounded") for box in frame.snapshots)
    if frame.now is not None:
        yield "  " + _dot_box(frame.now, ', style="rounded,bold"')
    yield "  }"


def mermaid_text(inventory: Inventory, findings: Iterable[Finding]) -> str:
    """Return a Mermaid flowchart."""
    diagram = Diagram(inventory, findings)
    lines = ["flowchart BT", "  classDef damaged stroke:red", "  classDef missing stroke:red,stroke-dasharray:5"]
    lines += [f'  {box.key}["{_mermaid(box.label)}"]{_damaged(box)}' for box in diagram.disks]
    lines += [f'  {box.key}["{_mermaid(box.label)}"]:::missing' for box in diagram.missing]
    for frame in diagram.frames:
        lines += _mermaid_frame(frame)
    lines += [f"  {child} --> {parent}" for child, parent in diagram.parents]
    lines += [f"  {state} -.-> {disk}" for state, disk in diagram.uses]
    return "\n".join([*lines, ""])


def _mermaid_frame(frame: Frame) -> Iterator[str]:
    yield f'  subgraph {frame.key}["{_mermaid(frame.label)}"]'
    yield from (f'    {box.key}("{_mermaid(box.label)}"){_damaged(box)}' for box in frame.snapshots)
    if frame.now is not None:
        yield f'    {frame.now.key}(["{_mermaid(frame.now.label)}"]){_damaged(frame.now)}'
    yield "  end"


def _damaged(box: Box) -> str:
    return ":::damaged" if box.damaged else ""


def _dot(label: Sequence[str]) -> str:
    return "\\n".join(printable(text).replace("\\", "\\\\").replace('"', '\\"') for text in label)


def _mermaid(label: Sequence[str]) -> str:
    marks = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;", "\\": "#92;"}
    return "<br/>".join("".join(marks.get(letter, letter) for letter in printable(text)) for text in label)
