"""Which files of an export make up its machine, and which of them does each stored path mean?

What the export's record says counts before what was found by names: it knows by which paths of the host every file was
called, and which disk is whose parent, also where two disks have one name. Without a record the machine is made of what
its configurations name and were found to mean, and of the chains below. What is missing is told, for all files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.audit.backup.export_record import ExportedPart
from vhdchain.audit.backup.listing import machine_key, required_files
from vhdchain.audit.backup.required import Presence
from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.hyperv.moving import DEVICES, MEMORY
from vhdchain.hyperv.viewpoint import host_path
from vhdchain.locate import shortened
from vhdchain.transfer.layout import configuration_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.audit.backup.export_record import ExportedFile
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import FoundPath, Machine, MachineState
    from vhdchain.hyperv.known_files import Names
    from vhdchain.image import Image
    from vhdchain.transfer.import_folder import ExportFolder, FolderFile


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """One file of the machine.

    Attributes:
        file: The file in the export.
        part: What it is.
        id: Of the machine or snapshot to which a configuration or saved state belongs, upper case; empty for disks.
        place: Where it lies in the export by the letter case in which it was written.
        digest: What its content must be, in hex; empty where nothing says it.
        mtime_ns: When it was modified before it was exported, in nanoseconds since 1970 (UTC); None where nothing says
            it.
        image: What a scan recorded of a disk.
        parent: The path of the disk that it builds on; None for none.
    """

    file: FolderFile
    part: ExportedPart
    id: str = ""
    place: str
    digest: str = ""
    mtime_ns: int | None = None
    image: Image | None = None
    parent: str | None = None

    @property
    def path(self) -> str:
        """The file as messages call it."""
        return self.file.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The machine as its files are.

    Attributes:
        disks: Parents before their children.
        states: The files of saved states.
        snapshots: The configurations of snapshots.
        configuration: The machine's own.
        named: Configuration -> key that holds a path -> the file that it means.
    """

    disks: tuple[Piece, ...]
    states: tuple[Piece, ...]
    snapshots: tuple[Piece, ...]
    configuration: Piece
    named: dict[str, dict[str, str]]

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """All of them, in the order in which an import makes them."""
        return (*self.disks, *self.states, *self.snapshots, self.configuration)

    @property
    def tips(self) -> tuple[Piece, ...]:
        """The disks that no other one builds on."""
        parents = {piece.parent for piece in self.disks}
        return tuple(piece for piece in self.disks if piece.path not in parents)

    def chain(self, disk: Piece) -> tuple[Piece, ...]:
        """Return the disks from the base to ``disk``."""
        by_path = {piece.path: piece for piece in self.disks}
        way: dict[str, Piece] = {}
        piece: Piece | None = disk
        while piece is not None and piece.path not in way:
            way[piece.path] = piece
            piece = None if piece.parent is None else by_path.get(piece.parent)
        return tuple(reversed(way.values()))


def contents_of(
    inventory: Inventory, machine: Machine, folder: ExportFolder
) -> tuple[Contents | None, tuple[Finding, ...]]:
    """Return what ``machine`` is made of, and VHD833 for each file that is missing; None where some are.

    Args:
        inventory: The scan in which the machine was found; it has its present state.
        machine: The machine.
        folder: The folder of its export; the files that its record names are there.
    """
    gathering = _Gathering(inventory, machine, folder)
    return gathering.contents(), tuple(gathering.missing)


