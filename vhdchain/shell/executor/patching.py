"""How do bytes of a file become others, where it lies or in a copy that takes its place?

Before the first byte is changed, every patch must find what it expects, and what a shorter file would lose is kept.
After a crash each byte may be the old or the new one, and nothing else.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from vhdchain.errors import PlanRefusedError
from vhdchain.shell.executor.moves import copy_whole, exists, remove, require_file, same_file, sync_folder_of
from vhdchain.shell.executor.names import NEW, OLD, UNDO
from vhdchain.shell.files import open_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.plan import Patch, PatchFile, ReplaceFile
    from vhdchain.shell.executor.handlers import Run, State
    from vhdchain.shell.executor.layer import WritableFile

_SMALL = 64 << 10  # of an end that is cut off: as much is kept in the journal


class PatchHandler:
    """Carries out `PatchFile`."""

    def weight(self, step: PatchFile) -> int:
        """See `StepHandler.weight`."""
        return _amount(step.patches)

    def do(self, step: PatchFile, run: Run, state: State | None) -> None:
        """See `StepHandler.do`."""
        place = run.path(step.path)
        require_file(place, step.path)
        with closing(run.layer.open(place)) as file:
            require_bytes(file, step.path, step.patches, half_done=state is not None)
            if state is None:
                run.checkpoint({"size": file.size(), "cut": _kept_end(step, run, file)})
            _apply(file, step.patches, step.size)
            file.sync()
        run.advance(_amount(step.patches))

    def undo(self, step: PatchFile, run: Run, state: State | None) -> None:
        """See `StepHandler.undo`."""
        if state is None:
            return
        with closing(run.layer.open(run.path(step.path))) as file:
            require_bytes(file, step.path, step.patches, half_done=True)
            take_back(file, step.patches, state["size"])
            cut = state["cut"]
            if isinstance(cut, str):
                file.write_at(state["size"] - len(cut) // 2, bytes.fromhex(cut))
            elif cut:
                with closing(open_source(run.beside(step.path, UNDO), follow=False)) as kept:
                    file.copy_from(kept, 0, state["size"] - kept.size, kept.size)
            file.sync()

    def finish(self, step: PatchFile, run: Run) -> None:
        """See `StepHandler.finish`."""


class ReplaceHandler:
    """Carries out `ReplaceFile`: the original stays under another name until the plan is done."""

    def weight(self, step: ReplaceFile) -> int:  # noqa: ARG002  # what is copied is added by `Work`
        """See `StepHandler.weight`."""
        return 0

    def do(self, step: ReplaceFile, run: Run, state: State | None) -> None:
        """See `StepHandler.do`."""
        place, new, old = run.path(step.path), run.beside(step.path, NEW), run.beside(step.path, OLD)
        if state is None or not state.get("whole"):
            size = require_file(place, step.path).st_size
            with closing(copy_whole(run, step.path, step.path, state)) as file:
                require_bytes(file, step.path, step.patches, half_done=False)
                _apply(file, step.patches, step.size)
                file.sync()
            sync_folder_of(run.layer, new)
            run.checkpoint({"whole": True, "size": size})
        if exists(new):
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
                file.sync()
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
    """Write the old bytes, and make the file as long as it was."""
    if file.size() != size:
        file.truncate(size)
    for patch in patches:
        old = patch.old[: max(size - patch.offset, 0)]
        if old:
            file.write_at(patch.offset, old)


def _apply(file: WritableFile, patches: Sequence[Patch], size: int | None) -> None:
    if size is not None and file.size() != size:
        file.truncate(size)
    for patch in patches:
        file.write_at(patch.offset, patch.new)


def _kept_end(step: PatchFile, run: Run, file: WritableFile) -> str | bool:
    """Keep what a shorter file would lose: return it as hexadecimal digits, True where it lies in a file of its own."""
    cut = 0 if step.size is None else file.size() - step.size
    if cut <= 0:
        return False
    start = file.size() - cut
    if cut <= _SMALL:
        return file.read_at(start, cut).hex()
    kept_path = run.beside(step.path, UNDO)
    remove(run.layer, kept_path)
    with (
        closing(open_source(run.path(step.path), name=step.path, follow=False)) as source,
        closing(run.layer.create(kept_path)) as kept,
    ):
        kept.copy_from(source, start, 0, cut)
        kept.sync()
    sync_folder_of(run.layer, kept_path)
    return True


def _amount(patches: Sequence[Patch]) -> int:
    return sum(len(patch.new) for patch in patches)
