"""Does the data agree with the bits above it?

Zeros under a clear bit and data under a set one are what nearly every writer leaves. Whatever else there is has a
meaning: data under clear bits is stale, or the bits are wrong; zeros under set bits hide the parent; sectors that equal
the parent's are kept twice. Which sectors hold data is compared with the bits in both bit orders, to know a writer that
counts from the wrong end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.audit.deep.tally import Tally, counted
from vhdchain.findings import Finding, finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.audit.deep.blocks import Blocks
    from vhdchain.audit.deep.reading import Group

_REVERSED = np.packbits(np.unpackbits(np.arange(256, dtype=np.uint8)[:, np.newaxis], axis=1)[:, ::-1], axis=1)[:, 0]
_VOTES_NEEDED = 8
_TIMES_MORE_VOTES = 8
_TIMES_FEWER_MISFITS = 4


class DataCheck:
    """Judges the data of one image's blocks, group by group."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._stale, self._zeros, self._same, self._lost = (Tally() for _ in range(4))
        self._orders = _BitOrders()
        self._reason = ""

    def add(self, group: Group) -> None:
        """Take a group in."""
        held = group.present & ~group.lost
        self._stale.add_sectors(group.numbers, group.filled & group.inside & ~group.present)
        self._lost.add_sectors(group.numbers, group.present & group.lost)
        if self._blocks.image.is_differencing:
            self._zeros.add_sectors(group.numbers, held & ~group.filled)
            self._same.add_sectors(group.numbers, held & group.same)
        if group.lost.any():
            self._reason = self._reason or next(iter(group.reasons), "they lie behind the end of the data")
        self._orders.add(group)

    def findings(self) -> Iterator[Finding]:
        """Yield what was found."""
        if self._stale.blocks:
            yield self._told("VHD452", self._stale, f"hold data under clear bits; {self._stale_means()}")
        if self._zeros.blocks:
            yield self._told("VHD456", self._zeros, "are stored zeros: they hide what the parent holds there")
        if self._same.blocks:
            yield self._told("VHD457", self._same, "hold what the parent shows there anyway")
        if self._orders.fit_reversed:
            message = (
                f"the bits of {counted(self._orders.reversed, 'bitmap byte')} fit the data when they are counted from "
                f"the lowest bit, and of {self._orders.stated} when from the highest, as the format says"
            )
            place = self._orders.tally.at_bitmap(self._blocks)
            yield finding("VHD458", place, message, expected="highest bit first", found="lowest bit first")
        if self._lost.blocks:
            yield self._told("VHD460", self._lost, f"should be in this file and cannot be read: {self._reason}")

    def _stale_means(self) -> str:
        if self._blocks.image.is_differencing:
            return "the disk shows the parent's sectors there"
        return "the disk shows zeros there, and readers that ignore the bitmaps of dynamic disks show the data"

    def _told(self, code: str, tally: Tally, what: str) -> Finding:
        return finding(code, tally.at_data(self._blocks), f"{tally.of_sectors} {what}", found=tally.sectors)


class _BitOrders:
    """Which bit order fits the data better? Only bytes that read differently backwards can tell.

    Attributes:
        stated: How many of these bytes fit better with the highest bit first, as the format says.
        reversed: How many fit better with the lowest bit first.
        tally: The blocks of the latter.
    """

    def __init__(self) -> None:
        self.stated = 0
        self.reversed = 0
        self.tally = Tally()
        self._misfits_stated = 0
        self._misfits_reversed = 0

    def add(self, group: Group) -> None:
        backwards = _REVERSED[group.present]
        telling = (backwards != group.present) & (group.inside == 0xFF) & (group.lost == 0)
        if not telling.any():
            return
        stated = np.bitwise_count(group.filled ^ group.present)
        turned = np.bitwise_count(group.filled ^ backwards)
        self._misfits_stated += int(stated[telling].sum(dtype=np.int64))
        self._misfits_reversed += int(turned[telling].sum(dtype=np.int64))
        self.stated += int(np.count_nonzero(telling & (stated < turned)))
        votes = telling & (turned < stated)
        self.reversed += int(np.count_nonzero(votes))
        self.tally.add_blocks(group.numbers, votes.any(axis=1))

    @property
    def fit_reversed(self) -> bool:
        """Whether the data fits the wrong order by a wide margin, in more than a handful of bytes."""
        return (
            self.reversed >= _VOTES_NEEDED
            and self.reversed >= _TIMES_MORE_VOTES * self.stated
            and self._misfits_stated >= _TIMES_FEWER_MISFITS * self._misfits_reversed
        )
