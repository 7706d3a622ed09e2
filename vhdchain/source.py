"""Where do bytes come from?

A `ByteSource` is anything of a known size that can be read at a position. Reads are positional and have no cursor,
so that one source may serve several threads. A read returns exactly what was asked for or raises: a source that
shrank since it was opened gives `ShortReadError`, never fewer bytes and never zeros.

Sources on disk live in `vhdchain.shell`; here are those that need no file system. Nothing here maps memory: a mapped
file that is truncated by somebody else would kill the host program with SIGBUS.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, BinaryIO, Protocol, runtime_checkable

from vhdchain.errors import OutOfRangeError, ShortReadError

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from typing_extensions import Buffer


@runtime_checkable
class ByteSource(Protocol):
    """A readable sequence of bytes with a name for messages.

    Attributes:
        name: What messages call this source: a path, or a label.
        size: Length in bytes when the source was opened.
    """

    @property
    def name(self) -> str:
        """What messages call this source."""
        ...

    @property
    def size(self) -> int:
        """Length in bytes when the source was opened."""
        ...

    def read_at(self, offset: int, length: int) -> bytes:
        """Return exactly ``length`` bytes from ``offset`` (both in bytes).

        Raises:
            OutOfRangeError: The range is not inside ``[0, size)``.
            ShortReadError: The source no longer holds these bytes.
        """
        ...

    def readinto_at(self, offset: int, buffer: Buffer) -> None:
        """Fill ``buffer`` (C-contiguous, writable) with the bytes from ``offset``; raises as `read_at`."""
        ...

    def close(self) -> None:
        """Let go of whatever the source holds; a closed source must not be read again."""
        ...


def check_range(name: str, size: int, offset: int, length: int) -> None:
    """Raise `OutOfRangeError` unless ``[offset, offset + length)`` lies inside ``[0, size)``."""
    if offset < 0 or length < 0 or offset + length > size:
        raise OutOfRangeError(
            f"{name} @0x{offset & (2**64 - 1):X}: {length} bytes lie outside of this source of {size} bytes"
        )


def short_read(name: str, offset: int, wanted: int, got: int) -> ShortReadError:
    """Return the error for a source that gave ``got`` of ``wanted`` bytes at ``offset``."""
    return ShortReadError(
        f"{name} @0x{offset:X}: {wanted} bytes expected, {got} read: the file was truncated while it was read; "
        "read a copy or a volume snapshot that does not change"
    )


def identity_of(source: ByteSource) -> Hashable:
    """Return what tells sources apart: equal for two that read one file; each other source is only itself."""
    identity: Hashable = getattr(source, "identity", None)
    return id(source) if identity is None else identity


def fill_each(source: ByteSource, offsets: Sequence[int], buffers: Sequence[Sequence[memoryview]]) -> None:
    """Fill many buffers of one length, each with the bytes from its offset; raises as `read_at`.

    A source that can do it in one go has a method ``fill_each_at`` with the same arguments.

    Args:
        source: The source.
        offsets: In bytes, ascending.
        buffers: As many, C-contiguous and writable, each in a sequence of its own, as `os.preadv` wants them.
    """
    at_once = getattr(source, "fill_each_at", None)
    if at_once is not None:
        at_once(offsets, buffers)
        return
    for offset, (buffer,) in zip(offsets, buffers, strict=True):
        source.readinto_at(offset, buffer)


def slots_of(memory: Buffer, length: int) -> list[list[memoryview]]:
    """Return ``memory`` (C-contiguous, writable) in pieces of ``length`` bytes, as `fill_each` wants them."""
    view = memoryview(memory).cast("B")
    return [[view[at : at + length]] for at in range(0, len(view), length)]


class BytesSource:
    """Bytes in memory as a `ByteSource`."""

    __slots__ = ("_data", "_name")

    def __init__(self, data: Buffer, *, name: str = "<bytes>") -> None:
        self._data = memoryview(data).cast("B").toreadonly()
        self._name = name

    @property
    def name(self) -> str:
        """See `ByteSource.name`."""
        return self._name

    @property
    def size(self) -> int:
        """See `ByteSource.size`."""
        return len(self._data)

    def read_at(self, offset: int, length: int) -> bytes:
        """See `ByteSource.read_at`."""
        check_range(self._name, self.size, offset, length)
        return bytes(self._data[offset : offset + length])

    def readinto_at(self, offset: int, buffer: Buffer) -> None:
        """See `ByteSource.readinto_at`."""
        view = memoryview(buffer).cast("B")
        check_range(self._name, self.size, offset, len(view))
        view[:] = self._data[offset : offset + len(view)]

    def close(self) -> None:
        """Do nothing: the bytes belong to the caller."""


class FileObjectSource:
    """Any seekable binary file object as a `ByteSource`: an upload, a remote file system, a member of an archive.

    The object's cursor is moved under a lock, so several threads may read; nobody else may move it meanwhile. The
    object stays open when the source is closed: it belongs to the caller.
    """

    __slots__ = ("_file", "_lock", "_name", "_size")

    def __init__(self, file: BinaryIO, *, name: str | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        label = name if name is not None else getattr(file, "name", None)
        self._name = label if isinstance(label, str) else "<file object>"
        self._size = file.seek(0, 2)

    @property
    def name(self) -> str:
        """See `ByteSource.name`."""
        return self._name

    @property
    def size(self) -> int:
        """See `ByteSource.size`."""
        return self._size

    def read_at(self, offset: int, length: int) -> bytes:
        """See `ByteSource.read_at`."""
        check_range(self._name, self._size, offset, length)
        parts: list[bytes] = []
        missing = length
        with self._lock:
            self._file.seek(offset)
            while missing:
                # A raw file object may return less than asked for without being at its end.
                part = self._file.read(missing)
                if not part:
                    raise short_read(self._name, offset, length, length - missing)
                parts.append(part)
                missing -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def readinto_at(self, offset: int, buffer: Buffer) -> None:
        """See `ByteSource.readinto_at`."""
        view = memoryview(buffer).cast("B")
        view[:] = self.read_at(offset, len(view))

    def close(self) -> None:
        """Do nothing: the file object belongs to the caller."""
