"""How do the steps of one plan go forward, back, and to their end, with the journal always one line ahead?

`Work` is what a handler meets as its `Run`. Nothing of a step happens before the journal says that it was begun, and
the journal says that it is done when its handler has synced everything. The original files and the executor's own go
when all steps are done; the journal goes last.
"""

# ruff: noqa: PTH116, PTH120 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from vhdchain.errors import ConfigError, VhdChainError
from vhdchain.plan import CopyFile, ReplaceFile
from vhdchain.progress import check_cancel
from vhdchain.shell.executor.footprint import all_written, is_folder, written_by, written_in_place
from vhdchain.shell.executor.names import PURPOSES, name_beside
from vhdchain.shell.executor.table import handler_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vhdchain.plan import FileState, Plan, Step
    from vhdchain.progress import Cancel, Progress
    from vhdchain.shell.executor.journal import Journal
    from vhdchain.shell.executor.layer import FileLayer, WritableFile
    from vhdchain.shell.executor.pace import Pace
    from vhdchain.shell.executor.places import Places


class Work:
    """One run of a plan; the `Run` of its handlers.

    Attributes:
        layer: Through which everything is changed.
        journal: What is written ahead.
    """

    def __init__(
        self,
        journal: Journal,
        places: Places,
        *,
        layer: FileLayer,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.layer = layer
        self.journal = journal
        self._places = places
        self._progress = progress
        self._cancel = cancel
        self._pace = pace
        self._unpushed = 0
        self._plan: Plan = journal.header.plan
        self._handlers = [handler_of(step) for step in self._plan.steps]
        self._in_place = {places.path(path) for path in written_in_place(self._plan)}
        self._planned = {places.path(state.path): state for state in self._plan.files}
        steps = zip(self._handlers, self._plan.steps, strict=True)
        self._weights = [handler.weight(step) + self._copied(step) for handler, step in steps]
        self._step = 0
        self._amount = 0

    def path(self, path: str) -> str:
        """See `Run.path`."""
        return self._places.path(path)

    def beside(self, path: str, purpose: str) -> str:
        """See `Run.beside`."""
        assert purpose in PURPOSES, purpose  # the executor removes no others
        return name_beside(self._places.path(path), purpose)

    def planned(self, path: str) -> FileState | None:
        """See `Run.planned`."""
        return self._planned.get(self._places.path(path))

    def tell(self, name: str, value: int | str) -> None:
        """See `Run.tell`."""
        # What comes next is synced, and this line with it: at the latest before the step counts as done.
        self.journal.append("fact", sync=False, name=name, value=value)

    def fact(self, name: str) -> int | str:
        """See `Run.fact`."""
        value = self.journal.history.facts.get(name)
        if value is None:
            raise ConfigError(f"{self.journal.path}: no step of the plan found out {name!r}, and a later one needs it")
        return value

    def is_written_later(self, path: str) -> bool:
        """See `Run.is_written_later`."""
        return self._places.path(path) in self._in_place

    def paced(self, length: int, most: int) -> Iterator[int]:
        """See `Run.paced`."""
        longest = most if self._pace is None else min(most, self._pace.portion)
        for at in range(0, length, max(longest, 1)):
            count = min(longest, length - at)
            if self._pace is not None:
                self._pace.take(count, self._cancel)
            yield count

    def push(self, file: WritableFile, length: int) -> None:
        """See `Run.push`."""
        self._unpushed += length
        if self._pace is not None and self._unpushed >= self._pace.portion:
            file.push()
            self._unpushed = 0

    def checkpoint(self, state: Mapping[str, Any]) -> None:
        """See `Run.checkpoint`."""
        self.journal.append("checkpoint", step=self._step, state=dict(state))

    def advance(self, amount: int) -> None:
        """See `Run.advance`."""
        self._amount += amount
        self._show(self._amount)
        check_cancel(self._cancel)

    def forward(self) -> None:
        """Do every step that is not done, from the last checkpoint on; they are committed then."""
        history, steps = self.journal.history, self._plan.steps
        for index in range(history.done, len(steps)):
            check_cancel(self._cancel)
            self._step, self._amount = index, 0
            if history.begun == index:
                self.journal.append("begun", step=index)
            with self._believing(index):
                self._handlers[index].do(steps[index], self, history.states.get(index))
            # What comes next is synced, and this line with it.
            self.journal.append("done", sync=False, step=index)
            self._show(self._weights[index])
        self.journal.append("committed")

    def back(self) -> None:
        """Take every step back that was begun, the last one first, and clear up."""
        history, steps = self.journal.history, self._plan.steps
        if not history.undoing:
            self.journal.append("undoing")
        for index in reversed(range(history.begun)):
            if index not in history.undone:
                self._step = index
                with self._believing(index):
                    self._handlers[index].undo(steps[index], self, history.states.get(index))
                self.journal.append("undone", step=index)
        self._restore_times()
        self.clear_up()

    def finish(self) -> None:
        """Do what cannot be taken back, and clear up."""
        self._remove_own()
        for index, step in enumerate(self._plan.steps):
            with self._believing(index):
                self._handlers[index].finish(step, self)
        self.clear_up()

    def clear_up(self) -> None:
        """Remove the executor's own files, the journal last."""
        self._remove_own()
        self.layer.unlink(self.journal.path)
        self.journal.gone = True
        self.layer.sync_folder(os.path.dirname(self.journal.path))

    @contextmanager
    def _believing(self, index: int) -> Iterator[None]:
        """Tell what a found journal says and no file can have (a size that is no number) as a fault of the journal."""
        try:
            yield
        except VhdChainError:
            raise
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            if not self.journal.found:
                raise
            raise ConfigError(
                f"{self.journal.path}: step {index + 1} or its checkpoint makes no sense ({error!r})"
            ) from error

    def _remove_own(self) -> None:
        folders = []
        for path in all_written(self._plan):
            for purpose in PURPOSES:
                own = self.beside(path, purpose)
                if os.path.lexists(own):
                    self.layer.unlink(own)
                    folders.append(os.path.dirname(own))
        for folder in dict.fromkeys(folders):
            self.layer.sync_folder(folder)

    def _restore_times(self) -> None:
        """Give files that were written to the times that they had: children record them."""
        written = {self.path(path) for step in self._plan.steps if not is_folder(step) for path in written_by(step)}
        for place in sorted(written & self._planned.keys()):
            state = self._planned[place]
            status = os.stat(place, follow_symlinks=False) if os.path.lexists(place) else None
            if status is None or state.mtime_ns in (None, status.st_mtime_ns) or status.st_size != state.size:
                continue
            with closing(self.layer.open(place)) as file:
                file.set_modified(state.mtime_ns)
                file.sync()

    def _copied(self, step: Step) -> int:
        """Return how many bytes of a whole file a step copies, as far as the plan tells."""
        source = step.source if isinstance(step, CopyFile) else step.path if isinstance(step, ReplaceFile) else None
        state = None if source is None else self.planned(source)
        return 0 if state is None else state.size

    def _show(self, amount: int) -> None:
        if self._progress is not None:
            index, total = self._step, max(sum(self._weights), 1)
            done = sum(self._weights[:index]) + min(amount, self._weights[index])
            self._progress(min(done, total), total)
