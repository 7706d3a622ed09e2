"""How does the disk of a chain become one raw file, or one raw stream?

A raw image holds the guest's bytes and nothing else. The block map says what must be read; zeros are neither read nor
written, so the file is sparse, also where layers hold blocks that are all zeros. The file appears under its name only
when it is whole (`vhdchain.shell.whole_file`).

Memory is bounded by one buffer, whatever the disk's size. What is unknown is never written as zeros: a chain with a
hole raises where the hole is read.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
from typing import TYPE_CHECKING, Protocol

import numpy as np

from vhdchain.blockmap import ZERO
from vhdchain.errors import PlanRefusedError
from vhdchain.progress import check_cancel
from vhdchain.shell.whole_file import whole_file, write_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vhdchain.progress import Cancel, Progress
    from vhdchain.shell.handle import OpenChain

PAGE_SIZE = 4096
"""Zeros are left out in whole pages of this size; file systems allocate no less."""

_CHUNK_SIZE = 4 << 20
_PORTION = 256 << 10  # what a stream gets at once: larger portions drive the reader of a pipe out of its cache
_NEAR = 64 << 10  # two stretches with a gap of up to this are read as one: a seek costs more than these zeros


class ByteSink(Protocol):
    """What a stream must be able to do: `io.RawIOBase` and `io.BufferedIOBase` can."""

    def write(self, data: memoryview, /) -> int | None:
        """Write some or all of ``data`` and return how much; None where nothing could be written now."""
        ...


def flatten_to_file(
    chain: OpenChain,
    path: str | os.PathLike[str],
    *,
    force: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Write the disk of ``chain`` to ``path`` as a sparse raw image.

    Args:
        chain: What to write.
        path: The file to make. Where it is a symbolic link, the link is replaced, not what it points at.
        force: Whether an existing file may be replaced.
        progress: Called with the bytes of the disk that are done, and its size.
        cancel: Asked before each piece of 4 MiB.

    Raises:
        FileExistsError: ``path`` exists and ``force`` is not given.
        PlanRefusedError: ``path`` is one of the files of the chain, or no regular file.
        UnknownDataError: The chain is a partial view and some of the disk is unknown.
        ShortReadError: A file of the chain was truncated meanwhile.
        CancelledError: ``cancel`` asked to stop.
        OSError: The operating system could not read or write; ``filename`` says what.
    """
    target = os.fspath(path)
    _refuse_target(chain, target, force=force)
    # Somebody may have made the file meanwhile.
    with whole_file(target, last_look=lambda: _refuse_target(chain, target, force=force)) as descriptor:
        _write_sparse(chain, descriptor, progress, cancel)
        os.ftruncate(descriptor, chain.virtual_size)


def flatten_to_stream(
    chain: OpenChain, file: ByteSink, *, progress: Progress | None = None, cancel: Cancel | None = None
) -> None:
    """Write the bytes of the disk of ``chain`` to ``file``, in order, zeros included; it is neither flushed nor closed.

    Raises:
        BlockingIOError: ``file`` does not wait until it can take bytes.
        PlanRefusedError: ``file`` is one of the files of the chain.
        UnknownDataError: The chain is a partial view and some of the disk is unknown.
        ShortReadError: A file of the chain was truncated meanwhile.
        CancelledError: ``cancel`` asked to stop.
        OSError: The operating system could not read or write.
    """
    with contextlib.suppress(AttributeError, OSError):  # many streams have no descriptor, and then no file
        _refuse_own_file(chain, "the output", os.fstat(file.fileno()))  # type: ignore[attr-defined]
    size, done = chain.virtual_size, 0
    buffer, zeros = memoryview(bytearray(_CHUNK_SIZE)), memoryview(bytes(_CHUNK_SIZE))
    for start, end in itertools.chain(_pieces(chain, cancel), [(size, size)]):
        while done < start:
            check_cancel(cancel)
            length = min(start - done, _CHUNK_SIZE)
            _write_to(file, zeros[:length])
            done += length
            if progress:
                progress(done, size)
        if start < end:
            chain.readinto(start, buffer[: end - start])
            _write_to(file, buffer[: end - start])
            done = end
            if progress:
                progress(done, size)


