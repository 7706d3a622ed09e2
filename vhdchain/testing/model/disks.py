"""What does each disk hold after these steps?

Every image is a dict from sector to 512 bytes: what this file supplies. The rules are those of the format:

* A fixed image supplies every sector of its disk; a dynamic one what was written to it, the rest reads as zeros.
* A differencing image supplies what was written to it; the rest is its parent's.
* Beyond the end of a layer's disk everything reads as zeros, whatever lies below it.

Files, blocks, bitmaps and offsets do not occur in here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vhdchain.units import SECTOR_SIZE, bytes_to_sectors, sectors_for, sectors_to_bytes


@dataclass(slots=True, kw_only=True)
class ModelImage:
    """One image.

    Attributes:
        supplies_all: Whether sectors that were never written count as this image's own (fixed and raw images).
        sectors: What was written, by sector.
        allocation: How many sectors become this image's own together (1, or a block's where a program allocates
            whole blocks).
        allocated: Which of these units are the image's own.
    """

    size: int
    parent: str | None = None
    supplies_all: bool = False
    allocation: int = 1
    sectors: dict[int, bytes] = field(default_factory=dict)
    allocated: set[int] = field(default_factory=set)


class ModelDisks:
    """Images by name. Sizes and offsets in bytes; a layer is counted from the base, -1 stands for zeros."""

    def __init__(self) -> None:
        self.images: dict[str, ModelImage] = {}

    def create(
        self, name: str, *, size: int, parent: str | None = None, supplies_all: bool = False, allocation: int = 1
    ) -> None:
        """Make an image that holds nothing."""
        self.images[name] = ModelImage(size=size, parent=parent, supplies_all=supplies_all, allocation=allocation)

    def write(self, name: str, offset: int, data: bytes) -> None:
        """Write to the disk: sectors that are covered in part keep the rest of what they showed."""
        image = self.images[name]
        for sector in range(bytes_to_sectors(offset), sectors_for(offset + len(data)) if data else 0):
            start = sectors_to_bytes(sector)
            new = bytearray(self.sector(name, sector))
            for place in range(SECTOR_SIZE):
                if offset <= start + place < offset + len(data):
                    new[place] = data[start + place - offset]
            unit = sector // image.allocation
            if unit not in image.allocated:
                # A block is whole in the file, also where the disk ends within it.
                for other in range(unit * image.allocation, (unit + 1) * image.allocation):
                    image.sectors.setdefault(other, bytes(SECTOR_SIZE))
            image.allocated.add(unit)
            image.sectors[sector] = bytes(new)

    def resize(self, name: str, size: int) -> None:
        """Give the disk another size; what is cut off is gone."""
        image = self.images[name]
        image.size = size
        image.allocated = {u for u in image.allocated if sectors_to_bytes(u * image.allocation) < size}
        image.sectors = {s: data for s, data in image.sectors.items() if sectors_to_bytes(s) < size}

    def chain(self, name: str) -> list[str]:
        """Return the names of the chain, base first."""
        names = [name]
        while (parent := self.images[names[0]].parent) is not None:
            names.insert(0, parent)
        return names

    def layer_of(self, name: str, sector: int) -> int:
        """Return which layer supplies ``sector``, or -1."""
        chain = self.chain(name)
        for layer in reversed(range(len(chain))):
            image = self.images[chain[layer]]
            if sectors_to_bytes(sector) >= image.size:
                return -1
            if image.supplies_all or sector in image.sectors:
                return layer
        return -1

    def sector(self, name: str, sector: int) -> bytes:
        """Return the 512 bytes of ``sector``."""
        layer = self.layer_of(name, sector)
        if layer < 0:
            return bytes(SECTOR_SIZE)
        return self.images[self.chain(name)[layer]].sectors.get(sector, bytes(SECTOR_SIZE))

    def read(self, name: str) -> bytes:
        """Return the whole disk."""
        return b"".join(self.sector(name, sector) for sector in range(bytes_to_sectors(self.images[name].size)))

    def layers(self, name: str) -> list[int]:
        """Return for every sector which layer supplies it, or -1."""
        return [self.layer_of(name, sector) for sector in range(bytes_to_sectors(self.images[name].size))]
