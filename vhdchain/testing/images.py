"""What has been built of one image so far?

A `BuiltImage` is what the builder knows of a file before it is written: identity, size, which blocks are allocated,
which of their sectors are set, and what the guest wrote. It turns into bytes in ``layout.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from vhdchain.structures.footer import NULL_ID, DiskType
from vhdchain.testing.sparse import SparseBytes
from vhdchain.units import SECTOR_SIZE, blocks_for, bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vhdchain.testing.dialects import Dialect, Layout, Locator, NameForm


@dataclass(slots=True, kw_only=True, eq=False)
class BuiltBlock:
    """An allocated block.

    Attributes:
        present: bool array of shape (block_size / 512,): which sectors are set. Bits beyond the disk's end may be set.
        at: The offset of its bitmap in the file, in bytes; None: where the layout puts it.
        clear: What lies in the file where bits are clear; None: zeros, or junk where the layout says so.
        bitmap: The stored bitmap byte for byte, padding included, where a test gave one.
    """

    present: NDArray[np.bool_]
    at: int | None = None
    clear: bytes | None = None
    bitmap: bytes | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class BuiltImage:
    """One image of a `ChainBuilder`; made and changed by the builder, read by everybody. Sizes in bytes.

    Attributes:
        name: The path below the folder that the tree is saved to, with ``/``.
        data: What the guest wrote to *this* image, at the offsets that the guest uses.
        seed_name: What junk and order are drawn by; the name that the image was made with.
        blocks: Allocated blocks by index, in the order in which they were allocated.
        created: Seconds since 2000.
        modified: The same; when this image was written to for the last time.
        footer_fields: Footer fields that replace what would be written (the checksum follows).
        header_fields: The same for the dynamic header.
    """

    name: str
    kind: DiskType
    size: int
    original_size: int
    block_size: int
    seed: str
    seed_name: str
    dialect: Dialect
    layout: Layout
    locators: tuple[Locator, ...] = ()
    name_form: NameForm
    parent: BuiltImage | None = None
    unique_id: bytes
    parent_unique_id: bytes = NULL_ID
    parent_time_stamp: int = 0
    created: int
    modified: int
    data: SparseBytes = field(default_factory=SparseBytes)
    blocks: dict[int, BuiltBlock] = field(default_factory=dict)
    footer_fields: dict[str, Any] = field(default_factory=dict)
    header_fields: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name!r}, {self.size} bytes>"

    @property
    def is_sparse(self) -> bool:
        """Whether the image has a BAT."""
        return self.kind in (DiskType.DYNAMIC, DiskType.DIFFERENCING)

    @property
    def block_count(self) -> int:
        """How many blocks the disk has."""
        return blocks_for(self.size, self.block_size) if self.is_sparse else 0

    @property
    def stack(self) -> tuple[BuiltImage, ...]:
        """The chain of this image, base first."""
        found = [self]
        while (parent := found[-1].parent) is not None:
            found.append(parent)
        return tuple(reversed(found))

    def random(self, purpose: str) -> Random:
        """Return a generator that depends on the seed, this image and ``purpose`` alone."""
        # Seeding with text goes through SHA-512, so PYTHONHASHSEED has no say.
        return Random(f"{self.seed}/{self.seed_name}/{purpose}")

    def has(self, sector: int) -> bool:
        """Say whether this file supplies ``sector`` of the disk."""
        if sectors_to_bytes(sector) >= self.size:
            return False
        if not self.is_sparse:
            return True
        block, within = divmod(sector, bytes_to_sectors(self.block_size))
        return block in self.blocks and bool(self.blocks[block].present[within])

    def read_sector(self, sector: int) -> bytes:
        """Return what the guest sees of ``sector``, through the chain."""
        image: BuiltImage | None = self
        while image is not None and sectors_to_bytes(sector) < image.size:
            if image.has(sector):
                return image.data.read(sectors_to_bytes(sector), SECTOR_SIZE)
            image = image.parent
        return bytes(SECTOR_SIZE)

    def allocate(self, block: int) -> BuiltBlock:
        """Return ``block``, allocated if it was not."""
        if block not in self.blocks:
            whole = self.kind is DiskType.DYNAMIC and self.layout.whole_blocks
            present = np.full(bytes_to_sectors(self.block_size), whole, dtype=np.bool_)
            self.blocks[block] = BuiltBlock(present=present)
        return self.blocks[block]

    def set_sectors(self, first: int, count: int) -> None:
        """Set the bits of ``count`` sectors from ``first``, allocating what is needed."""
        if not self.is_sparse:
            return
        per_block = bytes_to_sectors(self.block_size)
        for block in range(first // per_block, (first + count - 1) // per_block + 1):
            start = max(0, first - block * per_block)
            self.allocate(block).present[start : first + count - block * per_block] = True

    def resize(self, size: int) -> None:
        """Give the disk another size; what lies beyond a smaller one is gone, also when it grows again."""
        if size < self.size:
            self.data.truncate(min(size, self.data.size))
            for block in [block for block in self.blocks if block * self.block_size >= size]:
                del self.blocks[block]
            per_block = bytes_to_sectors(self.block_size) if self.is_sparse else 1
            for block, built in self.blocks.items():
                built.present[max(0, bytes_to_sectors(size) - block * per_block) :] = False
                built.bitmap = None
        self.size = size

    def runs(self) -> Iterator[tuple[int, int]]:
        """Yield (start, end) in bytes of the disk ranges that this file supplies, in order, block by block."""
        if not self.is_sparse:
            yield 0, self.size
            return
        for block in sorted(self.blocks):
            base = block * self.block_size
            for start, end in runs_of(self.blocks[block].present):
                clipped = min(base + sectors_to_bytes(end), self.size)
                if base + sectors_to_bytes(start) < clipped:
                    yield base + sectors_to_bytes(start), clipped


def runs_of(present: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield (first, last + 1) of the runs of True."""
    edges = np.flatnonzero(np.diff(present.astype(np.int8), prepend=0, append=0))
    yield from zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True)


def label_data(label: str, first_sector: int, length: int) -> bytes:
    """Return ``length`` bytes of text that names ``label`` and, in every sector, the sector's number."""
    out = bytearray()
    sector = first_sector
    while len(out) < length:
        line = f"{label} sector {sector:08x}\n".encode()
        out += (line * -(-SECTOR_SIZE // len(line)))[:SECTOR_SIZE]
        sector += 1
    return bytes(out[:length])
