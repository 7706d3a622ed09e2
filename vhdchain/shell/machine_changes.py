"""What changed on the disks of a machine between two of its states?

A snapshot and now, or two snapshots: their disks are paired (`vhdchain.graph.pair_disks`) and compared one by one,
from the images that a scan has open. A disk that cannot be compared is a problem of its own, where the caller wants
to hear of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.blockmap import ZERO, DiskChange, gathered_ranges, joined_pieces, make_ranges, widened
from vhdchain.chain import link_images
from vhdchain.errors import ChainError, FormatError
from vhdchain.graph import pair_disks
from vhdchain.image import FooterPolicy
from vhdchain.progress import check_cancel
from vhdchain.read import differing
from vhdchain.shell.changes import changed_pieces
from vhdchain.shell.handle import OpenChain
from vhdchain.shell.opening import footer_policy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from vhdchain.blockmap import Ranges
    from vhdchain.graph import DiskPair, Inventory
    from vhdchain.hyperv import AttachedDisk, MachineState
    from vhdchain.progress import Cancel, Progress


def changed_disks(
    inventory: Inventory,
    older: MachineState,
    newer: MachineState,
    *,
    exact: bool = False,
    block_size: int = 1,
    gap: int = 0,
    accept: Collection[str] = (),
    footer: FooterPolicy | str = FooterPolicy.AUTO,
    keep_going: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Iterator[DiskChange]:
    """Yield what changed between two states of a machine, disk by disk.

    Args:
        inventory: A scan that is still open.
        older: A state of one of its machines: ``machine.snapshot("first")``.
        newer: Another one: ``machine.now``.
        exact: As in `changed_ranges`; of a disk that was added, what is not zero counts.
        block_size: As there.
        gap: As there.
        accept: Codes of errors in spite of which an image is read.
        footer: The policy by which the scan was made.
        keep_going: Whether a disk that cannot be compared is yielded with its problem, instead of raised.
        progress: As in `changed_ranges`, disk by disk.
        cancel: As there.

    Raises:
        ChainError: A disk was not found, or a parent of it; not with ``keep_going``.
        Others: As `changed_ranges`; with ``keep_going`` only `ValueError` about the options, and `CancelledError`.
    """
    comparison = _Comparison(inventory, exact, block_size, gap, accept, footer_policy(footer), progress, cancel)
    for pair in pair_disks(inventory, older, newer):
        try:
            change = comparison.of(pair)
        except (ChainError, FormatError, OSError) as error:
            if not keep_going:
                raise
            change = DiskChange(pair=pair, ranges=None, problem=str(error))
        yield change


@dataclass(frozen=True, slots=True)
class _Comparison:
    inventory: Inventory
    exact: bool
    block_size: int
    gap: int
    accept: Collection[str]
    footer: FooterPolicy
    progress: Progress | None
    cancel: Cancel | None

    def of(self, pair: DiskPair) -> DiskChange:
        if pair.newer is None:
            return DiskChange(pair=pair, ranges=None)
        newer = self._opened(pair.newer)
        if pair.older is None:
            return DiskChange(pair=pair, ranges=gathered_ranges(self._added(newer)), newer=newer.chain)
        older = self._opened(pair.older)
        pieces = changed_pieces(
            older,
            newer,
            exact=self.exact,
            block_size=self.block_size,
            gap=self.gap,
            progress=self.progress,
            cancel=self.cancel,
        )
        return DiskChange(pair=pair, ranges=gathered_ranges(pieces), older=older.chain, newer=newer.chain)

    def _added(self, disk: OpenChain) -> Iterator[Ranges]:
        pieces = joined_pieces(_held(disk, self.cancel))
        if self.exact:
            pieces = differing(None, disk.reader, pieces, progress=self.progress, cancel=self.cancel)
        return widened(pieces, block_size=self.block_size, gap=self.gap, size=disk.virtual_size)

    def _opened(self, disk: AttachedDisk) -> OpenChain:
        """Return the chain of a disk; its files belong to the inventory."""
        if disk.path is None:
            raise ChainError(f"{disk.found.stored}: the disk at {disk.place} was not found: {disk.found.outcome}")
        way = self.inventory.graph.path_to_base(disk.path)
        try:
            images = [self.inventory.image(path) for path in reversed(way)]
        except KeyError as error:
            raise ChainError(
                f"{error.args[0]}: the disk at {disk.place} needs this file, and it was not read"
            ) from None
        return OpenChain(link_images(images, footer=self.footer, accept=self.accept))


def _held(disk: OpenChain, cancel: Cancel | None) -> Iterator[Ranges]:
    for extents in disk.block_map().chunks():
        check_cancel(cancel)
        held = extents["layer"] != ZERO
        starts = extents["start"][held]
        yield make_ranges(starts, starts + extents["length"][held])
