"""What does the chain below a differencing image show at this place of its disk?

A plain positional read through the block map of the chain, for comparing. Where a file of the chain cannot be read,
nothing more is compared, and the reason is kept: what is wrong with that file is not the child's fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap import BlockMap, gather
from vhdchain.errors import ShortReadError
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vhdchain.chain import Chain


class ParentData:
    """The disk of a complete chain, read to be compared with.

    Attributes:
        name: What messages call the parent.
        size: The disk's size in bytes.
        failure: Why it could not be read at some place; None as long as it could.
    """

    __slots__ = ("_map", "_sources", "failure", "name", "size")

    def __init__(self, chain: Chain) -> None:
        """Prepare to read ``chain``; raises as `BlockMap`."""
        self._map = BlockMap(chain)
        self._sources = [layer.image.source for layer in chain.layers]
        self.name = chain.leaf.name
        self.size = chain.virtual_size
        self.failure: str | None = None

    def readinto(self, offset: int, buffer: NDArray[np.uint8]) -> bool:
        """Fill ``buffer`` with the disk's bytes from ``offset``, and say whether that was possible."""
        if self.failure is not None:
            return False
        try:
            gather.fill(self._map.slice(offset, len(buffer)), self._sources, offset, buffer.data)
        except (ShortReadError, OSError) as error:
            self.failure = str(error)
        return self.failure is None

    def own(self, offset: int, length: int) -> NDArray[np.bool_]:
        """Return which sectors from ``offset`` on, all inside, the parent's own file supplies, and no file below it.

        None, where that cannot be read.
        """
        try:
            extents = self._map.slice(offset, length)
        except (ShortReadError, OSError) as error:
            self.failure = str(error)
            return np.zeros(length // SECTOR_SIZE, dtype=np.bool_)
        mine = extents["layer"] == len(self._sources) - 1
        found: NDArray[np.bool_] = np.repeat(mine, extents["length"] // SECTOR_SIZE)
        return found
