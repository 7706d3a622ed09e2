"""How long does the whole disk take: to the null device, and through a pipe?"""

from __future__ import annotations

import os
import subprocess
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bench import READING
from benchmarks.generate import BLOCK_SIZE
from benchmarks.measure import OWN, SEVEN_ZIP, VHD_LIB, Row, Target, measure
from benchmarks.peers import run_seven_zip, run_vhd_lib
from benchmarks.reading import read_files
from vhdchain import flatten_to_stream, open_chain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.bench import Bench
    from benchmarks.measure import Action

_WINNING = "preadv of what counts"
_ZEROS = "head /dev/zero"
_FASTER = {"A full": 2, "A clustered": 2, "A random": 1.5, "B mixed": 4}
"""How many times as fast as 7-Zip it must be, by chain."""


def rows(bench: Bench) -> Iterator[Row]:
    """Yield what flattening takes; chains without payload are left out: they are holes."""
    if not bench.subject.shape.payload:
        return
    yield _to_null(bench)
    yield _through_pipe(bench)


def _to_null(bench: Bench) -> Row:
    leaf, paths, peers = bench.subject.leaf, bench.subject.paths, bench.peers
    faster = _FASTER.get(bench.subject.name)
    targets = [Target(against=SEVEN_ZIP, times=1 / faster)] if faster else []
    with ExitStack() as stack:
        actions: dict[str, Action] = {
            OWN: lambda: _write(leaf, os.devnull),
            READING: lambda: read_files(paths),
        }
        if bench.subject.shape.pattern == "full":
            files = [stack.enter_context(path.open("rb", buffering=0)).fileno() for path in paths]
            actions[_WINNING] = partial(_read_pieces, _winning_pieces(leaf, files))
            targets.append(Target(against=_WINNING, times=1.3))
        if seven_zip := peers.seven_zip:
            actions[SEVEN_ZIP] = lambda: run_seven_zip(seven_zip, leaf, subprocess.DEVNULL)
        if vhd_lib := peers.vhd_lib:
            actions[VHD_LIB] = lambda: run_vhd_lib(vhd_lib, "raw", leaf)
        return measure(
            bench.subject.name, "whole disk to the null device", actions, repeat=min(bench.repeat, 3), targets=targets
        )


def _through_pipe(bench: Bench) -> Row:
    leaf, size = bench.subject.leaf, bench.subject.shape.size
    zeros = ["head", "-c", str(size), "/dev/zero"]
    actions: dict[str, Action] = {
        OWN: lambda: _into_sink(lambda pipe: _write_to_descriptor(leaf, pipe)),
        _ZEROS: lambda: _into_sink(lambda pipe: subprocess.run(zeros, stdout=pipe, check=True)),
    }
    if seven_zip := bench.peers.seven_zip:
        actions[SEVEN_ZIP] = lambda: _into_sink(lambda pipe: run_seven_zip(seven_zip, leaf, pipe))
    targets = [Target(against=SEVEN_ZIP, times=1 / 1.5), Target(against=_ZEROS, times=1.2)]
    return measure(
        bench.subject.name,
        "whole disk through a pipe",
        actions,
        repeat=min(bench.repeat, 3),
        targets=targets,
        waits=True,
    )


def _write(leaf: Path, target: str) -> None:
    with open_chain(leaf) as chain, Path(target).open("wb", buffering=0) as sink:
        flatten_to_stream(chain, sink)


def _write_to_descriptor(leaf: Path, descriptor: int) -> None:
    with open_chain(leaf) as chain, os.fdopen(descriptor, "wb", buffering=0, closefd=False) as sink:
        flatten_to_stream(chain, sink)


def _into_sink(write: Callable[[int], object]) -> None:
    """Let ``write`` fill a pipe that ``cat`` empties, and wait until both are done."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as sink:
        assert sink.stdin is not None
        write(sink.stdin.fileno())
        sink.stdin.close()
    assert sink.returncode == 0


def _winning_pieces(leaf: Path, files: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return (descriptor, offset, length) of what the guest sees, at most a block each."""
    with open_chain(leaf) as chain:
        extents = chain.block_map().extents
    return [
        (files[layer], offset + at, min(BLOCK_SIZE, length - at))
        for _, length, layer, offset in extents.tolist()
        if layer >= 0
        for at in range(0, length, BLOCK_SIZE)
    ]


def _read_pieces(pieces: Sequence[tuple[int, int, int]]) -> None:
    buffer = memoryview(bytearray(BLOCK_SIZE))
    for descriptor, offset, length in pieces:
        os.preadv(descriptor, [buffer[:length]], offset)
