"""Which machines have a guest with dynamic disks?

Asked of every machine in a deep audit, where what guests have on their disks is read. Folders without machines cost
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.backup.disks import GuestDiskKind
from vhdchain.audit.backup.guest_disks import GuestDisks
from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.locate import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.audit.backup.guest_disks import MachineDisk
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine
    from vhdchain.progress import Cancel

_LONGEST_NAME = 60
_LONGEST_REASON = 500


def check_guest_disks(inventory: Inventory, *, cancel: Cancel | None = None) -> Iterator[Finding]:
    """Yield VHD832 for the disks of the machines' present states, once for each file; its images are still open.

    Args:
        inventory: What a scan found.
        cancel: Asked before every disk.

    Raises:
        CancelledError: ``cancel`` asked to stop.
    """
    disks = GuestDisks(inventory, cancel=cancel)
    told: set[str] = set()
    for machine in inventory.machines:
        for disk in disks.of(machine):
            # A disk that is not here is told as such.
            if disk.path is None or disk.path in told or disk.guest.kind is GuestDiskKind.BASIC:
                continue
            told.add(disk.path)
            yield _told(machine, disk, disk.path)


def _told(machine: Machine, disk: MachineDisk, path: str) -> Finding:
    which = f"the disk of {shortened(machine.name, _LONGEST_NAME)} at {disk.place}"
    place = Location(path=path, structure="partition table")
    if disk.guest.kind is GuestDiskKind.DYNAMIC:
        message = (
            f"{which} is a dynamic disk of its guest: a backup has to save the running machine's state, and its users "
            "are cut off meanwhile"
        )
        return finding(
            "VHD832", place, message, expected="basic", found=disk.guest.kind.value, details=disk.guest.evidence
        )
    message = f"it is not known whether {which} is a basic or a dynamic disk of its guest"
    why = [shortened(clause, _LONGEST_REASON) for clause in disk.guest.evidence]
    return finding("VHD832", place, message, found=disk.guest.kind.value, details=why, severity=Severity.NOTE)
