"""How is a file made that becomes shorter while it is read?

By a source that keeps the size it had when it was opened and no longer gives what lies behind a certain offset, as a
file does that a host merges or compacts meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.source import check_range, short_read

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from vhdchain.source import ByteSource


class ShrunkSource:
    """A `ByteSource` of which only the first ``left`` bytes are still there.

    Args:
        source: The file as it was when it was opened.
        left: How many bytes it has now.
    """

    __slots__ = ("_left", "_source")

    def __init__(self, source: ByteSource, *, left: int) -> None:
        self._source = source
        self._left = left

    @property
    def name(self) -> str:
        """What messages call the file."""
        return self._source.name

    @property
    def size(self) -> int:
        """Length in bytes when the file was opened."""
        return self._source.size

    def read_at(self, offset: int, length: int) -> bytes:
        """See `ByteSource.read_at`; raises `ShortReadError` for what is gone."""
        check_range(self.name, self.size, offset, length)
        if offset + length > self._left:
            raise short_read(self.name, offset, length, max(0, self._left - offset))
        return self._source.read_at(offset, length)

    def readinto_at(self, offset: int, buffer: Buffer) -> None:
        """See `ByteSource.readinto_at`."""
        view = memoryview(buffer).cast("B")
        view[:] = self.read_at(offset, len(view))

    def close(self) -> None:
        """See `ByteSource.close`."""
        self._source.close()
