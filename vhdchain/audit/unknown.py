"""How much of each disk cannot be known where a parent is missing?

What the files above the gap do not hold was in the parent, or further down. From the BATs alone a lower bound can be
told: the blocks that no file above has; sectors that are clear in a block may be missing as well. With the sector
bitmaps the number is exact. A stretch of the disk is looked at a window at a time, for all leaves above the gap in one
walk, so that the memory needed depends neither on the disk's size nor on the number of files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap import UNKNOWN, BlockMap
from vhdchain.chain import Chain, Layer
from vhdchain.errors import VhdChainError
from vhdchain.progress import check_cancel
from vhdchain.structures.bat import UNUSED
from vhdchain.units import SECTOR_SIZE, ceil_div

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy.typing import NDArray

    from vhdchain.graph import DiskGraph, Inventory
    from vhdchain.image import Image
    from vhdchain.progress import Cancel

_WINDOW_ROWS = 1 << 16
_MAX_ROWS = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownPart:
    """What cannot be known of one disk.

    Attributes:
        leaf: The path of the leaf whose disk it is.
        length: How many bytes cannot be known.
        exact: Whether exactly so many; otherwise at least.
    """

    leaf: str
    length: int
    exact: bool


def unknown_parts(
    inventory: Inventory,
    child: str,
    *,
    deep: bool = False,
    broken: Collection[str] = (),
    cancel: Cancel | None = None,
) -> tuple[UnknownPart, ...]:
    """Return what cannot be known of the disks above ``child``, which has no parent here; most first, then by path.

    Args:
        inventory: What was scanned.
        child: A differencing image without a parent; where nothing builds on it, its own disk is the one.
        deep: Whether sector bitmaps are read, for exact numbers.
        broken: Files whose structures cannot be trusted: their bitmaps are not read.
        cancel: Asked before every leaf that is read.

    A leaf above a file whose blocks cannot be told is left out.

    Raises:
        CancelledError: ``cancel`` asked to stop.
    """
    parts = [UnknownPart(leaf=leaf, length=length, exact=False) for leaf, length in _bounds(inventory, child).items()]
    if deep:
        parts = [_exact(inventory, part, broken, cancel) for part in parts]
    return tuple(sorted(parts, key=lambda part: (-part.length, part.leaf)))


def _bounds(inventory: Inventory, child: str) -> dict[str, int]:
    """Return a lower bound in bytes for every leaf above ``child``."""
    images = {path: inventory.image(path) for path in (child, *inventory.graph.descendants(child))}
    if not _has_blocks(images[child]):
        return {}
    size = images[child].virtual_size
    # Coarser than the blocks only where a file claims a disk that is far too large: then still a lower bound.
    row = min(image.block_size for image in images.values() if _has_blocks(image))
    while ceil_div(size, row) > _MAX_ROWS:
        row *= 2
    bounds: dict[str, int] = {}
    rows = ceil_div(size, row)
    for first in range(0, rows, _WINDOW_ROWS):
        window = _Window(row=row, first=first, count=min(_WINDOW_ROWS, rows - first))
        for leaf, length in _free(inventory.graph, images, child, window):
            bounds[leaf] = bounds.get(leaf, 0) + length
    return bounds


def _has_blocks(image: Image) -> bool:
    """Say whether it can be told which blocks the file holds."""
    size = image.block_size
    return image.bat is not None and size >= SECTOR_SIZE and size & (size - 1) == 0 and image.virtual_size > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """Some rows of a disk: ``count`` of ``row`` bytes, from the row ``first`` on."""

    row: int
    first: int
    count: int

    def held(self, image: Image) -> NDArray[np.bool_]:
        """Return for each row whether the file has a block there."""
        assert image.bat is not None
        entries = image.bat.entries
        held = np.zeros(self.count, dtype=np.bool_)
        if image.block_size >= self.row:
            blocks = np.arange(self.first, self.first + self.count) // (image.block_size // self.row)
            blocks = blocks[: np.searchsorted(blocks, len(entries))]
            held[: len(blocks)] = entries[blocks] != UNUSED
        else:
            per_row = self.row // image.block_size
            used = entries[self.first * per_row : (self.first + self.count) * per_row] != UNUSED
            held[np.flatnonzero(used) // per_row] = True
        return held

    def free(self, held: NDArray[np.bool_], end: int) -> int:
        """Return how many bytes before the byte ``end`` of the disk lie in rows of this window that nobody holds."""
        whole, rest = divmod(end, self.row)
        inside = min(max(whole - self.first, 0), self.count)
        length = (inside - int(np.count_nonzero(held[:inside]))) * self.row
        return length + (rest if 0 <= whole - self.first < self.count and not held[whole - self.first] else 0)


def _free(graph: DiskGraph, images: dict[str, Image], child: str, window: _Window) -> Iterator[tuple[str, int]]:
    """Yield for every leaf above ``child`` how many bytes of the window no file on its way holds."""
    pending = [(child, np.zeros(window.count, dtype=np.bool_), images[child].virtual_size)]
    while pending:
        path, below, visible = pending.pop()
        image = images[path]
        if not _has_blocks(image):
            continue
        held = below | window.held(image)
        # Behind the end of a shorter disk on the way everything reads as zeros.
        visible = min(visible, image.virtual_size)
        if children := graph.children.get(path):
            pending.extend((above, held, visible) for above in children)
        else:
            yield path, window.free(held, visible)


def _exact(inventory: Inventory, part: UnknownPart, broken: Collection[str], cancel: Cancel | None) -> UnknownPart:
    """Return the exact number, where all the bitmaps can be read."""
    way = inventory.graph.path_to_base(part.leaf)
    if not set(broken).isdisjoint(way):
        return part
    check_cancel(cancel)
    layers = tuple(Layer(index=index, image=inventory.image(path)) for index, path in enumerate(reversed(way)))
    try:
        chunks = BlockMap(Chain(layers=layers, complete=False)).chunks(cancel=cancel)
        length = sum(int(chunk["length"][chunk["layer"] == UNKNOWN].sum()) for chunk in chunks)
    except (OSError, VhdChainError):
        check_cancel(cancel)
        return part
    return UnknownPart(leaf=part.leaf, length=length, exact=True)
