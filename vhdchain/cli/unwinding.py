"""How does a request to terminate end a command? As an exception, so that everything is cleared up on the way."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_DEADLY = ("SIGTERM", "SIGHUP")


@contextmanager
def unwinding() -> Iterator[None]:
    """Let a request to terminate unwind the stack with `SystemExit`, so that what is temporary goes away."""
    if threading.current_thread() is not threading.main_thread():  # only there may handlers be set
        yield
        return
    numbers = [getattr(signal, name) for name in _DEADLY if hasattr(signal, name)]
    before = {number: signal.signal(number, _leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
