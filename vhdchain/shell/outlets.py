"""How do the bytes of a disk get into a stream, and how many of them without passing through this process?

An `Outlet` takes three things in order: zeros, a run of a source's bytes, and bytes in memory. Where the stream is a
bare descriptor, the kernel moves runs and zeros by itself (``sendfile``): a pipe gets references to pages that are in
memory anyway. Whatever a system or a kind of file does not know has the plain way beside it: read, and write.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
from typing import TYPE_CHECKING, Protocol

from vhdchain.shell.files import FileSource

if TYPE_CHECKING:
    from vhdchain.source import ByteSource

_PORTION = 256 << 10  # what a stream gets at once: larger portions drive the reader of a pipe out of its cache
_ZEROS = 1 << 20
_NO_KERNEL_COPY = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV, errno.EPERM, errno.EACCES})


class ByteSink(Protocol):
    """What a stream must be able to do: `io.RawIOBase` and `io.BufferedIOBase` can."""

    def write(self, data: memoryview, /) -> int | None:
        """Write some or all of ``data`` and return how much; None where nothing could be written now."""
        ...


class Outlet:
    """Writes to a stream, in order, through its ``write`` alone."""

    def __init__(self, file: ByteSink) -> None:
        self._file = file
        self._zeros = memoryview(bytes(_ZEROS))
        self._buffer = memoryview(bytearray(_PORTION))

    def write(self, data: memoryview) -> None:
        """Write all of ``data``.

        Raises:
            BlockingIOError: The stream does not wait until it can take bytes.
            OSError: The operating system could not write.
        """
        while data:
            count = self._file.write(data[:_PORTION])
            if count is None:
                raise _does_not_wait()
            data = data[count:]

    def zeros(self, length: int) -> None:
        """Write so many zeros; raises as `write`."""
        while length:
            portion = min(length, _ZEROS)
            self.write(self._zeros[:portion])
            length -= portion

    def copy(self, source: ByteSource, offset: int, length: int) -> None:
        """Write a range of a source; raises as `write`, and `ShortReadError` where the source ends before it does."""
        while length:
            portion = self._buffer[:length]
            source.readinto_at(offset, portion)
            self.write(portion)
            offset, length = offset + len(portion), length - len(portion)

    def close(self) -> None:
        """Let go of what was needed beside the stream; the stream stays open."""


class KernelOutlet(Outlet):
    """Writes to a descriptor, and lets the kernel move what it can."""

    def __init__(self, file: io.FileIO) -> None:
        super().__init__(file)
        self._descriptor = file.fileno()
        self._kernel = hasattr(os, "sendfile")
        self._pages = _zeros_in_memory() if self._kernel and stat.S_ISFIFO(os.fstat(self._descriptor).st_mode) else None

    def zeros(self, length: int) -> None:
        """See `Outlet.zeros`; a pipe gets the same few pages over and over."""
        while length and self._pages is not None:
            count = self._sent(self._pages, 0, min(length, _ZEROS))
            if not count:
                self.close()
            length -= count
        super().zeros(length)

    def copy(self, source: ByteSource, offset: int, length: int) -> None:
        """See `Outlet.copy`."""
        if isinstance(source, FileSource) and self._kernel:
            with source.lent() as descriptor:
                while length and (count := self._sent(descriptor, offset, length)):
                    offset, length = offset + count, length - count
        super().copy(source, offset, length)

    def close(self) -> None:
        """See `Outlet.close`."""
        pages, self._pages = self._pages, None
        if pages is not None:
            os.close(pages)

    def _sent(self, descriptor: int, offset: int, length: int) -> int:
        """Return how many bytes the kernel moved: none where it does not for these files, and from then on."""
        try:
            return os.sendfile(self._descriptor, descriptor, offset, length)
        except BlockingIOError:
            raise _does_not_wait() from None
        except OSError as error:
            if error.errno not in _NO_KERNEL_COPY:
                raise
            self._kernel = False
            return 0


def outlet_of(file: ByteSink) -> Outlet:
    """Return the fastest way into ``file`` that keeps the order of what is written to it."""
    # A buffered stream may hold bytes back, so that only a bare one is written to below Python.
    return KernelOutlet(file) if type(file) is io.FileIO else Outlet(file)


def _zeros_in_memory() -> int | None:
    """Return a file in memory that holds zeros; None where the system has none."""
    with contextlib.suppress(AttributeError, OSError):
        descriptor = os.memfd_create("zeros", os.MFD_CLOEXEC)
        os.pwrite(descriptor, bytes(_ZEROS), 0)
        return descriptor
    return None


def _does_not_wait() -> BlockingIOError:
    return BlockingIOError(errno.EAGAIN, "the output takes no more bytes now and does not wait")
