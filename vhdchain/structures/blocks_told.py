"""How does one finding speak of many blocks of a BAT?

All blocks of a condition are counted, the first eight are listed by their index in the disk. The counts come from the
entries in the order of the file; the indexes are looked for in the table only once there is something to tell, and only
until they are found.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.findings import Location
from vhdchain.structures.entries import count_within, pieces_of, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vhdchain.structures.layout import Layout
    from vhdchain.structures.layout_facts import LayoutOfFile

BAT = "BAT"
LISTED = 8


@dataclass(slots=True)
class ToldBlocks:
    """The blocks at which one condition holds: all are counted, the first ones are kept."""

    total: int = 0
    blocks: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        listed = ", ".join(str(block) for block in self.blocks)
        return listed if self.total == len(self.blocks) else f"{listed}, …"

    @property
    def subject(self) -> str:
        """The beginning of a sentence about them: it goes on in the singular."""
        return f"block {self.blocks[0]}" if self.total == 1 else f"each of {self.total} blocks ({self})"


def entry_place(file: LayoutOfFile, block: int) -> Location:
    """Return the location of the entry of ``block``."""
    return Location(path=file.path, structure=BAT, offset=file.bat.entry_offset(block), block=block)


def blocks_within(layout: Layout, ranges: Sequence[tuple[int, int]], *, without: int | None = None) -> ToldBlocks:
    """Return the blocks of the disk whose entries lie in ``ranges`` (see `starts_over`), but for block ``without``.

    That one's entry must lie in the ranges.
    """
    total = count_within(layout.places, ranges) - (without is not None)
    return ToldBlocks(total=total, blocks=_first_blocks(layout.file, ranges, min(total, LISTED), without))


def holders_of(file: LayoutOfFile, entries: Iterable[int], *, count: int = LISTED) -> dict[int, list[int]]:
    """Return the first ``count`` blocks of the disk that hold each of some ``entries``, in one pass over the table."""
    found: dict[int, list[int]] = {entry: [] for entry in sorted(entries)}
    wanted = list(found)
    for first, piece in pieces_of(file.bat.entries[: file.readable]):
        if not wanted:
            break
        # What conflicts lies close together in the file, so that hardly any other entry is in between.
        near = np.flatnonzero((piece - np.uint32(wanted[0])) <= wanted[-1] - wanted[0])
        values = piece.take(near)
        for entry in wanted:
            found[entry] += (near[values == entry][: count - len(found[entry])] + first).tolist()
        wanted = [entry for entry in wanted if len(found[entry]) < count]
    return found


def _first_blocks(file: LayoutOfFile, ranges: Sequence[tuple[int, int]], count: int, without: int | None) -> list[int]:
    blocks: list[int] = []
    for first, piece in pieces_of(file.bat.entries[: file.readable]):
        if len(blocks) >= count:
            break
        found = np.flatnonzero(within(piece, ranges))
        blocks += [block for block in (found[: LISTED + 1] + first).tolist() if block != without]
    return blocks[:count]
