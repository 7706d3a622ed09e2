"""How are files and folders made, copied, renamed and deleted, so that it can be gone on with and taken back?

Each of these steps is one change of a name, with everything that must be safe before it.
"""

# ruff: noqa: PTH112, PTH116, PTH120 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import contextlib
import errno
import os
from contextlib import closing
from typing import TYPE_CHECKING

from vhdchain.errors import PlanRefusedError
from vhdchain.plan import WriteRecord, digest_fact, size_fact
from vhdchain.shell.executor.copying import copy_whole
from vhdchain.shell.executor.digest import digest_if
from vhdchain.shell.executor.handlers import BrokenCopyError
from vhdchain.shell.executor.moves import (
    WHOLE,
    exists,
    put_in_place,
    remove,
    require_file,
    same_file,
    sync_folder_of,
    take_away,
)
from vhdchain.shell.executor.names import NEW
from vhdchain.structures.footer import mtime_of_timestamp

if TYPE_CHECKING:
    from vhdchain.plan import CopyFile, CreateFile, DeleteFile, MakeFolder, RemoveFolder, RenameFile, SetModified
    from vhdchain.shell.executor.handlers import Run, State


class CreateHandler:
    """Carries out `CreateFile`, and `WriteRecord` with its places filled."""

    def weight(self, step: CreateFile | WriteRecord) -> int:
        """See `StepHandler.weight`."""
        return len(step.content)

    def do(self, step: CreateFile | WriteRecord, run: Run, state: State | None) -> None:
        """See `StepHandler.do`."""
        new = run.beside(step.path, NEW)
        if state is None:
            _require_free(run, step.path)
            remove(run.layer, new)
            with closing(run.layer.create(new)) as file:
                file.write_at(0, _filled(step, run) if isinstance(step, WriteRecord) else step.content)
                file.sync()
            sync_folder_of(run.layer, new)
            run.checkpoint(WHOLE)
        put_in_place(run, step.path)
        run.advance(len(step.content))

    def undo(self, step: CreateFile | WriteRecord, run: Run, state: State | None) -> None:
        """See `StepHandler.undo`."""
        take_away(run, step.path, state)

    def finish(self, step: CreateFile | WriteRecord, run: Run) -> None:
        """See `StepHandler.finish`."""


def _filled(step: WriteRecord, run: Run) -> bytes:
    content = bytearray(step.content)
    for fill in step.fills:
        text = str(run.fact(fill.fact)).encode("utf-8")
        if len(text) > fill.length:
            raise PlanRefusedError(
                f"{step.path} @0x{fill.offset:X}: {fill.fact} has {len(text)} bytes, and room is for {fill.length}"
            )
        content[fill.offset : fill.offset + fill.length] = text.rjust(fill.length)
    return bytes(content)


class CopyHandler:
    """Carries out `CopyFile`; the copy has the permissions and the modification time of its source."""

    def weight(self, step: CopyFile) -> int:  # noqa: ARG002  # what is copied is added by `Work`
        """See `StepHandler.weight`."""
        return 0

    def do(self, step: CopyFile, run: Run, state: State | None) -> None:
        """See `StepHandler.do`."""
        if state is None or not state.get("whole"):
            _require_free(run, step.path)
            modified = os.stat(run.path(step.source)).st_mtime_ns
            with (
                digest_if(step.hash) as digest,
                closing(copy_whole(run, step.source, step.path, state, digest)) as file,
            ):
                if digest is not None:
                    _tell_digest(step, run, digest.hexdigest())
                run.tell(size_fact(step.path), file.size())
                file.set_modified(modified)
                file.sync()
            sync_folder_of(run.layer, run.beside(step.path, NEW))
            run.checkpoint(WHOLE)
        put_in_place(run, step.path)

    def undo(self, step: CopyFile, run: Run, state: State | None) -> None:
        """See `StepHandler.undo`."""
        take_away(run, step.path, state)

    def finish(self, step: CopyFile, run: Run) -> None:
        """See `StepHandler.finish`."""


def _tell_digest(step: CopyFile, run: Run, found: str) -> None:
    if step.expected and found != step.expected.lower():
        raise BrokenCopyError(
            f"{step.source}: its {step.hash} is {found}; {step.expected} was expected: it is not the file that it "
            "should be"
        )
    run.tell(digest_fact(step.hash, step.path), found)


class RenameHandler:
    """Carries out `RenameFile`."""

    def weight(self, step: RenameFile) -> int:  # noqa: ARG002  # the same for all
        """See `StepHandler.weight`."""
        return 0

    def do(self, step: RenameFile, run: Run, state: State | None) -> None:
        """See `StepHandler.do`."""
        if state is None:
            require_file(run.path(step.path), step.path)
            _require_free(run, step.to)
            run.checkpoint({"free": True})
        _move(run, step.path, step.to)

    def undo(self, step: RenameFile, run: Run, state: State | None) -> None:
        """See `StepHandler.undo`."""
        if state is not None and exists(run.path(step.to)):
            _move(run, step.to, step.path, when_taken="stay")

    def finish(self, step: RenameFile, run: Run) -> None:
        """See `StepHandler.finish`."""


