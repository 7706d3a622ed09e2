"""Which plan makes an export of a machine?

Folders, then a copy of every file in the order of the listing, then the record: a plan that was stopped has left no
configuration of the machine, and no record, and nobody takes its folder for an export. What the copies come to is known
before the first byte is written, but for disks that are written anew, of which the most is known.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vhdchain import __version__
from vhdchain.audit.backup.export_record import (
    RECORD_NAME,
    ExportedFile,
    ExportedPart,
    ExportRecord,
    build_record,
    digest_length,
)
from vhdchain.chain import link_images
from vhdchain.errors import ConfigError, PlanRefusedError, VhdChainError
from vhdchain.findings import Location, finding
from vhdchain.locate import LONGEST_PATH, fold_case, shortened
from vhdchain.merge.flattening import plan_flatten
from vhdchain.plan import (
    CopyFile,
    CreateFile,
    DigestFile,
    FileState,
    Fill,
    MakeFolder,
    Plan,
    VerifyFile,
    VolumeNeed,
    WriteRecord,
    digest_fact,
    plan_document,
    size_fact,
    state_of,
)
from vhdchain.transfer.exported_configurations import own_configuration
from vhdchain.transfer.listing import paths_of_new_disks
from vhdchain.transfer.refusals import image_of
from vhdchain.transfer.selection import ALL
from vhdchain.units import ceil_div

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from vhdchain.audit.backup.export_record import RecordText
    from vhdchain.findings import Finding
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import MachineState
    from vhdchain.plan import Step
    from vhdchain.progress import Cancel
    from vhdchain.transfer.listing import ListedFile, Listing
    from vhdchain.transfer.selection import Selection

_PAGE = 4096  # what a file system gives out
_NAME = 512  # what a folder may need for a file in it
_JOURNAL, _JOURNAL_A_STEP = 64 << 10, 1 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportWish:
    """How a machine shall be exported.

    Attributes:
        folder: The folder of the machine's export, which is made; its parent may be one of ``missing``.
        missing: Folders above it that are made as well, outer ones first.
        compact: Whether every disk is written anew as one file, instead of its chain being copied.
        digest: Name of the digest of every file, as `hashlib` has it.
        reread: Whether copies are read back from the disk and compared.
        holes: Whether the target keeps holes.
        now: The time (aware).
    """

    folder: str
    missing: tuple[str, ...] = ()
    compact: bool = False
    digest: str = "sha256"
    reread: bool = False
    holes: bool = True
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the plan is told of the world.

    Attributes:
        read: Returns the bytes of a file.
        allocated: Returns how many bytes the file system holds for a file.
        state: Returns what a file is now, where the scan did not keep it.
        disk_id: Returns a new identifier of a disk, 16 bytes.
        time_stamp: The time of new disks, in seconds since 2000-01-01 00:00:00 UTC.
    """

    read: Callable[[str], bytes]
    allocated: Callable[[str], int]
    state: Callable[[str], FileState]
    disk_id: Callable[[], bytes]
    time_stamp: int


def plan_export(
    inventory: Inventory,
    selection: Selection,
    listing: Listing,
    wish: ExportWish,
    outside: Outside,
    *,
    findings: tuple[Finding, ...] = (),
    cancel: Cancel | None = None,
) -> Plan:
    """Return the plan that exports what ``selection`` holds; nothing keeps it from that (`vhdchain.transfer.judging`).

    Args:
        inventory: The scan; its images are open where disks are written anew.
        selection: What of the machine goes along.
        listing: Its files, and where each goes.
        wish: How.
        outside: What is read and made up.
        findings: What is worth knowing.
        cancel: Asked while disks that are written anew are measured.

    Raises:
        PlanRefusedError: Two files would have one place, or a disk cannot be written anew.
        ConfigError: There is no such digest, or a configuration changed since the scan.
        CancelledError: ``cancel`` asked to stop.
        OSError: A configuration could not be read.
    """
    digest_length(wish.digest)
    making = _Making(inventory, selection, listing, wish, outside, cancel=cancel)
    return making.plan(findings)


