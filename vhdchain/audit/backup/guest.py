"""What does the guest see at a few places of its disk?

For looking at partition tables: every read resolves only the blocks that it touches, and keeps nothing, where
`vhdchain.read` prepares for a whole disk. What only a missing parent could supply is refused, never taken for zeros.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap import UNKNOWN, BlockMap, gather
from vhdchain.errors import UnknownDataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.blockmap import Extents
    from vhdchain.chain import Chain


def guest_reader(chain: Chain) -> Callable[[int, int], bytes]:
    """Return a function (offset, length) -> bytes of the disk of ``chain``, both in bytes and of any alignment.

    Nothing is read, and the chain is not mapped, before the first call.

    The function raises:
        OutOfRangeError: The range is not inside the disk.
        UnknownDataError: Part of it is only in a missing parent.
        ChainError: The chain has more layers than can be mapped.
        ShortReadError: A file was truncated after the chain was opened.
        OSError: The operating system could not read a file.
    """
    sources = [layer.image.source for layer in chain.layers]

    @cache
    def mapped() -> BlockMap:
        return BlockMap(chain)

    def read(offset: int, length: int) -> bytes:
        # Mapped before memory is taken for it, because that checks the range.
        pieces = list(mapped().chunks(offset, length))
        buffer = bytearray(length)
        for extents in pieces:
            _require_known(chain, extents)
            gather.fill(extents, sources, offset, memoryview(buffer), zeroed=True)
        return bytes(buffer)

    return read


def _require_known(chain: Chain, extents: Extents) -> None:
    unknown = np.flatnonzero(extents["layer"] == UNKNOWN)
    if len(unknown):
        start, length, *_ = extents[unknown[0]].tolist()
        raise UnknownDataError(
            f"{chain.leaf.name}: bytes {start} to {start + length} of the disk are in the parent of "
            f"{chain.base.name}, which was not found"
        )
