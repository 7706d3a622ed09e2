"""What does a caller hold who has opened a chain?

The chain, its bytes and its map in one object that closes the files. It decides nothing: the core does.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Buffer

    from vhdchain.blockmap import BlockMap
    from vhdchain.chain import Chain, Layer
    from vhdchain.image import Image
    from vhdchain.locate import Resolution
    from vhdchain.read import DiskFile, DiskReader


class OpenChain:
    """An open chain; a context manager that closes its files. May be used from several threads at once.

    Attributes:
        chain: The record: layers, resolutions, completeness.
    """

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self._lock = threading.Lock()
        self._reader: DiskReader | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"OpenChain({self.leaf.name!r}, layers={len(self.layers)}, complete={self.complete})"

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers, base first."""
        return self.chain.layers

    @property
    def leaf(self) -> Image:
        """The image whose disk this is."""
        return self.chain.leaf

    @property
    def base(self) -> Image:
        """The image at the bottom."""
        return self.chain.base

    @property
    def resolution(self) -> tuple[Resolution, ...]:
        """How each parent was found, from the leaf down, with every place that was tried."""
        return self.chain.resolutions

    @property
    def virtual_size(self) -> int:
        """The size of the disk in bytes."""
        return self.chain.virtual_size

    @property
    def complete(self) -> bool:
        """Whether no parent is missing; False only in a partial view that was asked for."""
        return self.chain.complete

    @property
    def reader(self) -> DiskReader:
        """What reads the disk; made at the first use."""
        with self._lock:
            if self._reader is None:
                from vhdchain.read import DiskReader  # noqa: PLC0415 - who looks at a chain alone reads nothing

                self._reader = DiskReader(self.chain)
            return self._reader

    def block_map(self) -> BlockMap:
        """Return the merged map of the chain: which layer supplies each sector."""
        return self.reader.block_map

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly ``length`` bytes of the disk from ``offset`` (both in bytes, of any alignment).

        Raises:
            OutOfRangeError: The range is not inside the disk.
            UnknownDataError: Part of it is only in a missing parent (partial view).
            ShortReadError: A file was truncated or replaced after the chain was opened.
            OSError: The operating system could not read.
        """
        return self.reader.read(offset, length)

    def readinto(self, offset: int, buffer: Buffer) -> None:
        """Fill ``buffer`` (C-contiguous, writable) with the disk's bytes from ``offset``; raises as `read`."""
        self.reader.readinto(offset, buffer)

    def open(self) -> DiskFile:
        """Return the disk as a seekable, read-only binary file object (`io.RawIOBase`) with a cursor of its own."""
        return self.reader.open()

    def close(self) -> None:
        """Close every file of the chain."""
        for layer in self.chain.layers:
            layer.image.close()
