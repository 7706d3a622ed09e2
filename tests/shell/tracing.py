"""Which files does a piece of code open or list? Python's own audit events tell, whoever opens them."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_EVENTS = {"open", "os.listdir", "os.scandir", "os.mkdir", "os.remove", "os.rename", "os.truncate", "socket.connect"}


@dataclass(slots=True)
class Trace:
    """What was opened, listed or changed: (event, path or descriptor, flags)."""

    events: list[tuple[str, object, int]] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """The paths, as they were given to the system; those that are relative to a descriptor are single names."""
        named = (path for _, path, _ in self.events if isinstance(path, str | bytes | os.PathLike))
        return [os.fsdecode(path) for path in named]

    @property
    def writing(self) -> list[tuple[str, object]]:
        """What could have changed something."""
        changing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        return [
            (event, path)
            for event, path, flags in self.events
            if event not in ("open", "os.listdir", "os.scandir") or (event == "open" and flags & changing)
        ]


_active: list[Trace] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _active and event in _EVENTS:
        path = arguments[0] if arguments else None
        flags = arguments[2] if event == "open" and isinstance(arguments[2], int) else 0
        for trace in _active:
            trace.events.append((event, path, flags))


sys.addaudithook(_hook)  # it cannot be taken away again, so that it is switched on and off instead


@contextmanager
def traced() -> Iterator[Trace]:
    """Record what the body opens."""
    trace = Trace()
    _active.append(trace)
    try:
        yield trace
    finally:
        _active.remove(trace)


def open_descriptors() -> int:
    """Return how many descriptors this process has open."""
    return sum(1 for _ in Path("/dev/fd").iterdir())
