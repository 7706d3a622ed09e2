"""What lies in the folder of an export on disk?

The folder is listed without following links, its record is read, and so are as many files as are to be compared with
the record. Journals and half-made files are looked for in it, and beside it: an export that was interrupted has its
journal beside the first thing that it wrote, which is a folder around it where that was made as well.
"""

# ruff: noqa: PTH116, PTH119 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import dataclasses
import os
import posixpath
from contextlib import closing
from typing import TYPE_CHECKING

from vhdchain.audit.backup.export_record import RECORD_NAME, ExportedPart, parse_record
from vhdchain.errors import ShortReadError
from vhdchain.hyperv import is_host_folder
from vhdchain.hyperv.folders import MAX_RECORD_BYTES
from vhdchain.locate import fold_case
from vhdchain.shell.executor.names import MARK
from vhdchain.shell.files import open_source
from vhdchain.shell.folders import walk_folder
from vhdchain.shell.single_file import digest_of, read_small
from vhdchain.shell.transfer.journals import journals_about
from vhdchain.transfer.import_folder import ExportFolder, FolderFile
from vhdchain.units import sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vhdchain.audit.backup.export_record import ExportRecord
    from vhdchain.hyperv import Machine
    from vhdchain.progress import Cancel, Progress
    from vhdchain.shell.folders import FoundFile

_RECORD = fold_case(RECORD_NAME)
_CONFIGURATIONS = (ExportedPart.CONFIGURATION, ExportedPart.SNAPSHOT)


def home_of(machine: Machine | None, folder: str) -> str:
    """Return the folder that holds ``Virtual Machines`` of the machine.

    Without the machine it is the only folder that holds a record, of ``folder`` and those in it; or ``folder``.
    """
    if machine is None or machine.now is None:
        return _recorded(folder) or folder
    above = posixpath.dirname(machine.now.path)
    return posixpath.dirname(above) if is_host_folder(posixpath.basename(above)) else above


def _recorded(folder: str) -> str | None:
    walk = walk_folder(os.path.realpath(folder), shown=folder, wanted=lambda name: fold_case(name) == _RECORD)
    homes = {posixpath.dirname(item.shown) for item in walk.files}
    return homes.pop() if len(homes) == 1 else None


def read_export_folder(
    folder: str, *, everything: bool, progress: Progress | None = None, cancel: Cancel | None = None
) -> ExportFolder:
    """Return what lies in ``folder``.

    Args:
        folder: The folder that holds ``Virtual Machines``, as a scan calls it.
        everything: Whether all files of the record are read, so that their contents are compared; otherwise
            configurations alone are, since a copy proves the others.
        progress: Called with the bytes that are read, and how many there are.
        cancel: Asked again and again.

    Raises:
        ConfigError: The record cannot be understood.
        CancelledError: ``cancel`` asked to stop.
        OSError: A folder could not be listed, or a file could not be read.
    """
    walk = walk_folder(os.path.realpath(folder), shown=folder, wanted=lambda _: True, cancel=cancel)
    for path, error in walk.unreadable:
        raise OSError(error.errno, error.strerror, path)
    files = tuple(_folder_file(item, folder) for item in walk.files if not item.is_link)
    halves = tuple(file.path for file in files if MARK in os.path.basename(file.path))
    listed = ExportFolder(path=folder, files=files, unfinished=(*halves, *journals_about(folder)))
    record_file = listed.at(RECORD_NAME)
    if record_file is None:
        return listed
    content = read_small(record_file.path, most=MAX_RECORD_BYTES)
    record = parse_record(content, name=record_file.path)
    listed = dataclasses.replace(listed, record=record, record_file=record_file)
    wanted = list(_to_read(listed, record, everything=everything))
    told = _Told(progress, sum(file.size for file in wanted))
    digests = {file.path: content_digest(file, record.hash, told=told.add, cancel=cancel) for file in wanted}
    return dataclasses.replace(
        listed, files=tuple(dataclasses.replace(file, digest=digests.get(file.path, "")) for file in files)
    )


def _to_read(folder: ExportFolder, record: ExportRecord, *, everything: bool) -> Iterator[FolderFile]:
    for item in record.files:
        file = folder.at(item.path)
        if file is not None and file.size == item.size and (everything or item.part in _CONFIGURATIONS):
            yield file


def _folder_file(item: FoundFile, folder: str) -> FolderFile:
    status = os.stat(item.path, follow_symlinks=False)
    return FolderFile(
        path=item.shown,
        place=os.path.relpath(item.shown, folder or os.curdir),
        size=item.size,
        mtime_ns=item.mtime_ns,
        identity=item.key,
        allocated=sectors_to_bytes(status.st_blocks),
        names=status.st_nlink,
    )


class _Told:
    """Tells how much was read."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._done, self._total = 0, total

    def add(self, length: int) -> None:
        self._done += length
        if self._progress is not None:
            self._progress(self._done, self._total)


def content_digest(
    file: FolderFile, algorithm: str, *, told: Callable[[int], None] | None = None, cancel: Cancel | None = None
) -> str:
    """Return the digest of a file, in hex.

    Args:
        file: The file.
        algorithm: Name of the digest, as `hashlib` has it.
        told: Called with the bytes that were read since the last call.
        cancel: Asked again and again.

    Raises:
        ShortReadError: It changed meanwhile.
        CancelledError: ``cancel`` asked to stop.
        OSError: It could not be read.
    """
    with closing(open_source(file.path, follow=False, devices=False, expected=file.identity)) as source:
        digest = digest_of(source, algorithm, size=file.size, told=told, cancel=cancel)
        change = source.change()
        if change is not None:
            raise ShortReadError(f"{file.path}: it changed while it was read: {change}")
        return digest
