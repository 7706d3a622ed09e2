"""Is a file, or a chain, what the plan says that it must be?

Nothing is changed here. A file is read back from the disk: what the system's cache holds of it is let go of before, so
that what is compared is what was kept. A chain is opened as whoever uses it will.
"""

from __future__ import annotations

import os
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from vhdchain.errors import ChainError, FormatError
from vhdchain.plan import digest_fact
from vhdchain.shell.executor.copying import read_into
from vhdchain.shell.executor.digest import Digest
from vhdchain.shell.executor.handlers import BrokenCopyError
from vhdchain.shell.files import open_source
from vhdchain.shell.opening import open_chain

if TYPE_CHECKING:
    from vhdchain.plan import DigestFile, VerifyChain, VerifyFile
    from vhdchain.shell.executor.handlers import Run, State
    from vhdchain.shell.files import FileSource


class VerifyFileHandler:
    """Carries out `VerifyFile`."""

    def weight(self, step: VerifyFile) -> int:
        """See `StepHandler.weight`."""
        return step.size

    def do(self, step: VerifyFile, run: Run, state: State | None) -> None:  # noqa: ARG002  # has none
        """See `StepHandler.do`."""
        expected = step.digest or str(run.fact(digest_fact(step.hash, step.path)))
        with closing(open_source(run.path(step.path), name=step.path, devices=False)) as source:
            if source.size != step.size:
                raise BrokenCopyError(f"{step.path}: {source.size} bytes found, {step.size} expected")
            _forget(source)
            with Digest(step.hash) as digest:
                read_into(run, source, digest, source.size)
                found = digest.hexdigest()
        if found != expected.lower():
            what = "expected" if step.digest else "written: the disk did not keep what it was given"
            raise BrokenCopyError(f"{step.path}: read back, its {step.hash} is {found}; {expected} was {what}")

    def undo(self, step: VerifyFile, run: Run, state: State | None) -> None:
        """See `StepHandler.undo`."""

    def finish(self, step: VerifyFile, run: Run) -> None:
        """See `StepHandler.finish`."""


class DigestFileHandler:
    """Carries out `DigestFile`."""

    def weight(self, step: DigestFile) -> int:  # noqa: ARG002  # how long it is, is not known before it is written
        """See `StepHandler.weight`."""
        return 0

    def do(self, step: DigestFile, run: Run, state: State | None) -> None:  # noqa: ARG002  # has none
        """See `StepHandler.do`."""
        with closing(open_source(run.path(step.path), name=step.path, devices=False)) as source:
            _forget(source)
            with Digest(step.hash) as digest:
                read_into(run, source, digest, source.size)
                run.tell(digest_fact(step.hash, step.path), digest.hexdigest())

    def undo(self, step: DigestFile, run: Run, state: State | None) -> None:
        """See `StepHandler.undo`."""

    def finish(self, step: DigestFile, run: Run) -> None:
        """See `StepHandler.finish`."""


class VerifyChainHandler:
    """Carries out `VerifyChain`."""

    def weight(self, step: VerifyChain) -> int:  # noqa: ARG002  # the same for all
        """See `StepHandler.weight`."""
        return 0

    def do(self, step: VerifyChain, run: Run, state: State | None) -> None:  # noqa: ARG002  # has none
        """See `StepHandler.do`."""
        wanted = [run.path(path) for path in step.layers]
        try:
            with open_chain(wanted[-1], within=[run.path(folder) for folder in step.within]) as chain:
                found = [layer.image.source.name for layer in chain.layers]
        except (ChainError, FormatError) as error:
            raise BrokenCopyError(_as_planned(str(error), step, run)) from error
        if list(map(os.path.realpath, found)) != list(map(os.path.realpath, wanted)):
            line = f"{step.layers[-1]}: its chain is {', '.join(found)}; expected is {', '.join(wanted)}"
            raise BrokenCopyError(_as_planned(line, step, run))
        run.advance(0)

    def undo(self, step: VerifyChain, run: Run, state: State | None) -> None:
        """See `StepHandler.undo`."""

    def finish(self, step: VerifyChain, run: Run) -> None:
        """See `StepHandler.finish`."""


def _forget(source: FileSource) -> None:
    """Let the system's cache go of a file that is synced, so that it is read from the disk."""
    with suppress(AttributeError, OSError), source.lent() as descriptor:  # a hint, which not every system takes
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def _as_planned(line: str, step: VerifyChain, run: Run) -> str:
    """Return a line with the files called as the plan calls them."""
    for path in sorted(step.layers, key=lambda path: -len(run.path(path))):
        line = line.replace(run.path(path), path)
    return line
