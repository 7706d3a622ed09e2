"""Writes the diagram and the table of semantics.md from the table of rules: ``python docs/generate_semantics.py``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vhdchain.snapshots import CONDITIONS, WAYS, Becomes, Operation, Power, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parent / "semantics.md"
BEGIN, END = "<!-- begin: made from vhdchain.snapshots.WAYS -->", "<!-- end -->"


def page(text: str) -> str:
    """Return the text of the page with what is made put in its place."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{_diagram()}\n{_table()}\n{END}{after}"


def _diagram() -> str:
    edges: dict[tuple[Power, Power], list[str]] = {}
    for operation, ways in WAYS.items():
        for power, way in ways.items():
            for to in _targets(power, way):
                edges.setdefault((power, to), []).append(str(operation))
    lines = [f"    {power} --> {to}: {', '.join(edges[power, to])}" for power, to in sorted(edges)]
    return "\n".join(("```mermaid", "stateDiagram-v2", *lines, "```", ""))


def _targets(power: Power, way: Power | Becomes | Refused) -> Iterator[Power]:
    if isinstance(way, Power):
        yield way
    elif way is Becomes.SAME:
        yield power
    elif way is Becomes.AS_TAKEN:
        yield from (Power.OFF, Power.SAVED)


def _table() -> str:
    heads = ["operation", *(f"while {power}" for power in Power), "what else may refuse it"]
    rows = [_row(heads), _row(["---"] * len(heads))]
    for operation in Operation:
        cells = [_cell(WAYS[operation][power]) for power in Power]
        codes = [obstacle.code for obstacle in CONDITIONS[operation] if obstacle.code != "VHD922"]
        links = ", ".join(f"[{code}](findings/{code}.md)" for code in dict.fromkeys(codes))
        rows.append(_row([f"`{operation}`", *cells, links]))
    return "\n".join((*rows, ""))


def _cell(way: Power | Becomes | Refused) -> str:
    if isinstance(way, Refused):
        return f"refused: {way.why}"
    return f"becomes {way}" if isinstance(way, Power) else str(way)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
