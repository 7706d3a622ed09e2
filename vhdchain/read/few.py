"""Which bytes does the guest see in these few sectors?

For reads as a file system makes them, of some KiB at random places: whoever has sectors of the range is read once, over
all that lies between its first and its last one, and the sectors are picked out of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.units import SECTOR_SIZE, ceil_div, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.blockmap import FewSectors, Supply
    from vhdchain.source import ByteSource


def read_few(few: FewSectors, sources: Sequence[ByteSource], offset: int, length: int) -> bytes | None:
    """Return ``length`` bytes of the disk from ``offset``, or None where another way has to be taken.

    Args:
        few: Who supplies sectors.
        sources: The files of the layers, base first.
        offset: In bytes, of any alignment; may lie outside of the disk.
        length: In bytes; positive.

    Raises:
        ShortReadError: A file was truncated after the chain was opened.
    """
    first, skipped = divmod(offset, SECTOR_SIZE)
    count = ceil_div(skipped + length, SECTOR_SIZE)
    found = few.suppliers(first, count)
    if found is None:
        return None
    if len(found) == 1 and found[0].bits.bit_count() == count:
        layer, sector, _ = found[0]
        return sources[layer].read_at(sectors_to_bytes(sector) + skipped, length)
    if not found:
        return bytes(length)
    together = bytearray(sectors_to_bytes(count))
    for supply in found:
        _pick(supply, sources[supply.layer], together, count)
    return bytes(memoryview(together)[skipped : skipped + length])


def _pick(supply: Supply, source: ByteSource, together: bytearray, count: int) -> None:
    runs = list(_runs(supply.bits, count))
    begin, end = runs[0][0], runs[-1][1]
    offset, length = sectors_to_bytes(supply.file_sector + begin), sectors_to_bytes(end - begin)
    stretch = memoryview(source.read_at(offset, length))
    for first, behind in runs:
        low, high = sectors_to_bytes(first - begin), sectors_to_bytes(behind - begin)
        together[sectors_to_bytes(first) : sectors_to_bytes(behind)] = stretch[low:high]


def _runs(bits: int, count: int) -> Iterator[tuple[int, int]]:
    """Yield where runs of set bits begin, and the bit behind them; of ``count`` bits the first is the highest."""
    while bits:
        left = bits.bit_length()
        after = (bits ^ ((1 << left) - 1)).bit_length()  # the next bit that is clear
        yield count - left, count - after
        bits &= (1 << after) - 1
