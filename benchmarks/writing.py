"""How long does it take to write the whole disk into a file: raw and sparse, and as a fixed or dynamic VHD?

The limit copies such a file, which vhdchain wrote before; synced, it also waits for the disk, as vhdchain does.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.measure import OWN, Row, Target, measure
from vhdchain import execute, flatten_to_file, open_chain, plan_flatten
from vhdchain.units import sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.measure import Action

_COPY, _SYNCED = "cp --sparse=always", "the same, synced"


def rows(bench: Bench) -> Iterator[Row]:
    """Yield what writing takes; chains without payload are left out: they are holes."""
    if not bench.subject.shape.payload:
        return
    for form, write in _WAYS.items():
        if _has_room_for_two(bench):
            yield _written(bench, form, write)
        else:
            print(f"{bench.subject.name}: no room for two files, so none is written ({form})", file=sys.stderr)


def _has_room_for_two(bench: Bench) -> bool:
    """Whether two files fit beside the chain, as large as all of its files together, and a tenth more."""
    stored = sum(sectors_to_bytes(path.stat().st_blocks) for path in bench.subject.paths)
    return shutil.disk_usage(bench.work).free > 2.2 * stored


def _written(bench: Bench, form: str, write: Callable[[Path, Path], None]) -> Row:
    leaf, equal, out = bench.subject.leaf, bench.work / "equal", bench.work / "out"
    write(leaf, equal)
    copy: list[str | Path] = ["cp", "--sparse=always", equal, out]
    actions: dict[str, Action] = {
        OWN: lambda: write(leaf, out),
        _COPY: lambda: subprocess.run(copy, check=True),
        _SYNCED: lambda: [subprocess.run(copy, check=True), subprocess.run(["sync", out], check=True)],
    }
    targets = [Target(against=_COPY, times=1.3)] if form == "sparse raw file" else []
    try:
        return measure(
            bench.subject.name,
            f"whole disk to a {form}",
            actions,
            repeat=min(bench.repeat, 3),
            targets=targets,
            prepare=lambda: out.unlink(missing_ok=True),
            waits=True,
        )
    finally:
        equal.unlink()
        out.unlink(missing_ok=True)


def _to_raw(leaf: Path, target: Path) -> None:
    with open_chain(leaf) as chain:
        flatten_to_file(chain, target)


def _by_plan(leaf: Path, target: Path, *, form: str) -> None:
    with open_chain(leaf) as chain:
        execute(plan_flatten(chain, target, form=form))


_WAYS: dict[str, Callable[[Path, Path], None]] = {
    "sparse raw file": _to_raw,
    "sparse raw file, journaled": partial(_by_plan, form="raw"),
    "fixed VHD": partial(_by_plan, form="fixed"),
    "dynamic VHD": partial(_by_plan, form="dynamic"),
}
"""What writes the disk of a leaf to a file, by the form that it writes."""
