"""What lies in the folder of an export, and is it what its record says?

The folder may have been moved, and copied by a program that changed the letter case of names: a file counts as the one
that the record names where exactly one fits when case is ignored. Lengths and digests are compared, for all files, so
that whoever has to fetch what is missing fetches it once. Nothing is opened here: who lists the folder reads the files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, finding
from vhdchain.hyperv.folders import FileRole
from vhdchain.locate import LONGEST_PATH, fold_case, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.audit.backup.export_record import ExportedFile, ExportRecord
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine

_LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFile:
    """A regular file in the folder of an export.

    Attributes:
        path: The file as messages call it.
        place: Its place below the folder, with ``/``.
        size: Its length in bytes.
        mtime_ns: Modification time in nanoseconds since 1970 (UTC).
        identity: ``(st_dev, st_ino)``.
        allocated: Bytes that it takes on its volume: fewer than its length where it has holes.
        names: How many names it has: more than one where a hard link leads to it.
        digest: In hex, where it was read; otherwise empty.
    """

    path: str
    place: str
    size: int
    mtime_ns: int
    identity: tuple[int, int]
    allocated: int
    names: int = 1
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFolder:
    """The folder of one machine's export.

    Attributes:
        path: The folder as messages call it.
        files: The files in it, in the order of their places; no links.
        record: What the export says of itself; None where it holds no record.
        record_file: The file of the record.
        unfinished: Journals and half-made files in it, and journals beside it: an export, or an import, was
            interrupted.
    """

    path: str
    files: tuple[FolderFile, ...]
    record: ExportRecord | None = None
    record_file: FolderFile | None = None
    unfinished: tuple[str, ...] = ()
    _by_place: dict[str, FolderFile] = field(init=False, repr=False, compare=False)
    _by_case: dict[str, list[FolderFile]] = field(init=False, repr=False, compare=False)
    _by_path: dict[str, FolderFile] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_case: dict[str, list[FolderFile]] = {}
        for file in self.files:
            by_case.setdefault(fold_case(file.place), []).append(file)
        object.__setattr__(self, "_by_place", {file.place: file for file in self.files})
        object.__setattr__(self, "_by_case", by_case)
        object.__setattr__(self, "_by_path", {file.path: file for file in self.files})

    @property
    def algorithm(self) -> str:
        """Name of the digests by which contents are compared, as `hashlib` has it."""
        return "sha256" if self.record is None else self.record.hash

    def at(self, place: str) -> FolderFile | None:
        """Return the file at ``place``, in other letter case where that is one file."""
        if (file := self._by_place.get(place)) is not None:
            return file
        fitting = self._by_case.get(fold_case(place), [])
        return fitting[0] if len(fitting) == 1 else None

    def called(self, path: str) -> FolderFile | None:
        """Return the file that messages call ``path``; None where it does not lie in the folder."""
        return self._by_path.get(path)

    def is_of_export(self, path: str) -> bool:
        """Say whether the file that messages call ``path`` lies in the folder and, with a record, is one of it."""
        file = self.called(path)
        if file is None or self.record is None:
            return file is not None
        return any(self.at(item.path) is file for item in self.record.files)


def check_finished(folder: ExportFolder) -> Iterator[Finding]:
    """Yield VHD941 where an export, an import, or another change of the files was interrupted."""
    if folder.unfinished:
        shown = [shortened(path, LONGEST_PATH) for path in folder.unfinished[:_LISTED]]
        message = f"a change of these files was interrupted: {shown[0]}; go on with it or take it back (resume)"
        yield finding("VHD941", Location(path=folder.path), message, related=shown, found=len(folder.unfinished))


def check_has_machine(folder: ExportFolder, inventory: Inventory, machine: Machine | None) -> Iterator[Finding]:
    """Yield VHD941 where no configuration of a machine is there, or one is that cannot be understood.

    VHD943 where a host of 2008 wrote the machine's in a form of its own.
    """
    unread = [file for file in inventory.host_files if file.problems and folder.is_of_export(file.path)]
    for file in unread:
        message = (
            f"this configuration cannot be understood, so that the export is not whole: {file.problems[0].message}"
        )
        yield finding("VHD941", Location(path=file.path), message)
    if unread or (machine is not None and machine.now is not None):
        return
    exported = [file.path for file in inventory.host_files if file.role is FileRole.EXPORTED]
    if exported:
        message = (
            "a host of 2008 or 2008 R2 wrote this export in a form of its own (.exp), and what that holds is not "
            "documented; import it on such a host, or attach its disks by hand"
        )
        yield finding("VHD943", Location(path=folder.path), message, related=exported)
    else:
        message = "no machine's configuration is in here, so there is nothing to import"
        yield finding("VHD941", Location(path=folder.path), message)


def check_record(folder: ExportFolder) -> Iterator[Finding]:
    """Yield VHD833 for each file that lacks or is not as the record says, VHD834 for what it does not know."""
    record = folder.record
    if record is None:
        return
    known = set() if folder.record_file is None else {folder.record_file.path}
    for item in record.files:
        file = folder.at(item.path)
        if file is None:
            yield _lacking(folder, item)
            continue
        known.add(file.path)
        yield from check_content(item, file, record.hash)
    for file in folder.files:
        if file.path not in known and file.path not in folder.unfinished:
            message = "the export's record does not name it; it is left alone"
            yield finding("VHD834", Location(path=file.path), message, found=file.size)


def _lacking(folder: ExportFolder, item: ExportedFile) -> Finding:
    path = f"{folder.path}/{item.path}"
    message = f"the export lacks this file ({item.part})"
    return finding("VHD833", Location(path=path), message, expected=item.size, details=item.stored)


def check_content(item: ExportedFile, file: FolderFile, algorithm: str) -> Iterator[Finding]:
    """Yield VHD833 where a file has not the length or, where it was read, the digest that it was exported with."""
    if item.size is not None and file.size != item.size:
        message = f"it has {file.size} bytes, and the export wrote {item.size} ({item.part})"
        yield finding("VHD833", Location(path=file.path), message, expected=item.size, found=file.size)
    elif file.digest and item.digest and file.digest != item.digest:
        message = f"its content is not what the export wrote: its {algorithm} digest is another one ({item.part})"
        yield finding("VHD833", Location(path=file.path), message, expected=item.digest, found=file.digest)
