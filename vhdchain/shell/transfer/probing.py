"""How fast does a folder take new data, and does it keep holes?

A short trial: pieces that nothing can compress are written to a file and synced, each twice as long as the one before,
until a second or 64 MiB are used up, and timed. The file has no name, or loses it at once, so that nothing is left
whatever happens. What a volume does in its first second need not be what it does for hours: a rate is an estimate.
"""

# ruff: noqa: PTH108, PTH112, PTH118, PTH120 - paths are kept as the caller wrote them

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.shell.whole_file import write_at
from vhdchain.units import sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_SECONDS = 1.0
MOST_BYTES = 64 << 20

_FIRST_PIECE = 256 << 10
_LARGEST_PIECE = 16 << 20
_HOLE = 8 << 20
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_NAMELESS_FILES = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a trial showed.

    Attributes:
        bytes_per_second: How fast data was taken, to the disk; 0 where nothing was measured.
        keeps_holes: Whether parts that were not written take no room.
        bytes: How much was written for it.
    """

    bytes_per_second: float
    keeps_holes: bool
    bytes: int = 0

    def seconds(self, size: int) -> float | None:
        """Return how long ``size`` bytes will take; None where that is not known."""
        return size / self.bytes_per_second if self.bytes_per_second > 0 else None


def probe_target(
    folder: str | os.PathLike[str],
    *,
    size: int = MOST_BYTES,
    limit: float | None = None,
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], None] = time.sleep,
) -> Probe:
    """Return how the volume of ``folder`` takes new data.

    Args:
        folder: Where files are going to be made; the nearest folder above it that exists is tried.
        size: How many bytes are going to be written there: no more are tried, nor is a rate told of none.
        limit: Bytes in a second that the trial, and its rate, must not exceed.
        clock: Seconds.
        sleep: Waits so many seconds.

    Raises:
        OSError: Nothing can be written there; the error names the folder.
    """
    place = existing_folder(folder)
    trial = _Trial(limit=limit, clock=clock, sleep=sleep)
    with _nameless_file(place) as descriptor:
        try:
            trial.run(descriptor, _most(size, limit))
            holes = _keeps_holes(descriptor, trial.written)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            holes = True  # whoever looks for room says what is missing
    return Probe(bytes_per_second=trial.rate, keeps_holes=holes, bytes=trial.written)


def existing_folder(path: str | os.PathLike[str]) -> str:
    """Return ``path``, or the nearest folder above it that exists; the caller's spelling is kept."""
    place = os.fspath(path)
    while not os.path.isdir(place or os.curdir):
        above = os.path.dirname(place.rstrip("/"))
        if above == place:
            break
        place = above
    return place or os.curdir


def free_room(folder: str | os.PathLike[str]) -> int | None:
    """Return how many bytes may still be taken on the volume of ``folder``; None where the system does not tell."""
    if not hasattr(os, "statvfs"):
        return None
    volume = os.statvfs(existing_folder(folder))
    return volume.f_bavail * volume.f_frsize


def _most(size: int, limit: float | None) -> int:
    allowed = MOST_BYTES if limit is None else min(MOST_BYTES, int(limit * MOST_SECONDS))
    return max(0, min(size, allowed))


@dataclass(slots=True, kw_only=True)
class _Trial:
    """What was written so far, and how fast."""

    limit: float | None
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    written: int = 0
    rate: float = 0.0

    def run(self, descriptor: int, most: int) -> None:
        largest = _LARGEST_PIECE if self.limit is None else max(1, int(self.limit * MOST_SECONDS) // 8)
        piece, longest, begun = min(_FIRST_PIECE, largest), 0, self.clock()
        while self.written < most:
            data = memoryview(os.urandom(min(piece, most - self.written)))
            start = self.clock()
            write_at(descriptor, data, self.written)
            os.fsync(descriptor)
            end = self.clock()
            self.written += len(data)
            # A sync costs time of its own, which counts least in the longest piece.
            if len(data) >= longest:
                longest, self.rate = len(data), len(data) / max(end - start, 1e-9)
            if self.limit is not None:
                self.rate = min(self.rate, self.limit)
                self.sleep(max(0.0, self.written / self.limit - (end - begun)))
            piece = min(piece * 2, largest)
            if self.clock() - begun + piece / self.rate > MOST_SECONDS:
                break


def _keeps_holes(descriptor: int, end: int) -> bool:
    """Say whether a hole that is made behind ``end`` takes no room."""
    blocks = getattr(os.fstat(descriptor), "st_blocks", None)
    if blocks is None:
        return False
    write_at(descriptor, memoryview(b"\1"), end + _HOLE)
    os.fsync(descriptor)
    grown = sectors_to_bytes(os.fstat(descriptor).st_blocks - blocks)
    return grown < _HOLE // 2


@contextmanager
def _nameless_file(folder: str) -> Iterator[int]:
    """Give a file for writing that is gone when it is closed, and when the process dies."""
    try:
        descriptor = _open_nameless(folder)
    except OSError as error:
        raise OSError(error.errno, error.strerror, folder) from error
    try:
        yield descriptor
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, folder) from error
    finally:
        os.close(descriptor)


def _open_nameless(folder: str) -> int:
    if hasattr(os, "O_TMPFILE"):
        try:
            return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if error.errno not in _NO_NAMELESS_FILES:
                raise
    name = os.path.join(folder, f".vhdchain-{secrets.token_hex(8)}.tmp")
    gone_when_closed = getattr(os, "O_TEMPORARY", 0)  # how Windows says it
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | gone_when_closed
    descriptor = os.open(name, flags, 0o600)
    if not gone_when_closed:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
    return descriptor
