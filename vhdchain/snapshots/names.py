"""What are new snapshots, disks and files called? The caller says it: names need a clock, chance, and a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from vhdchain.snapshots.state import State


class Names(Protocol):
    """What new things are called."""

    def snapshot_id(self) -> str:
        """Return the id of a new snapshot, upper case."""
        ...

    def snapshot_name(self, state: State) -> str:
        """Return the name of a snapshot that the caller gave none."""
        ...

    def disk(self, frozen: str, owner: str) -> str:
        """Return the file of a new differencing disk above ``frozen``; ``owner`` is the id that 2008 puts it below."""
        ...

    def configuration(self, state: State, snapshot: str) -> str:
        """Return the file of the configuration of the snapshot with this id."""
        ...

    def state_file(self, state: State, owner: str, like: str) -> str:
        """Return the file of the saved state of ``owner``, a snapshot's id or the machine's, that ends as ``like``."""
        ...
