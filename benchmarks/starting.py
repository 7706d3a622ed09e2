"""How long does it take until the first chain is open, to scan many small images, and to check a full BAT?

What no large chain is needed for.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import bat
from benchmarks.audit import generate as generate_images
from benchmarks.chains import sized_shapes, whole_blocks
from benchmarks.floors import FLOOR, read_and_parse
from benchmarks.generate import generate
from benchmarks.measure import OWN, Row, Target, Times, measure
from vhdchain import scan_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.measure import Action

_NUMPY, _SORT = "import numpy", "np.sort"
_TIMED = """import time
begin, work = time.perf_counter(), time.process_time()
{}
print(time.perf_counter() - begin, time.process_time() - work)
"""
_QUICK = 3  # times as many repeats where one takes milliseconds


def rows(work: Path, *, images: int, bat_gib: float, repeat: int) -> Iterator[Row]:
    """Yield what can be measured without a large chain; writes small files into ``work``."""
    yield _first_chain(work, repeat)
    yield _scan(work, images, repeat)
    yield from _bats(bat_gib, repeat)


def _first_chain(work: Path, repeat: int) -> Row:
    """Both in fresh processes, timed inside; the interpreter's own start does not count."""
    ((_, shape),) = sized_shapes(0.01, 2, ["full"])
    leaf = generate(shape, work / "first")[-1]
    actions: dict[str, Action] = {
        OWN: partial(_in_fresh_process, f"import vhdchain; vhdchain.open_chain({str(leaf)!r})"),
        _NUMPY: partial(_in_fresh_process, "import numpy"),
    }
    targets = [Target(against=_NUMPY, times=2)]
    return measure("2 small files", "import and first chain", actions, repeat=repeat, targets=targets)


def _in_fresh_process(statement: str) -> Times:
    command = [sys.executable, "-c", _TIMED.format(statement)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    return Times(*map(float, ran.stdout.split()))


def _scan(work: Path, images: int, repeat: int) -> Row:
    folder = work / "images"
    generate_images(folder, images)
    actions: dict[str, Action] = {
        OWN: lambda: scan_folder(folder).close(),
        FLOOR: lambda: read_and_parse(sorted(folder.iterdir())),
    }
    targets = [Target(against=FLOOR, times=3)]
    return measure(f"{images} small images", "scan", actions, repeat=repeat, targets=targets)


def _bats(size_gib: float, repeat: int) -> Iterator[Row]:
    size = whole_blocks(size_gib)
    for order, entries in bat.orders(size).items():
        actions: dict[str, Action] = {
            OWN: partial(bat.check, bat.layout_facts(entries, size)),
            _SORT: partial(np.sort, entries),
        }
        targets = [Target(against=_SORT, times=bat.LIMIT)]
        name = f"BAT of {size_gib:g} GiB"
        yield measure(name, f"check all, {order}", actions, repeat=_QUICK * repeat, targets=targets)
