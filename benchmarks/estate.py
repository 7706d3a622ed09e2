"""Does the time per file stay what it is when an estate of machines grows tenfold?

An estate is a host folder from the lab: machines with two or three disks and ten snapshots each, taken while they ran,
so that all have saved states. A tenth of it and all of it are scanned in turn in one run; what is printed is the time
per file of both, and how many times as long the larger one takes. Audits are timed besides.

    python -m benchmarks.estate [--machines 200] [--folder DIR]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import measure
from vhdchain.audit import audit
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.lab import HostLab, LabDisk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measure import Action

SNAPSHOTS = 10
LIMIT = 1.3
"""How many times as long a file may take in the whole estate as in the tenth."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the arguments ask for."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="vhdchain-benchmarks-") as temporary:
        parent = options.folder or Path(temporary)
        sizes = {"vhdchain": options.machines // 10, "whole": options.machines}
        folders = {name: parent / f"estate-{machines}" for name, machines in sizes.items()}
        for name, folder in folders.items():
            if not folder.is_dir():
                generate(folder, sizes[name])
        files = {name: sum(len(names) for _, _, names in os.walk(folder)) for name, folder in folders.items()}
        actions: dict[str, Action] = {name: partial(_scanned, folder) for name, folder in folders.items()}
        row = measure("estate", "scan", actions, repeat=options.repeat)
        per_file = {name: row.values[name] / files[name] for name in folders}
        for name, folder in folders.items():
            print(
                f"{sizes[name]} machines, {files[name]} files: scan {row.values[name]:.2f} s, "
                f"{per_file[name] * 1e6:.0f} µs a file; audit {_audit_seconds(folder):.2f} s"
            )
        ratio = per_file["whole"] / per_file["vhdchain"]
        print(f"a file takes {ratio:.2f} times as long in the whole as in the tenth (limit {LIMIT})")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.estate", description=__doc__)
    parser.add_argument("--machines", type=int, default=200)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="keep the estates here, and use those that are there")
    return parser.parse_args(arguments)


def generate(folder: Path, machines: int) -> None:
    """Write an estate of ``machines``, 60 files each on average."""
    lab = HostLab(seed="estate")
    for number in range(machines):
        name = f"vm{number:04}"
        root = rf"D:\VMs\{name}"
        disks = [LabDisk("disk.vhd"), LabDisk("data.vhd", controller="SCSI")]
        # Every second machine has a third disk.
        disks += [LabDisk(f"{name}.vhd", controller="SCSI")] * (number % 2)
        machine = lab.machine(name, root=root, disks_folder=root, disks=disks)
        for _ in range(SNAPSHOTS):
            lab.take(machine, power="running")
        lab.save_state(machine)
    lab.save(folder)


def _scanned(folder: Path) -> None:
    scan_folder(folder).close()


def _audit_seconds(folder: Path) -> float:
    with scan_folder(folder) as inventory:
        begin = time.perf_counter()
        audit(inventory, now=datetime.now(UTC))
        return time.perf_counter() - begin


if __name__ == "__main__":
    main()
