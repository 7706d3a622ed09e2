"""What are machines, snapshots and disks called in a sentence about several of them, and when are two the same?"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from vhdchain.locate import shortened

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from vhdchain.graph.inventory import DiskUse
    from vhdchain.hyperv import Machine, MachineState

LONGEST_NAME = 40
"""How many characters of the name of a machine or snapshot a message shows."""

_LISTED = 3


def shown_name(item: Machine | MachineState) -> str:
    """Return the name of a machine or state, fit for a message."""
    return shortened(item.name, LONGEST_NAME)


def identity(machine: Machine) -> str:
    """Return what two records of one machine have in common: its id, or its path where it has none."""
    return machine.id or machine.states[0].path


def state_identity(state: MachineState) -> str:
    """Return what two records of one snapshot have in common: its id, or its path where it has none."""
    return state.id or state.path


def listed_names(items: Collection[Machine | MachineState]) -> str:
    """Return the names of the first of ``items``, and how many more there are."""
    more = f" and {len(items) - _LISTED} more" if len(items) > _LISTED else ""
    return ", ".join(map(shown_name, islice(items, _LISTED))) + more


def listed(names: Sequence[str]) -> str:
    """Return the first of ``names``, and how many more there are."""
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def shown_use(use: DiskUse) -> str:
    """Return who uses a disk: ``srv`` for the present state of a machine, ``snapshot first of srv``."""
    name = shown_name(use.machine)
    return name if use.is_now else f"snapshot {shown_name(use.state)} of {name}"
