"""What is the digest of bytes that are copied in portions?

Digests are made beside the copying, by a thread of their own: it works while the copy waits for the disk. The bytes it
gets are its own, so that the copy may use its buffer again.
"""

from __future__ import annotations

import hashlib
import queue
import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from types import TracebackType

_WAITING = 8  # portions that may be waiting
_ZEROS = bytes(1 << 20)


class Digest:
    """A digest that is made in a thread; a context manager that ends it.

    Args:
        name: As `hashlib` has it.
    """

    def __init__(self, name: str) -> None:
        self._hash = hashlib.new(name)
        self._dropped = False
        self._queue: queue.Queue[bytes | int | None] = queue.Queue(_WAITING)
        self._thread = threading.Thread(target=self._work, name="vhdchain-digest", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._dropped = error is not None
        self._end()

    def add(self, data: bytes) -> None:
        """Take bytes in."""
        self._queue.put(data)

    def add_zeros(self, length: int) -> None:
        """Take so many zeros in."""
        self._queue.put(length)

    def hexdigest(self) -> str:
        """Return the digest of all that was taken in; nothing more can be."""
        self._end()
        return self._hash.hexdigest()

    def _end(self) -> None:
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            if isinstance(item, bytes):
                self._hash.update(item)
                continue
            for at in range(0, item, len(_ZEROS)):
                if self._dropped:  # there may be minutes of zeros left
                    break
                self._hash.update(memoryview(_ZEROS)[: item - at])


def digest_if(name: str) -> AbstractContextManager[Digest | None]:
    """Return a digest, or none where ``name`` is empty."""
    return Digest(name) if name else nullcontext()
