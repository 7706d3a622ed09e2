r"""Which files must a backup of these machines hold?

For every machine its configuration, those of its snapshots, the files of their saved states, and every disk of every
state with all that it builds on, down to its base; once for the host the store of authorisations. What is missing is
listed by the name that is stored for it. Where a configuration lies on the host follows from the folders that it, or
the files of its saved state, name; where nothing names one, from where it lies here among files whose paths are known.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from vhdchain.audit.backup.configuration_paths import configuration_path
from vhdchain.audit.backup.export_folders import export_folders, export_of
from vhdchain.audit.backup.host_places import HostPlaces
from vhdchain.audit.backup.required import Part, Presence, RequiredFile
from vhdchain.audit.backup.volumes import host_volume, parent_path, place_of
from vhdchain.hyperv import FileRole, PathOutcome
from vhdchain.hyperv.folders import INITIAL_STORE
from vhdchain.locate import LONGEST_PATH, Outcome, fold_case, parse_path, shortened
from vhdchain.structures import id_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import FoundPath, Machine, MachineState
    from vhdchain.image import Image

_NOT_KNOWN = {
    Outcome.AMBIGUOUS: "several files may be it",
    Outcome.REFUSED: "it may not be looked for where it is said to be (--within, --map)",
    Outcome.ACCESS_DENIED: "access to it is denied",
    Outcome.UNREADABLE: "it could not be read",
}
_WRONG = {
    Outcome.MISMATCH: "what stands in its place is another disk",
    Outcome.NOT_A_VHD: "what stands in its place is no disk",
    Outcome.SELF: "the disk names itself as its parent",
}


def machine_key(machine: Machine) -> str:
    """Return what tells machines apart, whatever they are called: the path of a configuration."""
    return machine.states[0].path


def required_files(inventory: Inventory) -> tuple[RequiredFile, ...]:
    """Return the list for all machines of ``inventory``: by volume, the unknown one last, then by path."""
    listing = _Listing(inventory)
    for machine in inventory.machines:
        listing.add(machine)
    return listing.all()


class _Listing:
    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._host_files = {file.path: file for file in inventory.host_files}
        self._unread = {item.path: item.reason for item in inventory.unreadable}
        self._in_cycles = {member for cycle in inventory.graph.cycles for member in cycle}
        self._files: dict[object, RequiredFile] = {}
        self._owners: dict[object, dict[str, None]] = {}
        self._spelled: dict[str, str] = {}  # volumes, folded -> as first written
        self._sure: set[str] = set()  # files that lie where their stored paths say
        self._unsure: dict[str, str] = {}  # files that were found elsewhere -> a clause that says so
        # What configurations call a disk counts before what its children call it.
        self._stored = {
            disk.path: disk.drive.path
            for machine in inventory.machines
            for state in machine.states
            for disk in state.disks
            if disk.path is not None
        }

    def add(self, machine: Machine) -> None:
        """Add the files of one machine."""
        key = machine_key(machine)
        self._configuration(machine, key)
        for snapshot in machine.snapshots:
            stored = configuration_path(snapshot, machine)
            self._put(key, self._present(snapshot, Part.SNAPSHOT, stored))
        for state in machine.states:
            for part, found in ((Part.MEMORY, state.memory), (Part.DEVICES, state.devices)):
                if found is not None:
                    self._put(key, self._named(found, part, state))
        met: set[str] = set()
        for state in machine.states:
            for disk in state.disks:
                if disk.path is None:
                    self._put(key, self._named(disk.found, Part.DISK))
                else:
                    self._note_place(disk.found)
                    self._chain(key, disk.path, met)

    def all(self) -> tuple[RequiredFile, ...]:
        """Return the list."""
        owned = [dataclasses.replace(file, machines=tuple(self._owners[place])) for place, file in self._files.items()]
        files = [*owned, *self._store()]
        places = HostPlaces()
        for file in files:
            if file.path is not None and file.stored is not None and file.path in self._sure:
                places.learn(file.path, file.stored)
        return tuple(sorted((self._placed(file, places) for file in files), key=_order))

    def _placed(self, file: RequiredFile, places: HostPlaces) -> RequiredFile:
        path = file.path
        if path is None:
            return file
        if not file.detail and path in self._unsure and path not in self._sure:
            file = dataclasses.replace(file, detail=self._unsure[path])
        stored = places.stored(path)
        if file.stored is not None or stored is None:
            return file
        return dataclasses.replace(file, stored=stored, volume=self._volume(stored), inferred=True)

    def _note_place(self, found: FoundPath) -> None:
        if found.path is not None and found.exact:
            self._sure.add(found.path)
        elif found.path is not None:
            name = shortened(parse_path(found.stored).basename or found.stored)
            told = f"{name} is not where its path says, so that what was found may be another file ({found.rule})"
            self._unsure.setdefault(found.path, told)

    def _volume(self, stored: str | None) -> str | None:
        volume = host_volume(stored) if stored else None
        return None if volume is None else self._spelled.setdefault(fold_case(volume), volume)

    def _put(self, owner: str, file: RequiredFile) -> None:
        unnamed = (file.part, file.id, file.unique_id, owner)
        place = file.path or (place_of(file.stored) if file.stored else unnamed)
        known = self._files.setdefault(place, file)
        if known.unique_id is None and file.unique_id is not None:
            # A configuration names a disk that is missing; its child knows more of it.
            self._files[place] = dataclasses.replace(known, unique_id=file.unique_id, detail=file.detail)
        self._owners.setdefault(place, {})[owner] = None

    def _configuration(self, machine: Machine, key: str) -> None:
        if machine.now is not None:
            stored = configuration_path(machine.now, machine)
            self._put(key, self._present(machine.now, Part.CONFIGURATION, stored))
            return
        missing = RequiredFile(
            part=Part.CONFIGURATION,
            id=machine.id,
            stored=None,
            volume=None,
            presence=Presence.MISSING,
            detail=f"snapshots of machine {machine.id or 'without an id'} are here, its own configuration is not",
        )
        self._put(key, missing)

    def _present(self, state: MachineState, part: Part, stored: str | None) -> RequiredFile:
        file = self._host_files.get(state.path)
        self._sure.add(state.path)
        return RequiredFile(
            part=part,
            id=state.id,
            snapshot=_snapshot_name(state),
            stored=stored,
            volume=self._volume(stored),
            path=state.path,
            size=file.size if file else None,
            presence=Presence.PRESENT,
            sha256=file.sha256 if file else None,
        )

    def _named(self, found: FoundPath, part: Part, state: MachineState | None = None) -> RequiredFile:
        """Return what a path in a configuration leads to; a disk that was found is added by its chain."""
        presence, detail = Presence.PRESENT, ""
        if found.outcome is PathOutcome.MISSING:
            presence = Presence.MISSING
        elif found.outcome is PathOutcome.AMBIGUOUS:
            presence, detail = Presence.UNKNOWN, f"{len(found.candidates)} files here may be it: say which with --map"
        elif found.outcome is PathOutcome.REFUSED:
            presence, detail = Presence.UNKNOWN, found.problem or "the path is not one that is looked for"
        file = self._host_files.get(found.path) if found.path else None
        self._note_place(found)
        return RequiredFile(
            part=part,
            id=state.id if state is not None else "",
            snapshot=_snapshot_name(state),
            stored=found.stored,
            volume=self._volume(found.stored),
            path=found.path,
            size=file.size if file else None,
            presence=presence,
            detail=detail,
        )

    def _chain(self, key: str, path: str, met: set[str]) -> None:
        """Add a disk and all that it builds on; ``met`` holds those of the same machine that were added already."""
        graph = self._inventory.graph
        node: str | None = path
        stored = self._stored.get(path)
        while node is not None and node not in met:
            met.add(node)
            image = self._images(node)
            self._put(key, self._disk(node, image, stored))
            above, node = image, graph.parent(node)
            if above is None:
                return
            if node is not None:
                stored = self._stored.get(node) or parent_path(above, stored)
            elif above.is_differencing:
                self._put(key, self._missing_parent(above, parent_path(above, stored)))

    def _images(self, path: str) -> Image | None:
        try:
            return self._inventory.image(path)
        except KeyError:
            return None

    def _disk(self, path: str, image: Image | None, stored: str | None) -> RequiredFile:
        has_id = image is not None and image.footer is not None and not image.raw
        return RequiredFile(
            part=Part.DISK,
            stored=stored,
            volume=self._volume(stored),
            path=path,
            size=image.file_size if image is not None else None,
            presence=Presence.PRESENT,
            detail=self._fault(path, image),
            unique_id=image.unique_id if image is not None and has_id else None,
        )

    def _fault(self, path: str, image: Image | None) -> str:
        if image is None:
            reason = self._unread.get(path, "it was not read")
            return f"what it builds on is not known: {shortened(reason)}"
        if image.footer is None and not image.raw:
            return "it is no VHD, so that what it builds on is not known"
        if path in self._in_cycles:
            return "its chain comes back to itself and has no base"
        return ""

    def _missing_parent(self, child: Image, stored: str | None) -> RequiredFile:
        resolution = self._inventory.resolution(child.name)
        outcome = resolution.outcome if resolution is not None else Outcome.MISSING
        asked = f"the parent of {shortened(child.name, LONGEST_PATH)}"
        why = _NOT_KNOWN.get(outcome) or _WRONG.get(outcome)
        wanted = resolution.wanted if resolution is not None and any(resolution.wanted) else None
        known = f" with identifier {id_text(wanted)}" if wanted is not None else ""
        return RequiredFile(
            part=Part.DISK,
            stored=stored,
            volume=self._volume(stored),
            presence=Presence.UNKNOWN if outcome in _NOT_KNOWN else Presence.MISSING,
            detail=f"{asked}{known}" + (f": {why}" if why else ""),
            unique_id=wanted,
        )

    def _store(self) -> Iterator[RequiredFile]:
        stores = [file for file in self._inventory.host_files if file.role is FileRole.STORE]
        for file in stores:
            yield RequiredFile(
                part=Part.STORE,
                stored=None,
                volume=None,
                path=file.path,
                size=file.size,
                presence=Presence.PRESENT,
            )
        exports = export_folders(self._inventory)
        # An export is one of machines, and takes nothing of the host along.
        if not stores and any(export_of(machine_key(item), exports) is None for item in self._inventory.machines):
            yield RequiredFile(
                part=Part.STORE,
                stored=None,
                volume=None,
                presence=Presence.MISSING,
                detail=f"{INITIAL_STORE}, which a host keeps in its default folder, is not here",
            )


def _order(file: RequiredFile) -> tuple[bool, str, str, str, str]:
    folder, _, name = fold_case(file.stored or "").rpartition("\\")
    return file.volume is None, fold_case(file.volume or ""), folder, name, file.path or ""


def _snapshot_name(state: MachineState | None) -> str:
    return state.name if state is not None and state.configuration.is_snapshot else ""
