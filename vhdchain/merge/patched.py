"""What would a file be like if these patches were made?

A `PatchedSource` reads a file through patches that were not made, so that a plan can be judged, by the same scan and
the same checks as any file, before a byte is changed. It refuses patches that do not fit what is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.errors import PlanRefusedError
from vhdchain.source import check_range

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Buffer

    from vhdchain.plan import Patch
    from vhdchain.source import ByteSource


class PatchedSource:
    """A `ByteSource` with other bytes in some places.

    Args:
        below: The file as it is.
        patches: What changes.
        size: The length afterwards; None where it stays. What is new reads as zeros.

    Raises:
        PlanRefusedError: The bytes at a patch's place are not those that it replaces.
    """

    __slots__ = ("_below", "_patches", "_size")

    def __init__(self, below: ByteSource, patches: Sequence[Patch], size: int | None = None) -> None:
        self._below = below
        self._patches: tuple[Patch, ...] = ()
        wanted = below.size if size is None else size
        self._size = max(below.size, wanted)  # a file that becomes shorter loses bytes that patches name
        for patch in patches:
            found = self.read_at(patch.offset, len(patch.old))
            if found != patch.old:
                raise PlanRefusedError(
                    f"{self.name} @0x{patch.offset:X}: the bytes there are no longer those that were planned with "
                    f"({patch.why}); plan again"
                )
        self._patches, self._size = tuple(patches), wanted

    @property
    def name(self) -> str:
        """See `ByteSource.name`."""
        return self._below.name

    @property
    def size(self) -> int:
        """See `ByteSource.size`."""
        return self._size

    @property
    def identity(self) -> object:
        """What tells the file apart from others, as the file below says."""
        return getattr(self._below, "identity", None)

    def read_at(self, offset: int, length: int) -> bytes:
        """See `ByteSource.read_at`."""
        buffer = bytearray(length)
        self.readinto_at(offset, buffer)
        return bytes(buffer)

    def readinto_at(self, offset: int, buffer: Buffer) -> None:
        """See `ByteSource.readinto_at`."""
        view = memoryview(buffer).cast("B")
        check_range(self.name, self._size, offset, len(view))
        stored = max(0, min(len(view), self._below.size - offset))
        if stored:
            self._below.readinto_at(offset, view[:stored])
        view[stored:] = bytes(len(view) - stored)
        for patch in self._patches:
            begin, end = max(offset, patch.offset), min(offset + len(view), patch.offset + len(patch.new))
            if begin < end:
                view[begin - offset : end - offset] = patch.new[begin - patch.offset : end - patch.offset]

    def close(self) -> None:
        """Let go of the file below."""
        self._below.close()
