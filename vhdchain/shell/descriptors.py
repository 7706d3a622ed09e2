"""How do many files share few descriptors?

A source borrows its descriptor for a read and gives it back; of those that nobody uses at the moment only so many stay
open, and the one that was used longest ago is closed first. Whoever needs a descriptor when the process has none left
makes room among them.
"""

from __future__ import annotations

import errno
import os
import resource
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DESCRIPTORS = 128
"""How many files are held open at once by default, and never more than half of what the process may open."""

T = TypeVar("T")


class Descriptor:
    """A descriptor that may be closed and opened again between two reads."""

    __slots__ = ("closed", "fd", "users")

    def __init__(self, fd: int | None) -> None:
        self.fd = fd
        self.users = 0
        self.closed = False


class DescriptorPool:
    """Keeps at most ``limit`` idle descriptors open; the one that was used longest ago is closed first."""

    def __init__(self, limit: int = MAX_DESCRIPTORS) -> None:
        self._limit = limit
        # Reentrant: a collected source closes itself, at a moment when this very thread may be in here.
        self._lock = threading.RLock()
        self._idle: OrderedDict[Descriptor, None] = OrderedDict()

    @property
    def idle(self) -> int:
        """How many descriptors are open and not in use at this moment."""
        return len(self._idle)

    def acquire(self, descriptor: Descriptor, reopen: Callable[[], int]) -> int:
        """Return the open descriptor, opened again where it had been closed; to be given back by `release`."""
        with self._lock:
            if descriptor.closed:
                raise ValueError("the source is closed")
            self._idle.pop(descriptor, None)
            if descriptor.fd is None:
                descriptor.fd = self.open(reopen)
            descriptor.users += 1
            return descriptor.fd

    def release(self, descriptor: Descriptor) -> None:
        """Give back what `acquire` returned."""
        with self._lock:
            descriptor.users -= 1
            self._settle(descriptor)

    def settle(self, descriptor: Descriptor) -> None:
        """Keep an unused descriptor as the youngest, or close it where its source is closed."""
        with self._lock:
            self._settle(descriptor)

    def _settle(self, descriptor: Descriptor) -> None:
        if descriptor.users:
            return
        if descriptor.closed:
            self._idle.pop(descriptor, None)
            _close(descriptor)
        elif descriptor.fd is not None:
            self._idle[descriptor] = None  # `acquire` took it out, so it stands last
            if len(self._idle) > self._limit:
                self._shrink_to(self._limit)

    def open(self, opener: Callable[[], T]) -> T:
        """Return what ``opener`` returns; where the process has no descriptor left, those that are idle make room."""
        try:
            return opener()
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE) or not self._idle:
                raise
        with self._lock:
            self._shrink_to(0)
        return opener()

    def _shrink_to(self, limit: int) -> None:
        while len(self._idle) > limit:
            oldest, _ = self._idle.popitem(last=False)
            _close(oldest)


def _close(descriptor: Descriptor) -> None:
    if descriptor.fd is not None:
        fd, descriptor.fd = descriptor.fd, None
        os.close(fd)


def default_limit() -> int:
    """Return how many idle descriptors are kept: folders, imports and the host program need some as well."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_DESCRIPTORS if soft == resource.RLIM_INFINITY else min(MAX_DESCRIPTORS, soft // 2)


POOL = DescriptorPool(default_limit())
"""The one of this process."""


def with_room(call: Callable[[], T]) -> T:
    """Return what ``call`` returns, which needs a descriptor; where none is left, idle sources make room."""
    return POOL.open(call)
