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
import os
import stat
from typing import TYPE_CHECKING

from vhdchain.blockmap import ZERO
from vhdchain.errors import PlanRefusedError
from vhdchain.progress import check_cancel
from vhdchain.read import LONGEST_MIXED, MIXED, MixedReader, disk_pieces, require_known
from vhdchain.shell.contents import portions, solid_pieces
from vhdchain.shell.outlets import ByteSink, outlet_of
from vhdchain.shell.sparse import runs_of_data
from vhdchain.shell.whole_file import whole_file, write_at

if TYPE_CHECKING:
    from vhdchain.progress import Cancel, Progress
    from vhdchain.shell.handle import OpenChain

_CHUNK_SIZE = 4 << 20


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
    refuse_target(chain, target, force=force)
    # Somebody may have made the file meanwhile.
    with whole_file(target, last_look=lambda: refuse_target(chain, target, force=force)) as descriptor:
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
    outlet, buffer, size = outlet_of(file), memoryview(bytearray(LONGEST_MIXED)), chain.virtual_size
    mixed = MixedReader(chain.chain)
    try:
        for piece in solid_pieces(chain.chain, disk_pieces(chain.block_map(), cancel=cancel)):
            require_known(chain.reader, piece)
            for at in range(0, piece.length, _CHUNK_SIZE):
                check_cancel(cancel)
                length = min(piece.length - at, _CHUNK_SIZE)
                if piece.layer == ZERO:
                    outlet.zeros(length)
                elif piece.layer == MIXED:
                    mixed.readinto(piece, buffer[:length])
                    outlet.write(buffer[:length])
                else:
                    outlet.copy(chain.layers[piece.layer].image.source, piece.file_offset + at, length)
                if progress:
                    progress(piece.start + at + length, size)
    finally:
        outlet.close()


def _write_sparse(chain: OpenChain, descriptor: int, progress: Progress | None, cancel: Cancel | None) -> None:
    for start, length, data in portions(chain, cancel=cancel):
        if data is not None:
            for first, end in runs_of_data(data, start):
                write_at(descriptor, data[first:end].data, start + first)
        if progress:
            progress(start + length, chain.virtual_size)


def refuse_target(chain: OpenChain, target: str, *, force: bool) -> None:
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
