"""How long do all checks of a full BAT take, beside one sort of its entries?

``python -m benchmarks.bat [--help]``. The table is that of a disk of 2,040 GiB in blocks of 2 MiB (1,044,480 entries,
4 MiB), in several orders. Every one is checked and sorted in turn; printed are the medians, how many times as long as
the sort the checks took, the most memory that they had taken at once, and what they told.
"""

from __future__ import annotations

import argparse
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.generate import BLOCK_SIZE, GIB
from benchmarks.measure import measure
from vhdchain.structures import UNUSED, Bat
from vhdchain.structures.check_layout import check_layout
from vhdchain.structures.check_layout_shape import check_layout_shape
from vhdchain.structures.layout import layout_of
from vhdchain.structures.layout_facts import LayoutOfFile
from vhdchain.units import bitmap_length, bytes_to_sectors, round_up_to_sector, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vhdchain.findings import Finding

_TABLE = 1536
_SEED = 7
_SPARE = 1 << 20
LIMIT = 3.0
"""How many times as long as the sort the checks may take."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every order and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bat", description=__doc__)
    parser.add_argument("--size-gib", type=float, default=2040, help="size of the disk (default 2040)")
    parser.add_argument("--repeat", type=int, default=15)
    options = parser.parse_args(arguments)
    size = int(options.size_gib * GIB)
    table = Table(title=f"All checks of the BAT of a disk of {options.size_gib:g} GiB (limit: {LIMIT:g} sorts)")
    for heading in ("order", "np.sort", "checks", "ratio", "memory", "told"):
        table.add_column(heading, justify="left" if heading in ("order", "told") else "right")
    for order, entries in orders(size).items():
        table.add_row(order, *_measured(order, layout_facts(entries, size), options.repeat))
    Console(width=120).print(table)


def orders(size: int) -> dict[str, NDArray[np.uint32]]:
    """Return the entries of a disk of ``size`` bytes by the name of their order."""
    randomly = np.random.default_rng(_SEED)
    stored = bytes_to_sectors(bitmap_length(BLOCK_SIZE) + BLOCK_SIZE)
    count = size // BLOCK_SIZE
    first = bytes_to_sectors(_TABLE + round_up_to_sector(4 * count))
    in_order = np.arange(count, dtype=np.uint32) * np.uint32(stored) + np.uint32(first)
    shuffled = randomly.permutation(in_order)
    # Data at pages of 4 KiB, as blktap and Windows 8 and later put it: no alignment is settled by the first entry.
    pages = np.arange(count, dtype=np.uint32) * np.uint32(stored + 7) + np.uint32(first | 7)
    half = shuffled.copy()
    half[randomly.random(count) < 0.5] = UNUSED
    return {
        "sorted": in_order,
        "shuffled": shuffled,
        "shuffled, at pages": randomly.permutation(pages),
        "shuffled, half unused": half,
        "random, with conflicts": randomly.integers(1, first + stored * count, count, dtype=np.uint32),
        "random, all values": randomly.integers(0, UNUSED, count, dtype=np.uint32, endpoint=True),
    }


def layout_facts(entries: NDArray[np.uint32], size: int) -> LayoutOfFile:
    """Return the facts of a file whose footer follows the highest block that could be in it."""
    stored = bitmap_length(BLOCK_SIZE) + BLOCK_SIZE
    bat = Bat(offset=_TABLE, declared=len(entries), entries=entries)
    highest = int(entries[entries != UNUSED].max())
    most = bytes_to_sectors((stored + 4096) * len(entries) + _SPARE) + len(entries)
    data_end = sectors_to_bytes(min(highest, most)) + stored
    return LayoutOfFile(
        path="benchmark.vhd",
        bat=bat,
        header_offset=512,
        block_size=BLOCK_SIZE,
        virtual_size=size,
        data_end=data_end,
        file_size=data_end + 512,
    )


def check(file: LayoutOfFile) -> list[Finding]:
    """Do all that the audit of an image does with its BAT."""
    layout = layout_of(file)
    return [*check_layout(layout), *check_layout_shape(layout)]


def _measured(order: str, file: LayoutOfFile, repeat: int) -> tuple[str, ...]:
    entries = file.bat.entries
    actions = {"vhdchain": lambda: check(file), "np.sort": lambda: np.sort(entries)}
    seconds = measure(order, "BAT", actions, repeat=repeat).values
    tracemalloc.start()
    told = check(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (
        f"{seconds['np.sort'] * 1000:.1f} ms",
        f"{seconds['vhdchain'] * 1000:.1f} ms",
        f"{seconds['vhdchain'] / seconds['np.sort']:.2f}",
        f"{peak / (1 << 20):.1f} MiB",
        ", ".join(sorted(item.code for item in told)),
    )


if __name__ == "__main__":
    main()
