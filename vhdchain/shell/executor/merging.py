"""How are layers merged into the image below them, in place, so that a crash anywhere leaves every disk readable?

Until the plan is done, the merged layers lie above the destination and hide whatever is written there. So its own disk
may be half merged, but it must open at every moment. The order: all that will be written over is saved and synced; the
file grows, a footer at its new end; data, with the bitmaps of new blocks, which nothing leads to yet; bitmaps; the BAT.
Each is safe before the next begins. The front copy, the header and the footer's bytes stay as they are throughout.

What is moved, and where to, is worked out anew from the files in every run, from the destination as it was: its BAT and
its tail are laid over what it holds now.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vhdchain.errors import PlanRefusedError
from vhdchain.image import raw_image, scan_image
from vhdchain.merge.destination import Change, change_of
from vhdchain.merge.moves import MergeMap, bitmaps_with
from vhdchain.merge.patched import PatchedSource
from vhdchain.plan import Patch
from vhdchain.shell.executor.moves import remove, sync_folder_of
from vhdchain.shell.executor.names import UNDO
from vhdchain.shell.executor.pieces import Pieces, copy_pieces
from vhdchain.shell.executor.saved import SavedWriter, put_back
from vhdchain.shell.files import FileSource, open_source
from vhdchain.source import fill_each, slots_of
from vhdchain.units import SECTOR_SIZE, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vhdchain.image import Image
    from vhdchain.merge.moves import Moves
    from vhdchain.plan import MergeBlocks
    from vhdchain.shell.executor.handlers import Run, State
    from vhdchain.shell.executor.layer import WritableFile

_CHECKPOINT_BYTES = 1 << 30
"""Data after which it is noted how far the step is; syncing more often costs time, less often work after a crash."""


class MergeHandler:
    """Merges layers; a `vhdchain.shell.executor.handlers.StepHandler`.

    Args:
        safe: After how many bytes of data it is noted how far the step is.
    """

    def __init__(self, safe: int = _CHECKPOINT_BYTES) -> None:
        self._safe = safe

    def weight(self, step: MergeBlocks) -> int:
        """See `StepHandler.weight`."""
        return 2 * sectors_to_bytes(step.sectors)  # what is in their way is saved, then they are moved

    def do(self, step: MergeBlocks, run: Run, state: State | None) -> None:
        """See `StepHandler.do`."""
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(_opened(run, path)) for path in step.layers]
            layers = [scan_image(file) for file in files]
            if state is None:
                state = _save(step, run, layers)
                run.checkpoint(state)
            target = run.layer.open(run.path(step.destination))
            stack.callback(target.close)
            _grow(step, run, state, target)
            now = stack.enter_context(_opened(run, step.destination))
            image = _scanned(_as_it_was(now, state["size"], _kept(run, step, state)))
            work = _Work(step=step, run=run, map=MergeMap(image, layers), files=[now, *files], target=target)
            work.carry_out(state, safe=self._safe)

    def undo(self, step: MergeBlocks, run: Run, state: State | None) -> None:
        """See `StepHandler.undo`."""
        if state is None:
            return  # nothing was changed before everything was saved
        with contextlib.ExitStack() as stack:
            saved = stack.enter_context(contextlib.closing(open_source(_undo_path(run, step), follow=False)))
            target = run.layer.open(run.path(step.destination))
            stack.callback(target.close)
            kept = _kept(run, step, state)
            inside = [item for item in kept if item[0] + len(item[1]) < state["size"]]
            tail = [item for item in kept if item not in inside]
            # Nothing leads to the new blocks before anything of theirs goes; the old footer is safe before the new one.
            for offset, data in inside:
                target.write_at(offset, data)
            target.sync()
            put_back(saved, state["frames"], target, run.advance)
            for offset, data in tail:
                target.write_at(offset, data)
            target.sync()
            target.truncate(state["size"])
            target.sync()

    def finish(self, step: MergeBlocks, run: Run) -> None:
        """See `StepHandler.finish`."""


def _undo_path(run: Run, step: MergeBlocks) -> str:
    return run.beside(step.destination, UNDO)


@contextlib.contextmanager
def _opened(run: Run, path: str) -> Iterator[FileSource]:
    with contextlib.closing(open_source(run.path(path), name=path, follow=False, devices=False)) as source:
        yield source


def _scanned(source: Any) -> Image:  # noqa: ANN401  # a source of bytes
    image = scan_image(source)
    return raw_image(source) if image.footer is None else image


# ------------------------------------------------------------------------------------------------- what is saved before


def _save(step: MergeBlocks, run: Run, layers: list[Image]) -> State:
    """Save all that will be written over, synced; return the checkpoint that says so."""
    path = _undo_path(run, step)
    remove(run.layer, path)  # of a run that ended before it was whole
    with _opened(run, step.destination) as source:
        image = _scanned(source)
        found = MergeMap(image, layers)
        change = change_of(found, found.measure())
        _require_planned(step, found, change)
        saved = run.layer.create(path)
        try:
            writer = SavedWriter(saved, source, lambda _: run.advance(0))
            for _, moves in found.chunks():
                kept = moves.picked(~moves.is_new)
                if len(kept.start):
                    writer.add(*_written_over(found, kept, change.new_blocks))
                run.advance(sectors_to_bytes(int(moves.length.sum())))
            frames = writer.end
            for offset, length in change.replaced:
                writer.add_bytes(source.read_at(offset, length))
            saved.sync()
        finally:
            saved.close()
    sync_folder_of(run.layer, path)
    return {"size": image.file_size, "frames": frames, "replaced": [list(each) for each in change.replaced], "row": 0}


def _written_over(
    found: MergeMap, kept: Moves, new_blocks: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of data, and of whole bitmaps, that the moves change in blocks that the destination has."""
    offset, length = found.targets(kept, new_blocks), kept.length * SECTOR_SIZE
    if not found.block_sectors:
        return offset, length
    bitmaps = found.bitmap_places(np.unique(kept.block), new_blocks)
    size = np.full(len(bitmaps), found.destination.bitmap_length, dtype=np.int64)
    return np.concatenate((bitmaps, offset)), np.concatenate((size, length))


