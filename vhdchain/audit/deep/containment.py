"""Is a differencing file contained in its parent's file, whole or from the first block on, as a merge leaves it?

A merge copies the child's blocks into the parent, one after the other, and deletes the child last. When it dies before
that, every set sector of the child stands in the parent's own file as well; when it dies on the way, those of the first
blocks do, and none of the later blocks is there whole. Only what the parent's *own* file holds is evidence: a sector
that equals what lies below the parent was written back by the guest. So were a few equal sectors, as a rule; and zeros
are equal everywhere. A parent that was not written to since the child was made has taken in nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.audit.deep.tally import counted
from vhdchain.findings import Finding, Location, finding
from vhdchain.structures.entries import PIECE, is_used

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vhdchain.audit.deep.blocks import Blocks
    from vhdchain.audit.deep.reading import Group

SECTORS_NEEDED = 16
"""How many sectors that hold anything but zeros must be contained: a guest that writes back 8 KiB is nothing rare."""

BLOCKS_NEEDED = 2
"""In how many blocks these lie at least, where a merge is said to have stopped behind them."""

_FAT_STEP = 2  # seconds in which some file systems count


class Containment:
    """Compares the blocks of one differencing image with its parent's file, group by group, in ascending order."""

    def __init__(self, blocks: Blocks, *, parent: str, parent_modified: int | None = None) -> None:
        """Prepare.

        Args:
            blocks: The blocks of the image.
            parent: What messages call its parent.
            parent_modified: When the parent's file was modified, in seconds since 2000; None where nobody knows.
        """
        self._blocks = blocks
        self._parent = parent
        self._modified = parent_modified
        self._judged = True
        self._first_lacking: int | None = None
        self._before = _Count()
        self._behind = _Count()
        self._behind_contained = 0
        entries = blocks.entries
        pieces = (entries[first : first + PIECE] for first in range(0, len(entries), PIECE))
        self._unseen = sum(int(np.count_nonzero(is_used(piece))) for piece in pieces)

    def add(self, group: Group) -> None:
        """Take a group in."""
        if not group.read.all() or (group.present & group.lost).any():
            self._judged = False  # what was not read may be contained or not
        self._unseen -= len(group.numbers)
        held: NDArray[np.bool_] = np.asarray(group.present.any(axis=1))
        lacking = group.present & ~(group.same & group.own)
        contained: NDArray[np.bool_] = np.asarray(~lacking.any(axis=1) & held)
        if self._first_lacking is None:
            before: NDArray[np.bool_] = held & (np.cumsum(held & ~contained) == 0)
            self._before.add(group, before)
            rest = np.flatnonzero(held & ~contained)
            if not len(rest):
                return
            self._first_lacking = int(group.numbers[rest[0]])
            held = held & ~before
        self._behind.add(group, held)
        self._behind_contained += int(np.count_nonzero(contained & held))

    def findings(self, *, compared: bool) -> Iterator[Finding]:
        """Yield what was found; nothing where not all could be ``compared``."""
        if not (compared and self._judged) or self._unseen or self._before.filled < SECTORS_NEEDED:
            return
        if self._first_lacking is None:
            yield self._whole()
        elif self._before.blocks >= BLOCKS_NEEDED and not self._behind_contained and self._was_written is not False:
            yield self._stopped(self._first_lacking)

    def _whole(self) -> Finding:
        message = (
            f"all of its {counted(self._before.sectors, 'sector')} stand in its parent's own file as well: it adds "
            f"nothing to the disk, as after a merge whose child was not deleted; {self._times()}"
        )
        return finding(
            "VHD902", self._at(self._before.first), message, found=self._before.sectors, related=(self._parent,)
        )

    def _stopped(self, block: int) -> Finding:
        done, total = self._before.blocks, self._before.blocks + self._behind.blocks
        message = (
            f"its first {done} of {total} blocks, up to block {self._before.last}, stand whole in its parent's own "
            f"file as well, and of the others, from block {block} on, none does: a merge seems to have stopped there; "
            f"{self._times()}"
        )
        details = (
            f"contained of the first {done} blocks: {self._before.sectors} sectors, {self._before.filled} with data",
            f"contained of the others: {self._behind.same} of {counted(self._behind.sectors, 'sector')}",
        )
        place = self._at(block)
        return finding("VHD903", place, message, found=done, expected=total, related=(self._parent,), details=details)

    def _at(self, block: int) -> Location:
        offset = self._blocks.bitmap_offset(block)
        return Location(path=self._blocks.image.name, structure="block", offset=offset, block=block)

    @property
    def _was_written(self) -> bool | None:
        """Whether the parent's file was written to since the child was made; None where the times do not tell.

        A copy may make a file younger than it is, never older, unless somebody sets its time. So a time before the
        child's, or the very one that the child recorded, says no; a later one says that it may have been.
        """
        image = self._blocks.image
        recorded = image.header.record.parent_time_stamp if image.header is not None else 0
        born = image.footer.time_stamp if image.footer is not None else 0
        if not self._modified or not (recorded or born):
            return None
        return not (abs(self._modified - recorded) <= _FAT_STEP or self._modified <= born)

    def _times(self) -> str:
        match self._was_written:
            case None:
                return "no time tells whether the parent was written to since"
            case True:
                return "by their times the parent was written to, or copied, after this file was made"
            case False:
                return "by their times the parent was not written to since, so that the guest wrote it all back"


class _Count:
    """How much there is in some blocks, taken in ascending order."""

    def __init__(self) -> None:
        self.blocks = self.sectors = self.filled = self.same = 0
        self.first = self.last = 0

    def add(self, group: Group, which: NDArray[np.bool_]) -> None:
        """Add those of a group."""
        if not which.any():
            return
        numbers = group.numbers[which]
        self.first = self.first if self.blocks else int(numbers[0])
        self.last = int(numbers[-1])
        self.blocks += len(numbers)
        present = group.present[which]
        self.sectors += _bits(present)
        self.filled += _bits(present & group.filled[which])
        self.same += _bits(present & group.same[which] & group.own[which])


def _bits(packed: NDArray[np.uint8]) -> int:
    return int(np.bitwise_count(packed).sum(dtype=np.int64))
