"""Who else is at work on these files?

Every file that a plan changes is locked for this process alone, every file that it only reads is shared with other
readers (``flock``, which other programs that respect it see as well). The locks go with the process, so a crash leaves
none behind. A name is locked through the file that it leads to, and it is looked at again afterwards.
"""

# ruff: noqa: PTH116 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import errno
import fcntl
import os
import resource
import stat
import threading
from typing import TYPE_CHECKING, Self

from vhdchain.errors import PlanRefusedError
from vhdchain.shell.descriptors import with_room
from vhdchain.shell.executor.system import symbolic_link
from vhdchain.shell.files import OPEN_FLAGS, kind_of_file

if TYPE_CHECKING:
    from types import TracebackType

_SPARE = 128  # descriptors for everything else


class _Room:
    """Raises how many files the process may open, for all runs in it together, until the last of them ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted = 0
        self._before: tuple[int, int] | None = None

    def take(self, count: int) -> None:
        with self._lock:
            self._wanted += count
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            wanted = self._wanted + _SPARE
            if soft != resource.RLIM_INFINITY and soft < wanted:
                most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
                resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
                self._before = self._before or (soft, hard)

    def give_back(self, count: int) -> None:
        with self._lock:
            self._wanted -= count
            if not self._wanted and self._before is not None:
                resource.setrlimit(resource.RLIMIT_NOFILE, self._before)
                self._before = None


_ROOM = _Room()


class Locks:
    """The locks of one run; a context manager that gives them up."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, int], int] = {}
        self._paths: dict[str, tuple[int, int]] = {}
        self._room = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def make_room(self, count: int) -> None:
        """Let the process hold ``count`` locks more, as far as it may; until they are given up."""
        _ROOM.take(count)
        self._room += count

    def take(self, path: str, *, exclusive: bool, shown: str = "", writing: bool = True) -> None:
        """Lock the file at ``path``; a file that is locked already, by whatever name, stays so.

        Args:
            path: The file.
            exclusive: Whether nobody else may read it meanwhile. A symbolic link is refused then.
            shown: What messages call it; by default ``path``.
            writing: Whether it will be written to, so that it must be possible.

        Raises:
            PlanRefusedError: Somebody else has it locked.
            OSError: It is missing, a symbolic link, or may not be opened.
        """
        shown = shown or path
        flags = (OPEN_FLAGS & ~os.O_ACCMODE) | (os.O_RDWR if exclusive and writing else os.O_RDONLY)
        try:
            descriptor = with_room(lambda: os.open(path, flags | (os.O_NOFOLLOW if exclusive else 0)))
        except OSError as error:
            if error.errno == errno.ELOOP and exclusive:
                raise symbolic_link(shown) from None
            error.filename = shown
            raise
        try:
            identity = self._lock(descriptor, path, shown, exclusive=exclusive)
        except BaseException:
            os.close(descriptor)
            raise
        self._paths[path] = identity

    def _lock(self, descriptor: int, path: str, shown: str, *, exclusive: bool) -> tuple[int, int]:
        status = os.fstat(descriptor)
        identity = (status.st_dev, status.st_ino)
        if not stat.S_ISREG(status.st_mode):
            raise PlanRefusedError(f"{shown}: is {kind_of_file(status.st_mode)}, not a file")
        if identity in self._held:
            os.close(descriptor)
            return identity
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PlanRefusedError(
                f"{shown}: another program is using it (it holds a lock); wait until it is done"
            ) from None
        now = os.stat(path)
        if (now.st_dev, now.st_ino) != identity:
            raise PlanRefusedError(f"{shown}: another file took its place just now; look again")
        self._held[identity] = descriptor
        return identity

    def status(self, path: str) -> os.stat_result | None:
        """Return what the locked file at ``path`` is now; None where none is locked."""
        identity = self._paths.get(path)
        return None if identity is None else os.fstat(self._held[identity])

    def release(self, path: str) -> None:
        """Give up the lock of one file."""
        os.close(self._held.pop(self._paths.pop(path)))

    def close(self) -> None:
        """Give up all of them."""
        self._paths.clear()
        while self._held:
            os.close(self._held.popitem()[1])
        room, self._room = self._room, 0
        _ROOM.give_back(room)