def _move(run: Run, path: str, to: str, *, when_taken: str = "refuse") -> None:
    here, there = run.path(path), run.path(to)
    if exists(here):
        try:
            run.layer.rename_free(here, there)
        except FileExistsError:
            if same_file(here, there):  # a rename of which one half was forgotten
                run.layer.unlink(here)
            elif when_taken == "refuse":
                raise PlanRefusedError(f"{to}: somebody made it meanwhile; nothing is replaced") from None
            else:
                return
    elif not exists(there):
        raise PlanRefusedError(f"{path}: is gone")
    sync_folder_of(run.layer, there, here)


class DeleteHandler:
    """Carries out `DeleteFile`, when everything else is done."""

    def weight(self, step: DeleteFile) -> int:  # noqa: ARG002  # the same for all
        """See `StepHandler.weight`."""
        return 0

    def do(self, step: DeleteFile, run: Run, state: State | None) -> None:  # noqa: ARG002  # has none
        """See `StepHandler.do`."""
        require_file(run.path(step.path), step.path)

    def undo(self, step: DeleteFile, run: Run, state: State | None) -> None:
        """See `StepHandler.undo`."""

    def finish(self, step: DeleteFile, run: Run) -> None:
        """See `StepHandler.finish`."""
        place = run.path(step.path)
        remove(run.layer, place)
        if exists(os.path.dirname(place)):  # a crash later on may have left it without its folder
            sync_folder_of(run.layer, place)


class MakeFolderHandler:
    """Carries out `MakeFolder`."""

    def weight(self, step: MakeFolder) -> int:  # noqa: ARG002  # the same for all
        """See `StepHandler.weight`."""
        return 0

    def do(self, step: MakeFolder, run: Run, state: State | None) -> None:
        """See `StepHandler.do`."""
        place = run.path(step.path)
        if exists(place) and not os.path.isdir(place):
            raise PlanRefusedError(f"{step.path}: is there already, and is no folder")
        if state is None:
            run.checkpoint({"existed": exists(place)})
        if not exists(place):
            run.layer.make_folder(place)
        sync_folder_of(run.layer, place)

    def undo(self, step: MakeFolder, run: Run, state: State | None) -> None:
        """See `StepHandler.undo`."""
        if state is not None and not state["existed"]:
            _remove_folder(run, step.path)

    def finish(self, step: MakeFolder, run: Run) -> None:
        """See `StepHandler.finish`."""


class RemoveFolderHandler:
    """Carries out `RemoveFolder`, when everything else is done; a folder that somebody put a file into stays."""

    def weight(self, step: RemoveFolder) -> int:  # noqa: ARG002  # the same for all
        """See `StepHandler.weight`."""
        return 0

    def do(self, step: RemoveFolder, run: Run, state: State | None) -> None:  # noqa: ARG002  # has none
        """See `StepHandler.do`."""
        if not os.path.isdir(run.path(step.path)):
            raise PlanRefusedError(f"{step.path}: is no folder")

    def undo(self, step: RemoveFolder, run: Run, state: State | None) -> None:
        """See `StepHandler.undo`."""

    def finish(self, step: RemoveFolder, run: Run) -> None:
        """See `StepHandler.finish`."""
        _remove_folder(run, step.path)


def _remove_folder(run: Run, path: str) -> None:
    place = run.path(path)
    if exists(place):
        try:
            run.layer.remove_folder(place)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
    with contextlib.suppress(FileNotFoundError):  # the folder around it went as well, later on
        sync_folder_of(run.layer, place)


class SetModifiedHandler:
    """Carries out `SetModified`."""

    def weight(self, step: SetModified) -> int:  # noqa: ARG002  # the same for all
        """See `StepHandler.weight`."""
        return 0

    def do(self, step: SetModified, run: Run, state: State | None) -> None:
        """See `StepHandler.do`."""
        place = run.path(step.path)
        before = require_file(place, step.path).st_mtime_ns
        if state is None:
            run.checkpoint({"mtime_ns": before})
        _set_modified(run, place, mtime_of_timestamp(step.seconds))

    def undo(self, step: SetModified, run: Run, state: State | None) -> None:
        """See `StepHandler.undo`."""
        if state is not None:
            _set_modified(run, run.path(step.path), state["mtime_ns"])

    def finish(self, step: SetModified, run: Run) -> None:
        """See `StepHandler.finish`: the time once more, where a file was cut off meanwhile."""
        place = run.path(step.path)
        if exists(place) and os.stat(place).st_mtime_ns != mtime_of_timestamp(step.seconds):
            _set_modified(run, place, mtime_of_timestamp(step.seconds))


def _set_modified(run: Run, place: str, mtime_ns: int) -> None:
    with closing(run.layer.open(place)) as file:
        file.set_modified(mtime_ns)
        file.sync()


def _require_free(run: Run, path: str) -> None:
    if exists(run.path(path)):
        raise PlanRefusedError(f"{path}: is there already; nothing is replaced")
