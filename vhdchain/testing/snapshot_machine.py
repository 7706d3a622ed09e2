"""Does everything hold that is said of operations on snapshots, in whatever order they come?

A state machine of Hypothesis over `vhdchain.testing.snapshot_world`: it writes to a machine's disks, takes, applies,
reverts, deletes and renames its snapshots on real files, and everything is compared after every step. To run it,
derive a ``TestCase`` from it, as with any state machine; hypervisor rules and folders are chosen at random. Import this
module only where Hypothesis is installed.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from vhdchain.snapshots import HYPER_V_2008, HYPER_V_2008_R2, HYPER_V_2012, Operation, Request
from vhdchain.testing.snapshot_reference import NOW
from vhdchain.testing.snapshot_world import DISK_SIZE, SnapshotWorld
from vhdchain.units import bytes_to_sectors

_HOSTS = (("2008 R2", HYPER_V_2008_R2), ("2008", HYPER_V_2008), ("2012 R2", HYPER_V_2012))
_SECTORS = bytes_to_sectors(DISK_SIZE)
_ROOM = Path("/dev/shm")
_NAMES = st.text("abc ä\u4e2d&<'", min_size=1, max_size=8).filter(str.strip)
_NUMBERS = st.integers(0, 1000)


class SnapshotMachine(RuleBasedStateMachine):
    """Random operations on the snapshots of a machine in a temporary folder; see the module."""

    def __init__(self) -> None:
        super().__init__()
        self._room = tempfile.mkdtemp(dir=_ROOM if _ROOM.is_dir() else None, prefix="vhdchain-snapshots-")
        self.world: SnapshotWorld

    def teardown(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._room)

    @initialize(host=st.sampled_from(_HOSTS), disks=st.integers(1, 2), fixed=st.booleans(), saved=st.booleans())
    def make(self, host: tuple[str, object], disks: int, *, fixed: bool, saved: bool) -> None:
        """Make the folder of a host with a machine."""
        version, policy = host
        self.world = SnapshotWorld(
            Path(self._room),
            version=version,
            policy=policy,  # type: ignore[arg-type]  # as `_HOSTS` has them
            disks=disks,
            fixed=fixed,
            saved=saved,
        )

    @rule(disk=_NUMBERS, first=st.integers(0, _SECTORS - 1), count=st.integers(1, 12))
    def write(self, disk: int, first: int, count: int) -> None:
        """Let the guest write."""
        places = sorted(self.world.reference.disks[NOW])
        self.world.write(places[disk % len(places)], first, min(count, _SECTORS - first))

    @rule(name=_NAMES)
    def take(self, name: str) -> None:
        """Take a snapshot; names need not differ."""
        self._do(Operation.TAKE, name=name)

    @precondition(lambda self: self._snapshots)
    @rule(number=_NUMBERS)
    def apply(self, number: int) -> None:
        """Apply a snapshot."""
        self._do(Operation.APPLY, snapshot=self._one(number))

    @precondition(lambda self: self._snapshots)
    @rule(number=_NUMBERS, first=st.integers(0, _SECTORS - 1))
    def apply_in_place(self, number: int, first: int) -> None:
        """Apply a snapshot in place, and delete it as its host does when the machine starts; then write."""
        target = self._one(number)
        request = Request(operation=Operation.APPLY, snapshot=target)
        if self.world.do(request, policy=replace(self.world.policy, copy_on_apply=False)) is not None:
            self._do(Operation.DELETE, snapshot=target)
            self.write(0, first, 1)

    @rule()
    def revert(self) -> None:
        """Revert; refused where the present was made from no snapshot."""
        refused = self.world.do(Request(operation=Operation.REVERT)) is None
        assert refused == (self.world.reference.parents[NOW] is None)

    @precondition(lambda self: self._snapshots)
    @rule(number=_NUMBERS)
    def delete(self, number: int) -> None:
        """Delete a snapshot."""
        self._do(Operation.DELETE, snapshot=self._one(number))

    @precondition(lambda self: self._snapshots)
    @rule(number=_NUMBERS)
    def delete_subtree(self, number: int) -> None:
        """Delete a snapshot and all that were made from it."""
        self._do(Operation.DELETE_SUBTREE, snapshot=self._one(number))

    @precondition(lambda self: self._snapshots)
    @rule(number=_NUMBERS, name=_NAMES)
    def rename(self, number: int, name: str) -> None:
        """Give a snapshot another name."""
        self._do(Operation.RENAME, snapshot=self._one(number), name=name)

    @rule()
    def stop(self) -> None:
        """Discard the saved state, and make the merges that waited; refused where the machine is off."""
        self.world.do(Request(operation=Operation.STOP))

    # ------------------------------------------------------------------------------------------------------- details

    @property
    def _snapshots(self) -> list[str]:
        # In the order in which they were taken: their ids are others in every run.
        return [id_ for id_ in self.world.reference.disks if id_ != NOW]

    def _one(self, number: int) -> str:
        snapshots = self._snapshots
        return snapshots[number % len(snapshots)]

    def _do(self, operation: Operation, *, snapshot: str = "", name: str = "") -> None:
        done = self.world.do(Request(operation=operation, snapshot=snapshot, name=name))
        assert done is not None, f"{operation} was refused"
