"""How long does an audit of many small images take, beside the least that it could?

The floor opens each file, reads and parses the same structures (`benchmarks.floors`), and looks at nothing.
Memory is the peak of Python's own allocations for a folder and for one four times as large.

    python -m benchmarks.audit [--images 2000] [--folder DIR]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.floors import read_and_parse
from benchmarks.measure import measure
from benchmarks.peak import peak_so_far
from vhdchain.audit import audit
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing import ChainBuilder
from vhdchain.testing.dialects import BLKTAP, HYPER_V_2008_R2, VIRTUALBOX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measure import Action
    from vhdchain.audit import AuditReport

_LAYERS = 5
_BLOCK_SIZE = 4096


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the arguments ask for."""
    options = _options(arguments)
    if options.peak:
        _audited(options.peak)
        print(peak_so_far())
        return
    with tempfile.TemporaryDirectory(prefix="vhdchain-benchmarks-") as temporary:
        parent = options.folder or Path(temporary)
        folder, quarter = parent / f"images-{options.images}", parent / f"images-{options.images // 4}"
        for each, number in ((folder, options.images), (quarter, options.images // 4)):
            if not each.is_dir():
                generate(each, number)
        actions: dict[str, Action] = {
            "vhdchain": lambda: _audited(folder),
            "floor": lambda: read_and_parse(sorted(folder.iterdir())),
        }
        row = measure(f"{options.images} images", "audit", actions, repeat=options.repeat)
        report = _audited(folder)
        own, floor = row.values["vhdchain"], row.values["floor"]
        print(f"{len(report.inputs)} images, {len(report.findings)} findings")
        print(f"audit {own:.3f} s, floor {floor:.3f} s: {own / floor:.2f} times the floor")
        small, large = _peak(quarter), _peak(folder)
        print(f"peak memory: {small} MiB for {options.images // 4} images, {large} MiB for {options.images}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="keep the images here, and use those that are there")
    parser.add_argument("--peak", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def generate(folder: Path, images: int) -> None:
    """Write ``images`` small images, in chains of five, in the manner of three writers."""
    for number in range(images // _LAYERS):
        dialect = (HYPER_V_2008_R2, BLKTAP, VIRTUALBOX)[number % 3]
        tree = ChainBuilder(seed=number, dialect=dialect)
        image = tree.dynamic(f"vm{number}.vhd", size=64 * _BLOCK_SIZE, block_size=_BLOCK_SIZE)
        for layer in range(_LAYERS):
            if layer:
                image = tree.snapshot(image, f"vm{number}_{layer}.avhd", block_size=_BLOCK_SIZE)
            for block in range(layer, 64, 16):
                tree.fill(image, block * _BLOCK_SIZE, _BLOCK_SIZE)
        tree.save(folder)


def _audited(folder: Path) -> AuditReport:
    with scan_folder(folder) as inventory:
        return audit(inventory, now=datetime.now(UTC))


def _peak(folder: Path) -> int:
    """Return the peak memory in MiB of a process that audits ``folder``."""
    command = [sys.executable, "-m", "benchmarks.audit", "--peak", str(folder)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    return round(float(ran.stdout))


if __name__ == "__main__":
    main()
