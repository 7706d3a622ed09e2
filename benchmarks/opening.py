"""How long does it take to open a chain with all checks, and to audit it?"""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from benchmarks.bench import READING
from benchmarks.floors import FLOOR, read_and_parse
from benchmarks.measure import DISSECT, LIBVHDI, OWN, VHD_LIB, VHD_UTIL, Row, Target, measure
from benchmarks.peers import DissectLeaf, LibvhdiChain, run_vhd_lib
from benchmarks.reading import read_files
from vhdchain import audit, open_chain, scan_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.measure import Action

_MANY = 51


def rows(bench: Bench) -> Iterator[Row]:
    """Yield what opening and auditing take."""
    yield _opened(bench)
    yield _audited(bench)
    if bench.subject.shape.payload:
        yield _audited_deep(bench)


def _opened(bench: Bench) -> Row:
    paths, leaf, peers = bench.subject.paths, bench.subject.leaf, bench.peers
    actions: dict[str, Action] = {OWN: lambda: open_chain(leaf).close(), FLOOR: lambda: read_and_parse(paths)}
    if libvhdi := peers.libvhdi:
        actions[LIBVHDI] = lambda: LibvhdiChain(libvhdi, paths).close()
    if dissect := peers.dissect:
        actions[DISSECT] = lambda: DissectLeaf(dissect, leaf).close()
    if vhd_lib := peers.vhd_lib:
        actions[VHD_LIB] = lambda: run_vhd_lib(vhd_lib, "open", leaf)
    targets = [Target(against=FLOOR, times=2.5)] if len(paths) >= _MANY else []
    return measure(bench.subject.name, "open", actions, repeat=bench.repeat, targets=targets)


def _audited(bench: Bench) -> Row:
    paths, leaf, peers = bench.subject.paths, bench.subject.leaf, bench.peers
    actions: dict[str, Action] = {
        OWN: lambda: _audit(bench.subject.folder, deep=False),
        FLOOR: lambda: read_and_parse(paths),
    }
    if vhd_lib := peers.vhd_lib:
        actions[VHD_LIB] = lambda: run_vhd_lib(vhd_lib, "check", leaf)
    # Its search for overlaps is quadratic: the base of C takes it longer than anybody waits.
    if (vhd_util := peers.vhd_util) and bench.subject.shape.payload:
        actions[VHD_UTIL] = lambda: _check_with_vhd_util(vhd_util, paths)
    return measure(bench.subject.name, "scan and audit", actions, repeat=bench.repeat)


def _audited_deep(bench: Bench) -> Row:
    actions: dict[str, Action] = {
        OWN: lambda: _audit(bench.subject.folder, deep=True),
        READING: lambda: read_files(bench.subject.paths),
    }
    return measure(bench.subject.name, "scan and audit, deep", actions, repeat=min(bench.repeat, 3))


def _audit(folder: Path, *, deep: bool) -> None:
    with scan_folder(folder) as inventory:
        audit(inventory, now=datetime.now(UTC), deep=deep)


def _check_with_vhd_util(program: str, paths: Sequence[Path]) -> None:
    for path in paths:
        subprocess.run([program, "check", "-n", path], stdout=subprocess.DEVNULL, check=True)
