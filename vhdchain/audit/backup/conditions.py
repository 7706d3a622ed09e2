"""Which conditions of a backup does a machine meet, as far as its files tell?

Those of an online backup are Microsoft's ("Backing Up the Virtual Machines", method "Child VM Snapshot"), one by one;
two more concern what a backup leaves out and what Windows Server Backup does not restore. What happens inside of the
guest is in no file of the host, so that two of the conditions are never known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from vhdchain.audit.backup.answers import Answer, Judgement
from vhdchain.audit.backup.disks import GuestDiskKind
from vhdchain.audit.backup.guest_system import guest_system
from vhdchain.audit.backup.same_volume import same_volume
from vhdchain.hyperv import PowerState, Service, snapshot_count
from vhdchain.locate import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vhdchain.audit.backup.guest_disks import MachineDisk
    from vhdchain.audit.backup.required import RequiredFile
    from vhdchain.hyperv import Configuration, Machine

MOST_SNAPSHOTS = 1
"""With more, Windows Server Backup's application restore does not take a machine back."""

_LISTED = 4


class ConditionName(StrEnum):
    """What is asked of a machine."""

    RUNNING = "running"
    BACKUP_SERVICE = "backup-service"
    SERVICE_IN_GUEST = "service-in-guest"
    GUEST_SYSTEM = "guest-system"
    ONE_VOLUME = "one-volume"
    BASIC_DISKS = "basic-disks"
    FILE_SYSTEMS = "file-systems"
    DISKS_IN_FILES = "disks-in-files"
    FEW_SNAPSHOTS = "few-snapshots"


STATEMENTS: Mapping[ConditionName, str] = {
    ConditionName.RUNNING: "it is running",
    ConditionName.BACKUP_SERVICE: "its configuration has the backup service",
    ConditionName.SERVICE_IN_GUEST: "the backup service runs in the guest",
    ConditionName.GUEST_SYSTEM: "the guest is Windows Server 2003 or later",
    ConditionName.ONE_VOLUME: "snapshots and disks are on one volume",
    ConditionName.BASIC_DISKS: "the guest's disks are basic ones",
    ConditionName.FILE_SYSTEMS: "the guest's file systems have shadow copies",
    ConditionName.DISKS_IN_FILES: "all of its disks are files",
    ConditionName.FEW_SNAPSHOTS: "it has no more than one snapshot",
}
"""The conditions in words, in the order in which they are told."""

ONLINE = tuple(STATEMENTS)[:7]
"""What an online backup needs, all of it."""

