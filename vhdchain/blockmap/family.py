"""Which images make up a family, and in which order are they walked?

A family is a tree of images over one base; the base may itself be the child of a parent that is missing. Everything
that an account needs to know of the tree is computed here, once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vhdchain.blockmap.bits import WORD_BITS
from vhdchain.blockmap.layers import MAX_LAYERS, SparseLayer
from vhdchain.errors import ChainError
from vhdchain.units import bytes_to_sectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.image import Image

DEFAULT_BLOCK = 2 << 20
"""The block size of a dynamic disk made from a chain whose leaf has none."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Family:
    """A tree of images, as `family_of` makes it; images are named by their numbers.

    Attributes:
        images: The base first, every parent before its children.
        parents: The number of each one's parent; None for the base alone.
        views: Whether somebody may want to see the disk of each.
        complete: Whether the base needs no parent.
        children: Of each the children, those with the most images above them first.
        leaves_first: An order in which children stand before their parents, the largest branches first: then no more
            than log2(n) results wait for their parents at any time.
        sizes: Sectors of each disk.
        base_visible: Up to which sector each disk shows the base.
        layers: What the maps need to know of each file that has a BAT.
        sectors_per_row: The largest block.
    """

    images: tuple[Image, ...]
    parents: tuple[int | None, ...]
    views: tuple[bool, ...]
    complete: bool
    children: tuple[tuple[int, ...], ...]
    leaves_first: tuple[int, ...]
    sizes: tuple[int, ...]
    base_visible: tuple[int, ...]
    layers: dict[int, SparseLayer] = field(repr=False)
    sectors_per_row: int

    @property
    def words_per_row(self) -> int:
        """How many 64-bit words hold the bits of a row."""
        return self.sectors_per_row // WORD_BITS

    @property
    def reaches(self) -> tuple[int, int]:
        """Up to which sector of the base one view reaches at least, and up to which two do."""
        reaches = sorted(end for end, view in zip(self.base_visible, self.views, strict=True) if view)
        first, second = [0, 0, *reaches][-1:-3:-1]
        return first, second


def family_of(images: Sequence[Image], parents: Sequence[int | None], views: Sequence[bool]) -> Family:
    """Return the family of sound ``images``.

    Args:
        images: The base first, every parent before its children.
        parents: The number of each one's parent; None for the base alone.
        views: Whether each one's disk is a view. A leaf always is one.

    Raises:
        ChainError: There are more images than can be numbered (65,536).
    """
    if len(images) > MAX_LAYERS:
        raise ChainError(f"{images[0].name}: {len(images)} images in a family; at most {MAX_LAYERS} can be accounted")
    children: list[list[int]] = [[] for _ in images]
    for number, parent in enumerate(parents):
        if parent is not None:
            children[parent].append(number)
    branch = [1] * len(images)
    for number in range(len(images) - 1, 0, -1):
        branch[_parent(parents, number)] += branch[number]
    for each in children:
        each.sort(key=lambda number: -branch[number])
    sizes = [bytes_to_sectors(image.virtual_size) for image in images]
    visible = sizes.copy()
    for number in range(1, len(images)):
        visible[number] = min(sizes[number], visible[_parent(parents, number)])
    row = max([WORD_BITS, *(bytes_to_sectors(flat_block(image)) for image in images)])
    return Family(
        images=tuple(images),
        parents=tuple(parents),
        views=tuple(view or not own for view, own in zip(views, children, strict=True)),
        complete=not images[0].is_differencing,
        children=tuple(map(tuple, children)),
        leaves_first=_leaves_first(children),
        sizes=tuple(sizes),
        base_visible=tuple(visible),
        layers={number: _layer(number, image) for number, image in enumerate(images) if image.is_sparse},
        sectors_per_row=row,
    )


def flat_block(image: Image) -> int:
    """Return the block size of a dynamic image that is made from the disk of ``image``."""
    return image.block_size if image.is_sparse else DEFAULT_BLOCK


def _parent(parents: Sequence[int | None], number: int) -> int:
    parent = parents[number]
    assert parent is not None
    return parent


def _leaves_first(children: Sequence[Sequence[int]]) -> tuple[int, ...]:
    # Taken the other way round, parents stand before children, and the largest branches last.
    order, pending = [], [0]
    while pending:
        number = pending.pop()
        order.append(number)
        pending += children[number]
    return tuple(reversed(order))


def _layer(number: int, image: Image) -> SparseLayer:
    assert image.bat is not None
    return SparseLayer(
        index=number,
        source=image.source,
        entries=image.bat.entries[: image.block_count],
        block_sectors=bytes_to_sectors(image.block_size),
        bitmap_sectors=bytes_to_sectors(image.bitmap_length),
        visible=bytes_to_sectors(image.virtual_size),
        breaks=None,
    )
