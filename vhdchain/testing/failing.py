"""How is a file made of which some bytes cannot be read, as on a medium with bad sectors?"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from vhdchain.source import check_range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from typing_extensions import Buffer

    from vhdchain.source import ByteSource


def bad_sector() -> OSError:
    """Return what the operating system raises for a sector that its disk cannot read."""
    return OSError(errno.EIO, os.strerror(errno.EIO))


class FailingSource:
    """A `ByteSource` in which reads that touch one of some ranges raise.

    Args:
        source: The file without faults.
        ranges: The ranges that cannot be read: (begin, end) in bytes.
        error: Makes what is raised.
    """

    __slots__ = ("_error", "_ranges", "_source")

    def __init__(
        self,
        source: ByteSource,
        ranges: Iterable[tuple[int, int]],
        *,
        error: Callable[[], Exception] = bad_sector,
    ) -> None:
        self._source = source
        self._ranges = tuple(ranges)
        self._error = error

    @property
    def name(self) -> str:
        """What messages call the file."""
        return self._source.name

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self._source.size

    def read_at(self, offset: int, length: int) -> bytes:
        """See `ByteSource.read_at`; raises for what cannot be read."""
        check_range(self.name, self.size, offset, length)
        if any(begin < offset + length and offset < end for begin, end in self._ranges):
            raise self._error()
        return self._source.read_at(offset, length)

    def readinto_at(self, offset: int, buffer: Buffer) -> None:
        """See `ByteSource.readinto_at`; raises as `read_at`."""
        view = memoryview(buffer).cast("B")
        view[:] = self.read_at(offset, len(view))

    def close(self) -> None:
        """See `ByteSource.close`."""
        self._source.close()
