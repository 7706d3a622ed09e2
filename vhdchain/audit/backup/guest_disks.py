"""Is what a machine's guest has on its disks basic or dynamic, as far as its files can be read?

Each disk of the present state is read at the places of its partition table, through its chain as the scan found it. A
chain with a fault is not read in spite of it: then nothing is known, and the fault is the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.audit.backup.disks import GuestDisk, GuestDiskKind
from vhdchain.audit.backup.guest import guest_reader
from vhdchain.audit.backup.partitions import guest_disk_kind
from vhdchain.chain import link_images
from vhdchain.errors import CancelledError, ChainError, VhdChainError
from vhdchain.locate import LONGEST_PATH, shortened
from vhdchain.progress import check_cancel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.chain import Chain
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import AttachedDisk, Machine
    from vhdchain.progress import Cancel

_LONGEST_REASON = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineDisk:
    """One disk of a machine's present state.

    Attributes:
        place: The slot, as `AttachedDisk.place` calls it.
        stored: Its path as the configuration has it.
        path: The file here; None where it was not found.
        guest: What its guest sees on it.
    """

    place: str
    stored: str
    path: str | None
    guest: GuestDisk


class GuestDisks:
    """The disks of guests of one inventory, each read once, however many machines have it."""

    def __init__(self, inventory: Inventory, *, cancel: Cancel | None = None) -> None:
        self._inventory = inventory
        self._cancel = cancel
        self._read: dict[str, GuestDisk] = {}

    def of(self, machine: Machine) -> Iterator[MachineDisk]:
        """Yield the disks of the present state of ``machine``, in the order of its drives.

        Raises:
            CancelledError: The caller asked to stop.
        """
        for disk in machine.now.disks if machine.now is not None else ():
            check_cancel(self._cancel)
            yield MachineDisk(
                place=disk.place,
                stored=disk.drive.path,
                path=disk.path,
                guest=self._guest(disk),
            )

    def _guest(self, disk: AttachedDisk) -> GuestDisk:
        if disk.path is None:
            return _unknown(f"its file is {disk.found.outcome}: {shortened(disk.drive.path)}")
        if disk.path not in self._read:
            self._read[disk.path] = self._looked_at(disk.path)
        return self._read[disk.path]

    def _looked_at(self, path: str) -> GuestDisk:
        try:
            chain = self._chain(path)
            return guest_disk_kind(guest_reader(chain), chain.virtual_size)
        except KeyError:
            return _unknown("its file could not be read")
        except CancelledError:
            raise
        except VhdChainError as error:
            return _unknown(shortened(str(error), _LONGEST_REASON))

    def _chain(self, path: str) -> Chain:
        graph = self._inventory.graph
        way = graph.path_to_base(path)
        if graph.parent(way[-1]) is not None:
            raise ChainError(f"the chain of {shortened(path, LONGEST_PATH)} comes back to itself")
        # What is there of a chain without its base may yet hold the sectors that are wanted.
        return link_images([self._inventory.image(item) for item in reversed(way)], partial=True)


def _unknown(reason: str) -> GuestDisk:
    return GuestDisk(kind=GuestDiskKind.UNKNOWN, evidence=(reason,))
