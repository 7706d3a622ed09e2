"""Does the cost of a map grow with what must be looked at, and with nothing else?

For disks of 4 GiB to 2,040 GiB, one chain of 51 layers of metadata each, all layers clustered; every layer is a leaf
of its own, so that one chain gives many. Opening and mapping, as an iterator, is timed at each, and fitted by least
squares of the relative deviations:

    seconds = a + b · BAT entries + c · bitmap bytes

Entries are those of all tables, used or not; bytes are those of all bitmaps of used entries. Above 200,000 entries no
time may deviate from the fit by more than a quarter, and the memory above the open chain stays what it is.

    python -m benchmarks.linear [--folder DIR] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.chains import tables_shape, written
from benchmarks.measure import OWN, measure
from benchmarks.peak import peak_of_map
from benchmarks.table import amount
from vhdchain import open_chain
from vhdchain.structures import UNUSED
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

MANY_ENTRIES = 200_000
WORST = 0.25
"""How far a time may lie from the fit, as a part of it, where there are many entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One chain: what it holds, what its map took in seconds, and in MiB above the open chain."""

    size_gib: float
    layers: int
    entries: int
    bitmap_bytes: int
    seconds: float
    mebibytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The coefficients, and the time that they predict for each point."""

    a: float
    b: float
    c: float
    predicted: tuple[float, ...]

    def worst(self, points: Sequence[Point]) -> float | None:
        """Return the largest deviation, as a part of the fit, of those with many entries; None without any."""
        deviations = [
            abs(point.seconds / seconds - 1)
            for point, seconds in zip(points, self.predicted, strict=True)
            if point.entries >= MANY_ENTRIES
        ]
        return max(deviations, default=None)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the arguments ask for."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="vhdchain-benchmarks-", dir=options.folder) as temporary:
        points = list(_points(options, options.folder or Path(temporary)))
    fit = fitted(points)
    console = Console(width=120)
    console.print(_table(points, fit))
    for line in _lines(points, fit):
        console.print(line, highlight=False)
    if options.json:
        document = {
            "schema": "vhdchain.benchmarks.linear",
            "points": [asdict(point) for point in points],
            **asdict(fit),
        }
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.linear", description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes-gib", nargs="+", type=float, default=[4, 32, 127, 512, 2040])
    parser.add_argument("--layers", nargs="+", type=int, default=[1, 2, 5, 10, 25, 51])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--clock", choices=["wall", "work"], default="wall", help="as in python -m benchmarks")
    parser.add_argument("--folder", type=Path, help="keep the chains here, and use those that are there")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    options = parser.parse_args(arguments)
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    return options


def fitted(points: Sequence[Point]) -> Fit:
    """Return the fit whose relative deviations have the least squares."""
    terms = np.array([(1, point.entries, point.bitmap_bytes) for point in points], dtype=np.float64)
    seconds = np.array([point.seconds for point in points])
    a, b, c = _solved(terms / seconds[:, None])
    return Fit(a=a, b=b, c=c, predicted=tuple((terms @ [a, b, c]).tolist()))


def _solved(scaled: NDArray[np.float64]) -> list[float]:
    solution: list[float] = np.linalg.lstsq(scaled, np.ones(len(scaled)), rcond=None)[0].tolist()
    return solution


def _points(options: argparse.Namespace, folder: Path) -> Iterator[Point]:
    for size_gib in options.sizes_gib:
        shape = tables_shape(f"linear {size_gib:g} GiB", size_gib, max(options.layers), base_pattern="clustered")
        with written("", shape, folder, keep=options.folder is not None) as subject:
            for layers in options.layers:
                yield _measured(subject.paths[layers - 1], size_gib, layers, repeat=options.repeat, clock=options.clock)


def _measured(leaf: Path, size_gib: float, layers: int, *, repeat: int, clock: str) -> Point:
    with open_chain(leaf) as chain:
        tables = [layer.image.bat.entries for layer in chain.layers if layer.image.bat is not None]
        entries = sum(len(table) for table in tables)
        used = sum(int(np.count_nonzero(table != UNUSED)) for table in tables)
    print(f"{size_gib:g} GiB, {layers} layers", file=sys.stderr)
    row = measure("", "", {OWN: partial(_map, leaf)}, repeat=repeat)
    return Point(
        size_gib=size_gib,
        layers=layers,
        entries=entries,
        bitmap_bytes=used * SECTOR_SIZE,
        seconds=(row.worked if clock == "work" else row.values)[OWN],
        mebibytes=peak_of_map(leaf, "iterator"),
    )


def _map(leaf: Path) -> None:
    with open_chain(leaf) as chain:
        for _ in chain.block_map().chunks():
            pass


def _table(points: Sequence[Point], fit: Fit) -> Table:
    table = Table(title="Opening and mapping, as an iterator, beside the fit")
    for heading in ("disk", "layers", "BAT entries", "bitmaps", "taken", "fit", "deviation", "memory"):
        table.add_column(heading, justify="right")
    for point, seconds in zip(points, fit.predicted, strict=True):
        table.add_row(
            f"{point.size_gib:g} GiB",
            str(point.layers),
            f"{point.entries:,}",
            f"{point.bitmap_bytes / (1 << 20):.1f} MiB",
            amount(point.seconds, "s"),
            amount(seconds, "s"),
            f"{point.seconds / seconds - 1:+.0%}",
            amount(point.mebibytes, "MiB"),
        )
    return table


def _lines(points: Sequence[Point], fit: Fit) -> Iterator[str]:
    yield (
        f"seconds = {fit.a * 1e3:.2f} ms + {fit.b * 1e9:.2f} ns · BAT entries + {fit.c * 1e9:.3f} ns · bitmap bytes "
        f"({fit.c * SECTOR_SIZE * 1e6:.2f} µs a bitmap)"
    )
    worst = fit.worst(points)
    if worst is not None:
        word = "met" if worst <= WORST else "not met"
        yield f"worst deviation from {MANY_ENTRIES:,} entries on: {worst:.0%} (at most {WORST:.0%}: {word})"
    large = [point.mebibytes for point in points if point.entries >= MANY_ENTRIES] or [0.0]
    yield f"memory above the open chain, there: {min(large):.0f} to {max(large):.0f} MiB"


if __name__ == "__main__":
    main()
