"""How long does it take to merge the leaf into its parent, journaled and synced?

Every turn gets fresh copies of the two files, already on the disk; the files below them are linked, and stay as they
are. The limit copies the leaf and syncs the copy: so many bytes have to be moved in any case.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from benchmarks.measure import OWN, VHD_LIB, VHD_UTIL, Row, Target, measure
from benchmarks.peers import run_vhd_lib
from vhdchain import execute, plan_merge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.measure import Action

_COPY = "cp of the leaf, synced"


def rows(bench: Bench) -> Iterator[Row]:
    """Yield what merging takes, where there is a parent and data to move."""
    if not bench.subject.shape.payload or len(bench.subject.paths) < 2:
        return
    folder, paths = bench.work / "merge", bench.subject.paths
    parent, leaf = (folder / path.name for path in paths[-2:])
    actions: dict[str, Action] = {OWN: lambda: execute(plan_merge(leaf)), _COPY: lambda: _copy_synced(leaf)}
    if vhd_lib := bench.peers.vhd_lib:
        actions[VHD_LIB] = lambda: run_vhd_lib(vhd_lib, "merge", parent, leaf)
    if vhd_util := bench.peers.vhd_util:
        coalesce: list[str | Path] = [vhd_util, "coalesce", "-n", leaf]
        actions[VHD_UTIL] = lambda: subprocess.run(coalesce, stdout=subprocess.DEVNULL, check=True)
    targets = [Target(against=_COPY, times=1.3), *(Target(against=peer, times=1) for peer in (VHD_LIB, VHD_UTIL))]
    try:
        yield measure(
            bench.subject.name,
            "merge the leaf into its parent",
            actions,
            repeat=bench.repeat,
            targets=targets,
            prepare=lambda: _fresh(folder, paths),
            waits=True,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fresh(folder: Path, paths: Sequence[Path]) -> None:
    """Lay out a chain whose two topmost files are copies."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in paths[:-2]:
        (folder / path.name).hardlink_to(path)
    subprocess.run(["cp", "--preserve=timestamps", *paths[-2:], folder], check=True)
    subprocess.run(["sync", *(folder / path.name for path in paths[-2:])], check=True)


def _copy_synced(file: Path) -> None:
    copy = os.fspath(file) + ".copy"
    subprocess.run(["cp", file, copy], check=True)
    subprocess.run(["sync", copy], check=True)