def _write_sparse(chain: OpenChain, descriptor: int, progress: Progress | None, cancel: Cancel | None) -> None:
    buffer = np.zeros(_CHUNK_SIZE, dtype=np.uint8)
    view = buffer.data
    for start, end in _pieces(chain, cancel):
        length = end - start
        chain.readinto(start, view[:length])
        buffer[length : length + -length % PAGE_SIZE] = 0  # the last page of a disk may be a part of one
        for first, last in _runs_of_data(buffer[: length + -length % PAGE_SIZE]):
            write_at(descriptor, view[first : min(last, length)], start + first)
        if progress:
            progress(end, chain.virtual_size)
    if progress:
        progress(chain.virtual_size, chain.virtual_size)


def _pieces(chain: OpenChain, cancel: Cancel | None) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of what must be read, in order, beginning on a page, at most one buffer long."""
    done = 0
    for extents in chain.block_map().chunks(cancel=cancel):
        wanted = extents["layer"] != ZERO
        starts = extents["start"][wanted]
        for start, end in _joined_where_near(starts, starts + extents["length"][wanted]):
            first = max(start - start % PAGE_SIZE, done)
            done = min(end + -end % PAGE_SIZE, chain.virtual_size)
            for piece in range(first, done, _CHUNK_SIZE):
                check_cancel(cancel)
                yield piece, min(piece + _CHUNK_SIZE, done)


def _joined_where_near(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    if len(starts):
        cuts = np.flatnonzero(starts[1:] - ends[:-1] > _NEAR) + 1
        firsts, lasts = np.concatenate(([0], cuts)), np.concatenate((cuts, [len(starts)])) - 1
        yield from zip(starts[firsts].tolist(), ends[lasts].tolist(), strict=True)


def _runs_of_data(buffer: NDArray[np.uint8]) -> Iterator[tuple[int, int]]:
    """Yield (first, last) bytes of the runs of pages in ``buffer`` that are not all zeros."""
    used = np.bitwise_or.reduce(buffer.view(np.uint64).reshape(-1, PAGE_SIZE // 8), axis=1) != 0
    edges = np.flatnonzero(np.diff(used, prepend=False, append=False)) * PAGE_SIZE
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _write_to(file: ByteSink, data: memoryview) -> None:
    while data:
        count = file.write(data[:_PORTION])
        if count is None:
            raise BlockingIOError(errno.EAGAIN, "the output takes no more bytes now and does not wait")
        data = data[count:]


def _refuse_target(chain: OpenChain, target: str, *, force: bool) -> None:
    """Raise where writing ``target`` would lose something."""
    try:
        status = os.stat(target, follow_symlinks=False)  # noqa: PTH116
    except FileNotFoundError:
        return
    if stat.S_ISLNK(status.st_mode):
        with contextlib.suppress(FileNotFoundError):
            _refuse_own_file(chain, target, os.stat(target))  # noqa: PTH116
    else:
        _refuse_own_file(chain, target, status)
    if not force:
        raise FileExistsError(errno.EEXIST, "exists already and is replaced only by force", target)
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISLNK(status.st_mode):
        raise PlanRefusedError(f"{target}: is not a regular file and is never replaced")


def _refuse_own_file(chain: OpenChain, target: str, status: os.stat_result) -> None:
    own = {getattr(layer.image.source, "identity", None): layer.image.name for layer in chain.layers}
    name = own.get((status.st_dev, status.st_ino))
    if name is not None:
        called = "" if name == target else f" ({name})"
        raise PlanRefusedError(f"{target}: is a file of the chain that is read{called}; choose another name")
