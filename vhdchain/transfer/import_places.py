r"""Where does each file of an import go?

A copy gets the folders that hosts make below its root, configurations and saved states called by the ids that they have
then, and disks as they are called. In place everything stays where it is, but for what is called by an id that changes.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.audit.backup.export_record import ExportedPart
from vhdchain.hyperv.folders import DISKS_FOLDER
from vhdchain.locate import fold_case
from vhdchain.transfer.layout import DiskPlaces, configuration_place, state_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vhdchain.transfer.import_contents import Contents, Piece

_SUFFIXES = {ExportedPart.MEMORY: ".bin", ExportedPart.DEVICES: ".vsv"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where an import is to go.

    Attributes:
        root: The folder that holds ``Virtual Machines`` and ``Snapshots`` then.
        disks: The folder of a copy's disks.
        in_place: Whether everything stays in the folder of the export, which is the root.
        ids: Id -> the one that takes its place; empty where ids are kept.
    """

    root: str
    disks: str = ""
    in_place: bool = False
    ids: Mapping[str, str]

    def id_of(self, piece: Piece) -> str:
        """Return the id that a configuration or saved state belongs to afterwards."""
        return self.ids.get(piece.id, piece.id)


def places_of(contents: Contents, target: Target) -> dict[str, str]:
    """Return path of a file of the export -> where it is after the import."""
    if target.in_place:
        return {piece.path: _renamed(piece, target) for piece in contents.pieces}
    disks = DiskPlaces()
    places = {piece.path: _disk_place(piece, target, disks) for piece in contents.disks}
    snapshots = {piece.id for piece in contents.snapshots}
    for piece in contents.states:
        own = target.id_of(piece)
        name = f"{own}{_SUFFIXES[piece.part]}" if own else posixpath.basename(piece.path)
        place = state_place(name, own, snapshot=piece.id in snapshots)
        places[piece.path] = posixpath.join(target.root, place)
    for piece in (*contents.snapshots, contents.configuration):
        name = f"{own}.xml" if (own := target.id_of(piece)) else posixpath.basename(piece.path)
        place = configuration_place(name, snapshot=piece.part is ExportedPart.SNAPSHOT)
        places[piece.path] = posixpath.join(target.root, place)
    return places


def folders_of(contents: Contents, target: Target) -> Iterator[str]:
    """Yield the folders that a host makes for the saved states of a machine and its snapshots, empty ones too."""
    for piece in (contents.configuration, *contents.snapshots):
        if own := target.id_of(piece):
            place = state_place("", own, snapshot=piece.part is ExportedPart.SNAPSHOT)
            yield posixpath.join(target.root, place)


def _disk_place(piece: Piece, target: Target, disks: DiskPlaces) -> str:
    place = disks.place(piece.place).removeprefix(f"{DISKS_FOLDER}/")
    return posixpath.join(target.disks, place)


def _renamed(piece: Piece, target: Target) -> str:
    """Return where a file is after an import in place: what is called by an id that changes is called by the new one.

    A saved state lies in a folder that is called by the id as well.
    """
    new = target.id_of(piece)
    if piece.part is ExportedPart.DISK or new == piece.id:
        return piece.path
    folder, name = posixpath.split(piece.path)
    if piece.part in _SUFFIXES:
        above, own = posixpath.split(folder)
        if fold_case(own) == fold_case(piece.id):
            folder = posixpath.join(above, new)
    suffix = posixpath.splitext(name)[1]
    return posixpath.join(folder, f"{new}{suffix}")
