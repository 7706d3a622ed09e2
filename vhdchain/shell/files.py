"""How are bytes read from files, without ever writing, hanging or running out of descriptors?

A `FileSource` reads at positions (``pread``), so threads share it without a cursor, and never maps memory. Its file is
looked at before it is opened and compared afterwards: a FIFO or a tape is not opened at all, a swap in between is
noticed. Descriptors are borrowed from a small pool: a chain of a thousand layers needs no more of them than a chain of
ten. A file that is opened again must be the same file of the same size.

This module refuses to know what the bytes mean, and which files may be opened: that is the gate's part.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from itertools import repeat
from typing import TYPE_CHECKING

from vhdchain.errors import FormatError, ShortReadError
from vhdchain.shell import descriptors
from vhdchain.shell.descriptors import Descriptor, DescriptorPool
from vhdchain.source import check_range, short_read
from vhdchain.units import sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from typing_extensions import Buffer

OPEN_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
"""For everything that is opened here: for reading, not inherited, and never waiting for the other end of a FIFO."""

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFLNK: "a symbolic link",
}


def kind_of_file(mode: int) -> str:
    """Return what a file of this ``st_mode`` is, as words for a message."""
    return _KINDS.get(stat.S_IFMT(mode), "a file")


class FileSource:
    """A file as a `vhdchain.source.ByteSource`, made by `open_source`; safe to use from several threads.

    Attributes:
        name: What messages call the file: the path as it was given or found.
        path: The absolute path by which it is opened again.
        identity: ``(st_dev, st_ino)``: two names of one file have the same.
        size: Length in bytes when it was opened.
        mtime_ns: Modification time when it was opened, in nanoseconds since 1970 (UTC).
        mode: ``st_mode`` when it was opened.
        allocated: How many bytes the file system held for it when it was opened; fewer than its size in a sparse file.
    """

    __slots__ = (
        "__weakref__",
        "_descriptor",
        "_flags",
        "_pool",
        "allocated",
        "identity",
        "mode",
        "mtime_ns",
        "name",
        "path",
        "size",
    )

    def __init__(
        self, fd: int, status: os.stat_result, *, path: str, name: str, size: int, flags: int, pool: DescriptorPool
    ) -> None:
        self.name = name
        self.path = path
        self.identity: tuple[int, int] = (status.st_dev, status.st_ino)
        self.size = size
        self.mtime_ns = status.st_mtime_ns
        self.mode = status.st_mode
        self.allocated: int = sectors_to_bytes(status.st_blocks)  # st_blocks counts 512 bytes, whatever the blocks are
        self._flags = flags
        self._pool = pool
        self._descriptor = Descriptor(fd)
        pool.settle(self._descriptor)

    def __repr__(self) -> str:
        return f"FileSource({self.name!r}, size={self.size})"

    def __del__(self) -> None:
        with suppress(AttributeError, OSError):  # half built, or the interpreter is going down
            self.close()

    @property
    def mtime(self) -> float:
        """Modification time when the file was opened, in seconds since 1970 (UTC)."""
        return self.mtime_ns / 1e9

    @property
    def may_be_link(self) -> bool:
        """Whether `path` itself may be a symbolic link to the file: it was opened with links followed."""
        return not self._flags & os.O_NOFOLLOW

    def read_at(self, offset: int, length: int) -> bytes:
        """See `vhdchain.source.ByteSource.read_at`.

        Raises:
            OSError: The operating system could not read.
        """
        check_range(self.name, self.size, offset, length)
        fd = self._pool.acquire(self._descriptor, self._reopen)
        try:
            data = os.pread(fd, length, offset)
            if len(data) == length:
                return data
            return self._read_rest(fd, offset, length, data)
        except OSError as error:
            error.filename = self.name
            raise
        finally:
            self._pool.release(self._descriptor)

    def fill_each_at(self, offsets: Sequence[int], buffers: Sequence[Sequence[memoryview]]) -> None:
        """See `vhdchain.source.fill_each`; the file is taken hold of once for all reads.

        Raises:
            OSError: The operating system could not read.
        """
        if not offsets:
            return
        length = len(buffers[0][0])
        check_range(self.name, self.size, offsets[0], length)
        check_range(self.name, self.size, offsets[-1], length)
        fd = self._pool.acquire(self._descriptor, self._reopen)
        try:
            got = sum(map(os.preadv, repeat(fd), buffers, offsets))
        except OSError as error:
            error.filename = self.name
            raise
        finally:
            self._pool.release(self._descriptor)
        if got != length * len(offsets):
            for offset, (buffer,) in zip(offsets, buffers, strict=True):
                self.readinto_at(offset, buffer)

    def _read_rest(self, fd: int, offset: int, length: int, first: bytes) -> bytes:
        # The system gives less than asked for at the end of a file, but also for requests beyond 2 GiB.
        parts, got = [first], len(first)
        while got < length:
            part = os.pread(fd, length - got, offset + got)
            if not part:
                raise short_read(self.name, offset, length, got)
            parts.append(part)
            got += len(part)
        return b"".join(parts)

    def readinto_at(self, offset: int, buffer: Buffer) -> None:
        """See `vhdchain.source.ByteSource.readinto_at`.

        Raises:
            OSError: The operating system could not read.
        """
        view = memoryview(buffer).cast("B")
        check_range(self.name, self.size, offset, len(view))
        fd = self._pool.acquire(self._descriptor, self._reopen)
        try:
            got = 0
            while got < len(view):
                count = os.preadv(fd, [view[got:]], offset + got)
                if not count:
                    raise short_read(self.name, offset, len(view), got)
                got += count
        except OSError as error:
            error.filename = self.name
            raise
        finally:
            self._pool.release(self._descriptor)

    @contextmanager
    def lent(self) -> Iterator[int]:
        """Give the descriptor for calls that move no cursor, as ``copy_file_range`` at offsets; it stays the source's.

        Raises:
            OSError: The operating system could not open the file again.
        """
        fd = self._pool.acquire(self._descriptor, self._reopen)
        try:
            yield fd
        finally:
            self._pool.release(self._descriptor)

    def hole_in(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the first range of ``[start, end)`` that the file system holds no data for; None where it has all.

        Where the file system does not tell, or the system has no such call, every file is without holes.

        Raises:
            OSError: The operating system could not open the file again.
        """
        if self.allocated >= self.size or not stat.S_ISREG(self.mode) or not 0 <= start < end <= self.size:
            return None
        fd = self._pool.acquire(self._descriptor, self._reopen)
        try:
            return _first_hole(fd, start, end)
        finally:
            self._pool.release(self._descriptor)

    def change(self) -> str | None:
        """Return what is different about the file since it was opened, as one clause; None where nothing is."""
        try:
            status = os.stat(self.path, follow_symlinks=not self._flags & os.O_NOFOLLOW)  # noqa: PTH116 - as opened
        except FileNotFoundError:
            return "it is gone"
        except OSError as error:
            return f"it cannot be looked at any more ({error.strerror})"
        if (status.st_dev, status.st_ino) != self.identity:
            return "another file has taken its place"
        if stat.S_ISREG(status.st_mode) and status.st_size != self.size:
            return f"its length went from {self.size} to {status.st_size} bytes"
        return "it was written to" if status.st_mtime_ns != self.mtime_ns else None

    def close(self) -> None:
        """Let go of the file; reads that run in other threads still end well."""
        self._descriptor.closed = True
        self._pool.settle(self._descriptor)

    def _reopen(self) -> int:
        fd = os.open(self.path, self._flags)
        try:
            self._require_same(fd)
        except BaseException:
            os.close(fd)
            raise
        return fd

    def _require_same(self, fd: int) -> None:
        status = os.fstat(fd)
        if (status.st_dev, status.st_ino) != self.identity:
            raise ShortReadError(f"{self.name}: replaced by another file while it was read; start again")
        if (size := _size_of(fd, status)) != self.size:
            raise ShortReadError(
                f"{self.name}: {self.size} bytes expected, {size} found: the file changed while it was read; "
                "read a copy or a volume snapshot that does not change"
            )


