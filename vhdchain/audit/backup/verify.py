"""Does a backup set hold what it must?

The list of files is held against the set: what lacks, and what is there and is another disk, another length or another
content, is VHD833; what nothing needs is VHD834. A configuration may be written anew by an export: it counts when it
names the same files; the form that a host's own export gives it is taken by its id, and not looked into. What an export
was told to leave out is a note.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.backup.export_folders import is_laid_out_as_export
from vhdchain.audit.backup.held import Matching, held_files
from vhdchain.audit.backup.left_out import LeftOut
from vhdchain.audit.backup.report import SetReport
from vhdchain.audit.backup.required import Part, Presence
from vhdchain.findings import Finding, Location, Severity, finding, worst_first
from vhdchain.hyperv.folders import EXPORT_RECORD, INITIAL_STORE
from vhdchain.locate import LONGEST_PATH, fold_case, parse_path, shortened
from vhdchain.structures import id_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.audit.backup.held import BackupSet, HeldFile
    from vhdchain.audit.backup.required import RequiredFile
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Configuration


def verify_set(inventory: Inventory, files: Sequence[RequiredFile], held: BackupSet) -> SetReport:
    """Return what a set lacks of ``files`` and holds beyond them.

    Args:
        inventory: Where the list comes from.
        files: What the set must hold, as `required_files` gives it.
        held: The set.
    """
    there = held_files(held)
    exported = any(file.exported for file in there)
    # An export is one of machines, and takes nothing of the host along.
    alone = exported or any(file.recorded for file in there) or _looks_exported(inventory, held)
    wanted = [file for file in files if not (alone and file.part is Part.STORE)]
    left_out = LeftOut(inventory, held.inventory)
    # A configuration keeps its id where it is written anew; of other files that are, names say nothing.
    copies = [file for file in there if file.part is Part.CONFIGURATION or not left_out.is_anew(file.path)]
    check = _Check(inventory, held, Matching(files=copies), left_out)
    found = check.run(wanted)
    unwanted = sum(item.severity is Severity.NOTE for item in found)
    return SetReport(
        scanned=held.inventory.scanned,
        findings=worst_first([*found, *check.superfluous()]),
        required=len(wanted) - unwanted,
        held=len(wanted) - len(found),
        exact=held.compare is not None,
        exported=exported,
    )


def _looks_exported(inventory: Inventory, held: BackupSet) -> bool:
    """Say whether the set lies as exports of 2012 and later do, and what it is compared with does not."""
    return is_laid_out_as_export(held.inventory) and not is_laid_out_as_export(inventory)


class _Check:
    def __init__(self, inventory: Inventory, held: BackupSet, matching: Matching, left_out: LeftOut) -> None:
        self._held = held
        self._matching = matching
        self._called = held.inventory.scanned[0] if held.inventory.scanned else ""
        self._unread = {fold_case(item.path.rpartition("/")[2]): item for item in held.inventory.unreadable}
        self._left_out = left_out
        self._names = {machine.states[0].path: machine.name for machine in inventory.machines}
        self._sources = {
            file.path: file.configuration for file in inventory.host_files if file.configuration is not None
        }

    def run(self, required: Sequence[RequiredFile]) -> list[Finding]:
        """Return one finding for every file that lacks or differs."""
        found = []
        for file, item in zip(required, self._matching.match(required), strict=True):
            if item is None:
                found.append(self._lacking(file))
            elif differences := [*self._differences(file, item)]:
                found.append(self._different(file, item, differences))
        return found

    def superfluous(self) -> Iterator[Finding]:
        """Yield VHD834 for what stands for nothing on the list."""
        for item in self._matching.files:
            # An export's own list of what it holds stands for none of it.
            is_list = item.recorded or (item.exported and item.name == EXPORT_RECORD.upper())
            if is_list or item.path in self._matching.taken or self._left_out.is_anew(item.path):
                continue
            message = "no machine that was looked for needs it"
            yield finding("VHD834", Location(path=item.path), message, found=item.size, details=[_what(item)])

    def _lacking(self, file: RequiredFile) -> Finding:
        details = [f"needed by {self._needed_by(file)}"] if file.machines else []
        if file.presence is not Presence.PRESENT:
            details.append(f"it is not known to be where the list comes from, either ({file.presence})")
        other = None if file.unique_id is None else self._matching.of_identifier(file.unique_id)
        if other is not None:
            details.append(f"{shortened(other.path, LONGEST_PATH)} holds the disk with its identifier, by another name")
        name = None if file.stored is None else parse_path(file.stored).basename
        if name is not None and (unread := self._unread.get(fold_case(name))):
            details.append(f"{shortened(unread.path, LONGEST_PATH)} could not be read: {shortened(unread.reason)}")
        severity = Severity.WARNING if file.part is Part.STORE else None
        if (why := self._left_out.why(file)) is not None:
            details.append(why)
            severity = Severity.NOTE
        return finding(
            "VHD833",
            Location(path=self._called),
            f"it lacks the {_called(file)}",
            expected=file.shown,
            related=[file.path] if file.path is not None else (),
            details=details,
            severity=severity,
        )

    def _different(self, file: RequiredFile, item: HeldFile, differences: Sequence[str]) -> Finding:
        return finding(
            "VHD833",
            Location(path=item.path),
            f"it is not the {_called(file)}: {differences[0]}",
            expected=file.shown,
            related=[file.path] if file.path is not None else (),
            details=[*differences[1:], *([f"needed by {self._needed_by(file)}"] if file.machines else [])],
            severity=Severity.WARNING if file.part is Part.STORE else None,
        )

    def _differences(self, file: RequiredFile, item: HeldFile) -> Iterator[str]:
        if (
            item.exported
            or self._left_out.is_anew(item.path)
            or (file.sha256 is not None and file.sha256 == item.sha256)
        ):
            return
        if file.unique_id is not None and file.unique_id != item.unique_id:
            found = "no VHD" if item.unique_id is None else f"a disk with identifier {id_text(item.unique_id)}"
            yield f"it is {found}, where {id_text(file.unique_id)} is wanted"
        source = self._sources.get(file.path or "")
        if source is not None and item.configuration is not None:
            yield from _named_otherwise(source, item.configuration)
        elif file.size is not None and file.size != item.size:
            yield f"it has {item.size} bytes, not {file.size}"
        if self._held.compare is not None and file.path is not None and file.size in (None, item.size):
            difference = self._held.compare(file.path, item.path)
            if difference is not None:
                yield difference

    def _needed_by(self, file: RequiredFile) -> str:
        names = [shortened(self._names.get(key, key), 100) for key in file.machines[:3]]
        more = f" and {len(file.machines) - 3} more" if len(file.machines) > 3 else ""
        return f"{', '.join(names)}{more}"


def _called(file: RequiredFile) -> str:
    named = file.shown if file.part is not Part.STORE else INITIAL_STORE
    return f"{file.part} {file.id}" if named == "?" and file.id else f"{file.part} '{shortened(named)}'"


def _what(item: HeldFile) -> str:
    if item.exported:
        return "an exported configuration"
    return "a file of another kind" if item.part is None else _PARTS[item.part]


_PARTS = {
    Part.CONFIGURATION: "a machine's configuration",
    Part.SNAPSHOT: "a snapshot's configuration",
    Part.MEMORY: "a saved state's memory",
    Part.DEVICES: "a saved state's devices",
    Part.DISK: "a disk",
    Part.STORE: "a store of authorisations",
}


def _named_otherwise(here: Configuration, there: Configuration) -> Iterator[str]:
    """Yield how two configurations differ in the files that they name; folders may differ."""
    ours, theirs = dict(_names(here)), dict(_names(there))
    for place in [*ours, *(place for place in theirs if place not in ours)]:
        mine, other = ours.get(place), theirs.get(place)
        if mine is None or other is None or fold_case(mine) != fold_case(other):
            yield f"at {place} it names {_quoted(other)}, not {_quoted(mine)}"


def _names(configuration: Configuration) -> Iterator[tuple[str, str]]:
    numbers: dict[str, int] = {}
    for drive in configuration.disks:
        number = numbers.setdefault(f"{drive.controller} {drive.section}", len(numbers))
        yield f"{drive.controller} {number}, {drive.number}:{drive.slot}", parse_path(drive.path).basename or drive.path
    for key, path in (
        ("memlocation", configuration.saved_state.memory),
        ("vsvlocation", configuration.saved_state.devices),
    ):
        if path.strip():
            yield key, parse_path(path).basename or path


def _quoted(name: str | None) -> str:
    return "nothing" if name is None else repr(shortened(name, 120))
