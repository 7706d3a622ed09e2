"""What changed on the disks of a machine between two of its states?

A snapshot and now, or two snapshots: their disks are paired (`vhdchain.graph.pair_disks`) and compared one by one,
from the images that a scan has open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.blockmap import ZERO, Ranges, gathered_ranges, make_ranges, widened
from vhdchain.chain import link_images
from vhdchain.errors import ChainError
from vhdchain.graph import DiskPair, pair_disks
from vhdchain.shell.changes import changed_ranges
from vhdchain.shell.handle import OpenChain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import AttachedDisk, MachineState
    from vhdchain.progress import Cancel, Progress


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DiskChange:
    """What changed on one disk of a machine.

    Attributes:
        pair: The disk in both states.
        ranges: What must be read of the newer one, as `changed_ranges` has it: all that its files hold where the older
            state does not have the disk; None where the newer one does not.
    """

    pair: DiskPair
    ranges: Ranges | None


def changed_disks(
    inventory: Inventory,
    older: MachineState,
    newer: MachineState,
    *,
    exact: bool = False,
    block_size: int = 1,
    gap: int = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Iterator[DiskChange]:
    """Yield what changed between two states of a machine, disk by disk.

    Args:
        inventory: A scan that is still open.
        older: A state of one of its machines: ``machine.snapshot("first")``.
        newer: Another one: ``machine.now``.
        exact: As in `changed_ranges`; of a disk that was added, data are not looked at.
        block_size: As there.
        gap: As there.
        progress: As there, disk by disk.
        cancel: As there.

    Raises:
        ChainError: A disk was not found, or a parent of it.
        Others: As `changed_ranges`.
    """
    for pair in pair_disks(inventory, older, newer):
        if pair.newer is None:
            yield DiskChange(pair=pair, ranges=None)
            continue
        disk = _opened(inventory, pair.newer)
        if pair.older is None:
            pieces = widened(_held(disk), block_size=block_size, gap=gap, size=disk.virtual_size)
            yield DiskChange(pair=pair, ranges=gathered_ranges(pieces))
            continue
        ranges = changed_ranges(
            _opened(inventory, pair.older),
            disk,
            exact=exact,
            block_size=block_size,
            gap=gap,
            progress=progress,
            cancel=cancel,
        )
        yield DiskChange(pair=pair, ranges=ranges)


def _opened(inventory: Inventory, disk: AttachedDisk) -> OpenChain:
    """Return the chain of a disk; its files belong to the inventory."""
    if disk.path is None:
        raise ChainError(f"{disk.found.stored}: the disk at {disk.place} was not found: {disk.found.outcome}")
    return OpenChain(link_images([inventory.image(path) for path in inventory.graph.path_to_base(disk.path)[::-1]]))


def _held(disk: OpenChain) -> Iterator[Ranges]:
    for extents in disk.block_map().chunks():
        held = extents[extents["layer"] != ZERO]
        yield make_ranges(held["start"], held["start"] + held["length"])
