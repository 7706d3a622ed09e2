"""Which slot of a machine is a drive?

Configurations tell SCSI controllers apart by the ids of their sections; people count them as the manifest does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.hyperv import ControllerKind

if TYPE_CHECKING:
    from vhdchain.hyperv import Configuration, Drive


class Slots:
    """The slots of one configuration."""

    def __init__(self, configuration: Configuration) -> None:
        self._scsi = {section: number for number, section in enumerate(configuration.scsi_controllers)}

    def number(self, drive: Drive) -> int:
        """Return the number of a drive's controller: as stored, or as `AttachedDisk` counts SCSI controllers."""
        return self._scsi.get(drive.section, 0) if drive.controller is ControllerKind.SCSI else drive.number

    def place(self, drive: Drive) -> str:
        """Return where a drive is, for people: ``IDE 0:1``, ``SCSI 2:0``."""
        return f"{drive.controller} {self.number(drive)}:{drive.slot}"
