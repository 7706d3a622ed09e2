"""How fast are the disk's bytes read at random and in order, by one thread and by several?

"bare pread" is the same number of reads of the same length from the base's file, at places that are known beforehand.
"""

from __future__ import annotations

import os
import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.bench import CHUNK, PAGE
from benchmarks.generate import BLOCK_SIZE
from benchmarks.measure import DISSECT, LIBVHDI, OWN, Row, Target, measure
from benchmarks.peers import DissectLeaf, LibvhdiChain
from vhdchain import open_chain
from vhdchain.structures import UNUSED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import TypeAlias

    from benchmarks.bench import Bench
    from vhdchain import OpenChain

    ReadAll: TypeAlias = Callable[[Sequence[int], int], None]
    """Reads so many bytes from each of these places."""

_RANDOM_READS = 2_000
_SAMPLE = 1 << 28
_SIZES = (64 << 10, 1 << 20, CHUNK)
_THREADS = 4
_PREAD = "bare pread"


def rows(bench: Bench) -> Iterator[Row]:
    """Yield what reading takes; every reader has the chain open, and has read the same before."""
    with ExitStack() as stack:
        chain = stack.enter_context(open_chain(bench.subject.leaf))
        readers: dict[str, ReadAll] = {
            OWN: partial(_read_all, chain.read),
            _PREAD: partial(_pread_all, stack.enter_context(bench.subject.paths[0].open("rb", buffering=0)).fileno()),
        }
        if libvhdi := bench.peers.libvhdi:
            opened = stack.enter_context(closing(LibvhdiChain(libvhdi, bench.subject.paths)))
            readers[LIBVHDI] = partial(_read_all, opened.read)
        if dissect := bench.peers.dissect:
            leaf = stack.enter_context(closing(DissectLeaf(dissect, bench.subject.leaf)))
            readers[DISSECT] = partial(_read_all, leaf.read)
        offsets = _offsets_in_allocated_blocks(chain)
        yield _at_random(bench, readers, offsets)
        yield _in_threads(bench, readers, offsets)
        for size in _SIZES:
            yield _in_order(bench, readers, size)


def read_files(paths: Sequence[Path]) -> None:
    """Read every byte of every file once."""
    buffer = bytearray(CHUNK)
    for path in paths:
        with path.open("rb", buffering=0) as file:
            while file.readinto(buffer):
                pass


def _at_random(bench: Bench, readers: dict[str, ReadAll], offsets: Sequence[int]) -> Row:
    targets = [Target(against=_PREAD, times=5), Target(against=LIBVHDI, times=1 / 40)]
    what = f"{len(offsets):,} random 4 KiB reads, allocated"
    actions = {name: partial(read, _places(bench, name, offsets), PAGE) for name, read in readers.items()}
    return measure(bench.subject.name, what, actions, repeat=bench.repeat, targets=targets)


def _in_threads(bench: Bench, readers: dict[str, ReadAll], offsets: Sequence[int]) -> Row:
    """The others are not made for threads."""

    def read_in_threads(read: ReadAll, places: Sequence[int]) -> None:
        with ThreadPoolExecutor(_THREADS) as threads:
            for done in [threads.submit(read, places[at::_THREADS], PAGE) for at in range(_THREADS)]:
                done.result()

    actions = {name: partial(read_in_threads, readers[name], _places(bench, name, offsets)) for name in (OWN, _PREAD)}
    return measure(bench.subject.name, f"the same by {_THREADS} threads", actions, repeat=bench.repeat)


def _in_order(bench: Bench, readers: dict[str, ReadAll], size: int) -> Row:
    offsets = range(0, min(_SAMPLE, bench.subject.shape.size), size)
    actions = {name: partial(read, _places(bench, name, offsets), size) for name, read in readers.items()}
    what = f"first {len(offsets) * size >> 20} MiB, {size >> 10} KiB each"
    return measure(bench.subject.name, what, actions, repeat=min(bench.repeat, 3))


def _places(bench: Bench, reader: str, offsets: Sequence[int]) -> list[int]:
    """Return ``offsets``; for bare reads, places inside of the base's file, which is shorter than the disk."""
    length = bench.subject.paths[0].stat().st_size
    return [offset % (length - CHUNK) if reader == _PREAD else offset for offset in offsets]


def _read_all(read: Callable[[int, int], bytes], offsets: Sequence[int], length: int) -> None:
    for offset in offsets:
        read(offset, length)


def _pread_all(fd: int, offsets: Sequence[int], length: int) -> None:
    for offset in offsets:
        os.pread(fd, length, offset)


def _offsets_in_allocated_blocks(chain: OpenChain) -> list[int]:
    randomly = random.Random(7)
    blocks = [
        block
        for layer in chain.layers
        if layer.image.bat is not None
        for block in (layer.image.bat.entries != UNUSED).nonzero()[0].tolist()
    ]
    pages = BLOCK_SIZE // PAGE
    return [randomly.choice(blocks) * BLOCK_SIZE + randomly.randrange(pages) * PAGE for _ in range(_RANDOM_READS)]
