"""How is the disk of a chain written as one new image, and gone on with?

The disk is read once, in order, and written under the executor's name beside the new image; from time to time what was
written is synced, and recorded how far it is. Whoever goes on after a crash begins there: the files of the chain are
as they were, or the plan is refused. The image gets its name when it is whole; what had the name before is kept until
the plan is done.
"""

from __future__ import annotations

import errno
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from vhdchain.errors import PlanRefusedError
from vhdchain.plan import digest_fact, size_fact
from vhdchain.shell.contents import portions
from vhdchain.shell.executor.digest import digest_if
from vhdchain.shell.executor.disk_images import writer_for
from vhdchain.shell.executor.moves import exists, put_in_place, remove, same_file, sync_folder_of, take_away
from vhdchain.shell.executor.names import NEW, OLD
from vhdchain.shell.files import open_source
from vhdchain.shell.opening import chain_from_sources
from vhdchain.units import ceil_div

if TYPE_CHECKING:
    from vhdchain.plan import WriteDisk
    from vhdchain.shell.executor.digest import Digest
    from vhdchain.shell.executor.disk_images import ImageWriter
    from vhdchain.shell.executor.handlers import Run, State
    from vhdchain.shell.executor.layer import WritableFile
    from vhdchain.shell.handle import OpenChain

_SAFE = 512 << 20  # bytes put between two checkpoints: what a crash costs at the most
_READ_BACK = 1 << 20


class WriteDiskHandler:
    """Carries out `WriteDisk`.

    Args:
        safe: How many bytes may be put between two checkpoints.
    """

    def __init__(self, safe: int = _SAFE) -> None:
        self._safe = safe

    def weight(self, step: WriteDisk) -> int:
        """See `StepHandler.weight`."""
        return step.disk_size

    def do(self, step: WriteDisk, run: Run, state: State | None) -> None:
        """See `StepHandler.do`."""
        if state is None or not state.get("whole"):
            if not step.replace and exists(run.path(step.path)):
                raise PlanRefusedError(f"{step.path}: is there already; nothing is replaced")
            with self._opened(step, run) as chain:
                self._write(step, run, chain, state)
        if step.replace:
            _put_in_the_place_of(run, step.path)
        else:
            put_in_place(run, step.path)

    def undo(self, step: WriteDisk, run: Run, state: State | None) -> None:
        """See `StepHandler.undo`."""
        place, old = run.path(step.path), run.beside(step.path, OLD)
        if exists(old):
            if exists(place) and same_file(old, place):
                run.layer.unlink(old)
            else:
                run.layer.rename(old, place)
            remove(run.layer, run.beside(step.path, NEW))
            sync_folder_of(run.layer, place)
        else:
            existed = state is not None and bool(state.get("existed"))
            take_away(run, step.path, None if existed else state)

    def finish(self, step: WriteDisk, run: Run) -> None:
        """See `StepHandler.finish`."""

    def _opened(self, step: WriteDisk, run: Run) -> OpenChain:
        with ExitStack() as stack:
            sources = []
            for path in step.layers:
                source = open_source(run.path(path), name=path)
                stack.callback(source.close)
                sources.append(source)
            chain = chain_from_sources(sources, footer=step.footer, accept=step.accept)
            stack.pop_all()
        if chain.virtual_size != step.disk_size:
            chain.close()
            raise PlanRefusedError(
                f"{step.layers[-1]}: its disk has {chain.virtual_size} bytes, the plan expects {step.disk_size}"
            )
        return chain

    def _write(self, step: WriteDisk, run: Run, chain: OpenChain, state: State | None) -> None:
        new = run.beside(step.path, NEW)
        existed = exists(run.path(step.path)) if state is None else bool(state.get("existed"))
        file, done = self._file(run, new, state)
        with closing(file), digest_if(step.hash) as made:
            writer = writer_for(step, file)
            if done and state is not None:
                writer.go_on(done, state)
                if made is not None:
                    _take_in(run, made, writer, done, min(step.block_size or _READ_BACK, _READ_BACK))
                else:
                    run.advance(done)
            else:
                sync_folder_of(run.layer, new)
            run.checkpoint({"existed": existed, "done": done, **writer.state(done)})
            self._copy(run, chain, file, writer, made, done=done, existed=existed)
            writer.complete()
            file.sync()
            if made is not None:
                run.tell(digest_fact(step.hash, step.path), made.hexdigest())
            run.tell(size_fact(step.path), file.size())
        run.checkpoint({"existed": existed, "whole": True})

    def _file(self, run: Run, new: str, state: State | None) -> tuple[WritableFile, int]:
        """Return the file to write, and how much of the disk is in it."""
        if state is not None and state.get("done") and exists(new):
            return run.layer.open(new), int(state["done"])
        remove(run.layer, new)
        return run.layer.create(new), 0

    def _copy(
        self,
        run: Run,
        chain: OpenChain,
        file: WritableFile,
        writer: ImageWriter,
        digest: Digest | None,
        *,
        done: int,
        existed: bool,
    ) -> None:
        put = 0
        for start, length, data in portions(chain, done):
            if data is None:
                if digest is not None:
                    digest.add_zeros(length)
            else:
                at = 0
                for count in run.paced(length, length):
                    writer.put(start + at, data[at : at + count])
                    run.push(file, count)
                    at += count
                if digest is not None:
                    digest.add(data.tobytes())
                put += length
            if put >= self._safe:
                state = writer.state(start + length)
                file.sync()
                run.checkpoint({"existed": existed, "done": start + length, **state})
                put = 0
            run.advance(length)


def _take_in(run: Run, digest: Digest, writer: ImageWriter, done: int, length: int) -> None:
    for number in range(ceil_div(done, length)):
        start = number * length
        count = min(length, done - start)
        data = writer.read_back(start, count)
        if data is None:
            digest.add_zeros(count)
        else:
            at = 0
            for part in run.paced(count, count):
                digest.add(data[at : at + part])
                at += part
        run.advance(count)


def _put_in_the_place_of(run: Run, path: str) -> None:
    """Give the whole new file its name; what has the name is kept under another one meanwhile."""
    place, new, old = run.path(path), run.beside(path, NEW), run.beside(path, OLD)
    if exists(new):
        if exists(place) and not exists(old):
            if not run.layer.link(place, old):
                raise OSError(errno.EOPNOTSUPP, "this file system cannot keep the original meanwhile", path)
            sync_folder_of(run.layer, old)
        run.layer.rename(new, place)
    elif not exists(place):
        raise PlanRefusedError(f"{path}: is gone, though it was made by this plan")
    sync_folder_of(run.layer, place)
