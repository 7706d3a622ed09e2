"""Which files of a machine go along, and where does each of them lie in the export?

Disks come first, each behind its parent, then saved states, then the configurations of the snapshots, and the machine's
own last: what is registered by a configuration is there before it. What lacks is for `vhdchain.transfer.refusals`.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.audit.backup.export_record import ExportedPart
from vhdchain.hyperv.folders import DISKS_FOLDER, MACHINES_FOLDER, SNAPSHOTS_FOLDER
from vhdchain.transfer.exported_configurations import beside_stored, state_path
from vhdchain.transfer.layout import DiskPlaces, configuration_place, safe_file_name, state_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import MachineState
    from vhdchain.transfer.selection import Selection

_COMPACT_SUFFIX = ".vhd"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """One file of an export.

    Attributes:
        source: The file that it is a copy of; of a disk that is written anew, its leaf.
        path: Its place below the machine's folder.
        part: What it is.
        id: The id of the machine or snapshot in the export to which a configuration or saved state belongs.
        stored: The host's paths by which configurations call it, as they are stored there in the export.
        parent: The place of a differencing disk's parent; None for others, and where disks are written anew.
    """

    source: str
    path: str
    part: ExportedPart
    id: str = ""
    stored: tuple[str, ...] = ()
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """All of them.

    Attributes:
        folders: The folders below the machine's, outer ones first.
        files: The files, in the order in which they are written.
    """

    folders: tuple[str, ...]
    files: tuple[ListedFile, ...]

    def of(self, *parts: ExportedPart) -> tuple[ListedFile, ...]:
        """Return the files of these parts."""
        return tuple(item for item in self.files if item.part in parts)


def list_files(inventory: Inventory, selection: Selection, *, compact: bool = False) -> Listing:
    """Return what goes along, as far as it is here.

    Args:
        inventory: The scan.
        selection: What of the machine goes along.
        compact: Whether every disk becomes one new file.
    """
    disks = _written_anew(inventory, selection) if compact else _copied(inventory, selection)
    files = (*disks, *_saved_states(selection), *_configurations(selection))
    # Hosts make the folder of a snapshot's saved state also where there is none.
    kept = [state_place("", _stem(item.path), snapshot=True) for item in selection.snapshots]
    folders = {
        folder: None for path in (*kept, *(posixpath.dirname(item.path) for item in files)) for folder in _down(path)
    }
    usual = (DISKS_FOLDER, MACHINES_FOLDER, SNAPSHOTS_FOLDER)
    return Listing(
        folders=tuple(dict.fromkeys((*usual, *sorted(folders)))),
        files=files,
    )


def _down(path: str) -> Iterator[str]:
    names = path.split("/")
    yield from ("/".join(names[:length]) for length in range(1, len(names) + 1))


# --------------------------------------------------------------------------------------------------------------- disks


def _copied(inventory: Inventory, selection: Selection) -> Iterator[ListedFile]:
    stored = _stored_disks(selection.states)
    places, found = DiskPlaces(), dict[str, str]()
    for leaf in stored:
        for path in reversed(inventory.graph.path_to_base(leaf)):
            if path in found:
                continue
            found[path] = places.place(path)
            above = inventory.graph.parent(path)
            yield ListedFile(
                source=path,
                path=found[path],
                part=ExportedPart.DISK,
                stored=tuple(stored.get(path, ())),
                parent=None if above is None else found.get(above),
            )


def paths_of_new_disks(selection: Selection, listing: Listing) -> dict[str, str]:
    """Return the host's path that every slot of the machine gets, by the path of its key, where disks are new files."""
    names = {item.source: posixpath.basename(item.path) for item in listing.of(ExportedPart.DISK)}
    return {
        disk.drive.field: beside_stored(disk.drive.path, names[disk.path])
        for disk in selection.own.disks
        if disk.path is not None
    }


def _written_anew(inventory: Inventory, selection: Selection) -> Iterator[ListedFile]:
    places, taken = DiskPlaces(), set[str]()
    for leaf, stored in _stored_disks(selection.states).items():
        base = inventory.graph.path_to_base(leaf)[-1]
        # A configuration tells two disks of one base apart by their names alone, wherever they lie.
        name, number = _stem(base), 1
        while name.upper() in taken:
            name = _stem(leaf) if number == 1 else f"{_stem(leaf)} {number}"
            number += 1
        taken.add(name.upper())
        new = safe_file_name(name + _COMPACT_SUFFIX)
        yield ListedFile(
            source=leaf,
            path=places.place(posixpath.join(posixpath.dirname(base), new)),
            part=ExportedPart.DISK,
            stored=tuple(dict.fromkeys(beside_stored(path, new) for path in stored)),
        )


def _stored_disks(states: Iterable[MachineState]) -> dict[str, dict[str, None]]:
    """Return the disks that states name, with the paths by which they do, in order."""
    found: dict[str, dict[str, None]] = {}
    for state in states:
        for disk in state.disks:
            if disk.path is not None:
                found.setdefault(disk.path, {})[disk.drive.path] = None
    return found


# ------------------------------------------------------------------------------------------- states and configurations


def _saved_states(selection: Selection) -> Iterator[ListedFile]:
    owners: dict[str, tuple[MachineState, ExportedPart]] = {}
    stored: dict[str, dict[str, None]] = {}
    for state in selection.states:
        for found, part in ((state.memory, ExportedPart.MEMORY), (state.devices, ExportedPart.DEVICES)):
            if found is None or found.path is None:
                continue
            stored.setdefault(found.path, {})[found.stored] = None
            # Where two states name one file, it is that one's whose id it has.
            if found.path not in owners or _stem(found.path).upper() == state.id:
                owners[found.path] = state, part
    for path, (state, part) in owners.items():
        snapshot = state is not selection.own
        name, owner = posixpath.basename(path), _stem(state.path)
        if selection.of_a_snapshot:
            name, owner = selection.id + posixpath.splitext(path)[1], selection.id
        yield ListedFile(
            source=path,
            path=state_place(safe_file_name(name), safe_file_name(owner), snapshot=snapshot),
            part=part,
            id=state.id if snapshot else selection.id,
            stored=tuple(state_path(text, selection) if selection.of_a_snapshot else text for text in stored[path]),
        )


def _configurations(selection: Selection) -> Iterator[ListedFile]:
    for state in selection.snapshots:
        place = configuration_place(safe_file_name(posixpath.basename(state.path)), snapshot=True)
        yield ListedFile(source=state.path, path=place, part=ExportedPart.SNAPSHOT, id=state.id)
    own = selection.own.path
    name = f"{selection.id}.xml" if selection.of_a_snapshot else posixpath.basename(own)
    place = configuration_place(safe_file_name(name), snapshot=False)
    yield ListedFile(source=own, path=place, part=ExportedPart.CONFIGURATION, id=selection.id)


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0]