_CODES = {
    ConditionName.BACKUP_SERVICE: "VHD830",
    ConditionName.ONE_VOLUME: "VHD829",
    ConditionName.BASIC_DISKS: "VHD832",
    ConditionName.DISKS_IN_FILES: "VHD821",
    ConditionName.FEW_SNAPSHOTS: "VHD831",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition and whether it holds.

    Attributes:
        name: Which one.
        judgement: Whether it holds, and what says so.
        guess: Whether the answer rests on a guess: no file says whether a machine runs.
    """

    name: ConditionName
    judgement: Judgement
    guess: bool = False

    @property
    def answer(self) -> Answer:
        """Whether it holds."""
        return self.judgement.answer

    @property
    def evidence(self) -> tuple[str, ...]:
        """Clauses that say what was read where; never empty."""
        return self.judgement.evidence

    @property
    def statement(self) -> str:
        """The condition in words."""
        return STATEMENTS[self.name]

    @property
    def code(self) -> str | None:
        """The code by which an audit tells that it does not hold; None where no audit does."""
        return _CODES.get(self.name)

    @property
    def is_violated(self) -> bool:
        """Whether it does not hold and that is a fault; that a machine does not run is none."""
        return self.answer is Answer.NO and self.name is not ConditionName.RUNNING


def conditions_of(
    machine: Machine, *, disks: Sequence[MachineDisk], files: Sequence[RequiredFile], system: str | None = None
) -> tuple[Condition, ...]:
    """Return all conditions of a machine, in the order of `STATEMENTS`.

    Args:
        machine: The machine.
        disks: What its guest sees on its disks, as `GuestDisks` gives it.
        files: The files that it needs.
        system: What was told of its guest's system; None: nothing.
    """
    if machine.now is None:
        unknown = _unknown("its own configuration is not here")
        return tuple(Condition(name=name, judgement=unknown) for name in STATEMENTS)
    configuration = machine.now.configuration
    judgements = {
        ConditionName.RUNNING: _running(configuration),
        ConditionName.BACKUP_SERVICE: _backup_service(configuration),
        ConditionName.SERVICE_IN_GUEST: _unknown("no file of the host says what runs in the guest"),
        ConditionName.GUEST_SYSTEM: guest_system(system),
        ConditionName.ONE_VOLUME: same_volume(machine, files),
        ConditionName.BASIC_DISKS: _basic_disks(configuration, disks),
        ConditionName.FILE_SYSTEMS: _unknown("the file systems inside of the guest's disks are not looked at"),
        ConditionName.DISKS_IN_FILES: _in_files(configuration),
        ConditionName.FEW_SNAPSHOTS: _few_snapshots(machine),
    }
    guess = ConditionName.RUNNING if _is_guessed(configuration) else None
    return tuple(Condition(name=name, judgement=judgements[name], guess=name is guess) for name in STATEMENTS)


_POWER = {
    PowerState.RUNNING: Answer.YES,
    PowerState.SAVED: Answer.NO,
    PowerState.OFF: Answer.NO,
    PowerState.UNKNOWN: Answer.UNKNOWN,
}


def _is_guessed(configuration: Configuration) -> bool:
    """Say whether it is a guess that the machine runs or does not; a saved state that is whole tells for certain."""
    saved = configuration.power.state is PowerState.SAVED
    return not (saved and not configuration.saved_state.in_progress)


def _running(configuration: Configuration) -> Judgement:
    guess = configuration.power
    likely = f"probably {guess.state}: " if guess.state is not PowerState.UNKNOWN and _is_guessed(configuration) else ""
    return Judgement(answer=_POWER[guess.state], evidence=(f"{likely}{guess.reason}",))


def _backup_service(configuration: Configuration) -> Judgement:
    enabled = configuration.services.get(Service.VSS)
    if enabled:
        return _yes("the VSS component is in the manifest and not disabled")
    if enabled is not None:
        return _no("the VSS component is in the manifest, and its section has it disabled")
    if configuration.has_manifest:
        return _no("the manifest has no VSS component")
    return _unknown("the configuration has no manifest")


def _basic_disks(configuration: Configuration, disks: Sequence[MachineDisk]) -> Judgement:
    told = {kind: [disk for disk in disks if disk.guest.kind is kind] for kind in GuestDiskKind}
    if dynamic := told[GuestDiskKind.DYNAMIC]:
        return Judgement(answer=Answer.NO, evidence=_on_disks(dynamic))
    unclear = [*told[GuestDiskKind.UNKNOWN], *told[GuestDiskKind.UNPARTITIONED]]
    if unclear:
        return Judgement(answer=Answer.UNKNOWN, evidence=_on_disks(unclear))
    if any(drive.is_pass_through for drive in configuration.drives):
        return _unknown("a disk of the host is attached, and cannot be looked at")
    if not disks:
        return _yes("it has no disk")
    return Judgement(answer=Answer.YES, evidence=_on_disks(disks))


def _on_disks(disks: Sequence[MachineDisk]) -> tuple[str, ...]:
    told = [f"{disk.place}: {clause}" for disk in disks for clause in disk.guest.evidence]
    return (*told[:_LISTED], f"and {len(told) - _LISTED} more") if len(told) > _LISTED + 1 else tuple(told)


def _in_files(configuration: Configuration) -> Judgement:
    other = [drive for drive in configuration.drives if drive.is_pass_through]
    if not other:
        return _yes("no slot of its configuration holds anything but files")
    places = [f"{drive.place}: type {shortened(drive.kind, 40)!r} is no disk in a file" for drive in other[:_LISTED]]
    more = [f"and {len(other) - _LISTED} more"] if len(other) > _LISTED else []
    told = "the host does not back up what a machine has of the host's own disks"
    return Judgement(answer=Answer.NO, evidence=(*places, *more, told))


def _few_snapshots(machine: Machine) -> Judgement:
    count = snapshot_count(machine)
    listed = machine.now.configuration.listed_snapshots if machine.now is not None else None
    if count > MOST_SNAPSHOTS:
        told = "Windows Server Backup does not restore such a machine as an application"
        return Judgement(answer=Answer.NO, evidence=(f"it has {count} snapshots: {told}",))
    if listed is not None and listed > max(count, MOST_SNAPSHOTS):
        return _unknown(f"its configuration counts {listed} snapshots, of which {count} are here")
    return _yes("it has no snapshot" if not count else "it has one snapshot")


def _yes(evidence: str) -> Judgement:
    return Judgement(answer=Answer.YES, evidence=(evidence,))


def _no(evidence: str) -> Judgement:
    return Judgement(answer=Answer.NO, evidence=(evidence,))


def _unknown(evidence: str) -> Judgement:
    return Judgement(answer=Answer.UNKNOWN, evidence=(evidence,))
