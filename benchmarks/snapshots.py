"""How much longer than a scan does it take to be told what an operation on snapshots would do?

A machine with two disks and fifty snapshots, each with some blocks of its own, as a host's folder from the lab. Each
operation is simulated on an open scan, losses and sizes included; what counts is that time beside that of the scan.

    python -m benchmarks.snapshots [--blocks 8] [--repeat 5] [--folder DIR]
"""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import measure
from vhdchain.shell.scanning import scan_folder
from vhdchain.shell.snapshots.simulating import foretell, simulate
from vhdchain.testing.lab import HostLab, LabDisk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measure import Action

SNAPSHOTS = 50
LIMIT = 3
"""How many times as long as the scan an answer may take."""

_MACHINE = "srv"
_BLOCK_SIZE = 4096
_OPERATIONS = {
    "apply the first": ["apply:s0"],
    "revert": ["revert"],
    "delete one in the middle": ["delete:s25"],
    "delete all": ["delete-subtree:s0"],
    "delete ten, one after the other": [f"delete:s{number}" for number in range(10)],
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the arguments ask for."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="vhdchain-benchmarks-") as temporary:
        folder = options.folder or Path(temporary) / "fifty"
        if not folder.is_dir():
            generate(folder, options.blocks)
        with scan_folder(folder) as inventory:
            machine = inventory.machines[_MACHINE]
            actions: dict[str, Action] = {"vhdchain": lambda: scan_folder(folder).close()}
            for name, requests in _OPERATIONS.items():
                actions[name] = partial(simulate, inventory, machine, requests)
            actions["plan for deleting all"] = partial(foretell, inventory, machine, "delete-subtree:s0")
            row = measure("fifty snapshots", "simulate", actions, repeat=options.repeat)
    scan = row.values["vhdchain"]
    print(f"scan {scan * 1e3:.0f} ms")
    for name in list(actions)[1:]:
        print(f"{name}: {row.values[name] * 1e3:.0f} ms, {row.values[name] / scan:.2f} times the scan (limit {LIMIT})")


def generate(folder: Path, blocks: int) -> None:
    """Write the machine below ``folder``; between snapshots each disk gets ``blocks`` blocks, in part old ones."""
    lab = HostLab(seed="fifty")
    size = 4 * max(blocks, 1) * _BLOCK_SIZE * 8
    disks = [LabDisk(name, size=size) for name in ("srv.vhd", "data.vhd")]
    machine = lab.machine(_MACHINE, disks=disks)
    for number in range(SNAPSHOTS):
        for disk in range(len(disks)):
            for block in range(blocks):
                place = (7 * number + 5 * block) % (size // _BLOCK_SIZE - 1) + 1
                lab.write(machine, disk, place * _BLOCK_SIZE + 512 * (block % 8), b"%d %d" % (number, block))
        lab.take(machine, f"s{number}")
    for path in lab.save(folder).values():
        path.chmod(0o644)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.snapshots", description=__doc__)
    parser.add_argument("--blocks", type=int, default=8, help="blocks that a disk gets between two snapshots")
    parser.add_argument("--repeat", type=int, default=5, help="how often each action is timed")
    parser.add_argument("--folder", type=Path, help="use this folder, and keep it")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
