"""How long do differences between snapshots take, and the account of what every file holds?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.bench import C_LOOP, READING
from benchmarks.limits import LimitChain
from benchmarks.measure import OWN, Row, measure
from benchmarks.reading import read_files
from vhdchain import changed_ranges, disk_usage, scan_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.measure import Action


def rows(bench: Bench) -> Iterator[Row]:
    """Yield what comparing and accounting take: from the snapshot in the middle of the chain to its leaf."""
    paths, name = bench.subject.paths, bench.subject.name
    older, leaf = paths[(len(paths) - 1) // 2], bench.subject.leaf
    above = paths[(len(paths) - 1) // 2 + 1 :]
    few = min(bench.repeat, 3)
    actions: dict[str, Action] = {OWN: partial(changed_ranges, older, leaf)}
    yield measure(name, "diff by metadata, middle to leaf", actions, repeat=few)
    if bench.subject.shape.payload:
        # What the files above the older one hold decides; whatever it differs from has to be read as well.
        actions = {
            OWN: partial(changed_ranges, older, leaf, exact=True),
            "reading the files above": partial(read_files, above),
        }
        yield measure(name, "diff by content, middle to leaf", actions, repeat=few)
    actions = {OWN: partial(_account, bench.subject.folder)}
    if bench.loops:
        with LimitChain(bench.loops, paths) as limit:
            yield measure(name, "du", {**actions, C_LOOP: limit.counted}, repeat=few)
    else:
        yield measure(name, "du", actions, repeat=few)
    if bench.subject.shape.payload:
        deep: dict[str, Action] = {
            OWN: partial(_account, bench.subject.folder, deep=True),
            READING: partial(read_files, paths),
        }
        yield measure(name, "du, deep", deep, repeat=few)


def _account(folder: Path, *, deep: bool = False) -> None:
    with scan_folder(folder) as inventory:
        disk_usage(inventory, deep=deep)
