"""How long does an audit of many small images take, beside the least that it could?

The floor opens each file, reads the same bytes with the same ``os.pread`` calls (end footer, footer copy, dynamic
header, locators, BAT, batmap) and parses them with the same construct declarations; it looks at nothing and links
nothing. It takes both footers apart, where the audit does so only if their bytes differ.
Memory is the peak of Python's own allocations for a folder and for one four times as large.

    python -m benchmarks.audit [--images 2000] [--folder DIR]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import measure
from vhdchain.audit import audit
from vhdchain.shell.scanning import scan_folder
from vhdchain.structures import _declarations as declarations
from vhdchain.testing import ChainBuilder
from vhdchain.testing.dialects import BLKTAP, HYPER_V_2008_R2, VIRTUALBOX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.audit import AuditReport

_LAYERS = 5
_BLOCK_SIZE = 4096
_FOOTER, _HEADER = 512, 1024


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the arguments ask for."""
    options = _options(arguments)
    if options.peak:
        _audited(options.peak)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        return
    with tempfile.TemporaryDirectory(prefix="vhdchain-benchmarks-") as temporary:
        parent = options.folder or Path(temporary)
        folder, quarter = parent / f"images-{options.images}", parent / f"images-{options.images // 4}"
        for each, number in ((folder, options.images), (quarter, options.images // 4)):
            if not each.is_dir():
                generate(each, number)
        actions = {"vhdchain": lambda: _audited(folder), "floor": lambda: read_and_parse(folder)}
        row = measure(f"{options.images} images", "audit", actions, repeat=options.repeat)
        report = _audited(folder)
        own, floor = row.seconds["vhdchain"], row.seconds["floor"]
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


def read_and_parse(folder: Path) -> int:
    """Read and parse the metadata of every image; return how many bytes that were."""
    total = 0
    for name in sorted(os.listdir(folder)):  # noqa: PTH208  # names, not paths: this is the floor
        fd = os.open(folder / name, os.O_RDONLY)
        try:
            total += _metadata(fd, os.fstat(fd).st_size)
        finally:
            os.close(fd)
    return total


def _metadata(fd: int, size: int) -> int:
    end, copy = os.pread(fd, _FOOTER, size - _FOOTER), os.pread(fd, _FOOTER, 0)
    footer = declarations.parse_footer_fields(end)
    declarations.parse_footer_fields(copy)
    raw = os.pread(fd, _HEADER, footer["data_offset"])
    header = declarations.parse_header_fields(raw)
    total = len(end) + len(copy) + len(raw)
    for entry in header["locators"]:
        if entry["platform_data_length"]:
            total += len(os.pread(fd, entry["platform_data_length"], entry["platform_data_offset"]))
    # With the padding to a sector, and blktap's batmap behind it, as the audit reads them.
    length = -(-header["max_table_entries"] * 4 // 512) * 512
    total += len(os.pread(fd, length, header["table_offset"]))
    raw = os.pread(fd, _FOOTER, header["table_offset"] + length)
    if raw.startswith(b"tdbatmap"):
        batmap = declarations.parse_batmap_fields(raw)
        total += len(os.pread(fd, batmap["batmap_sectors"] * 512, batmap["batmap_offset"]))
    return total + len(raw)


def _peak(folder: Path) -> int:
    """Return the peak memory in MiB of a process that audits ``folder``."""
    command = [sys.executable, "-m", "benchmarks.audit", "--peak", str(folder)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(ran.stdout) // 1024


if __name__ == "__main__":
    main()
