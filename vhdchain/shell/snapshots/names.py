"""What are new snapshots and files called, in the folders that a machine has?

As its host calls them: a GUID for a snapshot, the name of the disk with another GUID for a differencing disk, beside
the disk (2008 R2) or below the folder of its owner (2008). Configurations and saved states go where those of the
machine are.
"""

from __future__ import annotations

import posixpath
import re
import uuid
from typing import TYPE_CHECKING

from vhdchain.hyperv.folders import SNAPSHOTS_FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from vhdchain.snapshots import Policy, State

_GUID_AT_END = re.compile(r"_[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")


def random_guid() -> str:
    """Return a GUID in upper case."""
    return str(uuid.uuid4()).upper()


class FolderNames:
    """Names for a machine whose files lie in folders of this system; see `vhdchain.snapshots.Names`."""

    def __init__(self, state: State, policy: Policy, now: datetime, *, guid: Callable[[], str] = random_guid) -> None:
        """Prepare names for ``state``.

        Args:
            state: The machine as it is before the operation.
            policy: Where its host puts new disks.
            now: The time that the names of snapshots tell.
            guid: Gives GUIDs, none twice.
        """
        self._state = state
        self._policy = policy
        self._now = now
        self._guid = guid

    def snapshot_id(self) -> str:
        """See `Names.snapshot_id`."""
        return self._guid()

    def snapshot_name(self, state: State) -> str:
        """Return the host's default name: ``srv - (5/2/2011 - 8:12:00 AM)``."""
        now = self._now
        hour = now.hour % 12 or 12
        half = "AM" if now.hour < 12 else "PM"
        return f"{state.name} - ({now.month}/{now.day}/{now.year} - {hour}:{now:%M:%S} {half})"

    def disk(self, frozen: str, owner: str) -> str:
        """See `Names.disk`."""
        folder, name = posixpath.split(frozen)
        stem = _GUID_AT_END.sub("", posixpath.splitext(name)[0])
        if not self._policy.beside:
            folder = self._owner_folder(owner)
        return posixpath.join(folder, f"{stem}_{self._guid()}.avhd")

    def configuration(self, state: State, snapshot: str) -> str:
        """See `Names.configuration`."""
        known = [item.configuration for item in state.snapshots]
        above = posixpath.dirname(posixpath.dirname(state.configuration))
        folder = posixpath.dirname(known[0]) if known else posixpath.join(above, SNAPSHOTS_FOLDER)
        return posixpath.join(folder, f"{snapshot}.xml")

    def state_file(self, state: State, owner: str, like: str) -> str:
        """See `Names.state_file`."""
        suffix = posixpath.splitext(like)[1] or like
        return posixpath.join(self._owner_folder(owner, state), f"{owner}{suffix}")

    def _owner_folder(self, owner: str, state: State | None = None) -> str:
        of = state or self._state
        configuration = of.configuration if owner == of.id else self.configuration(of, owner)
        return posixpath.join(posixpath.dirname(configuration), owner)
