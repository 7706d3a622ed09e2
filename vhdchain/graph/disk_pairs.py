"""Which disk of one state of a machine is which of another?

A disk is known again by its family: the files of both build on one base. Where a machine has several disks of a
family, the slot tells them apart. A disk that was moved to another slot stays the same disk; another family in the
same slot is another disk. Of a file that was not found only the slot is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.graph.inventory import Inventory
    from vhdchain.hyperv import AttachedDisk, MachineState


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskPair:
    """One disk in two states.

    Attributes:
        older: As the one state has it; None: it does not.
        newer: As the other one has it, likewise.
    """

    older: AttachedDisk | None
    newer: AttachedDisk | None


def pair_disks(inventory: Inventory, older: MachineState, newer: MachineState) -> tuple[DiskPair, ...]:
    """Return the disks of two states in pairs: those of ``newer`` in its order, then those that only ``older`` has."""

    def family(disk: AttachedDisk) -> str | None:
        return None if disk.path is None else inventory.graph.path_to_base(disk.path)[-1]

    def same(one: AttachedDisk, other: AttachedDisk) -> bool:
        return family(one) == family(other) is not None

    def same_slot(one: AttachedDisk, other: AttachedDisk) -> bool:
        return one.place == other.place

    left, found = list(older.disks), dict[int, "AttachedDisk"]()
    rules: tuple[Callable[[AttachedDisk, AttachedDisk], bool], ...] = (
        lambda one, other: same(one, other) and same_slot(one, other),
        same,
        lambda one, other: same_slot(one, other) and None in (one.path, other.path),
    )
    for rule in rules:
        for number, disk in enumerate(newer.disks):
            match = next((each for each in left if rule(each, disk)), None) if number not in found else None
            if match is not None:
                found[number] = match
                left.remove(match)
    pairs = [DiskPair(older=found.get(number), newer=disk) for number, disk in enumerate(newer.disks)]
    return (*pairs, *(DiskPair(older=disk, newer=None) for disk in left))
