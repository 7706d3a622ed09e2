"""How does the operating system carry out what a `FileLayer` is asked for?

Writes are positional; copies are made in the kernel where it can, which shares blocks where the file system allows;
nothing is written through a symbolic link. Whatever a file system does not know has a plain way beside it.
"""

# ruff: noqa: PTH102, PTH105, PTH106, PTH108 - names are kept as the caller wrote them

from __future__ import annotations

import contextlib
import errno
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vhdchain.shell.descriptors import with_room
from vhdchain.shell.executor.libc import punch_hole, rename_without_replacing, start_writing
from vhdchain.shell.files import kind_of_file
from vhdchain.shell.whole_file import sync_folder, write_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Buffer

    from vhdchain.shell.files import FileSource

_FLAGS = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_PIECE = 1 << 20
_AT_ONCE = 256 << 20
_NO_KERNEL_COPY = frozenset(
    {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF, errno.ETXTBSY, errno.ENOTTY}
)
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL})


class SystemFile:
    """A `WritableFile` of the operating system.

    Attributes:
        name: The path as it was given.
    """

    __slots__ = ("_descriptor", "name")

    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor: int | None = descriptor
        self.name = name

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError, OSError):
            self.close()

    def size(self) -> int:
        """See `WritableFile.size`."""
        return os.fstat(self._fd).st_size

    def read_at(self, offset: int, length: int) -> bytes:
        """See `WritableFile.read_at`."""
        parts = []
        with _named(self.name):
            while length and (part := os.pread(self._fd, length, offset)):
                parts.append(part)
                offset, length = offset + len(part), length - len(part)
        return b"".join(parts)

    def write_at(self, offset: int, data: Buffer) -> None:
        """See `WritableFile.write_at`."""
        with _named(self.name):
            write_at(self._fd, memoryview(data).cast("B"), offset)

    def copy_from(self, source: FileSource, source_offset: int, offset: int, length: int) -> None:
        """See `WritableFile.copy_from`."""
        with _named(self.name):
            done = self._copy_in_kernel(source, source_offset, offset, length)
            buffer = memoryview(bytearray(min(length - done, _PIECE)))
            while done < length:
                part = buffer[: length - done]
                source.readinto_at(source_offset + done, part)
                write_at(self._fd, part, offset + done)
                done += len(part)

    def _copy_in_kernel(self, source: FileSource, source_offset: int, offset: int, length: int) -> int:
        done = 0
        if not hasattr(os, "copy_file_range"):
            return done
        with source.lent() as descriptor:
            while done < length:
                try:
                    # Not all at once: an interruption is heard between two calls.
                    length_now = min(length - done, _AT_ONCE)
                    count = os.copy_file_range(descriptor, self._fd, length_now, source_offset + done, offset + done)
                except OSError as error:
                    if error.errno in _NO_KERNEL_COPY:
                        break
                    raise
                if not count:  # the source's end, which the plain way tells in the right words
                    break
                done += count
        return done

    def truncate(self, size: int) -> None:
        """See `WritableFile.truncate`."""
        with _named(self.name):
            os.ftruncate(self._fd, size)

    def punch(self, offset: int, length: int) -> None:
        """See `WritableFile.punch`."""
        with _named(self.name):
            # A hole cannot lengthen a file.
            end = min(offset + length, self.size())
            if offset < end and not punch_hole(self._fd, offset, end - offset):
                zeros = memoryview(bytes(min(end - offset, _PIECE)))
                for start in range(offset, end, _PIECE):
                    write_at(self._fd, zeros[: end - start], start)

    def set_modified(self, mtime_ns: int) -> None:
        """See `WritableFile.set_modified`."""
        with _named(self.name):
            try:
                os.utime(self._fd, ns=(os.fstat(self._fd).st_atime_ns, mtime_ns))
            except OverflowError:
                raise OSError(errno.EOVERFLOW, f"{mtime_ns} ns since 1970 is no time that files can have") from None

    def adopt(self, source: FileSource, *, writable: bool = False) -> None:
        """See `WritableFile.adopt`."""
        with _named(self.name), source.lent() as descriptor:
            status = os.fstat(descriptor)
            with contextlib.suppress(PermissionError):  # only the superuser gives files away
                os.fchown(self._fd, status.st_uid, status.st_gid)
            os.fchmod(self._fd, stat.S_IMODE(status.st_mode) | (stat.S_IWUSR if writable else 0))
            names: list[str] = []
            with contextlib.suppress(AttributeError, OSError):  # not every system or file system has them
                names = os.listxattr(descriptor)
            for name in names:
                with contextlib.suppress(OSError):  # some are the superuser's
                    os.setxattr(self._fd, name, os.getxattr(descriptor, name))

    def push(self) -> None:
        """See `WritableFile.push`."""
        with _named(self.name):
            if not start_writing(self._fd):
                getattr(os, "fdatasync", os.fsync)(self._fd)

    def sync(self) -> None:
        """See `WritableFile.sync`."""
        with _named(self.name):
            os.fsync(self._fd)

    def detach(self) -> int:
        """Return the descriptor, which is the caller's from here on."""
        descriptor, self._descriptor = self._fd, None
        return descriptor

    def close(self) -> None:
        """See `WritableFile.close`."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    @property
    def _fd(self) -> int:
        if self._descriptor is None:
            raise ValueError(f"{self.name}: is closed")
        return self._descriptor


class SystemLayer:
    """The `FileLayer` of the operating system.

    Attributes:
        file_class: What its files are.
    """

    file_class: type[SystemFile] = SystemFile

    def open(self, path: str) -> SystemFile:
        """See `FileLayer.open`."""
        with _named(path):
            try:
                descriptor = with_room(lambda: os.open(path, _FLAGS))
            except OSError as error:
                if error.errno == errno.ELOOP:
                    raise symbolic_link(path) from None
                raise
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                os.close(descriptor)
                raise OSError(errno.EINVAL, f"is {kind_of_file(mode)}, which is never written to")
        return self.file_class(descriptor, path)

    def create(self, path: str) -> SystemFile:
        """See `FileLayer.create`."""
        with _named(path):
            return self.file_class(with_room(lambda: os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o666)), path)

    def rename(self, path: str, to: str) -> None:
        """See `FileLayer.rename`."""
        os.replace(path, to)

    def rename_free(self, path: str, to: str) -> None:
        """See `FileLayer.rename_free`."""
        if rename_without_replacing(path, to):
            return
        try:
            os.link(path, to, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
        else:
            os.unlink(path)
            return
        # A file system with neither: what is left is to look before.
        if os.path.lexists(to):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path, None, to)
        os.replace(path, to)

    def link(self, path: str, to: str) -> bool:
        """See `FileLayer.link`."""
        try:
            os.link(path, to, follow_symlinks=False)
        except OSError as error:
            if error.errno in _NO_LINKS:
                return False
            raise
        return True

    def unlink(self, path: str) -> None:
        """See `FileLayer.unlink`."""
        os.unlink(path)

    def make_folder(self, path: str) -> None:
        """See `FileLayer.make_folder`."""
        os.mkdir(path)

    def remove_folder(self, path: str) -> None:
        """See `FileLayer.remove_folder`."""
        os.rmdir(path)

    def sync_folder(self, path: str) -> None:
        """See `FileLayer.sync_folder`."""
        with _named(path):
            sync_folder(path)


def symbolic_link(path: str) -> OSError:
    """Return the error for a symbolic link where a file must be."""
    return OSError(errno.ELOOP, "is a symbolic link, and nothing is written through one; name the file itself", path)


@contextmanager
def _named(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            error.filename = path
        raise