def _require_planned(step: MergeBlocks, found: MergeMap, change: Change) -> None:
    measured = change.measured
    now = (found.destination.file_size, change.new_size, measured.sectors, len(change.new_blocks))
    if now != (step.old_size, step.new_size, step.sectors, step.new_blocks):
        raise PlanRefusedError(
            f"{step.destination}: the files are not as they were when the merge was planned; plan anew"
        )


def _kept(run: Run, step: MergeBlocks, state: State) -> list[tuple[int, bytes]]:
    """Return the structures that are replaced, as they were: offsets and bytes."""
    with contextlib.closing(open_source(_undo_path(run, step), follow=False)) as saved:
        at, kept = state["frames"], []
        for offset, length in state["replaced"]:
            kept.append((offset, saved.read_at(at, length)))
            at += length
        return kept


def _as_it_was(now: FileSource, size: int, kept: list[tuple[int, bytes]]) -> PatchedSource:
    """Return the destination as it was before the step, but for its blocks, however far the step has come."""
    patches = [
        Patch(offset=offset, old=now.read_at(offset, len(data)), new=data, why="as it was") for offset, data in kept
    ]
    return PatchedSource(now, patches, size)


def _grow(step: MergeBlocks, run: Run, state: State, target: WritableFile) -> None:
    """Make the file as long as it will be, with its footer at the end: written in one, so that no end lacks one."""
    if step.new_size == step.old_size:
        return
    footer = _kept(run, step, state)[-1][1]
    target.write_at(step.new_size - len(footer), footer)
    target.sync()


# ------------------------------------------------------------------------------------------------- what is done then


@dataclass(slots=True, kw_only=True)
class _Work:
    """A merge under way; everything that it replaces is saved."""

    step: MergeBlocks
    run: Run
    map: MergeMap
    files: list[FileSource]
    target: WritableFile

    def carry_out(self, state: State, *, safe: int) -> None:
        change = change_of(self.map, self.map.measure())
        _require_planned(self.step, self.map, change)
        self._data(change, state, safe)
        if self.map.block_sectors:
            if change.measured.kept_blocks or change.has_batmap:
                self._bitmaps(change)
                self.target.sync()
            for offset, data in change.structures():
                self.target.write_at(offset, data)
                self.target.sync()

    def _data(self, change: Change, state: State, safe: int) -> None:
        """Move the data, and write the bitmaps of new blocks; nothing leads to these yet."""
        since = 0
        for offset, length in change.cleared:
            self.target.write_at(offset, bytes(length))
        for row, moves in self.map.chunks(state["row"]):
            copy_pieces(self._pieces(moves, change), self.files, self.target, self.run.advance)
            new = moves.picked(moves.is_new)
            if len(new.start):
                self._new_bitmaps(new, change)
            since += int(moves.length.sum()) * SECTOR_SIZE
            if since >= safe:
                since = 0
                self.target.sync()
                self.run.checkpoint({**state, "row": row})
        self.target.sync()

    def _pieces(self, moves: Moves, change: Change) -> Pieces:
        return Pieces(
            file=moves.layer,
            source=moves.source * SECTOR_SIZE,
            target=self.map.targets(moves, change.new_blocks),
            length=moves.length * SECTOR_SIZE,
            group=moves.block,
            is_fresh=moves.is_new,
        )

    def _new_bitmaps(self, new: Moves, change: Change) -> None:
        blocks = np.unique(new.block)
        bitmaps = change.new_bitmaps(blocks, new)
        for place, bitmap in zip(self.map.bitmap_places(blocks, change.new_blocks).tolist(), bitmaps, strict=True):
            self.target.write_at(place, bitmap.tobytes())

    def _bitmaps(self, change: Change) -> None:
        """Set the bits of what was moved into blocks that were there; setting them again changes nothing."""
        length = self.map.destination.bitmap_length
        for _, moves in self.map.chunks():
            if change.has_batmap:
                new = moves.picked(moves.is_new)
                blocks = np.unique(new.block)
                change.note_whole(blocks, change.new_bitmaps(blocks, new))
            kept = moves.picked(~moves.is_new)
            blocks = np.unique(kept.block)
            places = self.map.bitmap_places(blocks, change.new_blocks)
            before = np.empty((len(blocks), length), dtype=np.uint8)
            order, slots = np.argsort(places), slots_of(before.data, length)
            fill_each(self.files[0], places[order].tolist(), [slots[at] for at in order.tolist()])
            after = before.copy()
            bitmaps_with(kept, after, blocks, self.map.block_sectors)
            change.note_whole(blocks, after)
            for at in np.flatnonzero((after != before).any(axis=1)).tolist():
                self.target.write_at(int(places[at]), after[at].tobytes())
