"""How do machines and their disks get into a lab, and how are they written to, started, saved and turned off?"""

from __future__ import annotations

import ntpath
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Unpack

from vhdchain.hyperv.records import ControllerKind, PowerState, Service
from vhdchain.testing.lab.guest import Partitions, partition_table
from vhdchain.testing.lab.images import LabImages, image_name
from vhdchain.testing.lab.machine import LabDisk, LabDrive, LabMachine, LabSavedState, LabState
from vhdchain.testing.lab.versions import HOST_VERSIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.testing.images import BuiltImage
    from vhdchain.testing.lab.options import HostOptions, MachineOptions

DEFAULT_ROOT = r"C:\ProgramData\Microsoft\Windows\Hyper-V"
"""Where a host keeps machines and snapshots unless it is told otherwise."""

DEFAULT_DISKS = r"C:\Users\Public\Documents\Hyper-V\Virtual Hard Disks"
"""Where a host makes disks unless it is told otherwise."""

_MEMORY, _DEVICES = 4096, 512
_SLOTS = {ControllerKind.IDE: 2, ControllerKind.SCSI: 64}
_MOST_CONTROLLERS = {ControllerKind.IDE: 2, ControllerKind.SCSI: 4}
_DVD = (1, 0)


class LabMachines:
    """The machines of a lab; see `vhdchain.testing.lab.HostLab`, which adds everything else."""

    def __init__(self, **options: Unpack[HostOptions]) -> None:
        self.seed = options.get("seed", 0)
        self.root = options.get("root", DEFAULT_ROOT)
        self.disks = options.get("disks", DEFAULT_DISKS)
        self.version = HOST_VERSIONS[options.get("version", "2008 R2")]
        start = options.get("start", datetime(2011, 5, 2, 8, 0, tzinfo=UTC))
        self.images = LabImages(seed=f"lab/{self.seed}", dialect=self.version.dialect, start=start)
        self.machines: list[LabMachine] = []
        self._made = 0
        self._began = self.images.tick()

    # --------------------------------------------------------------------------------------------- machines and disks

    def machine(self, name: str, *, disks: Sequence[LabDisk] = (), **options: Unpack[MachineOptions]) -> LabMachine:
        """Make a machine that was installed and turned off.

        Args:
            name: Its name; two may have the same.
            disks: Its disks, which are made.
            options: See `MachineOptions`.
        """
        state = LabState(
            created=self.images.tick(),
            services=_services(options),
            notes=options.get("notes", ""),
            generation_id=options.get("generation_id", ""),
        )
        root = options.get("root", self.root)
        machine = LabMachine(
            id=self._new_id("machine"),
            name=name,
            root=root,
            snapshot_root=options.get("snapshot_root", root),
            disks_folder=options.get("disks_folder", self.disks),
            owner=self._sid(),
            host_shutdown=options.get("host_shutdown", 1),
            host_startup=options.get("host_startup", 1),
            unexpected_termination=options.get("unexpected_termination", 1),
            link=options.get("link", ""),
            state=state,
        )
        state.network = self._new_id("network").lower()
        state.scsi = [self._new_id("scsi").lower() for _ in range(options.get("scsi_controllers", 1))]
        self.machines.append(machine)
        for disk in disks:
            self.attach(machine, disk)
        self.start(machine)
        self.turn_off(machine)
        return machine

    def disk(self, disk: LabDisk, *, folder: str | None = None) -> BuiltImage:
        """Make a disk that no machine has yet: a base for others, or one that lies there unused."""
        path = ntpath.join(disk.folder or folder or self.disks, disk.name)
        name, manner = image_name(path), self.version.dialect
        if disk.parent is not None:
            return self.images.differencing(name, parent=disk.parent, block_size=disk.block_size, dialect=manner)
        if disk.fixed:
            image = self.images.fixed(name, size=disk.size, block_size=disk.block_size)
        else:
            image = self.images.dynamic(name, size=disk.size, block_size=disk.block_size)
        self.partition(image, disk.partitions)
        return image

    def attach(self, machine: LabMachine, disk: LabDisk | BuiltImage, **place: ControllerKind | str | int) -> LabDrive:
        """Attach a disk: a new one, or one that exists, also to another machine.

        Args:
            machine: The machine, which should be off.
            disk: What is attached.
            place: For a disk that exists: ``controller``, ``number`` and ``slot`` as a `LabDisk` has them.

        Raises:
            ValueError: There is no such slot, or none is free.
        """
        if isinstance(disk, LabDisk):
            image, wanted = self.disk(disk, folder=machine.disks_folder), disk
        else:
            image, wanted = disk, LabDisk(name=disk.name, **place)  # type: ignore[arg-type]  # checked by _place
        drive = self._place(machine, wanted)
        drive.image, drive.home = image, image.name.replace("/", "\\")
        machine.state.drives.append(drive)
        self._configured(machine)
        return drive

    def attach_shared(self, machine: LabMachine, base: BuiltImage, disk: LabDisk) -> LabDrive:
        """Attach a new differencing disk above ``base``, which others may be made from, too."""
        fields = {
            name: getattr(disk, name) for name in ("name", "controller", "number", "slot", "folder", "block_size")
        }
        return self.attach(machine, LabDisk(**fields, parent=base))

    def detach(self, machine: LabMachine, number: int) -> BuiltImage | None:
        """Take the drive ``number`` (in the order of `LabState.drives`) out; its file stays."""
        drive = machine.state.drives.pop(number)
        self._configured(machine)
        return drive.image

    def pass_through(
        self,
        machine: LabMachine,
        *,
        controller: ControllerKind | str = ControllerKind.SCSI,
        number: int = 0,
        slot: int | None = None,
        path: str = r"\\.\PHYSICALDRIVE1",
    ) -> LabDrive:
        """Attach a disk of the host itself. That its type is ``HDD``, and what the path is, are assumptions."""
        drive = self._place(machine, LabDisk(name="", controller=controller, number=number, slot=slot))
        drive.kind, drive.path = "HDD", path
        machine.state.drives.append(drive)
        self._configured(machine)
        return drive

    def partition(self, image: BuiltImage, partitions: Partitions) -> None:
        """Write a partition table to a disk, as its guest would."""
        signature = int(self.images.random_id(f"disk signature/{image.name}")[:8], 16)
        for offset, data in partition_table(partitions, image.size, signature=signature):
            self.images.write(image, offset, data)

    def dynamic_guest_disk(self, machine: LabMachine, disk: int = 0) -> None:
        """Let the guest turn its disk number ``disk`` into a Windows dynamic disk."""
        self.partition(machine.state.images[disk], Partitions.DYNAMIC)

    # ------------------------------------------------------------------------------------------------ what guests do

    def write(self, machine: LabMachine, disk: int, offset: int, data: bytes) -> None:
        """Let the guest of ``machine`` write to its disk number ``disk`` (in the order in which they were attached).

        A machine that is off is taken to have been on for a moment: its times do not change. Sector 0 of a disk holds
        its partition table. See `ChainBuilder.write`.
        """
        self.images.write(machine.state.images[disk], offset, data)

    def fill(self, machine: LabMachine, disk: int, offset: int, length: int, *, label: str | None = None) -> None:
        """Let the guest write text that names ``label`` (the disk's file by default); see `ChainBuilder.fill`."""
        self.images.fill(machine.state.images[disk], offset, length, label=label)

    def start(self, machine: LabMachine) -> None:
        """Turn the machine on, or resume it; nothing where it runs."""
        if machine.power is not PowerState.RUNNING:
            state, now = machine.state, self.images.tick()
            state.powered_on = state.changed = state.written = now
            state.saved, machine.power = None, PowerState.RUNNING

    def save_state(self, machine: LabMachine) -> None:
        """Save the machine's state; it is turned on before where it was off."""
        if machine.power is PowerState.OFF:
            self.start(machine)
        if machine.power is PowerState.RUNNING:
            state = machine.state
            state.changed = state.written = self.images.tick()
            state.saved, machine.power = self._saved_state(), PowerState.SAVED

    def turn_off(self, machine: LabMachine) -> None:
        """Turn the machine off; a saved state is deleted, as a host does on request."""
        if machine.power is not PowerState.OFF:
            state, now = machine.state, self.images.tick()
            state.powered_off = state.changed = state.written = now
            state.saved, machine.power = None, PowerState.OFF

    def bring(self, machine: LabMachine, power: PowerState | str) -> None:
        """Turn the machine on or off, or save its state."""
        ways = {PowerState.RUNNING: self.start, PowerState.SAVED: self.save_state, PowerState.OFF: self.turn_off}
        ways[PowerState(power)](machine)

    def _saved_state(self) -> LabSavedState:
        written = self.images.tick()
        random = Random(f"{self.seed}/saved state/{written}")
        return LabSavedState(memory=random.randbytes(_MEMORY), devices=random.randbytes(_DEVICES), written=written)

    # ------------------------------------------------------------------------------------------------------- details

    def _place(self, machine: LabMachine, disk: LabDisk) -> LabDrive:
        kind, state = ControllerKind(disk.controller), machine.state
        if kind not in _SLOTS:
            raise ValueError(f"no disk can be attached to a controller of kind {kind}")
        while kind is ControllerKind.SCSI and len(state.scsi) <= disk.number < _MOST_CONTROLLERS[kind]:
            state.scsi.append(self._new_id("scsi").lower())
        taken = {(drive.number, drive.slot) for drive in state.drives if drive.controller is kind}
        count = _MOST_CONTROLLERS[kind] if kind is ControllerKind.IDE else len(state.scsi)
        slots = [(number, slot) for number in range(count) for slot in range(_SLOTS[kind])]
        if kind is ControllerKind.IDE:
            taken.add(_DVD)
        free = [place for place in slots if place not in taken and place >= (disk.number, 0)]
        wanted = free[:1] if disk.slot is None else [place for place in free if place == (disk.number, disk.slot)]
        if not wanted:
            raise ValueError(f"{machine.name}: no free slot for {disk.name!r} at {kind} {disk.number}:{disk.slot}")
        return LabDrive(controller=kind, number=wanted[0][0], slot=wanted[0][1])

    def _configured(self, machine: LabMachine) -> None:
        machine.state.written = self.images.tick()

    def _new_id(self, purpose: str) -> str:
        self._made += 1
        return self.images.random_id(f"{purpose}/{self._made}")

    def _sid(self) -> str:
        random = Random(f"{self.seed}/sid")
        return "S-1-5-21-" + "-".join(str(random.randrange(1 << 32)) for _ in range(3)) + "-1001"


def _services(options: MachineOptions) -> dict[Service, bool]:
    wanted: dict[Service, bool | None] = dict.fromkeys(Service, True)
    wanted.update({Service.VSS: options.get("vss", True), **options.get("services", {})})
    return {service: enabled for service, enabled in wanted.items() if enabled is not None}
