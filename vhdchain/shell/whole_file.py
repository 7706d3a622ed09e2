"""How does a new file appear only when it is whole?

It is written beside its place under a temporary name, synced, renamed, and its folder synced. Whatever goes wrong
before that, an interruption included, the temporary file is removed and what stood there before stays.
"""

# ruff: noqa: PTH105, PTH108, PTH118, PTH119, PTH120 - names are kept as the caller wrote them; pathlib would tidy them

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vhdchain.shell.descriptors import with_room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PREFIX = ".vhdchain-"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


@contextmanager
def whole_file(target: str, *, last_look: Callable[[], None] | None = None) -> Iterator[int]:
    """Give the descriptor of a new file that becomes ``target`` when the block ends well.

    Args:
        target: The name; a file or link of this name is replaced.
        last_look: Called before the file gets its name; what it raises leaves everything as it was.

    Raises:
        OSError: The operating system could not write; ``filename`` is ``target``.
    """
    temporary = os.path.join(os.path.dirname(target), f"{_PREFIX}{secrets.token_hex(8)}.tmp")
    descriptor: int | None = None
    # An interruption may come right after the file was made, so the name is known before; it can be nobody else's.
    try:
        with _named(target):
            descriptor = with_room(lambda: os.open(temporary, _NEW, 0o666))
            yield descriptor
            os.fsync(descriptor)
            if last_look is not None:
                last_look()
            os.replace(temporary, target)
    finally:
        if descriptor is not None:
            os.close(descriptor)
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            os.unlink(temporary)
    sync_folder(os.path.dirname(target) or os.curdir)


def write_at(descriptor: int, data: memoryview, offset: int) -> None:
    """Write all of ``data`` at ``offset``; the system may take less at a time."""
    while data:
        count = os.pwrite(descriptor, data, offset)
        data, offset = data[count:], offset + count


@contextmanager
def _named(target: str) -> Iterator[None]:
    """Give errors of the system the name of what is written: "no space left" alone does not help."""
    try:
        yield
    except OSError as error:
        if error.errno is None or (error.filename is not None and not _is_temporary(error.filename)):
            raise
        raise OSError(error.errno, error.strerror, target) from error


def _is_temporary(name: object) -> bool:
    return isinstance(name, str) and os.path.basename(name).startswith(_PREFIX)


def sync_folder(folder: str) -> None:
    """Make the new name durable; some file systems cannot, and the file itself is safe without."""
    descriptor = with_room(lambda: os.open(folder, os.O_RDONLY | os.O_CLOEXEC))
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)
