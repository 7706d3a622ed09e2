"""How much do the disks of a scan take, and how much of it in vain?

The account itself is made from metadata (`vhdchain.blockmap.usage_of`); a deep one also compares what every file holds
with what stands below it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from vhdchain.blockmap import DiskUsage, FamilyUsage, ImageUsage, usage_of
from vhdchain.chain import Chain, Layer
from vhdchain.read import redundant_data

if TYPE_CHECKING:
    from collections.abc import Collection

    from vhdchain.graph import Inventory
    from vhdchain.progress import Cancel, Progress


def disk_usage(
    inventory: Inventory,
    *,
    deep: bool = False,
    accept: Collection[str] = (),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> DiskUsage:
    """Return what the disks of ``inventory`` take, for whom, and what deleting each snapshot would free.

    Args:
        inventory: What `scan_folder` found; its images are still open.
        deep: Whether data is read, too, to find sectors that files hold in vain.
        accept: Codes of errors in spite of which a file is accounted.
        progress: Called with what is done and what there is; files, in a deep account bytes of data.
        cancel: Asked again and again.

    Raises:
        ShortReadError: A file was truncated while a deep account was made.
        CancelledError: ``cancel`` asked to stop.
    """
    usage = usage_of(inventory, accept=accept, progress=None if deep else progress, cancel=cancel)
    if not deep:
        return usage
    reading = _Reading(inventory, usage, progress, cancel)
    return dataclasses.replace(usage, families=tuple(map(reading.family, usage.families)))


class _Reading:
    def __init__(
        self, inventory: Inventory, usage: DiskUsage, progress: Progress | None, cancel: Cancel | None
    ) -> None:
        self._inventory = inventory
        self._progress = progress
        self._cancel = cancel
        self._done = 0
        self._total = sum(map(_held, usage.images))

    def family(self, family: FamilyUsage) -> FamilyUsage:
        if family.problem is not None or not family.complete:
            return family
        return dataclasses.replace(family, images=tuple(map(self._image, family.images)))

    def _image(self, usage: ImageUsage) -> ImageUsage:
        way = reversed(self._inventory.graph.path_to_base(usage.path))
        layers = (Layer(index=index, image=self._inventory.image(path)) for index, path in enumerate(way))
        found = redundant_data(Chain(layers=tuple(layers)), progress=self._compared, cancel=self._cancel)
        return dataclasses.replace(usage, redundant=found)

    def _compared(self, length: int) -> None:
        self._done += length
        if self._progress:
            self._progress(self._done, max(self._done, self._total))


def _held(usage: ImageUsage) -> int:
    sectors, parts = usage.sectors, usage.parts
    if sectors is None or parts is None or not parts.bitmaps:
        return 0
    return sectors.exclusive + sectors.shared + sectors.dead
