"""How fast may bytes be copied, so that a disk stays fit for use by others?

A `Pace` gives out time: whoever is going to copy some bytes takes the time that they need, and waits until it is over.
Time that nobody took is lost but for a moment's worth, so that a pause is not followed by a burst. Several plans in
several threads may share one, and have the rate together; each is served in the order in which it asked.
"""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError
from vhdchain.progress import check_cancel

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.progress import Cancel

_CREDIT = 0.25  # seconds of the rate that a slow moment of the disk may be made up for
_LARGEST, _SMALLEST = 64 << 20, 64 << 10  # of a portion, in bytes
_PORTIONS = 8  # in a second
_NAP = 0.1  # seconds between two looks at whether to stop


class Pace:
    """A rate that is kept by whoever copies; safe to use from several threads.

    Args:
        bytes_per_second: The rate.
        clock: Returns seconds that never go back.
        sleep: Waits so many seconds.

    Raises:
        ConfigError: The rate is no positive number.
    """

    def __init__(
        self,
        bytes_per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        if not (math.isfinite(bytes_per_second) and bytes_per_second > 0):
            raise ConfigError(f"a pace of {bytes_per_second} bytes in a second; it must be more than none")
        self.bytes_per_second = float(bytes_per_second)
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._taken_until = -math.inf

    @property
    def portion(self) -> int:
        """How many bytes to copy at the most between two waits."""
        return max(_SMALLEST, min(_LARGEST, int(self.bytes_per_second / _PORTIONS)))

    def take(self, amount: int, cancel: Cancel | None = None) -> None:
        """Wait until ``amount`` bytes more may be copied.

        Args:
            amount: In bytes; no more than `portion`, or a burst follows a long wait.
            cancel: Asked while it is waited whether to stop.

        Raises:
            CancelledError: ``cancel`` asked to stop; nothing is taken.
        """
        seconds = amount / self.bytes_per_second
        with self._lock:
            now = self._clock()
            if self._taken_until == -math.inf:
                self._taken_until = now
            until = self._taken_until = max(self._taken_until, now - _CREDIT) + seconds
        try:
            while (left := until - self._clock()) > 0:
                check_cancel(cancel)
                self._sleep(min(left, _NAP))
        except BaseException:
            with self._lock:
                self._taken_until -= seconds
            raise