def open_source(
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    follow: bool = True,
    devices: bool = True,
    expected: tuple[int, int] | None = None,
    pool: DescriptorPool | None = None,
) -> FileSource:
    """Open a file for reading.

    Args:
        path: The file.
        name: What messages call it; by default ``path`` as it is.
        follow: Whether ``path`` itself may be a symbolic link.
        devices: Whether a block device will do: only where the user named it, never where a file did.
        expected: The ``(st_dev, st_ino)`` that the file must have: what was looked at is what is opened.
        pool: Whose descriptors it uses; by default one pool for the process.

    Raises:
        OSError: There is no such file, or it may not be read.
        FormatError: It is something that has no contents to read at a position (a FIFO, a socket, a terminal), or no
            longer what was expected.
    """
    label = os.fspath(path) if name is None else name
    absolute = os.path.abspath(path)  # noqa: PTH100 - pathlib's absolute() keeps "..", and the working folder may change
    flags = OPEN_FLAGS if follow else OPEN_FLAGS | os.O_NOFOLLOW
    pool = descriptors.POOL if pool is None else pool
    try:
        before = os.stat(absolute, follow_symlinks=follow)  # noqa: PTH116 - the same call as below, before opening
        _require_readable(label, before, devices=devices)
        fd = pool.open(lambda: os.open(absolute, flags))
    except OSError as error:
        error.filename = label
        raise
    wanted = (before.st_dev, before.st_ino) if expected is None else expected
    try:
        status = os.fstat(fd)
        _require_readable(label, status, devices=devices)
        _require_expected(label, status, wanted)
        size = _size_of(fd, status)
    except BaseException:
        os.close(fd)
        raise
    return FileSource(fd, status, path=absolute, name=label, size=size, flags=flags, pool=pool)


def _first_hole(fd: int, start: int, end: int) -> tuple[int, int] | None:
    try:
        hole = os.lseek(fd, start, os.SEEK_HOLE)
    except (AttributeError, OSError):  # no such call, or none for this file system
        return None
    if hole >= end:
        return None
    try:
        return hole, min(end, os.lseek(fd, hole, os.SEEK_DATA))
    except OSError as error:
        return (hole, end) if error.errno == errno.ENXIO else None  # ENXIO: nothing but the hole to the end


def _require_expected(label: str, status: os.stat_result, wanted: tuple[int, int]) -> None:
    if (status.st_dev, status.st_ino) != wanted:
        raise FormatError(f"{label}: replaced by another file while it was opened; nothing was read")


def _require_readable(label: str, status: os.stat_result, *, devices: bool) -> None:
    if stat.S_ISREG(status.st_mode) or (devices and stat.S_ISBLK(status.st_mode)):
        return
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), label)
    raise FormatError(f"{label}: is {kind_of_file(status.st_mode)}, not a file; it was not read")


def _size_of(fd: int, status: os.stat_result) -> int:
    return os.lseek(fd, 0, os.SEEK_END) if stat.S_ISBLK(status.st_mode) else status.st_size