class _Making:
    def __init__(
        self,
        inventory: Inventory,
        selection: Selection,
        listing: Listing,
        wish: ExportWish,
        outside: Outside,
        *,
        cancel: Cancel | None,
    ) -> None:
        self._inventory = inventory
        self._selection = selection
        self._wish = wish
        self._outside = outside
        self._cancel = cancel
        self._host_files = {file.path: file for file in inventory.host_files}
        self._listing = listing
        self._rewritten = self._own_configuration()
        self._states: dict[str, FileState] = {}
        # Of every file, in bytes and at the most: its length, what is data of that, and what it takes on the target.
        self._sizes: list[int] = []
        self._held: list[int] = []
        self._rooms: list[int] = []

    def plan(self, findings: tuple[Finding, ...]) -> Plan:
        _require_places(self._listing)
        *files, own = self._listing.files
        steps: list[Step] = [MakeFolder(path=path) for path in (*self._wish.missing, self._wish.folder)]
        steps += [MakeFolder(path=self._path(folder)) for folder in self._listing.folders]
        entries: list[ExportedFile] = []
        for item in files:
            steps += self._written(item, entries)
        if self._wish.reread:
            steps += self._read_back(entries)
        steps += self._written(own, entries)
        if self._wish.reread:
            steps += self._read_back(entries[-1:])
        record = build_record(self._record(entries))
        steps.append(self._record_step(record))
        self._count(len(record.content))
        plan = Plan(
            action="export",
            summary=f"export {shortened(self._selection.name)} to {self._wish.folder}",
            steps=tuple(steps),
            files=tuple(self._states.values()),
            facts=self._facts(),
            findings=findings,
        )
        return replace(plan, needs=(self._need(plan),))

    def _path(self, place: str) -> str:
        return posixpath.join(self._wish.folder, place)

    # ----------------------------------------------------------------------------------------------------------- files

    def _written(self, item: ListedFile, entries: list[ExportedFile]) -> Iterator[Step]:
        """Yield the steps that write one file, and add what the record says of it."""
        path = self._path(item.path)
        if item.part is ExportedPart.CONFIGURATION and self._rewritten is not None:
            content = self._rewritten
            self._state(item.source)
            self._count(len(content))
            digest = hashlib.new(self._wish.digest, content).hexdigest()
            entries.append(self._entry(item, size=len(content), digest=digest))
            yield CreateFile(path=path, content=content, why="the configuration of the exported machine")
        elif item.part is ExportedPart.DISK and self._wish.compact:
            yield from self._flattened(item, path, entries)
        else:
            state = self._state(item.source)
            self._count(state.size, self._outside.allocated(item.source))
            entries.append(self._entry(item, size=state.size, mtime_ns=state.mtime_ns))
            yield CopyFile(source=item.source, path=path, hash=self._wish.digest)

    def _flattened(self, item: ListedFile, path: str, entries: list[ExportedFile]) -> Iterator[Step]:
        way = [self._inventory.image(layer) for layer in reversed(self._inventory.graph.path_to_base(item.source))]
        unique_id = self._outside.disk_id()
        try:
            plan = plan_flatten(
                link_images(way),
                path,
                form="dynamic",
                unique_id=unique_id,
                time_stamp=self._outside.time_stamp,
                cancel=self._cancel,
            )
        except VhdChainError as error:
            if isinstance(error, PlanRefusedError) or not error.findings:
                raise
            raise PlanRefusedError(f"compact: {error}", findings=error.findings) from error
        for state in plan.files:
            self._states.setdefault(state.path, state)
        most = plan.needs[0].peak
        self._count(most)
        entries.append(self._entry(item, size=None, unique_id=unique_id.hex()))
        yield from plan.steps
        # The digest that is made while a disk is written is of the disk, and not of the file.
        yield DigestFile(path=path, hash=self._wish.digest)

    def _entry(
        self,
        item: ListedFile,
        *,
        size: int | None,
        digest: str = "",
        mtime_ns: int | None = None,
        unique_id: str | None = None,
    ) -> ExportedFile:
        if unique_id is None:
            unique_id = self._unique_id(item.source) if item.part is ExportedPart.DISK else ""
        return ExportedFile(
            path=item.path,
            part=item.part,
            id=item.id,
            unique_id=unique_id,
            size=size,
            digest=digest,
            mtime_ns=mtime_ns,
            stored=item.stored,
            parent=item.parent,
        )

    def _unique_id(self, source: str) -> str:
        image = image_of(self._inventory, source)
        return "" if image is None or image.raw or image.footer is None else image.unique_id.hex()

    def _read_back(self, entries: list[ExportedFile]) -> Iterator[Step]:
        for item in entries:
            if item.size is not None:
                yield VerifyFile(path=self._path(item.path), size=item.size, hash=self._wish.digest, digest=item.digest)

    # ---------------------------------------------------------------------------------------------- what is relied on

    def _state(self, source: str) -> FileState:
        """Return the source as the scan saw it: what the plan was made from."""
        if source not in self._states:
            if (image := image_of(self._inventory, source)) is not None:
                state = state_of(image.source)
            elif (file := self._host_files.get(source)) is not None:
                state = FileState(path=source, size=file.size, mtime_ns=file.mtime_ns)
            else:
                state = self._outside.state(source)  # a saved state that a configuration calls by another name
            self._states[source] = state
        return self._states[source]

    def _own_configuration(self) -> bytes | None:
        selection = self._selection
        if selection.kind == ALL and not self._wish.compact:
            return None
        disks = paths_of_new_disks(selection, self._listing) if self._wish.compact else {}
        return own_configuration(selection, self._read, disks=disks)

    def _read(self, state: MachineState) -> bytes:
        content, file = self._outside.read(state.path), self._host_files.get(state.path)
        known = None if file is None else file.sha256
        if known is not None and hashlib.sha256(content).hexdigest() != known:
            raise ConfigError(f"{state.path}: changed since it was scanned; scan the folder again")
        return content

    # --------------------------------------------------------------------------------------------------------- amounts

    def _count(self, size: int, allocated: int | None = None) -> None:
        held = size if allocated is None else min(allocated, _pages(size))
        self._sizes.append(size)
        self._held.append(held)
        self._rooms.append(_pages(held if self._wish.holes else size))

    def _need(self, plan: Plan) -> VolumeNeed:
        folders = sum(isinstance(step, MakeFolder) for step in plan.steps)
        lasting = sum(self._rooms) + folders * _PAGE + len(self._rooms) * _NAME
        # The journal holds the plan as a document, and some words about every step.
        journal = len(json.dumps(plan_document(plan))) + _JOURNAL + _JOURNAL_A_STEP * len(plan.steps)
        return VolumeNeed(folder=posixpath.dirname(self._wish.folder) or ".", peak=lasting + journal, lasting=lasting)

    def _facts(self) -> dict[str, int | str]:
        return {
            "files": len(self._sizes),
            "bytes_at_most" if self._wish.compact else "bytes": sum(self._sizes),
            "bytes_allocated": sum(self._held),
            "digest": self._wish.digest,
            "snapshots": self._selection.kind,
        }

    # ---------------------------------------------------------------------------------------------------------- record

    def _record(self, entries: list[ExportedFile]) -> ExportRecord:
        return ExportRecord(
            tool=f"vhdchain {__version__}",
            machine_id=self._selection.id,
            machine_name=self._selection.name,
            exported=self._wish.now.isoformat(timespec="seconds"),
            snapshots=self._selection.kind,
            compact=self._wish.compact,
            hash=self._wish.digest,
            files=tuple(entries),
        )

    def _record_step(self, record: RecordText) -> WriteRecord:
        fills = []
        for place in record.places:
            path = self._path(place.path)
            fact = size_fact(path) if place.field == "size" else digest_fact(self._wish.digest, path)
            fills.append(Fill(offset=place.offset, length=place.length, fact=fact))
        return WriteRecord(
            path=self._path(RECORD_NAME), content=record.content, fills=tuple(fills), why="what the export holds"
        )


def _pages(size: int) -> int:
    return ceil_div(size, _PAGE) * _PAGE


def _require_places(listing: Listing) -> None:
    """Refuse where two files would have one place, such as two configurations of one snapshot."""
    taken: dict[str, ListedFile] = {}
    for item in listing.files:
        other = taken.setdefault(fold_case(item.path), item)
        if other is not item:
            place = Location(path=item.source)
            found = finding(
                "VHD932",
                place,
                f"it and {shortened(other.source, LONGEST_PATH)} would both be {shortened(item.path)} in the export",
                related=[other.source],
            )
            raise PlanRefusedError(str(found), findings=[found])
