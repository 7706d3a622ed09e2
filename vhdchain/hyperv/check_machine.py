"""What do the configurations of one machine say that matters before it is started, backed up or brought back?

Each check looks at the present state and the snapshots of a single machine. Limits and consequences are those of
Hyper-V 2008 and 2008 R2. Whether a machine runs, and what its guest does, stands in no file: that is told as a guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, finding
from vhdchain.hyperv.check_configuration import STRUCTURE, shown
from vhdchain.hyperv.devices import SERVICE_DEVICES
from vhdchain.hyperv.machines import PathOutcome
from vhdchain.hyperv.records import PowerState, Service
from vhdchain.locate import parse_path, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.hyperv.machines import FoundPath, Machine, MachineState
    from vhdchain.hyperv.records import Configuration, Drive

MAX_SNAPSHOTS = 50
"""How many snapshots a host allows a machine to have."""

NEARLY_MAX_SNAPSHOTS = 45
"""From how many on the limit is near."""

_SCSI_CONTROLLERS = 4

NOT_HERE = frozenset({PathOutcome.MISSING, PathOutcome.REFUSED})
"""What a search comes to where no file has the path; several that fit are another matter."""


def check_machine(machine: Machine) -> Iterator[Finding]:
    """Yield what the configurations of one machine show: VHD807, 813, 814, 821, 822, 824, 827, 830, 831."""
    yield from _counts(machine)
    yield from _pass_through(machine)
    for state in machine.states:
        gone = [item for item in state.state_files if item.outcome in NOT_HERE]
        if gone:
            yield _state_gone(state, gone)
    if machine.now is not None:
        yield from _present(machine.now.configuration)


def check_domain_controller(machine: Machine) -> Iterator[Finding]:
    """Yield VHD828 for a machine that is a domain controller, as only the caller can know."""
    known = machine.states[0].configuration
    if not machine.snapshots or known.generation_id.strip():
        return
    count = snapshot_count(machine)
    yield finding(
        "VHD828",
        Location(path=known.path, structure=STRUCTURE, field="global_settings/devices/generation_id"),
        f"{shown(machine.name)} is a domain controller, has {_snapshots(count)} and no VM-GenerationID: applying a "
        "snapshot or reverting to it puts the directory back unnoticed (USN rollback); taking and deleting does not",
        related=[state.path for state in machine.snapshots],
    )


def snapshot_count(machine: Machine) -> int:
    """Return how many snapshots of a machine are here, each once, however many files describe it."""
    return len({state.id or state.path for state in machine.snapshots})


# ------------------------------------------------------------------------------------------------------------ snapshots


def _counts(machine: Machine) -> Iterator[Finding]:
    count = snapshot_count(machine)
    place = Location(path=machine.states[0].path, structure=STRUCTURE, field="global_settings/snapshots")
    name = shown(machine.name)
    if count > MAX_SNAPSHOTS:
        message = f"{name} has {count} snapshots; a host allows {MAX_SNAPSHOTS}"
        yield finding("VHD813", place, message, expected=MAX_SNAPSHOTS, found=count)
    elif count >= NEARLY_MAX_SNAPSHOTS:
        left = MAX_SNAPSHOTS - count
        message = f"{name} has {count} snapshots; a host allows {MAX_SNAPSHOTS}, so {left or 'none'} can be taken"
        yield finding("VHD814", place, message, expected=MAX_SNAPSHOTS, found=count)
    if count > 1:
        message = f"{name} has {count} snapshots: Windows Server Backup leaves it out where it restores applications"
        yield finding("VHD831", place, message, found=count)


def _snapshots(count: int) -> str:
    return "1 snapshot" if count == 1 else f"{count} snapshots"


def _pass_through(machine: Machine) -> Iterator[Finding]:
    """Yield VHD821 once for each slot, however many snapshots have it as well."""
    slots: dict[tuple[str, int, int, str], list[tuple[Configuration, Drive]]] = {}
    for state in machine.states:
        for drive in state.configuration.drives:
            if drive.is_pass_through:
                key = drive.section, drive.number, drive.slot, drive.kind.upper()
                slots.setdefault(key, []).append((state.configuration, drive))
    for met in slots.values():
        configuration, drive = met[0]
        place = Location(path=configuration.path, structure=STRUCTURE, field=drive.field.replace("/pathname", "/type"))
        yield finding(
            "VHD821",
            place,
            f"what is attached at {place_of_drive(configuration, drive)} has the type {shown(drive.kind)} and is no "
            "disk in a file: no snapshot and no backup of these files holds it",
            found=drive.kind,
            related=[other.path for other, _ in met[1:]],
            details=[f"its path: {shortened(drive.path)}"] if drive.path.strip() else [],
        )


def place_of_drive(configuration: Configuration, drive: Drive) -> str:
    """Return where a drive is, SCSI controllers counted in the order of the manifest, as people see them."""
    # A host has four; a file may claim any number.
    scsi = configuration.scsi_controllers[:_SCSI_CONTROLLERS]
    number = scsi.index(drive.section) if drive.section in scsi else drive.number
    return f"{drive.controller} {number}:{drive.slot}"


# --------------------------------------------------------------------------------------------------------- saved states


def _state_gone(state: MachineState, gone: Sequence[FoundPath]) -> Finding:
    configuration = state.configuration
    key = "memlocation" if gone[0] is state.memory else "vsvlocation"
    place = Location(path=state.path, structure=STRUCTURE, field=f"savedstate/{key}")
    files = "a file that is" if len(gone) == 1 else f"{len(gone)} files that are"
    names = " and ".join(_basename(item.stored) for item in gone)
    details = [_told(item) for item in gone]
    if configuration.saved_state.in_progress:
        details.append("the configuration says that the state was still being written")
    expected = gone[0].stored
    if configuration.is_snapshot:
        message = (
            f"the snapshot {shown(state.name)} was taken with a saved state, which names {files} not here: {names}"
        )
        return finding("VHD807", place, message, expected=expected, details=details)
    message = (
        f"the saved state of {shown(state.name)} names {files} not here: {names}; the machine cannot go on from "
        "where it was, and an import fails with the errors 40004 or 40006"
    )
    return finding("VHD822", place, message, expected=expected, details=details)


def _basename(stored: str) -> str:
    return shown(parse_path(stored).basename or stored)


def _told(item: FoundPath) -> str:
    return f"{shortened(item.stored)}: {item.problem or 'no file of the scan fits'}"


# ---------------------------------------------------------------------------------------------------------- the present


def _present(now: Configuration) -> Iterator[Finding]:
    name = shown(now.name or now.id)
    if now.power.state is PowerState.RUNNING:
        yield finding(
            "VHD824",
            Location(path=now.path, structure=STRUCTURE, field="properties/last_powered_on_time"),
            f"{name} was probably running when its files were copied ({now.power.reason}): the disks may hold part of "
            "what was being written",
            found=now.powered_on,
        )
    if now.merge_pending:
        yield finding(
            "VHD827",
            Location(path=now.path, structure=STRUCTURE, field="global_settings/disk_merge_pending"),
            f"the host still has to merge disks of {name} that deleted snapshots left, which it does while the machine "
            "is off",
            found="True",
        )
    yield from _backup_service(now, name)


def _backup_service(now: Configuration, name: str) -> Iterator[Finding]:
    if not now.has_manifest or now.services.get(Service.VSS):
        return
    section = next(device for device, service in SERVICE_DEVICES.items() if service is Service.VSS)
    disabled = Service.VSS in now.services
    said = "is disabled" if disabled else "is not among the devices"
    yield finding(
        "VHD830",
        Location(path=now.path, structure=STRUCTURE, field=f"_{section}_/Enabled" if disabled else "manifest"),
        f"the backup service (VSS) of {name} {said}: a backup has to save the machine's state, and its users are cut "
        "off meanwhile",
        expected="enabled",
        found="disabled" if disabled else "absent",
    )
