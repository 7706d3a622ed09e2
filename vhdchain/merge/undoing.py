"""With which steps is a file patched, so that it can be taken back whenever somebody asks?

Before a byte of a file changes, a small file appears beside it: the plan that takes the change back, old and new bytes
swapped. It names the file by its name alone, so that the two may be moved together. The time of modification stays as
it was where children record it: their disks do not change by what is patched here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.plan import (
    CreateFile,
    FileState,
    Patch,
    PatchFile,
    Plan,
    ReplaceFile,
    SetModified,
    VolumeNeed,
    plan_document,
)
from vhdchain.structures.footer import timestamp_of_mtime

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.plan import Step
    from vhdchain.source import ByteSource

UNDO_ACTION = "undo"
"""The action of a plan that takes another one back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePatches:
    """What changes in one file.

    Attributes:
        source: The file as it is.
        name: Its own name, without a folder.
        patches: In the order of their offsets.
        size: Its length afterwards; None where it stays.
        undo: Where the plan that takes it back is written; None: nowhere.
        keeps_time: Whether its modification time stays as it was.
    """

    source: ByteSource
    name: str
    patches: tuple[Patch, ...]
    size: int | None = None
    undo: str | None = None
    keeps_time: bool = False


def patch_steps(change: FilePatches, summary: str, *, replace: bool = False) -> tuple[Step, ...]:
    """Return the steps that make a change.

    Args:
        change: What changes.
        summary: What the whole plan does, for the undo file.
        replace: Whether a patched copy takes the file's place at once, instead of the file being patched where it lies.
    """
    path = change.source.name
    kind = ReplaceFile if replace else PatchFile
    steps: list[Step] = []
    if change.undo is not None:
        content = json.dumps(plan_document(undo_plan(change, summary)), indent=1) + "\n"
        why = f"the plan that takes back what is changed in {change.name}"
        steps.append(CreateFile(path=change.undo, content=content.encode(), why=why))
    steps.append(kind(path=path, patches=change.patches, size=change.size))
    if change.keeps_time:
        steps.extend(_time_as_it_was(change, path))
    return tuple(steps)


def undo_plan(change: FilePatches, summary: str) -> Plan:
    """Return the plan that makes the file as it is now from what it will be; it names the file without a folder."""
    back = tuple(Patch(offset=item.offset, old=item.new, new=item.old, why=item.why) for item in change.patches)
    patch = PatchFile(path=change.name, patches=back, size=None if change.size is None else change.source.size)
    size = change.source.size if change.size is None else change.size
    return Plan(
        action=UNDO_ACTION,
        summary=f"take back: {summary}",
        steps=(patch, *_time_as_it_was(change, change.name)),
        files=(FileState(path=change.name, size=size),),
    )


def _time_as_it_was(change: FilePatches, path: str) -> Iterator[Step]:
    """Yield the step that gives a file back its time, where that is known and one that images can store."""
    mtime_ns: int | None = getattr(change.source, "mtime_ns", None)
    if mtime_ns is not None and (seconds := timestamp_of_mtime(mtime_ns)) >= 0:
        yield SetModified(path=path, seconds=seconds)


def room_for(sizes: Iterable[tuple[str, int, int]], *, replace: bool) -> tuple[VolumeNeed, ...]:
    """Return the room that changes of files need, a folder each.

    Args:
        sizes: Of each file its path, its length, and how much longer it becomes.
        replace: Whether a whole copy of it is made first.
    """
    peaks: dict[str, int] = {}
    lasting: dict[str, int] = {}
    for path, size, growth in sizes:
        folder = path.rpartition("/")[0] or ("/" if path.startswith("/") else ".")
        peaks[folder] = peaks.get(folder, 0) + max(0, growth) + (size if replace else 0)
        lasting[folder] = lasting.get(folder, 0) + growth
    return tuple(
        VolumeNeed(folder=folder, peak=peak, lasting=lasting[folder])
        for folder, peak in peaks.items()
        if peak or lasting[folder]
    )
