"""What does a configuration of Hyper-V 2008 or 2008 R2 say of a machine, or of one of its snapshots?

Plain values that were taken out of the key tree; the tree itself travels along, for what these records leave out. What
stands in no file (whether the machine runs, what its guest is) is not in here either, or marked as a guess.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vhdchain.findings import Finding
    from vhdchain.hyperv.encoding import TextEncoding
    from vhdchain.hyperv.folders import FileRole
    from vhdchain.hyperv.keytree import Key


class ConfigurationKind(StrEnum):
    """Of what a configuration is."""

    MACHINE = "machine"
    SNAPSHOT = "snapshot"


class ControllerKind(StrEnum):
    """To which kind of controller a drive is attached."""

    IDE = "IDE"
    SCSI = "SCSI"
    FLOPPY = "floppy"
    OTHER = "other"


class PowerState(StrEnum):
    """Whether a machine was on when its configuration was copied."""

    RUNNING = "running"
    SAVED = "saved"
    OFF = "off"
    UNKNOWN = "unknown"


class Service(StrEnum):
    """The integration services that matter here, by the role of their device."""

    VSS = "backup"
    HEARTBEAT = "heartbeat"
    KEY_VALUE = "key-value pair exchange"
    SHUTDOWN = "shutdown"
    TIME = "time synchronisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    r"""One slot of a controller.

    Attributes:
        controller: The controller's kind.
        section: The instance GUID of the device's section, lower case, without braces: tells SCSI controllers apart.
        number: The controller's number in its section.
        slot: The drive's number at its controller.
        kind: The stored type: ``VHD``, ``ISO``, ``VFD``, ``NONE``, or another one.
        path: The stored ``pathname``, as it is: not fit for a terminal before it is escaped; empty where there is none.
        field: The path of the key of ``pathname`` in the configuration.
    """

    controller: ControllerKind
    section: str
    number: int
    slot: int
    kind: str
    path: str
    field: str

    @property
    def is_disk(self) -> bool:
        """Whether a disk in a file is attached here."""
        return self.kind.upper() == "VHD" and bool(self.path.strip())

    @property
    def is_pass_through(self) -> bool:
        """Whether something else than a file is attached here, as far as the type tells: a disk of the host."""
        return self.kind.upper() not in ("VHD", "ISO", "VFD", "NONE", "")

    @property
    def place(self) -> str:
        """Where it is, for people: ``IDE 0:1``; SCSI controllers are told apart by the caller."""
        return f"{self.controller} {self.number}:{self.slot}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedState:
    """What ``savedstate`` says; all empty where there is none.

    Attributes:
        memory: ``memlocation``, the path of the ``.bin`` file, as stored.
        devices: ``vsvlocation``, the path of the ``.vsv`` file, as stored.
        in_progress: Whether it was being written; None where that is not said.
        type: ``Normal``, ``Snapshot``, ``Fast``, or empty.
    """

    memory: str = ""
    devices: str = ""
    in_progress: bool | None = None
    type: str = ""

    def __bool__(self) -> bool:
        return bool(self.devices.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerGuess:
    """Whether the machine was on, and why this is thought: no file says so.

    Attributes:
        state: The guess.
        reason: One clause.
    """

    state: PowerState
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """One configuration file, of a machine or of a snapshot.

    Attributes:
        path: The file as messages call it.
        kind: Of what it is.
        id: ``properties/global_id`` in upper case without braces; empty where it is missing.
        machine_id: ``settings/global/logical_id`` likewise: the machine to which a snapshot belongs.
        name: ``properties/name``.
        notes: ``properties/notes``.
        version: ``properties/version``: 512 on 2008 R2 SP1, 1280 on 2012 R2; nothing depends on it.
        created: ``properties/creation_time`` as a FILETIME (100 ns since 1601, UTC), 0 for never; None where it is not
            stored, or no time before the year 10000.
        powered_on: ``properties/last_powered_on_time``, likewise.
        powered_off: ``properties/last_powered_off_time``, likewise.
        state_changed: ``properties/last_state_change_time``, likewise.
        drives: Every slot that the file knows, empty ones too, controllers in the order of the manifest; first those
            that stand in no manifest.
        scsi_controllers: The instance GUIDs of the SCSI controllers, lower case, in the order of the manifest.
        saved_state: What ``savedstate`` says.
        services: Integration services by role: whether each is enabled; one that has no device in the manifest is
            absent.
        has_manifest: Whether there is a manifest, so that an absent service means something.
        snapshot_root: ``global_settings/snapshots/data_root``: the folder that holds ``Snapshots``; empty where it is
            not stored.
        data_root: ``global_settings/data_root``, likewise for ``Virtual Machines``.
        listed_snapshots: ``global_settings/snapshots/list/size``; None where it is not stored.
        listed_ids: GUIDs anywhere below that list, upper case, in the order of the file.
        mentioned_ids: All other GUIDs outside of the devices' sections and the manifest, but for the file's own ids,
            with the path of the first key that holds each: candidates for ids of snapshots. What each of them means is
            not known.
        merge_pending: ``global_settings/disk_merge_pending``; None where it is not stored.
        host_shutdown: What happens to the machine when the host stops: 0 turn off, 1 save, 2 shut down.
        host_startup: And when it starts: 0 nothing, 1 start if it was running, 2 start.
        unexpected_termination: And after a crash: 0 log, 1 restart, 2 apply the snapshot.
        owner: ``global_settings/owner/sid``.
        generation_id: ``global_settings/devices/generation_id`` (VM-GenerationID, 2012 and later); empty where there
            is none.
        power: Whether the machine was on, as a guess; for a snapshot: the state in which it was taken.
        tree: All keys.
        encoding: How the file stores its text.
    """

    path: str
    kind: ConfigurationKind
    id: str
    machine_id: str
    name: str
    notes: str = ""
    version: int | None = None
    created: int | None = None
    powered_on: int | None = None
    powered_off: int | None = None
    state_changed: int | None = None
    drives: tuple[Drive, ...] = ()
    scsi_controllers: tuple[str, ...] = ()
    saved_state: SavedState = field(default_factory=SavedState)
    services: Mapping[Service, bool] = field(default_factory=dict)
    has_manifest: bool = True
    snapshot_root: str = ""
    data_root: str = ""
    listed_snapshots: int | None = None
    listed_ids: tuple[str, ...] = ()
    mentioned_ids: Mapping[str, str] = field(default_factory=dict)
    merge_pending: bool | None = None
    host_shutdown: int | None = None
    host_startup: int | None = None
    unexpected_termination: int | None = None
    owner: str = ""
    generation_id: str = ""
    power: PowerGuess
    tree: Key
    encoding: TextEncoding

    @property
    def disks(self) -> tuple[Drive, ...]:
        """The drives that are disks in files."""
        return tuple(drive for drive in self.drives if drive.is_disk)

    @property
    def is_snapshot(self) -> bool:
        """Whether it is a snapshot's."""
        return self.kind is ConfigurationKind.SNAPSHOT


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFile:
    """A file of a host's folders that is no disk.

    Attributes:
        path: The file as messages call it.
        role: The part that it plays.
        size: Length in bytes.
        mtime_ns: Modification time in nanoseconds since 1970 (UTC).
        sha256: SHA-256 of its bytes in hex; None where they were not read.
        configuration: What it says; None where it is none, or could not be understood.
        problems: Why it could not be understood.
        target: What a symbolic link says where it leads, mostly a path of the host; empty for everything else.
        content: The bytes of a record of an export; empty for everything else.
    """

    path: str
    role: FileRole
    size: int
    mtime_ns: int
    sha256: str | None = None
    configuration: Configuration | None = None
    problems: tuple[Finding, ...] = ()
    target: str = ""
    content: bytes = field(default=b"", repr=False)
