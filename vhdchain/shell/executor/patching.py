"""How do bytes of a file become others, where it lies or in a copy that takes its place?

Before the first byte is changed, every patch must find what it expects. After a crash each byte may be the old or the
new one, and nothing else.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from vhdchain.errors import PlanRefusedError
from vhdchain.shell.executor.copying import copy_whole
from vhdchain.shell.executor.moves import exists, remove, require_file, same_file, seen_as, sync_folder_of
from vhdchain.shell.executor.names import NEW, OLD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.plan import Patch, PatchFile, ReplaceFile
    from vhdchain.shell.executor.handlers import Run, State
    from vhdchain.shell.executor.layer import WritableFile

_SMALL = 64 << 10  # of an end that is cut off: as much is kept in the journal


class PatchHandler:
    """Carries out `PatchFile`. A file becomes shorter when everything else is done: until then it can be taken back."""

    def weight(self, step: PatchFile) -> int:
        """See `StepHandler.weight`."""
        return sum(len(patch.new) for patch in step.patches)

    def do(self, step: PatchFile, run: Run, state: State | None) -> None:
        """See `StepHandler.do`."""
        place = run.path(step.path)
        require_file(place, step.path)
        with closing(run.layer.open(place)) as file:
            require_bytes(file, step.path, step.patches, half_done=state is not None)
            if state is None:
                run.checkpoint({"size": file.size()})
            if step.size is not None and file.size() < step.size:
                file.truncate(step.size)
            _write(file, step.patches)
            file.sync()
        run.advance(self.weight(step))

    def undo(self, step: PatchFile, run: Run, state: State | None) -> None:
        """See `StepHandler.undo`."""
        if state is not None:
            with closing(run.layer.open(run.path(step.path))) as file:
                require_bytes(file, step.path, step.patches, half_done=True)
                take_back(file, step.patches, state["size"])

    def finish(self, step: PatchFile, run: Run) -> None:
        """See `StepHandler.finish`."""
        place = run.path(step.path)
        if step.size is not None and exists(place):
            with closing(run.layer.open(place)) as file:
                if file.size() > step.size:
                    file.truncate(step.size)
                file.sync()


class ReplaceHandler:
    """Carries out `ReplaceFile`: the original stays under another name until the plan is done."""

    def weight(self, step: ReplaceFile) -> int:  # noqa: ARG002  # what is copied is added by `Work`
        """See `StepHandler.weight`."""
        return 0

    def do(self, step: ReplaceFile, run: Run, state: State | None) -> None:
        """See `StepHandler.do`."""
        place, new, old = run.path(step.path), run.beside(step.path, NEW), run.beside(step.path, OLD)
        if state is None or not state.get("whole"):
            seen = seen_as(run, step.path, state)
            with closing(copy_whole(run, step.path, step.path, state)) as file:
                # What was copied before a crash may have been changed before it, too.
                require_bytes(file, step.path, step.patches, half_done=state is not None)
                _write(file, step.patches)
                # A patch may reach over the end that a shorter file gets.
                if step.size is not None and file.size() != step.size:
                    file.truncate(step.size)
                file.sync()
            sync_folder_of(run.layer, new)
            state = {"whole": True, **seen}
            run.checkpoint(state)
        if exists(new):
            seen_as(run, step.path, state)
            if not exists(old):
                kept = run.layer.link(place, old)
                if not kept and step.size is not None:
                    raise PlanRefusedError(f"{step.path}: this file system cannot keep the original meanwhile")
                sync_folder_of(run.layer, old)
            run.layer.rename(new, place)
        sync_folder_of(run.layer, place)

    def undo(self, step: ReplaceFile, run: Run, state: State | None) -> None:
        """See `StepHandler.undo`."""
        place, new, old = run.path(step.path), run.beside(step.path, NEW), run.beside(step.path, OLD)
        if exists(old):
            if exists(place) and same_file(old, place):
                run.layer.unlink(old)
            else:
                run.layer.rename(old, place)
        elif state is not None and state.get("whole") and not exists(new):
            # The file system has no links, so no original was kept: its bytes are known from the patches.
            with closing(run.layer.open(place)) as file:
                require_bytes(file, step.path, step.patches, half_done=True)
                take_back(file, step.patches, state["size"])
        remove(run.layer, new)
        sync_folder_of(run.layer, place)

    def finish(self, step: ReplaceFile, run: Run) -> None:
        """See `StepHandler.finish`."""


def require_bytes(file: WritableFile, shown: str, patches: Sequence[Patch], *, half_done: bool) -> None:
    """Refuse where a patch finds other bytes than it expects; what lies behind the end of the file counts as zeros.

    Args:
        file: The file.
        shown: What messages call it.
        patches: What it is going to be changed by.
        half_done: Whether each byte may be the new one already.

    Raises:
        PlanRefusedError: See above.
    """
    for patch in patches:
        found = file.read_at(patch.offset, len(patch.old)).ljust(len(patch.old), b"\0")
        if found == patch.old or (half_done and _is_mixed(found, patch)):
            continue
        at = next(at for at, byte in enumerate(found) if byte not in _allowed(patch, at, half_done=half_done))
        raise PlanRefusedError(
            f"{shown} @0x{patch.offset + at:X}: {found[at : at + 16].hex()} found, {patch.old[at : at + 16].hex()} "
            f"expected ({patch.why}): the file is not the one that the plan was made for"
        )


def _is_mixed(found: bytes, patch: Patch) -> bool:
    return all(byte in pair for byte, pair in zip(found, zip(patch.old, patch.new, strict=True), strict=True))


def _allowed(patch: Patch, at: int, *, half_done: bool) -> tuple[int, ...]:
    return (patch.old[at], patch.new[at]) if half_done else (patch.old[at],)


def take_back(file: WritableFile, patches: Sequence[Patch], size: int) -> None:
    """Write the old bytes, and make the file as long as it was; synced."""
    if file.size() != size:
        file.truncate(size)
    for patch in patches:
        old = patch.old[: max(size - patch.offset, 0)]
        if old:
            file.write_at(patch.offset, old)
    file.sync()


def _write(file: WritableFile, patches: Sequence[Patch]) -> None:
    for patch in patches:
        file.write_at(patch.offset, patch.new)
