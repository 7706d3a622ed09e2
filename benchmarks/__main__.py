"""Write the chains, measure, print one table: ``python -m benchmarks [--help]``."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from benchmarks import comparing, flattening, mapping, merging, opening, reading, starting, writing
from benchmarks.bench import Bench
from benchmarks.chains import STANDARD, sized_shapes, standard_shapes, written
from benchmarks.generate import PATTERNS
from benchmarks.limits import compiled
from benchmarks.measure import by_work
from benchmarks.peers import NOTES, Peers
from benchmarks.table import as_table, document, summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from benchmarks.measure import Row

    Theme: TypeAlias = Callable[[Bench], Iterator[Row]]

THEMES: dict[str, Theme] = {
    "opening": opening.rows,
    "mapping": mapping.rows,
    "reading": reading.rows,
    "flattening": flattening.rows,
    "writing": writing.rows,
    "comparing": comparing.rows,
    "merging": merging.rows,
}
_WIDTH = 200


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the arguments ask for."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="vhdchain-benchmarks-", dir=options.folder) as temporary:
        rows = list(_told(_rows(options, Path(temporary))))
    console = Console(width=_WIDTH)
    console.print(as_table(rows))
    notes = [note for peer, note in NOTES.items() if any(peer in row.values for row in rows)]
    for line in (*notes, "", *summary(rows)):
        console.print(line, highlight=False)
    if options.json:
        options.json.write_text(json.dumps(document(rows), indent=2) + "\n", encoding="utf-8")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--chains", nargs="*", choices=STANDARD, default=list(STANDARD), help="which standard chains")
    parser.add_argument("--patterns", nargs="+", choices=PATTERNS, default=list(PATTERNS), help="those of chain A")
    parser.add_argument("--size-gib", type=float, help="chains of this size instead of the standard ones")
    parser.add_argument("--layers", type=int, default=10, help="how many layers these have")
    parser.add_argument("--themes", nargs="+", choices=["starting", *THEMES], default=["starting", *THEMES])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument(
        "--clock",
        choices=["wall", "work"],
        default="wall",
        help="which time counts: what passed, or, where others use the machine, what processors worked",
    )
    parser.add_argument("--folder", type=Path, help="keep the chains here, and use those that are there")
    parser.add_argument("--work", type=Path, default=Path(".benchmarks"), help="what is compiled and installed")
    parser.add_argument("--vhd-lib", action="store_true", help="install vhd-lib with npm into the work folder")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    options = parser.parse_args(arguments)
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    return options


def _rows(options: argparse.Namespace, temporary: Path) -> Iterator[Row]:
    """Yield all rows by the clock that was asked for; targets are those of the standard chains."""
    for measured in _measured(options, temporary):
        row = dataclasses.replace(measured, targets=()) if options.size_gib else measured
        yield by_work(row) if options.clock == "work" else row


def _measured(options: argparse.Namespace, temporary: Path) -> Iterator[Row]:
    peers = Peers(work=options.work)
    if options.vhd_lib:
        peers.install_vhd_lib()
    loops = compiled(options.work)
    if options.size_gib:
        shapes = list(sized_shapes(options.size_gib, options.layers, options.patterns))
        images, bat_gib = 50, options.size_gib
    else:
        shapes = list(standard_shapes(options.chains, options.patterns))
        images, bat_gib = 2000, 2040.0
    if "starting" in options.themes:
        yield from starting.rows(temporary, images=images, bat_gib=bat_gib, repeat=options.repeat)
    for key, shape in shapes:
        with written(key, shape, options.folder or temporary, keep=options.folder is not None) as subject:
            bench = Bench(subject=subject, peers=peers, loops=loops, work=temporary, repeat=options.repeat)
            for name, theme in THEMES.items():
                if name in options.themes:
                    yield from theme(bench)


def _told(rows: Iterator[Row]) -> Iterator[Row]:
    """Tell what is done: a whole run takes a while."""
    for row in rows:
        print(f"{row.chain}: {row.what}", file=sys.stderr)
        yield row


if __name__ == "__main__":
    main()
