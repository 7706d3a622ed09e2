"""What must be known of a kind of step to carry it out?

A `StepHandler` does a step, continues one that was stopped, and takes it back. A long step records how far it is by
`Run.checkpoint`: what it says there, it finds again as ``state`` after a crash, and everything before the last
checkpoint was synced by the handler itself. Handlers of the larger steps stand in modules of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from vhdchain.errors import PlanRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vhdchain.plan import FileState
    from vhdchain.shell.executor.layer import FileLayer, WritableFile

State = dict[str, Any]
"""How far a step is; of JSON's types."""

S_contra = TypeVar("S_contra", contravariant=True)


class BrokenCopyError(PlanRefusedError):
    """What was written or checked is not what the plan says that it must be.

    Trying again cannot help, so the plan is taken back, also one that was gone on with.
    """


class Run(Protocol):
    """What the executor offers to a handler.

    Attributes:
        layer: Through which everything is changed.
    """

    @property
    def layer(self) -> FileLayer:
        """Through which everything is changed."""
        ...

    def path(self, path: str) -> str:
        """Return where a path of the plan lies, also after a restart in another folder."""
        ...

    def beside(self, path: str, purpose: str) -> str:
        """Return the name of the executor's own file beside ``path``: ``srv.vhd`` and ``new`` give one for its copy.

        The name is the same in every run of this plan. The executor removes such files in the end.
        """
        ...

    def planned(self, path: str) -> FileState | None:
        """Return the file as it was when the plan was made; None where the plan does not tell."""
        ...

    def tell(self, name: str, value: int | str) -> None:
        """Record what the step found out (a digest): `Outcome.facts` has it, also after a restart."""
        ...

    def fact(self, name: str) -> int | str:
        """Return what an earlier step found out, also before a restart.

        Raises:
            ConfigError: No step did.
        """
        ...

    def is_written_later(self, path: str) -> bool:
        """Say whether some step of the plan writes into the file where it lies."""
        ...

    def paced(self, length: int, most: int) -> Iterator[int]:
        """Yield the lengths of portions, ``length`` bytes together, each when the plan's pace allows it.

        Args:
            length: How many bytes are read or copied.
            most: How many bytes a portion has at the most.

        Raises:
            CancelledError: The caller asked to stop while it was waited.
        """
        ...

    def push(self, file: WritableFile, length: int) -> None:
        """Have ``length`` bytes that were written go to the disk by and by where the plan has a pace.

        Without that the system writes them in one burst, at the latest when the file is synced.
        """
        ...

    def checkpoint(self, state: Mapping[str, Any]) -> None:
        """Record durably how far the step is; everything that ``state`` claims must be synced before.

        Only `StepHandler.do` may. A step that has recorded nothing has changed nothing.
        """
        ...

    def advance(self, amount: int) -> None:
        """Tell that ``amount`` more units of the step's `StepHandler.weight` are done; the caller may ask to stop here.

        Raises:
            CancelledError: The caller asked to stop; the journal stays, and the step can be continued.
        """
        ...


class StepHandler(Protocol, Generic[S_contra]):
    """How one kind of step is done and taken back. Both may be repeated after a crash anywhere in them."""

    def weight(self, step: S_contra) -> int:
        """Return how much work the step is, in bytes, for progress."""
        ...

    def do(self, step: S_contra, run: Run, state: State | None) -> None:
        """Make true what the step says, synced; ``state`` is the last checkpoint, None where there was none.

        Raises:
            PlanRefusedError: What is found is neither what the plan expects nor what this step leaves behind.
        """
        ...

    def undo(self, step: S_contra, run: Run, state: State | None) -> None:
        """Make it as it was before the step began, synced, needing no more room; whatever part of it was done."""
        ...

    def finish(self, step: S_contra, run: Run) -> None:
        """Do what must wait until every step of the plan is done: deletions. It cannot be taken back."""
        ...
