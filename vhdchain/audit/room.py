"""Is there room for the merges?

A file grows while it takes up what builds on it, and the other file goes only afterwards. What is free is for the
caller to say: a folder is often judged on another machine than the one that merges. It is compared with every merge
that a deleted snapshot left to be made, with the deletion of each machine's snapshot that needs most, and, where no
machine uses the disks, with the one merge of an only child that needs most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.blockmap import usage_of
from vhdchain.findings import Finding, Location, finding
from vhdchain.locate import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.blockmap import DeletionUsage, DiskUsage, MergePrediction
    from vhdchain.graph import Inventory
    from vhdchain.progress import Cancel


def check_room(inventory: Inventory, free_space: int, *, cancel: Cancel | None = None) -> Iterator[Finding]:
    """Yield VHD711 where a merge needs more than ``free_space`` bytes.

    Families of disks that cannot be accounted, because a file is damaged or a bitmap cannot be read, are passed over:
    what is wrong with them is told elsewhere.

    Raises:
        CancelledError: ``cancel`` asked to stop.
    """
    usage = usage_of(inventory, cancel=cancel)
    for merge in usage.owed.merges:
        if merge is not None and merge.room > free_space:
            what = "the merge into this disk that is still to be made"
            yield _short(_disk(merge), what, merge.room, free_space, merge.files[1:])
    for deletion in _most_needed(usage):
        room = deletion.room or 0
        if room > free_space and deletion.snapshot is not None and deletion.machine is not None:
            name, machine = shortened(deletion.snapshot.name, 40), shortened(deletion.machine.name, 40)
            what = f"deleting snapshot {name} of {machine}, with the merges that follow,"
            files = [merge.files[0] for merge in deletion.merges if merge is not None]
            yield _short(
                Location(path=deletion.snapshot.path, structure="configuration"), what, room, free_space, files
            )
    if not len(inventory.machines):
        merges = [image.merge for image in usage.images if image.merge is not None]
        most = max(merges, key=lambda merge: merge.room, default=None)
        if most is not None and most.room > free_space:
            what = "merging the one disk that builds on this one into it"
            yield _short(_disk(most), what, most.room, free_space, most.files[1:])


def _most_needed(usage: DiskUsage) -> list[DeletionUsage]:
    """Return for each machine the snapshot whose deletion needs most; of equal ones the first."""
    most: dict[int, DeletionUsage] = {}
    for deletion in usage.snapshots:
        known = most.get(id(deletion.machine))
        if known is None or (deletion.room or 0) > (known.room or 0):
            most[id(deletion.machine)] = deletion
    return list(most.values())


def _disk(merge: MergePrediction) -> Location:
    return Location(path=merge.files[0], structure="graph")


def _short(place: Location, what: str, room: int, free_space: int, related: Sequence[str]) -> Finding:
    message = f"{what} needs {room:,} bytes for new blocks, and {free_space:,} bytes are free"
    return finding("VHD711", place, message, expected=room, found=free_space, related=related)