class _Gathering:
    def __init__(self, inventory: Inventory, machine: Machine, folder: ExportFolder) -> None:
        self._inventory = inventory
        self._machine = machine
        self._folder = folder
        self._images = {image.name: image for image in inventory.images}
        for known in inventory.inputs:
            for alias in known.aliases:
                if known.path in self._images:
                    self._images.setdefault(alias, self._images[known.path])
        self._recorded: dict[Names | str, str] = {}
        self._by_place: dict[str, str] = {}
        self._items: dict[str, ExportedFile] = {}
        for item in () if folder.record is None else folder.record.files:
            if (file := folder.at(item.path)) is not None:
                self._by_place[item.path] = file.path
                self._items[file.path] = item
                for stored in item.stored:
                    self._recorded.setdefault(_key(stored), file.path)
        self.missing: list[Finding] = []

    def contents(self) -> Contents | None:
        now = self._machine.now
        states = [
            state
            for state in self._machine.states
            if self._is_known(state.path, ExportedPart.CONFIGURATION if state is now else ExportedPart.SNAPSHOT)
        ]
        named = {state.path: dict(self._named(state)) for state in states}
        disks = list(self._recorded_disks() if self._folder.record is not None else self._found_disks(named))
        if self._folder.record is None:
            self._add_unfound()
        saved = [piece for state in states for piece in self._states(state, named[state.path])]
        snapshots = [self._piece(state.path, ExportedPart.SNAPSHOT, state.id) for state in states if state is not now]
        own = self._own()
        if self._lacks() or own is None:
            return None
        return Contents(
            disks=tuple(_parents_first(disks)),
            states=tuple({piece.path: piece for piece in saved}.values()),
            snapshots=tuple(piece for piece in snapshots if piece is not None),
            configuration=own,
            named=named,
        )

    def _is_known(self, path: str, part: ExportedPart) -> bool:
        """Say whether a file is one of the record, where there is one: what is not is left alone."""
        known = self._items.get(path)
        return self._folder.record is None or (known is not None and known.part is part)

    def _own(self) -> Piece | None:
        now = self._machine.now
        if now is None:
            return None
        if not self._is_known(now.path, ExportedPart.CONFIGURATION):
            message = "this configuration has the machine's id, and is not the one that was exported"
            self.missing.append(finding("VHD833", Location(path=now.path), message))
        return self._piece(now.path, ExportedPart.CONFIGURATION, now.id)

    def _lacks(self) -> bool:
        return any(item.severity is Severity.ERROR for item in self.missing)

    def _named(self, state: MachineState) -> Iterator[tuple[str, str]]:
        """Yield the keys of a configuration that name a file, with the file."""
        keys: list[tuple[str, FoundPath | None, ExportedPart]] = [
            *((disk.drive.field, disk.found, ExportedPart.DISK) for disk in state.disks),
            (MEMORY, state.memory, ExportedPart.MEMORY),
            (DEVICES, state.devices, ExportedPart.DEVICES),
        ]
        for key, found, part in keys:
            if found is None:
                continue
            path = self._recorded.get(_key(found.stored)) or found.path
            if path is not None and self._is_known(path, part):
                yield key, path
            elif self._folder.record is not None:
                message = f"{key} names a file that is not in the export: '{shortened(found.stored)}'"
                self.missing.append(finding("VHD833", Location(path=state.path), message, expected=found.stored))

    def _recorded_disks(self) -> Iterator[Piece]:
        record = self._folder.record
        for item in () if record is None else record.files:
            file = self._folder.at(item.path)
            if item.part is ExportedPart.DISK and file is not None:
                yield Piece(
                    file=file,
                    part=item.part,
                    place=item.path,
                    digest=item.digest,
                    mtime_ns=item.mtime_ns,
                    image=self._images.get(file.path),
                    parent=None if item.parent is None else self._by_place.get(item.parent),
                )

    def _found_disks(self, named: dict[str, dict[str, str]]) -> Iterator[Piece]:
        graph = self._inventory.graph
        fields = {disk.drive.field for state in self._machine.states for disk in state.disks}
        tops = [path for keys in named.values() for key, path in keys.items() if key in fields]
        for path in dict.fromkeys(node for top in dict.fromkeys(tops) for node in graph.path_to_base(top)):
            piece = self._piece(path, ExportedPart.DISK, parent=graph.parent(path))
            if piece is not None:
                yield piece

    def _states(self, state: MachineState, named: dict[str, str]) -> Iterator[Piece]:
        for key, part in ((MEMORY, ExportedPart.MEMORY), (DEVICES, ExportedPart.DEVICES)):
            if key in named and (piece := self._piece(named[key], part, state.id)) is not None:
                yield piece

    def _piece(self, path: str, part: ExportedPart, id_: str = "", parent: str | None = None) -> Piece | None:
        file = self._folder.called(path)
        if file is None:
            message = f"it is a file of {self._machine.name} ({part}), and lies outside of the export's folder"
            self.missing.append(finding("VHD833", Location(path=path), message, expected=self._folder.path))
            return None
        known = self._items.get(path)
        return Piece(
            file=file,
            part=part,
            id=id_,
            place=file.place if known is None else known.path,
            digest="" if known is None else known.digest,
            mtime_ns=None if known is None else known.mtime_ns,
            image=self._images.get(path),
            parent=parent,
        )

    def _add_unfound(self) -> None:
        """Tell what an export without a record lacks, as far as its configurations and disks name it."""
        key = machine_key(self._machine)
        for file in required_files(self._inventory):
            if key in file.machines and file.presence is not Presence.PRESENT:
                why = f" ({file.detail})" if file.detail else ""
                message = f"the export lacks the {file.part} '{shortened(file.shown)}'{why}"
                self.missing.append(finding("VHD833", Location(path=self._folder.path), message, expected=file.shown))
        self.missing += self._unlisted()

    def _unlisted(self) -> Iterator[Finding]:
        """Yield what the machine's list of snapshots has, and the export has not.

        How a host lists them is not known: ids count where there are as many as the list says to have.
        """
        now, here = self._machine.now, {state.id for state in self._machine.snapshots}
        size = None if now is None else now.configuration.listed_snapshots
        if now is None or size is None or size <= len(here):
            return
        listed = now.configuration.listed_ids
        for id_ in listed if len(listed) == size else ():
            if id_ not in here:
                path = f"{self._folder.path}/{configuration_place(f'{id_}.xml', snapshot=True)}"
                yield finding("VHD833", Location(path=path), "the export lacks this snapshot, which the machine lists")
        if len(listed) != size:
            message = f"the machine lists {size} snapshots, and {len(here)} are here"
            place = Location(path=now.path, structure="configuration", field="global_settings/snapshots/list/size")
            yield finding("VHD833", place, message, expected=size, found=len(here), severity=Severity.WARNING)


def _key(stored: str) -> Names | str:
    """Return what paths are compared by: as Windows compares them, where they are such."""
    path = host_path(stored)
    return stored if path.problem else path.names


def _parents_first(disks: list[Piece]) -> Iterator[Piece]:
    """Yield the disks, each after the one that it builds on; of a circle all, in the order in which they were met."""
    by_path = {piece.path: piece for piece in disks}
    done: set[str] = set()
    for piece in disks:
        way: dict[str, Piece] = {}
        node: Piece | None = piece
        while node is not None and node.path not in done and node.path not in way:
            way[node.path] = node
            node = None if node.parent is None else by_path.get(node.parent)
        done.update(way)
        yield from reversed(way.values())
