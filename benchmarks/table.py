"""What comes of the rows? A table for people, a document for programs, and which targets are met in this run."""

from __future__ import annotations

import os
import platform
from collections import Counter
from importlib import metadata
from typing import TYPE_CHECKING

from rich.table import Table

from benchmarks.measure import OWN, PEERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.measure import Row

TITLE = "Medians of one run; in brackets: how many times as much vhdchain took"
_WORDS = {True: "met", False: "not met"}


def as_table(rows: Sequence[Row]) -> Table:
    """Return the table; readers that are not there have no column."""
    peers = [peer for peer in PEERS if any(peer in row.values for row in rows)]
    table = Table(title=TITLE)
    for heading in ("chain", "what", OWN, "limits", *peers, "targets"):
        table.add_column(heading, justify="right" if heading in (OWN, *peers) else "left")
    for number, row in enumerate(rows):
        if number and row.chain != rows[number - 1].chain:
            table.add_section()
        limits = [name for name in row.values if name != OWN and name not in PEERS]
        table.add_row(
            row.chain,
            row.what,
            amount(row.values[OWN], row.unit),
            "\n".join(f"{name} {_beside(row, name)}" for name in limits),
            *(_beside(row, peer) for peer in peers),
            "\n".join(f"{target}: {_WORDS[met]}" for target, met in row.judged()),
        )
    return table


def summary(rows: Sequence[Row]) -> Iterator[str]:
    """Yield how many targets are met, and which are not."""
    judged = [(row, target, met) for row in rows for target, met in row.judged()]
    counts = Counter(met for _, _, met in judged)
    yield f"{counts[True]} of {len(judged)} targets are met in this run"
    for row, target, met in judged:
        if not met:
            yield f"not met: {row.chain}, {row.what}: {row.ratio(target.against):.2f} × {target.against} ({target})"


def document(rows: Sequence[Row]) -> dict[str, object]:
    """Return the same for programs."""
    return {
        "schema": "vhdchain.benchmarks",
        "vhdchain": metadata.version("vhdchain"),
        "python": platform.python_version(),
        "numpy": metadata.version("numpy"),
        "machine": {"architecture": platform.machine(), "cpus": os.cpu_count(), "system": platform.system()},
        "rows": [
            {
                "chain": row.chain,
                "what": row.what,
                "unit": row.unit,
                "values": row.values,
                "worked": row.worked,
                "ratios": {name: row.ratio(name) for name in row.values if name != OWN},
                "targets": [
                    {"against": target.against, "at_most": target.times, "met": met} for target, met in row.judged()
                ],
            }
            for row in rows
        ],
    }


def amount(value: float, unit: str) -> str:
    """Return a value as people read it."""
    if unit != "s":
        return f"{value:.1f} {unit}"
    if value >= 1:
        return f"{value:.2f} s"
    return f"{value * 1e3:.1f} ms" if value >= 1e-3 else f"{value * 1e6:.0f} µs"


def _beside(row: Row, name: str) -> str:
    if name not in row.values:
        return ""
    value = amount(row.values[name], row.unit)
    return value if name == "bound" else f"{value} ({row.ratio(name):.2f})"
