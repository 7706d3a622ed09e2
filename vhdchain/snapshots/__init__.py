"""What happens when a snapshot is taken, applied, reverted or deleted: beforehand, as a value.

A `State` is a machine with its snapshots; each operation leads to a `Result` with the next state, what is done for it
and what is lost, or refuses with its reasons. Nothing here touches a file; carrying a result out is the shell's.
"""

from __future__ import annotations

from vhdchain.snapshots.actions import Action, ActionKind, Loss, LossKind, Notice, Result
from vhdchain.snapshots.deleting import delete, delete_subtree
from vhdchain.snapshots.losing import Losing
from vhdchain.snapshots.names import Names
from vhdchain.snapshots.operations import apply, rename, revert, take
from vhdchain.snapshots.policy import (
    HYPER_V_2008,
    HYPER_V_2008_R2,
    HYPER_V_2012,
    HYPER_V_LIMIT,
    POLICIES,
    XENSERVER,
    Policy,
)
from vhdchain.snapshots.power import add_disk, remove_disk, save, start, stop
from vhdchain.snapshots.reading import power_of, state_of
from vhdchain.snapshots.rules import CONDITIONS, WAYS, Becomes, Obstacle, Operation, Refused, Request
from vhdchain.snapshots.running import parse_request, parts_of, run_request, run_requests
from vhdchain.snapshots.simulation import Simulation
from vhdchain.snapshots.sizes import Room, Sizes
from vhdchain.snapshots.state import DiskFile, Power, Slot, Snapshot, State
from vhdchain.snapshots.telling import only_the_host, told_of

__all__ = [
    "CONDITIONS",
    "HYPER_V_2008",
    "HYPER_V_2008_R2",
    "HYPER_V_2012",
    "HYPER_V_LIMIT",
    "POLICIES",
    "WAYS",
    "XENSERVER",
    "Action",
    "ActionKind",
    "Becomes",
    "DiskFile",
    "Losing",
    "Loss",
    "LossKind",
    "Names",
    "Notice",
    "Obstacle",
    "Operation",
    "Policy",
    "Power",
    "Refused",
    "Request",
    "Result",
    "Room",
    "Simulation",
    "Sizes",
    "Slot",
    "Snapshot",
    "State",
    "add_disk",
    "apply",
    "delete",
    "delete_subtree",
    "only_the_host",
    "parse_request",
    "parts_of",
    "power_of",
    "remove_disk",
    "rename",
    "revert",
    "run_request",
    "run_requests",
    "save",
    "start",
    "state_of",
    "stop",
    "take",
    "told_of",
]
