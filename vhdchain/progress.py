"""How does a long call tell how far it is, and how is it stopped?

Long calls take ``progress=``, called with (done, total) in the unit that the call states, and ``cancel=``, an event or
a callable that says whether to stop. A cancelled call raises `CancelledError` and leaves nothing half done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from vhdchain.errors import CancelledError

Progress: TypeAlias = Callable[[int, int], None]
"""Called with what is done and what there is to do."""


class _Event(Protocol):
    def is_set(self) -> bool: ...


Cancel: TypeAlias = Callable[[], bool] | _Event
"""A callable that returns True to stop, or an event such as `threading.Event`."""


def check_cancel(cancel: Cancel | None) -> None:
    """Raise `CancelledError` where ``cancel`` asks for it."""
    if cancel is None:
        return
    if cancel() if callable(cancel) else cancel.is_set():
        raise CancelledError("stopped because the caller asked for it")
