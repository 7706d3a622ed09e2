"""What does the block map need to know of each layer, and which of its blocks matter?

The map is resolved in *rows*: stretches of the disk as long as the largest block of the chain, so that in a chain of
one block size a row is a block. A layer with smaller blocks has several of them in a row. Layers are numbered here from
the top, in the order in which they are asked.

How far down a layer can be seen is bounded by every layer above it, too: beyond the end of a shorter layer everything
reads as zero, whatever lies below (FORMAT: "virtual sizes along a chain may differ").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap.bits import WORD_BITS, block_breaks
from vhdchain.blockmap.extents import UNKNOWN, ZERO
from vhdchain.structures.bat import UNUSED
from vhdchain.units import bytes_to_sectors, ceil_div

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vhdchain.chain import Chain
    from vhdchain.source import ByteSource

WINDOW_ROWS = 1 << 16
"""Most rows whose allocated blocks are listed at a time; a row's number in its window takes 16 bits of the key."""

_MOST_CLAIMS = 1 << 20

_LAYER_SHIFT = np.uint64(32)
_ROW_SHIFT = np.uint64(48)
_LAYER_MASK = np.uint64(0xFFFF)
MAX_LAYERS = 1 << 16

_NOTHING = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SparseLayer:
    """A layer with a BAT; lengths in sectors unless they say bytes.

    Attributes:
        index: The layer's index in the chain.
        source: Its file.
        entries: Its BAT, cut to the blocks that the disk has: uint32, shape (blocks,).
        block_sectors: Sectors in a block.
        bitmap_sectors: Sectors that a bitmap takes in the file.
        visible: First sector of the disk for which this layer is not asked.
        breaks: First sectors of the blocks in a row, as `bits.run_edges` wants them; None where a row is a block.
    """

    index: int
    source: ByteSource = field(repr=False)
    entries: NDArray[np.uint32] = field(repr=False)
    block_sectors: int
    bitmap_sectors: int
    visible: int
    breaks: NDArray[np.uint64] | None = field(repr=False)

    @property
    def bitmap_bytes(self) -> int:
        """Bytes of a bitmap that carry bits."""
        return ceil_div(self.block_sectors, 8)


def visible_sizes(chain: Chain) -> list[int]:
    """Return, for each layer base first, up to which byte of the disk it can be seen."""
    from_top = accumulate((layer.image.virtual_size for layer in reversed(chain.layers)), min)
    return list(from_top)[::-1]


def row_sectors(chain: Chain) -> int:
    """Return how many sectors a row has: the largest block, and at least one word of bits."""
    blocks = [layer.image.block_size for layer in chain.layers if layer.image.is_sparse]
    return max([WORD_BITS, *(bytes_to_sectors(block) for block in blocks)])


def sparse_layers(chain: Chain, sectors_per_row: int) -> list[SparseLayer]:
    """Return the layers that have a BAT, top first."""
    layers = []
    for layer, visible in zip(reversed(chain.layers), reversed(visible_sizes(chain)), strict=True):
        image = layer.image
        if image.bat is None or not image.is_sparse:
            continue
        block = bytes_to_sectors(image.block_size)
        sectors = bytes_to_sectors(visible)
        layers.append(
            SparseLayer(
                index=layer.index,
                source=image.source,
                entries=image.bat.entries[: ceil_div(sectors, block)],
                block_sectors=block,
                bitmap_sectors=bytes_to_sectors(image.bitmap_length),
                visible=sectors,
                breaks=None if block == sectors_per_row else block_breaks(sectors_per_row, block),
            )
        )
    return layers


def window_rows(layers: int) -> int:
    """Return for how many rows of ``layers`` layers the blocks are to be listed at a time, all of them in use."""
    return max(1, min(WINDOW_ROWS, _MOST_CLAIMS // max(1, layers)))


def below_all(chain: Chain) -> tuple[int, int]:
    """Return what supplies sectors that no bitmap claims, and up to which byte of the disk it does."""
    end = visible_sizes(chain)[0]
    if not chain.complete:
        return UNKNOWN, end
    return (ZERO, 0) if chain.base.is_sparse else (0, end)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Claims:
    """Which layers have blocks in which rows of a window; arrays of shape (n,), sorted by row, then top first.

    Attributes:
        row: The row.
        layer: Position in the list of sparse layers, from the top.
        entry: The BAT entry; meaningless where the layer has several blocks in a row.
    """

    row: NDArray[np.int64]
    layer: NDArray[np.int64]
    entry: NDArray[np.int64]

    def picked(self, which: NDArray[np.int64]) -> Claims:
        """Return the claims of these numbers."""
        return Claims(row=self.row[which], layer=self.layer[which], entry=self.entry[which])


def claims_of_window(layers: list[SparseLayer], first_row: int, rows: int, sectors_per_row: int) -> Claims:
    """Return who may supply anything in ``rows`` (at most `WINDOW_ROWS`) rows from ``first_row`` on.

    Row, layer and entry are packed into one 64-bit key: one sort of plain integers then merges all BATs.
    """
    rows_of, found, counts = [_NOTHING], [_NOTHING.astype(np.uint32)], []
    for layer in layers:
        per_row = sectors_per_row // layer.block_sectors
        entries = layer.entries[first_row * per_row : (first_row + rows) * per_row]
        used = (entries != UNUSED).nonzero()[0]
        found.append(entries[used])
        if per_row > 1:
            used //= per_row
            of_row = np.diff(used, prepend=-1) != 0
            used, found[-1] = used[of_row], found[-1][of_row]
        rows_of.append(used)
        counts.append(len(used))
    merged = np.concatenate(rows_of).view(np.uint64)
    merged <<= _ROW_SHIFT
    merged |= np.repeat(np.arange(len(layers), dtype=np.uint64) << _LAYER_SHIFT, counts)
    merged |= np.concatenate(found)
    merged.sort()
    return Claims(
        row=(merged >> _ROW_SHIFT).astype(np.int64) + first_row,
        layer=(merged >> _LAYER_SHIFT & _LAYER_MASK).astype(np.int64),
        entry=(merged & np.uint64(UNUSED)).astype(np.int64),
    )
