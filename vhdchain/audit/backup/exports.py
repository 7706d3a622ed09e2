"""Does an export hold all that it says, and nothing else?

Asked of the export alone, without the host. Its record names every file with its length; so does each configuration
in it, by the host's paths. What lacks or is another file is VHD833; what nothing in the export needs is VHD834. Of a
host's own form of 2008 and 2008 R2 the contents are not known: that is judged by its folders and names alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from vhdchain.audit.backup.export_folders import export_folders, export_of, folder_of
from vhdchain.audit.backup.export_record import ExportedPart, parse_record
from vhdchain.audit.backup.held import BackupSet, held_files
from vhdchain.audit.backup.listing import required_files
from vhdchain.audit.backup.required import Part, Presence
from vhdchain.errors import ConfigError
from vhdchain.findings import Finding, Location, finding, worst_first
from vhdchain.hyperv.folders import DISKS_FOLDER, EXPORT_RECORD, MACHINES_FOLDER, SNAPSHOTS_FOLDER
from vhdchain.hyperv.known_files import names_of
from vhdchain.locate import LONGEST_PATH, fold_case, parse_path, shortened
from vhdchain.structures import id_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.audit.backup.export_folders import ExportFolder
    from vhdchain.audit.backup.export_record import ExportedFile, ExportRecord
    from vhdchain.audit.backup.held import HeldFile, OtherFile
    from vhdchain.audit.backup.required import RequiredFile
    from vhdchain.graph import Inventory

Prove: TypeAlias = Callable[[str, str, str], str | None]
"""(file as messages call it, name of a digest, digest in hex) -> how its content differs, as a clause; None: not."""

_PARTS = {
    ExportedPart.CONFIGURATION: Part.CONFIGURATION,
    ExportedPart.SNAPSHOT: Part.SNAPSHOT,
    ExportedPart.MEMORY: Part.MEMORY,
    ExportedPart.DEVICES: Part.DEVICES,
    ExportedPart.DISK: Part.DISK,
}
_EXPORTED_SUFFIX = ".EXP"
_EXPORT_FOLDERS = frozenset(map(fold_case, (MACHINES_FOLDER, SNAPSHOTS_FOLDER, DISKS_FOLDER)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What an export holds of what it should.

    Attributes:
        folder: The machine's folder, as messages call it.
        record: The name of its record; None where it has none, or none that can be understood.
        machine: The machine's name by the record; empty without one.
        findings: VHD833 for what lacks or differs, VHD834 for what is not needed; worst first.
        required: How many files it should hold, as far as anything says so.
        held: How many of these it holds.
        exact: Whether contents were compared with the record.
    """

    folder: str
    record: str | None
    machine: str
    findings: tuple[Finding, ...]
    required: int
    held: int
    exact: bool


def check_exports(inventory: Inventory) -> Iterator[Finding]:
    """Yield VHD833 and VHD834 of every export in ``inventory``, as far as a scan shows it."""
    for report in judge_exports(inventory):
        yield from report.findings


def judge_exports(
    inventory: Inventory, *, others: Sequence[OtherFile] = (), prove: Prove | None = None
) -> tuple[ExportReport, ...]:
    """Return what each export in ``inventory`` lacks, and holds beyond what it needs.

    Args:
        inventory: What a scan of folders found.
        others: All other files in these folders; without them nothing is said of such.
        prove: Compares the content of a file with a digest of the record; None: lengths and identifiers count.
    """
    folders = export_folders(inventory)
    if not folders:
        return ()
    inside: dict[str, list[HeldFile]] = {}
    for item in held_files(BackupSet(inventory=inventory, others=tuple(others))):
        if (export := export_of(item.path, folders)) is not None:
            inside.setdefault(export.path, []).append(item)
    needed: dict[str, list[RequiredFile]] = {}
    for file in required_files(inventory):
        owners = dict.fromkeys(export_of(key, folders) for key in file.machines)
        for export in owners:
            if export is not None:
                needed.setdefault(export.path, []).append(file)
    return tuple(
        _Export(export, inside.get(path, ()), needed.get(path, ()), inventory, prove).report()
        for path, export in folders.items()
    )


