"""What did a check of backups come to?

The report is a value: it can be printed, compared, and asked for the exit code that a command should end with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.audit.backup.answers import Answer
from vhdchain.audit.backup.required import Part, Presence
from vhdchain.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from vhdchain.audit.backup.answers import Judgement
    from vhdchain.audit.backup.conditions import Condition
    from vhdchain.audit.backup.exports import ExportReport
    from vhdchain.audit.backup.guest_disks import MachineDisk
    from vhdchain.audit.backup.method import Prediction, Verdict
    from vhdchain.audit.backup.required import RequiredFile
    from vhdchain.findings import Finding

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_UNPROCESSED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineBackup:
    r"""One machine.

    Attributes:
        name: Its name, or its id.
        id: Its id, upper case; empty where it has none.
        path: Its configuration; that of its first snapshot where its own is not here. Tells machines apart.
        prediction: How VSS would back it up.
        conditions: Which conditions it meets, all of them, in the order of `STATEMENTS`.
        disks: What its guest sees on the disks of its present state.
        files: What the set must hold of it.
        complete: Whether all of these are here, and prove to be all.
        verdict: Whether all of it can be backed up without cutting anybody off.
        reasons: Why that is not possible, or not known, a clause each; none where it is ready.
    """

    name: str
    id: str
    path: str
    prediction: Prediction
    conditions: tuple[Condition, ...]
    disks: tuple[MachineDisk, ...]
    files: tuple[RequiredFile, ...]
    complete: Answer
    verdict: Verdict
    reasons: tuple[str, ...]

    @property
    def component(self) -> str | None:
        r"""What the VSS writer calls it: ``Backup Using Saved State\<name>``; None where the method is unknown."""
        return self.prediction.component(self.name)

    @property
    def violated(self) -> tuple[Condition, ...]:
        """The conditions that do not hold."""
        return tuple(item for item in self.conditions if item.is_violated)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeFiles:
    """What of the set lies on one volume of the host.

    Attributes:
        volume: The volume, as `host_volume` calls it; None for files whose volume no file tells.
        files: What must be in the set of it.
    """

    volume: str | None
    files: tuple[RequiredFile, ...]

    @property
    def size(self) -> int:
        """The bytes of those that are here."""
        return sum(file.size or 0 for file in self.files)

    def count(self, presence: Presence) -> int:
        """Return how many of them are present, missing or unknown."""
        return sum(file.presence is presence for file in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReport:
    """What became of the comparison with a set.

    Attributes:
        scanned: The folders of the set, as the caller wrote them.
        findings: VHD833 for what lacks or differs, VHD834 for what is not needed; worst first.
        required: How many files the set must hold; without those that an export was told to leave out.
        held: How many of these it holds, as far as they were compared.
        exact: Whether the contents of files were compared.
        exported: Whether it holds files that only a host's export writes; these replace configurations.
    """

    scanned: tuple[str, ...]
    findings: tuple[Finding, ...]
    required: int
    held: int
    exact: bool = False
    exported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupReport:
    """The result of `backup_check`.

    Attributes:
        machines: One for every machine, in the order of the inventory.
        files: What the set must hold for all of them, each once, by volume and path.
        registration: Whether the host's registry has the value that Windows Server Backup needs.
        set: The comparison with a set; None where none was given.
        exports: What each export in what was looked through lacks, and holds beyond what it needs.
        unprocessed: What could not be read or understood: (path, one clause).
        scanned: The folders and files that were looked through.
        version: The version of this package.
    """

    machines: tuple[MachineBackup, ...]
    files: tuple[RequiredFile, ...]
    registration: Judgement
    set: SetReport | None = None
    exports: tuple[ExportReport, ...] = ()
    unprocessed: tuple[tuple[str, str], ...] = ()
    scanned: tuple[str, ...] = ()
    version: str

    @property
    def volumes(self) -> tuple[VolumeFiles, ...]:
        """The files by volume, those whose volume no file tells at the end."""
        by_name: dict[str | None, list[RequiredFile]] = {}
        for file in self.files:
            by_name.setdefault(file.volume, []).append(file)
        return tuple(VolumeFiles(volume=name, files=tuple(files)) for name, files in by_name.items())

    @property
    def complete(self) -> Answer:
        """Whether every file that the set must hold is here, the host's too."""
        answers = [machine.complete for machine in self.machines]
        if not self._store_is_here or Answer.NO in answers:
            return Answer.NO
        return Answer.UNKNOWN if Answer.UNKNOWN in answers else Answer.YES

    @property
    def _store_is_here(self) -> bool:
        return all(file.presence is Presence.PRESENT for file in self.files if file.part is Part.STORE)

    @property
    def _of_exports(self) -> Iterator[Finding]:
        return (item for export in self.exports for item in export.findings)

    def exit_code(self, accept: Collection[str] = ()) -> int:
        """Return the exit code of a command that reports this.

        3 where an input could not be processed; 1 where a condition does not hold, a file is missing, the registry has
        another value, or the set or an export lacks something; else 0, also where something is unknown: no file can
        prove all.

        Args:
            accept: Codes of conditions and findings that do not count.
        """
        if self.unprocessed:
            return EXIT_UNPROCESSED
        violated = any(item.code not in accept for machine in self.machines for item in machine.violated)
        judged = [*(self.set.findings if self.set is not None else ()), *self._of_exports]
        found = any(_counts(item, accept) for item in judged)
        faults = (violated, found, self.complete is Answer.NO, self.registration.answer is Answer.NO)
        return EXIT_FINDINGS if any(faults) else EXIT_CLEAN


def _counts(finding: Finding, accept: Collection[str]) -> bool:
    return finding.code not in accept and finding.severity.at_least(Severity.WARNING)
