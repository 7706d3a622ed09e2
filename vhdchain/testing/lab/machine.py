"""What does a lab know of a machine, its snapshots and its drives, before it is written?

A `LabState` is what one configuration describes: the present of a machine, or what a snapshot keeps. The lab makes and
changes these objects; everybody reads them. Times are whole seconds since 2000, as in footers.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from vhdchain.hyperv.records import ControllerKind, PowerState, Service
from vhdchain.testing.lab.guest import Partitions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from vhdchain.hyperv.keytree import Key
    from vhdchain.testing.images import BuiltImage

    Edit: TypeAlias = Callable[[Key], Key]


class ExportForm(StrEnum):
    """The layout of an export folder."""

    NONE = ""
    HOST_2008_R2 = "2008 R2"
    HOST_2012_R2 = "2012 R2"


SIZE = 128 * 1024
"""The default size of a lab's disk in bytes."""

BLOCK_SIZE = 4096
"""The default block size in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabDisk:
    r"""A disk to make and attach. Sizes in bytes.

    Attributes:
        name: The file's name; it may begin with folders below the machine's folder of disks (``sub\x.vhd``).
        controller: ``IDE`` or ``SCSI``.
        number: The controller: 0 or 1 for IDE; for SCSI which of the machine's controllers, from 0.
        slot: The drive at the controller; None: the first that is free (for IDE also at the other controller).
        folder: The Windows folder that holds the file; the machine's folder of disks where None.
        fixed: Whether it is a fixed disk; else dynamic, or differencing where there is a parent.
        parent: The image below it, which may be another machine's base.
        size: The disk's size; the parent's, if there is one.
        block_size: For dynamic and differencing disks, and for those that snapshots put above them.
        partitions: The partition table that is written to it; none where there is a parent.
    """

    name: str = field(kw_only=False)
    controller: ControllerKind | str = ControllerKind.IDE
    number: int = 0
    slot: int | None = None
    folder: str | None = None
    fixed: bool = False
    parent: BuiltImage | None = None
    size: int = SIZE
    block_size: int = BLOCK_SIZE
    partitions: Partitions = Partitions.BASIC


@dataclass(slots=True, kw_only=True, eq=False)
class LabDrive:
    r"""A slot with something in it.

    Attributes:
        controller: The controller's kind.
        number: The controller's number; for SCSI which of the machine's controllers.
        slot: The drive's number.
        kind: The stored type.
        image: The disk; None where something else than a file of the lab is attached.
        path: The stored path of what is no disk of the lab.
        home: The Windows path of the machine's own disk, below which snapshots' files are made.
    """

    controller: ControllerKind
    number: int
    slot: int
    kind: str = "VHD"
    image: BuiltImage | None = None
    path: str = ""
    home: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabSavedState:
    """The files of a saved state.

    Attributes:
        memory: The bytes of the ``.bin`` file; placeholders.
        devices: The bytes of the ``.vsv`` file; placeholders.
        written: When.
    """

    memory: bytes
    devices: bytes
    written: int


@dataclass(slots=True, kw_only=True, eq=False)
class LabState:
    """What one configuration describes.

    Attributes:
        drives: The slots with something in them, in the order in which they were attached.
        scsi: The instance GUIDs of the SCSI controllers, lower case.
        network: The instance GUID of the network adapter, lower case.
        services: Integration services in the manifest: whether each is enabled.
        created: When the machine was made, or the snapshot taken.
        powered_on: When the machine was last turned on.
        powered_off: When it was last turned off.
        changed: When its state last changed.
        written: When the configuration was last written: its file's modification time.
        saved: The saved state; None where there is none.
        notes: The notes.
        generation_id: The VM-GenerationID; empty: none.
    """

    drives: list[LabDrive] = field(default_factory=list)
    scsi: list[str] = field(default_factory=list)
    network: str = ""
    services: dict[Service, bool] = field(default_factory=dict)
    created: int
    powered_on: int = 0
    powered_off: int = 0
    changed: int = 0
    written: int = 0
    saved: LabSavedState | None = None
    notes: str = ""
    generation_id: str = ""

    @property
    def images(self) -> list[BuiltImage]:
        """The disks of the lab that are attached, in the order of the drives."""
        return [drive.image for drive in self.drives if drive.image is not None]

    def copy(self) -> LabState:
        """Return an independent copy; the images are shared."""
        return dataclasses.replace(
            self,
            drives=[dataclasses.replace(drive) for drive in self.drives],
            scsi=list(self.scsi),
            services=dict(self.services),
        )


@dataclass(slots=True, kw_only=True, eq=False)
class LabSnapshot:
    """A snapshot.

    Attributes:
        id: Its id, upper case.
        name: Its name.
        machine: The machine.
        parent: The snapshot that it was made from; None: from none.
        state: What it keeps.
        listed: How many snapshots the machine had before: what its configuration said when it was copied.
        edits: What is done to its configuration at the end.
    """

    id: str
    name: str
    machine: LabMachine
    parent: LabSnapshot | None
    state: LabState
    listed: int = 0
    edits: list[Edit] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<snapshot {self.name!r} of {self.machine.name!r}>"


@dataclass(slots=True, kw_only=True, eq=False)
class LabMachine:
    r"""A machine.

    Attributes:
        id: Its id, upper case.
        name: Its name.
        root: The Windows folder that holds ``Virtual Machines``.
        snapshot_root: The one that holds ``Snapshots``.
        disks_folder: The one in which its disks are made.
        owner: The SID of its owner.
        host_shutdown: What happens to it when the host stops: 0 turn off, 1 save, 2 shut down.
        host_startup: And when the host starts: 0 nothing, 1 start if it was running, 2 start.
        unexpected_termination: And after a crash: 0 log, 1 restart, 2 apply the snapshot.
        state: The present.
        power: Whether it is on.
        snapshots: Its snapshots, in the order in which they were taken.
        parent: The snapshot that the present was made from; None: from none.
        freed: Files that deleted snapshots left, which the host merges or deletes when it can.
        merge_pending: Whether one of them waits for that.
        link: How the host's own folder registers it where it is stored elsewhere: ``symlink``, ``empty`` (a file of 0
            bytes, which some copies have in its place), or not at all where empty.
        exported: In which layout it is an export; `ExportForm.NONE` for a machine of the host.
        edits: What is done to its configuration at the end.
    """

    id: str
    name: str
    root: str
    snapshot_root: str
    disks_folder: str
    owner: str
    host_shutdown: int = 1
    host_startup: int = 1
    unexpected_termination: int = 1
    state: LabState
    power: PowerState = PowerState.OFF
    snapshots: list[LabSnapshot] = field(default_factory=list)
    parent: LabSnapshot | None = None
    freed: list[BuiltImage] = field(default_factory=list)
    merge_pending: bool = False
    link: str = ""
    exported: ExportForm = ExportForm.NONE
    edits: list[Edit] = field(default_factory=list)

    @property
    def states(self) -> list[LabState]:
        """Those of the snapshots, and the present."""
        return [*(snapshot.state for snapshot in self.snapshots), self.state]

    @property
    def owners(self) -> list[LabMachine | LabSnapshot]:
        """What has a configuration: the machine and its snapshots."""
        return [self, *self.snapshots]

    def snapshot(self, name: str) -> LabSnapshot:
        """Return the snapshot with this id or name.

        Raises:
            KeyError: There is none.
        """
        for snapshot in self.snapshots:
            if name in (snapshot.id, snapshot.name):
                return snapshot
        raise KeyError(f"{self.name} has no snapshot called {name!r}")

    def expected_tree(self) -> Mapping[str, str | None]:
        """Return the parent of every snapshot, by id, and under ``""`` that of the present: from the history alone."""
        of = {snapshot.id: snapshot.parent for snapshot in self.snapshots}
        return {state: None if parent is None else parent.id for state, parent in {**of, "": self.parent}.items()}

    def __repr__(self) -> str:
        return f"<machine {self.name!r}, {self.power}, {len(self.snapshots)} snapshots>"
