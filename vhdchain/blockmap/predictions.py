"""How large is a file when others were merged into it, or a disk when it is one file?

Sizes follow from the number of blocks: a file grows by its new blocks with their bitmaps, aligned like those that it
has, and by what a longer BAT takes; nothing makes it smaller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.blockmap.family import flat_block
from vhdchain.image.checks import layout_facts
from vhdchain.structures.appending import new_places
from vhdchain.structures.bat import ENTRY_LENGTH
from vhdchain.structures.dynamic_header import HEADER_LENGTH
from vhdchain.structures.footer import FOOTER_LENGTH
from vhdchain.structures.layout import layout_of
from vhdchain.units import bitmap_length, ceil_div, round_up_to_sector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.image import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePrediction:
    """What merging files into the one that they build on comes to; sizes in bytes.

    Attributes:
        files: The file that takes the others up, then those, each built on the one before it.
        before: What all of them take.
        after: What the first one takes then.
        room: How much the first one grows: what must be free while the others still lie there.
        blocks: How many blocks it gets.
    """

    files: tuple[str, ...]
    before: int
    after: int
    room: int
    blocks: int

    @property
    def frees(self) -> int:
        """What is free afterwards; negative where the one file takes more than all did."""
        return self.before - self.after


def merge_prediction(images: Sequence[Image], blocks: int) -> MergePrediction:
    """Return what merging ``images`` comes to.

    Args:
        images: The one that takes the others up, then those, from below to above; the last one gives the disk its size.
        blocks: How many blocks the first one gets.
    """
    into, top = images[0], images[-1]
    if into.bat is None:
        room = max(0, top.virtual_size - into.virtual_size)
    else:
        entries = max(into.bat.declared, ceil_div(top.virtual_size, into.block_size))
        room = _growth(into, blocks) + _table_length(entries) - into.bat.length
    return MergePrediction(
        files=tuple(image.name for image in images),
        before=sum(image.file_size for image in images),
        after=into.file_size + room,
        room=room,
        blocks=blocks,
    )


def _growth(image: Image, blocks: int) -> int:
    """Return how much longer a sparse file becomes with ``blocks`` blocks more."""
    facts = layout_facts(image)
    if facts is None or not blocks:
        return 0
    footer = FOOTER_LENGTH if image.footer_end is None else len(image.footer_end.raw)
    return max(0, new_places(layout_of(facts)).end(blocks) + footer - image.file_size)


def flattened_size(image: Image, blocks: int) -> int:
    """Return the size of the disk of ``image`` as one dynamic image without gaps that has ``blocks`` blocks."""
    block = flat_block(image)
    table = _table_length(ceil_div(image.virtual_size, block))
    return 2 * FOOTER_LENGTH + HEADER_LENGTH + table + blocks * (bitmap_length(block) + block)


def _table_length(entries: int) -> int:
    return round_up_to_sector(entries * ENTRY_LENGTH)
