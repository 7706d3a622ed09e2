"""How long does the block map take, beside the loop in C that resolves the same chain?

With opening, as a caller meets it; with the chain open; and the tables alone. Where the disk is large, as an iterator
and as one array, with the memory that each takes above the open chain.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from benchmarks.bench import C_LOOP
from benchmarks.limits import LimitChain
from benchmarks.measure import OWN, VHD_LIB, Row, Target, measure
from benchmarks.peak import peak_of_map
from benchmarks.peers import run_vhd_lib
from vhdchain import BlockMap, open_chain
from vhdchain.blockmap.layers import WINDOW_ROWS, claims_of_window, row_sectors, sparse_layers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.measure import Action
    from vhdchain import Chain

_ITERATOR_MIB, _WHOLE_MIB = 128, 64
_TIMES = {"full": 2.0, "random": 2.0, "clustered": 1.3, "mixed": 1.3}
_TIMES_OF_TABLES = 1.0
"""Where tables and bitmaps are most of the work, because the disk is large."""


def rows(bench: Bench) -> Iterator[Row]:
    """Yield what mapping takes."""
    with ExitStack() as stack:
        limit = stack.enter_context(LimitChain(bench.loops, bench.subject.paths)) if bench.loops else None
        yield _with_opening(bench, limit)
        yield _opened_before(bench, limit)
        if not bench.subject.shape.payload:
            yield _whole(bench, limit)
            yield _memory(bench, "iterator", _ITERATOR_MIB)
            yield _memory(bench, "whole", _WHOLE_MIB)
        yield _tables(bench, limit)


def _with_opening(bench: Bench, limit: LimitChain | None) -> Row:
    shape, leaf = bench.subject.shape, bench.subject.leaf
    actions: dict[str, Action]
    if shape.payload:
        what = "open and map"
        actions = {OWN: lambda: _map_whole(leaf)}
        times = _TIMES[shape.pattern]
    else:
        what = "open and map, as an iterator"
        actions = {OWN: lambda: _iterate(leaf)}
        times = _TIMES_OF_TABLES
    if limit:
        actions[C_LOOP] = limit.extents if shape.payload else limit.counted
    if vhd_lib := bench.peers.vhd_lib:
        actions[VHD_LIB] = lambda: run_vhd_lib(vhd_lib, "blocks", leaf)
    targets = [Target(against=C_LOOP, times=times)]
    return measure(bench.subject.name, what, actions, repeat=bench.repeat, targets=targets)


def _opened_before(bench: Bench, limit: LimitChain | None) -> Row:
    with open_chain(bench.subject.leaf) as chain:
        record = chain.chain
        actions: dict[str, Action]
        if bench.subject.shape.payload:
            actions = {OWN: lambda: BlockMap(record).extents}
        else:
            actions = {OWN: lambda: [None for _ in BlockMap(record).chunks()]}
        if limit:
            actions[C_LOOP] = limit.extents if bench.subject.shape.payload else limit.counted
        return measure(bench.subject.name, "map alone", actions, repeat=bench.repeat)


def _whole(bench: Bench, limit: LimitChain | None) -> Row:
    leaf = bench.subject.leaf
    actions: dict[str, Action] = {OWN: lambda: _map_whole(leaf)}
    if limit:
        actions[C_LOOP] = limit.extents
    targets = [Target(against=C_LOOP, times=_TIMES_OF_TABLES)]
    return measure(bench.subject.name, "open and map, one array", actions, repeat=bench.repeat, targets=targets)


def _memory(bench: Bench, how: str, bound: int) -> Row:
    what = {"iterator": "memory of the map above the BATs", "whole": "memory of the map beside its array"}[how]
    values = {OWN: peak_of_map(bench.subject.leaf, how), "bound": float(bound)}
    targets = (Target(against="bound", times=1),)
    return Row(chain=bench.subject.name, what=what, values=values, unit="MiB", targets=targets)


def _tables(bench: Bench, limit: LimitChain | None) -> Row:
    with open_chain(bench.subject.leaf) as chain:
        record = chain.chain
        actions: dict[str, Action] = {OWN: lambda: _merge_tables(record)}
        if limit:
            actions[C_LOOP] = limit.merged_tables
        # Of small tables, the calls are what is timed.
        targets = [] if bench.subject.shape.payload else [Target(against=C_LOOP, times=2)]
        return measure(bench.subject.name, "BATs alone", actions, repeat=bench.repeat, targets=targets)


def _map_whole(leaf: Path) -> None:
    with open_chain(leaf) as chain:
        _ = chain.block_map().extents


def _iterate(leaf: Path) -> None:
    with open_chain(leaf) as chain:
        for _ in chain.block_map().chunks():
            pass


def _merge_tables(chain: Chain) -> None:
    """Find out which layers have which blocks, as the map does before it reads bitmaps."""
    sectors = row_sectors(chain)
    layers = sparse_layers(chain, sectors)
    rows_of_disk = max(len(layer.entries) for layer in layers)
    for first in range(0, rows_of_disk, WINDOW_ROWS):
        claims_of_window(layers, first, min(WINDOW_ROWS, rows_of_disk - first), sectors)
