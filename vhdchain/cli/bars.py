"""How is long work shown? As a progress bar on standard error, where that is a terminal and the work takes its time."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from vhdchain.cli.options import Settings
    from vhdchain.progress import Progress

_PATIENCE = 1.0  # seconds before a bar appears: most calls are done by then
_REFRESH = 0.05


@contextmanager
def progress_bar(
    label: str, settings: Settings, *, in_bytes: bool = False, wanted: bool = True
) -> Iterator[Progress | None]:
    """Give a callback for a long call; the bar goes away at the end, however the call ends.

    Args:
        label: What is being done.
        settings: ``quiet`` and ``color`` count.
        in_bytes: Whether the call counts bytes rather than things.
        wanted: Whether there is room for a bar; the caller's own output may be in the way.
    """
    if not wanted or settings.quiet or not sys.stderr.isatty():
        yield None
        return
    bar = _Bar(label, settings, in_bytes=in_bytes)
    try:
        yield bar
    finally:
        bar.stop()


class _Bar:
    """A callback that shows a bar once the call has taken longer than anybody likes to wait unsure."""

    def __init__(self, label: str, settings: Settings, *, in_bytes: bool) -> None:
        self._label = label
        self._settings = settings
        self._in_bytes = in_bytes
        self._next = time.monotonic() + _PATIENCE
        self._live: tuple[RichProgress, TaskID] | None = None

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _REFRESH
        if self._live is None:
            self._live = self._started(total)
        progress, task = self._live
        progress.update(task, completed=done, total=total)

    def stop(self) -> None:
        if self._live is not None:
            self._live[0].stop()

    def _started(self, total: int) -> tuple[RichProgress, TaskID]:
        from rich.console import Console  # noqa: PLC0415  # only a bar that is shown needs it
        from rich.progress import (  # noqa: PLC0415  # same
            BarColumn,
            DownloadColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        console = Console(stderr=True, no_color=True if not self._settings.color else None)
        amounts = (
            [DownloadColumn(binary_units=True), TransferSpeedColumn()] if self._in_bytes else [MofNCompleteColumn()]
        )
        label = TextColumn("{task.description}", markup=False)
        progress = Progress(label, BarColumn(), *amounts, TimeRemainingColumn(), console=console, transient=True)
        progress.start()
        return progress, progress.add_task(self._label, total=total)
