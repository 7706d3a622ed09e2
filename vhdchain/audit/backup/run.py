"""How does a check of backups come about?

Everything that is asked of each machine is put together here: the list of files, what its guest has on its disks, the
conditions, the method that follows, the verdict; then the registry's value for the host, and the comparison with a set.
Nothing but partition tables is read, through the images of the inventory, which must still be open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain import __version__
from vhdchain.audit.backup.answers import Answer, Judgement
from vhdchain.audit.backup.conditions import conditions_of
from vhdchain.audit.backup.exports import judge_exports
from vhdchain.audit.backup.guest_disks import GuestDisks
from vhdchain.audit.backup.guest_system import systems_of
from vhdchain.audit.backup.listing import machine_key, required_files
from vhdchain.audit.backup.method import completeness, judge, predict
from vhdchain.audit.backup.registration import wsb_registration
from vhdchain.audit.backup.report import BackupReport, MachineBackup
from vhdchain.audit.backup.verify import verify_set
from vhdchain.hyperv import snapshot_count
from vhdchain.progress import check_cancel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vhdchain.audit.backup.exports import Prove
    from vhdchain.audit.backup.held import BackupSet, OtherFile
    from vhdchain.audit.backup.registry import RegistryExport
    from vhdchain.audit.backup.required import RequiredFile
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine
    from vhdchain.progress import Cancel, Progress

_NO_EXPORT = Judgement(
    answer=Answer.UNKNOWN, evidence=("it stands in the host's registry, of which no export was given (--registry)",)
)


def backup_check(
    inventory: Inventory,
    *,
    registry: RegistryExport | None = None,
    guests: Mapping[str, str] | None = None,
    held: BackupSet | None = None,
    others: Sequence[OtherFile] = (),
    prove: Prove | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> BackupReport:
    """Return how VSS would back up each machine of ``inventory``, and which files a backup of all must hold.

    Args:
        inventory: What a scan of a host's folders found, or of a copy; its images are still open.
        registry: An export of the host's registry, for the value that Windows Server Backup needs.
        guests: The name or id of a machine -> the system of its guest in words; under ``""`` that of all others.
        held: A backup set or export folder to compare with the list.
        others: The other files in the folders of ``inventory``, so that what an export there does not need is told.
        prove: Compares files of an export there with the digests of its record; None: lengths and identifiers count.
        progress: Called with the machines that were looked at, and how many there are.
        cancel: Asked before every disk.

    Raises:
        ConfigError: ``guests`` names a machine that is not here, or by a name that several have.
        CancelledError: ``cancel`` asked to stop.
    """
    systems = systems_of(inventory.machines, guests or {})
    files = required_files(inventory)
    by_machine: dict[str, list[RequiredFile]] = {}
    for file in files:
        for key in file.machines:
            by_machine.setdefault(key, []).append(file)
    disks = GuestDisks(inventory, cancel=cancel)
    machines = []
    for done, machine in enumerate(inventory.machines, 1):
        check_cancel(cancel)
        key = machine_key(machine)
        machines.append(_machine(machine, disks, by_machine[key], systems.get(key)))
        if progress is not None:
            progress(done, len(inventory.machines))
    found = None if held is None else verify_set(inventory, files, held)
    unread = (*_unprocessed(inventory), *(() if held is None else _unprocessed(held.inventory)))
    return BackupReport(
        machines=tuple(machines),
        files=files,
        registration=_NO_EXPORT if registry is None else wsb_registration(registry),
        set=found,
        exports=judge_exports(inventory, others=others, prove=prove),
        unprocessed=tuple(dict.fromkeys(unread)),
        scanned=inventory.scanned,
        version=__version__,
    )


def _machine(machine: Machine, disks: GuestDisks, files: Sequence[RequiredFile], system: str | None) -> MachineBackup:
    seen = tuple(disks.of(machine))
    conditions = conditions_of(machine, disks=seen, files=files, system=system)
    doubts = tuple(_doubts(machine))
    verdict, reasons = judge(conditions, files, doubts)
    return MachineBackup(
        name=machine.name,
        id=machine.id,
        path=machine_key(machine),
        prediction=predict(conditions),
        conditions=conditions,
        disks=seen,
        files=tuple(files),
        complete=completeness(files, doubts),
        verdict=verdict,
        reasons=reasons,
    )


def _doubts(machine: Machine) -> Iterator[str]:
    """Yield what suggests that there is more of a machine than was found."""
    listed = machine.now.configuration.listed_snapshots if machine.now is not None else None
    if listed is not None and listed > snapshot_count(machine):
        yield f"its configuration counts {listed} snapshots, of which {snapshot_count(machine)} are here"


def _unprocessed(inventory: Inventory) -> Iterator[tuple[str, str]]:
    for item in inventory.unreadable:
        yield item.path, item.reason
    for file in inventory.host_files:
        for problem in file.problems:
            yield file.path, problem.message