class _Export:
    def __init__(
        self,
        export: ExportFolder,
        files: Sequence[HeldFile],
        needed: Sequence[RequiredFile],
        inventory: Inventory,
        prove: Prove | None,
    ) -> None:
        self._export = export
        self._files = files
        self._needed = needed
        self._prove = prove
        self._unread = {names_of(item.path): item.reason for item in inventory.unreadable}
        self._places = {names_of(item.path): item for item in files}
        for file in inventory.inputs:
            if (held := self._places.get(names_of(file.path))) is not None:
                self._places.update({names_of(alias): held for alias in file.aliases})
        self._found: list[Finding] = []
        self._faulty: set[str] = set()  # names of files that the record names and that lack or differ, folded
        self._taken: set[str] = set()
        self._required = 0

    def report(self) -> ExportReport:
        """Return the judgement."""
        record, problem = _record_of(self._export)
        if problem is not None:
            self._found.append(problem)
        elif record is not None:
            self._compare(record)
        if self._export.record is None:
            self._compare_with_names()
        beyond = self._needed_beyond(record)
        self._required += len(beyond)
        lacking = [self._not_here(file) for file in beyond if file.presence is Presence.MISSING]
        faults = [*self._found, *lacking]
        # Without the record that belongs to it nobody knows what an export of this program needs.
        superfluous = () if problem is not None else self._superfluous()
        return ExportReport(
            folder=self._export.path,
            record=self._export.record.path if record is not None and self._export.record is not None else None,
            machine=record.machine_name if record is not None else "",
            findings=worst_first([*faults, *superfluous]),
            required=self._required,
            held=max(self._required - len(faults), 0),
            exact=self._prove is not None and record is not None,
        )

    # ---------------------------------------------------------------------------------------------------- by the record

    def _compare(self, record: ExportRecord) -> None:
        for file in record.files:
            self._required += 1
            names = names_of(f"{self._export.path}/{file.path}")
            item = self._places.get(names)
            if item is None:
                self._faulty.add(names[-1])
                unread = self._unread.get(names)
                self._found.append(self._lacks(_PARTS[file.part], file.path, unread))
                continue
            self._taken.add(item.path)
            if differences := [*self._differences(record, file, item)]:
                self._faulty.add(names[-1])
                self._found.append(_different(file, item, differences))

    def _differences(self, record: ExportRecord, file: ExportedFile, item: HeldFile) -> Iterator[str]:
        wanted = bytes.fromhex(file.unique_id)
        if wanted and item.unique_id is not None and item.unique_id != wanted:
            yield f"its identifier is {id_text(item.unique_id)}, where {id_text(wanted)} is wanted"
        if file.size is not None and item.size != file.size:
            yield f"it has {item.size} bytes, not {file.size}"
        elif record.hash == "sha256" and item.sha256 is not None:
            if item.sha256 != file.digest:
                yield "its content differs"
        elif self._prove is not None and (difference := self._prove(item.path, record.hash, file.digest)) is not None:
            yield difference

    def _lacks(self, part: Part, path: str, unread: str | None) -> Finding:
        assert self._export.record is not None
        return finding(
            "VHD833",
            Location(path=self._export.record.path, structure="record of the export"),
            f"the export lacks the {part} '{shortened(path, LONGEST_PATH)}', which its record names",
            expected=path,
            details=() if unread is None else (f"it is there and could not be read: {shortened(unread)}",),
        )

    # ----------------------------------------------------------------------------------------------- by configurations

    def _needed_beyond(self, record: ExportRecord | None) -> list[RequiredFile]:
        """Return what configurations and disks name, and neither the record nor an ``.exp`` file stands for."""
        known = {stem for file in self._export.exported if (stem := _stem(file.path))}
        if record is not None:
            known.add(record.machine_id)
        some = []
        for file in self._needed:
            name = fold_case(parse_path(file.stored).basename or "") if file.stored else ""
            told = file.part is Part.CONFIGURATION and file.path is None and file.id in known
            if file.path not in self._taken and name not in self._faulty and not told:
                some.append(file)
        return some

    def _not_here(self, file: RequiredFile) -> Finding:
        return finding(
            "VHD833",
            Location(path=self._export.path or "."),
            f"the export lacks the {file.part} '{shortened(file.shown, LONGEST_PATH)}', which is named in it",
            expected=file.shown,
            details=[file.detail] if file.detail else (),
        )

    # ------------------------------------------------------------------------------------------------ a host's own form

    def _compare_with_names(self) -> None:
        places = [names_of(self._export.place(file.path)) for file in self._export.exported]
        has_list = (fold_case(EXPORT_RECORD),) in places
        machines = fold_case(MACHINES_FOLDER)
        has_machine = any(place[0] == machines and place[-1].endswith(_EXPORTED_SUFFIX) for place in places)
        self._required += 2
        for there, part, place in (
            (has_list, "list", EXPORT_RECORD),
            (has_machine, "configuration", f"{MACHINES_FOLDER}/*.exp"),
        ):
            if not there:
                self._found.append(
                    finding(
                        "VHD833",
                        Location(path=self._export.path or "."),
                        f"the export of 2008 or 2008 R2 lacks its {part}, '{place}'",
                        expected=place,
                    )
                )

    # ------------------------------------------------------------------------------------------------------ superfluous

    def _superfluous(self) -> Iterator[Finding]:
        needed = {file.path for file in self._needed} | self._taken
        needed |= {file.path for file in self._export.exported}
        if self._export.record is not None:
            needed.add(self._export.record.path)
        for item in self._files:
            if item.path not in needed and not self._may_be_needed(item):
                message = "nothing in the export needs it"
                yield finding("VHD834", Location(path=item.path), message, found=item.size)

    def _may_be_needed(self, item: HeldFile) -> bool:
        """Say whether a file may be one that a host's own form names: what that says is not known."""
        if self._export.record is not None:
            return False
        inside = names_of(self._export.place(item.path))
        return len(inside) > 1 and inside[0] in _EXPORT_FOLDERS


def _record_of(export: ExportFolder) -> tuple[ExportRecord | None, Finding | None]:
    """Return what the export says of itself, or why that cannot be understood."""
    if export.record is None:
        return None, None
    try:
        return parse_record(export.record.content, name=folder_of(export.record.path)[1]), None
    except ConfigError as error:
        place = Location(path=export.record.path, structure="record of the export")
        message = f"what the export should hold is not known, as its record cannot be understood: {error}"
        return None, finding("VHD833", place, message)


def _different(file: ExportedFile, item: HeldFile, differences: Sequence[str]) -> Finding:
    return finding(
        "VHD833",
        Location(path=item.path),
        f"it is not the {_PARTS[file.part]} that the record of its export names: {differences[0]}",
        expected=file.size,
        found=item.size,
        details=differences[1:],
    )


def _stem(path: str) -> str:
    stem, _, suffix = folder_of(path)[1].upper().rpartition(".")
    return stem if f".{suffix}" == _EXPORTED_SUFFIX else ""
