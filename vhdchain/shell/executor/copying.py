"""How is a whole file copied or read, in what portions, and with which digest on the way?

A hole is neither read nor written, and counts as zeros in a digest. Without a digest the kernel copies, and shares
blocks where it can; with one the bytes pass through here. What an earlier run copied and recorded is kept, and read
back into the digest.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from vhdchain.shell.executor.moves import exists, remove, seen_as, sync_folder_of
from vhdchain.shell.executor.names import NEW
from vhdchain.shell.files import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.shell.executor.digest import Digest
    from vhdchain.shell.executor.handlers import Run, State
    from vhdchain.shell.executor.layer import WritableFile
    from vhdchain.shell.files import FileSource

_STRETCH = 64 << 20  # copied, or passed over, between two looks at whether to stop
_PIECE = 1 << 20  # held in memory at once
_SAFE = 512 << 20  # copied between two checkpoints


def copy_whole(
    run: Run, source_path: str, path: str, state: State | None, digest: Digest | None = None
) -> WritableFile:
    """Copy a file to the executor's new one beside ``path``, holes as holes; it is neither synced nor named yet.

    What an earlier run copied and recorded is kept.

    Args:
        run: The executor.
        source_path: What is copied.
        path: What the copy is going to be called.
        state: The last checkpoint.
        digest: Takes in every byte.

    Raises:
        PlanRefusedError: The file was changed since then, or while it was copied.
    """
    new = run.beside(path, NEW)
    seen = seen_as(run, source_path, state)
    if state is None:
        run.checkpoint(seen)
    done = state.get("copied", 0) if state is not None else 0
    with closing(open_source(run.path(source_path), name=source_path, devices=False)) as source:
        if exists(new) and done:
            file = run.layer.open(new)
        else:
            remove(run.layer, new)
            file, done = run.layer.create(new), 0
        try:
            if done:
                _keep(run, new, done, digest)
            _copy_rest(run, source, file, done=done, seen=seen, digest=digest)
            seen_as(run, source_path, seen)
            file.adopt(source, writable=run.is_written_later(path))
        except BaseException:
            file.close()
            raise
    return file


def read_into(run: Run, source: FileSource, digest: Digest, end: int) -> None:
    """Take a file as far as ``end`` into a digest."""
    for at, length, is_hole in _parts(run, source, 0, end, _PIECE):
        if is_hole:
            digest.add_zeros(length)
        else:
            digest.add(source.read_at(at, length))
        run.advance(length)


def _keep(run: Run, new: str, done: int, digest: Digest | None) -> None:
    if digest is None:
        run.advance(done)
        return
    with closing(open_source(new, follow=False, devices=False)) as copied:
        read_into(run, copied, digest, done)


def _copy_rest(
    run: Run, source: FileSource, file: WritableFile, *, done: int, seen: State, digest: Digest | None
) -> None:
    file.truncate(done)
    file.truncate(source.size)
    safe = done
    for at, length, is_hole in _parts(run, source, done, source.size, _STRETCH if digest is None else _PIECE):
        if is_hole:
            if digest is not None:
                digest.add_zeros(length)
        elif digest is None:
            file.copy_from(source, at, at, length)
            run.push(file, length)
        else:
            data = source.read_at(at, length)
            file.write_at(at, data)
            digest.add(data)
            run.push(file, length)
        run.advance(length)
        done = at + length
        if done - safe >= _SAFE and done < source.size:
            file.sync()
            sync_folder_of(run.layer, file.name)
            run.checkpoint({**seen, "copied": done})
            safe = done


def _parts(run: Run, source: FileSource, start: int, end: int, most: int) -> Iterator[tuple[int, int, bool]]:
    """Yield (offset, length, whether it is a hole) of all parts from ``start`` on, data as the plan's pace allows it.

    Args:
        run: The executor.
        source: The file.
        start: Where to begin.
        end: Where to end.
        most: How many bytes of data a part has at the most.
    """
    at = start
    while at < end:
        stop = min(at + _STRETCH, end)
        hole, behind = source.hole_in(at, stop) or (stop, stop)
        for length in run.paced(hole - at, most):
            yield at, length, False
            at += length
        if hole < behind:
            yield hole, behind - hole, True
        at = behind
