"""Why does this layer, and no other, supply the sector at this place?

The answer of the map for one sector, told layer by layer from the top: what each layer says of the sector, which BAT
entry and which bit of which bitmap say so, and where that stands in the file. It asks one layer after the other and
shares no code with the bulk resolution.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from operator import index
from typing import TYPE_CHECKING

from vhdchain.errors import OutOfRangeError
from vhdchain.structures.bat import UNUSED
from vhdchain.structures.bitmap import sector_is_set
from vhdchain.units import bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from vhdchain.chain import Chain, Layer


class Reason(StrEnum):
    """What a layer says of a sector."""

    SUPPLIES = "supplies"
    """The sector's bit is set, or the layer is fixed or raw: the layer holds it."""

    UNALLOCATED = "unallocated"
    """The BAT entry of the sector's block is unused."""

    CLEAR = "clear"
    """The block is allocated, the sector's bit is clear."""

    BEYOND_END = "beyond-end"
    """The sector lies behind the end of this layer's disk: it reads as zeros, whatever lies below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one layer says of the sector; None where it does not apply. Offsets in bytes in the layer's file.

    Attributes:
        layer: The layer's index, base = 0.
        path: Its file.
        reason: What it says.
        block: The block that the sector is in.
        entry: The BAT entry, a sector offset.
        entry_offset: Where the entry stands.
        bitmap_offset: Where the byte of the bitmap stands that holds the sector's bit.
        bit: The bit's mask in that byte, 0x80 for the first of eight sectors.
        file_offset: Where the sector's data lies, if this layer supplies it.
    """

    layer: int
    path: str
    reason: Reason
    block: int | None = None
    entry: int | None = None
    entry_offset: int | None = None
    bitmap_offset: int | None = None
    bit: int | None = None
    file_offset: int | None = None


def explain(chain: Chain, offset: int) -> tuple[Step, ...]:
    """Return what the layers say of the sector that holds byte ``offset`` of the disk, from the top.

    The last step decides: it supplies the sector, or lies too short, or is the base, whose unallocated and clear
    sectors are zeros (or unknown, where the chain is incomplete).

    Raises:
        OutOfRangeError: ``offset`` is not inside the disk.
        ShortReadError: A file was truncated after the chain was opened.
    """
    offset = index(offset)
    if not 0 <= offset < chain.virtual_size:
        raise OutOfRangeError(
            f"{chain.leaf.name}: byte {offset} lies outside of this disk of {chain.virtual_size} bytes"
        )
    steps: list[Step] = []
    for layer in reversed(chain.layers):
        steps.append(_step(layer, bytes_to_sectors(offset)))
        if steps[-1].reason in (Reason.SUPPLIES, Reason.BEYOND_END):
            break
    return tuple(steps)


def _step(layer: Layer, sector: int) -> Step:
    image = layer.image
    start = sectors_to_bytes(sector)
    if start >= image.virtual_size:
        return Step(layer=layer.index, path=image.name, reason=Reason.BEYOND_END)
    if image.bat is None or not image.is_sparse:
        return Step(layer=layer.index, path=image.name, reason=Reason.SUPPLIES, file_offset=start)
    block, in_block = divmod(sector, bytes_to_sectors(image.block_size))
    entry, entry_offset = int(image.bat.entries[block]), image.bat.entry_offset(block)
    if entry == UNUSED:
        return Step(
            layer=layer.index,
            path=image.name,
            reason=Reason.UNALLOCATED,
            block=block,
            entry=entry,
            entry_offset=entry_offset,
        )
    bitmap = sectors_to_bytes(entry)
    byte_offset = bitmap + in_block // 8
    is_set = sector_is_set(image.source.read_at(byte_offset, 1), in_block % 8)
    return Step(
        layer=layer.index,
        path=image.name,
        reason=Reason.SUPPLIES if is_set else Reason.CLEAR,
        block=block,
        entry=entry,
        entry_offset=entry_offset,
        bitmap_offset=byte_offset,
        bit=0x80 >> in_block % 8,
        file_offset=bitmap + image.bitmap_length + sectors_to_bytes(in_block) if is_set else None,
    )
