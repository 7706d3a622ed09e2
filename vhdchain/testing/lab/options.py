"""What can be said of a host and of a machine when a lab makes them?"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from vhdchain.hyperv.records import Service


class HostOptions(TypedDict, total=False):
    """What can be said of a host; all have defaults.

    Attributes:
        seed: Decides ids, contents of saved states and the disks' identifiers.
        root: The Windows folder for machines and snapshots.
        disks: The Windows folder for disks.
        version: ``2008``, ``2008 R2`` or ``2012 R2``.
        start: The time of the first step (aware); every step takes a minute.
    """

    seed: int | str
    root: str
    disks: str
    version: str
    start: datetime


class MachineOptions(TypedDict, total=False):
    """What can be said of a new machine; all have defaults.

    Attributes:
        root: The Windows folder that holds its ``Virtual Machines``; the host's by default.
        disks_folder: The one for its disks; the host's by default.
        snapshot_root: The one that holds its ``Snapshots``; ``root`` by default.
        vss: Whether the backup service is enabled; None: it is not in the manifest. True by default.
        services: The same for others; all are enabled by default.
        scsi_controllers: How many there are at least; 1 by default, more are made when disks need them.
        notes: Its notes.
        generation_id: Its VM-GenerationID; hosts before 2012 have none.
        host_shutdown: See `LabMachine`; 1 by default.
        host_startup: See `LabMachine`; 1 by default.
        unexpected_termination: See `LabMachine`; 1 by default.
        link: See `LabMachine`; none by default.
    """

    root: str
    disks_folder: str
    snapshot_root: str
    vss: bool | None
    services: Mapping[Service, bool | None]
    scsi_controllers: int
    notes: str
    generation_id: str
    host_shutdown: int
    host_startup: int
    unexpected_termination: int
    link: str
