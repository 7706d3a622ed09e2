"""Generate the chains, measure, print one table: ``python -m benchmarks [--help]``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import tempfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from benchmarks import peers
from benchmarks.generate import BLOCK_SIZE, GIB, PATTERNS, Shape, generate
from benchmarks.measure import Row, measure
from vhdchain.shell.flatten import flatten_to_stream
from vhdchain.shell.opening import open_chain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.measure import Action
    from vhdchain.shell.handle import OpenChain

_PAGE = 4096
_RANDOM_READS = 2_000
_SAMPLE = 1 << 28
_CHUNK = 4 << 20


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the arguments ask for."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="vhdchain-benchmarks-") as temporary:
        folder = options.folder or Path(temporary)
        rows: list[Row] = []
        for pattern in options.patterns:
            name = f"{options.size_gib:g} GiB x {options.layers}, {pattern}"
            shape = Shape(name=name, size=int(options.size_gib * GIB), layers=options.layers, pattern=pattern)
            chain_folder = folder / name.replace(" ", "_").replace(",", "")
            paths = sorted(chain_folder.glob("*.vhd")) or generate(shape, chain_folder)
            rows.extend(_measured(name, paths, options.repeat))
    _print(rows)
    if options.json:
        options.json.write_text(json.dumps(_document(rows), indent=2) + "\n", encoding="utf-8")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size-gib", type=float, default=40, help="size of the disk (default 40; takes 8 GB a chain)")
    parser.add_argument("--layers", type=int, default=10)
    parser.add_argument("--patterns", nargs="+", choices=PATTERNS, default=list(PATTERNS[:3]))
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="keep the chains here, and use those that are there")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    return parser.parse_args(arguments)


def _measured(name: str, paths: list[Path], repeat: int) -> Iterator[Row]:
    program, module = peers.seven_zip(), peers.libvhdi()
    leaf = paths[-1]
    actions: dict[str, Action] = {"vhdchain": lambda: open_chain(leaf).close()}
    if module:
        actions["libvhdi"] = lambda: peers.LibvhdiChain(module, paths).close()
    yield measure(name, "open", actions, repeat=repeat)
    yield measure(name, "open and map every sector", {"vhdchain": lambda: _map(leaf)}, repeat=repeat)
    actions = {"vhdchain": lambda: _to_null(leaf), "reading all files": lambda: _read_files(paths)}
    if program:
        actions["7-Zip"] = lambda: peers.seven_zip_to_null(program, leaf)
    yield measure(name, "whole disk to the null device", actions, repeat=min(repeat, 3))
    with open_chain(leaf) as chain:
        yield from _measured_reads(name, chain, peers.LibvhdiChain(module, paths) if module else None, repeat)


def _measured_reads(name: str, chain: OpenChain, other: peers.LibvhdiChain | None, repeat: int) -> Iterator[Row]:
    sample = min(_SAMPLE, chain.virtual_size)
    actions: dict[str, Action] = {"vhdchain": lambda: [chain.read(at, _CHUNK) for at in range(0, sample, _CHUNK)]}
    if other:
        actions["libvhdi"] = lambda: [other.read(at, _CHUNK) for at in range(0, sample, _CHUNK)]
    yield measure(name, f"first {sample >> 20} MiB in order", actions, repeat=min(repeat, 2))
    offsets = _offsets_in_allocated_blocks(chain)
    base = chain.layers[0].image.source
    actions = {
        "vhdchain": lambda: [chain.read(offset, _PAGE) for offset in offsets],
        "bare pread": lambda: [base.read_at(offset % (base.size - _PAGE), _PAGE) for offset in offsets],
    }
    if other:
        actions["libvhdi"] = lambda: [other.read(offset, _PAGE) for offset in offsets]
    yield measure(name, f"{_RANDOM_READS} random 4 KiB reads, allocated", actions, repeat=repeat)


def _offsets_in_allocated_blocks(chain: OpenChain) -> list[int]:
    randomly = random.Random(7)
    blocks = [
        block
        for layer in chain.layers
        if layer.image.bat is not None
        for block in (layer.image.bat.entries != 0xFFFFFFFF).nonzero()[0].tolist()
    ]
    pages = BLOCK_SIZE // _PAGE
    return [randomly.choice(blocks) * BLOCK_SIZE + randomly.randrange(pages) * _PAGE for _ in range(_RANDOM_READS)]


def _map(leaf: Path) -> None:
    with open_chain(leaf) as chain:
        _ = chain.block_map().extents


def _to_null(leaf: Path) -> None:
    with open_chain(leaf) as chain, Path(os.devnull).open("wb", buffering=0) as sink:
        flatten_to_stream(chain, sink)


def _read_files(paths: Sequence[Path]) -> None:
    buffer = bytearray(_CHUNK)
    for path in paths:
        with path.open("rb", buffering=0) as file:
            while file.readinto(buffer):
                pass


def _print(rows: Sequence[Row]) -> None:
    table = Table(title="Median times in one run; in brackets: how many times as long as vhdchain")
    readers = list(dict.fromkeys(reader for row in rows for reader in row.seconds))
    for heading in ("chain", "what", *readers):
        table.add_column(heading, justify="left" if heading in ("chain", "what") else "right")
    for row in rows:
        ratios = row.ratios()
        cells = [
            ""
            if reader not in row.seconds
            else _seconds(row.seconds[reader]) + (f" ({ratios[reader]:.2f})" if reader in ratios else "")
            for reader in readers
        ]
        table.add_row(row.chain, row.what, *cells)
    console = Console(width=160)
    console.print(table)


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def _document(rows: Sequence[Row]) -> dict[str, object]:
    return {
        "schema": "vhdchain.benchmarks",
        "python": platform.python_version(),
        "numpy": metadata.version("numpy"),
        "rows": [
            {"chain": row.chain, "what": row.what, "seconds": row.seconds, "ratios": row.ratios()} for row in rows
        ],
    }


if __name__ == "__main__":
    main()
