"""How is one whole file read, outside of any chain: all at once, into a digest, or only looked at?"""

# ruff: noqa: PTH116 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import hashlib
import os
from contextlib import closing
from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError
from vhdchain.plan import FileState
from vhdchain.progress import check_cancel
from vhdchain.shell.files import open_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.progress import Cancel
    from vhdchain.source import ByteSource

_PIECE = 1 << 20


def read_small(path: str, *, most: int, follow: bool = False) -> bytes:
    """Return the bytes of a small file.

    Args:
        path: The file.
        most: How many bytes it may have.
        follow: Whether a symbolic link is followed; otherwise it is refused.

    Raises:
        ConfigError: It has more than ``most`` bytes.
        FormatError: It is no regular file.
        OSError: It could not be read.
    """
    with closing(open_source(path, follow=follow, devices=False)) as source:
        if source.size > most:
            raise ConfigError(f"{path}: {source.size} bytes found; such a file has at most {most}")
        return source.read_at(0, source.size)


def digest_of(
    source: ByteSource,
    algorithm: str,
    *,
    size: int,
    told: Callable[[int], None] | None = None,
    cancel: Cancel | None = None,
) -> str:
    """Return the digest of the first ``size`` bytes of a source, in hex; it is read in pieces.

    Args:
        source: What is read.
        algorithm: Name of the digest, as `hashlib` has it.
        size: How many bytes.
        told: Called with the bytes that were read since the last call.
        cancel: Asked before every piece.

    Raises:
        ShortReadError: The source has fewer bytes by now.
        CancelledError: ``cancel`` asked to stop.
        OSError: It could not be read.
    """
    digest = hashlib.new(algorithm)
    for offset in range(0, size, _PIECE):
        check_cancel(cancel)
        data = source.read_at(offset, min(_PIECE, size - offset))
        digest.update(data)
        if told is not None:
            told(len(data))
    return digest.hexdigest()


def state_of_file(path: str) -> FileState:
    """Return a file as it is now, for a plan that relies on it; a symbolic link is followed."""
    status = os.stat(path)
    identity = (status.st_dev, status.st_ino)
    return FileState(path=path, size=status.st_size, mtime_ns=status.st_mtime_ns, identity=identity)
