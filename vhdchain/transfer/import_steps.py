"""What does an import come to: steps, room, and figures?

Everything was decided before: which file goes where, and how each reads then. Here it is put in order, so that a host
that looks at the folder meets a configuration only when all that it names is there and was found whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.audit.backup.export_record import ExportedPart
from vhdchain.plan import (
    CopyFile,
    CreateFile,
    DeleteFile,
    MakeFolder,
    PatchFile,
    RemoveFolder,
    RenameFile,
    SetModified,
    VerifyChain,
    VerifyFile,
    VolumeNeed,
)
from vhdchain.plan.replacing import replaced_content
from vhdchain.structures.footer import timestamp_of_mtime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vhdchain.plan import Step
    from vhdchain.transfer.import_contents import Contents, Piece
    from vhdchain.transfer.import_folder import ExportFolder
    from vhdchain.transfer.import_places import Target
    from vhdchain.transfer.imported_disks import DiskChange

_WHAT = {
    ExportedPart.CONFIGURATION: "the configuration of the machine",
    ExportedPart.SNAPSHOT: "the configuration of a snapshot",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How files are copied.

    Attributes:
        hash: Name of the digests that are made while files are copied; empty for none.
        reread: Whether each copy is read again from the disk and compared.
        holes: Whether the target keeps holes.
    """

    hash: str = ""
    reread: bool = False
    holes: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The files as they are and as they become.

    Attributes:
        target: Where they go.
        contents: The files of the export.
        places: Path of each of them -> where it is afterwards.
        disks: Path of each disk -> what changes in it.
        configurations: Path of each configuration -> its bytes afterwards.
        stored: Path of each configuration -> its bytes now.
    """

    target: Target
    contents: Contents
    places: Mapping[str, str]
    disks: Mapping[str, DiskChange]
    configurations: Mapping[str, bytes]
    stored: Mapping[str, bytes]

    def size(self, piece: Piece) -> int:
        """Return how long a file is afterwards."""
        if piece.path in self.configurations:
            return len(self.configurations[piece.path])
        return self.disks[piece.path].size if piece.path in self.disks else piece.file.size

    def is_changed(self, piece: Piece) -> bool:
        """Say whether a file becomes another one, by its bytes, its name or its time."""
        if self.places[piece.path] != piece.path:
            return True
        if piece.path in self.configurations:
            return self.configurations[piece.path] != self.stored[piece.path]
        disk = self.disks.get(piece.path)
        return disk is not None and (bool(disk.patches) or disk.seconds is not None)


def steps_of(
    folder: ExportFolder,
    manner: Manner,
    changes: Changes,
    *,
    folders: tuple[str, ...] = (),
    emptied: tuple[str, ...] = (),
) -> tuple[Step, ...]:
    """Return the steps, in the order in which they are made; none where everything is as it must be already.

    Args:
        folder: The folder of the export.
        manner: How files are copied.
        changes: What becomes of every file.
        folders: The folders that are to be made, those above before those in them.
        emptied: The folders of ids that nothing is called by afterwards.
    """
    contents, target = changes.contents, changes.target
    if target.in_place and not any(map(changes.is_changed, contents.pieces)):
        return ()
    steps: list[Step] = [MakeFolder(path=path) for path in folders]
    for piece in contents.disks:
        steps += _moved(piece, manner, changes)
    for piece in contents.disks:
        steps += _changed(piece, changes)
    for tip in contents.tips:
        layers = tuple(changes.places[piece.path] for piece in contents.chain(tip))
        steps.append(VerifyChain(layers=layers, within=(target.disks or target.root,)))
    for piece in contents.states:
        steps += _moved(piece, manner, changes)
    for piece in (*contents.snapshots, contents.configuration):
        steps += _configuration(piece, changes)
    if target.in_place:
        steps += _leaving(folder, changes, emptied)
    return tuple(steps)


def _moved(piece: Piece, manner: Manner, changes: Changes) -> Iterator[Step]:
    """Yield what brings a file to its place as it is."""
    path = changes.places[piece.path]
    if path == piece.path:
        return
    if changes.target.in_place:
        yield RenameFile(path=piece.path, to=path)
        return
    yield CopyFile(source=piece.path, path=path, hash=manner.hash, expected=piece.digest if manner.hash else "")
    if manner.reread:
        yield VerifyFile(path=path, size=piece.file.size, hash=manner.hash, digest=piece.digest)


def _changed(piece: Piece, changes: Changes) -> Iterator[Step]:
    """Yield what changes in a disk."""
    path, change = changes.places[piece.path], changes.disks[piece.path]
    if change.patches:
        size = None if change.size == piece.file.size else change.size
        yield PatchFile(path=path, patches=change.patches, size=size)
    if change.seconds is not None:
        yield SetModified(path=path, seconds=change.seconds)


def _configuration(piece: Piece, changes: Changes) -> Iterator[Step]:
    path, content = changes.places[piece.path], changes.configurations[piece.path]
    if path != piece.path:
        yield CreateFile(path=path, content=content, why=_WHAT[piece.part])
    elif content != changes.stored[piece.path]:
        yield replaced_content(path, changes.stored[piece.path], content, why=_WHAT[piece.part])
    else:
        return
    # When a snapshot's configuration was written tells when it was taken, and so what was changed since.
    modified = piece.file.mtime_ns if piece.mtime_ns is None else piece.mtime_ns
    if piece.part is ExportedPart.SNAPSHOT and (seconds := timestamp_of_mtime(modified)) >= 0:
        yield SetModified(path=path, seconds=seconds)


def _leaving(folder: ExportFolder, changes: Changes, emptied: tuple[str, ...]) -> Iterator[Step]:
    """Yield the end of what an import in place leaves behind.

    The record goes last: it says of what files an export was made, and these are a machine's own from now on.
    """
    for piece in (*changes.contents.snapshots, changes.contents.configuration):
        if changes.places[piece.path] != piece.path:
            yield DeleteFile(path=piece.path)
    for path in emptied:
        yield RemoveFolder(path=path)
    if folder.record_file is not None:
        yield DeleteFile(path=folder.record_file.path)


# ---------------------------------------------------------------------------------------------------- room and figures


def needs_of(manner: Manner, changes: Changes) -> tuple[VolumeNeed, ...]:
    """Return the room that is needed, a folder each: where holes are kept, a copy takes what its source takes."""
    target = changes.target
    peaks: dict[str, int] = {}
    lasting: dict[str, int] = {}
    for piece in filter(changes.is_changed, changes.contents.pieces):
        folder = target.disks if target.disks and piece.part is ExportedPart.DISK else target.root
        peak, stays = _room(piece, manner, changes)
        peaks[folder] = peaks.get(folder, 0) + peak
        lasting[folder] = lasting.get(folder, 0) + stays
    return tuple(
        VolumeNeed(folder=folder, peak=peak, lasting=lasting[folder])
        for folder, peak in peaks.items()
        if peak or lasting[folder]
    )


def _room(piece: Piece, manner: Manner, changes: Changes) -> tuple[int, int]:
    """Return how many more bytes a file takes at the most, and in the end."""
    in_place, size = changes.target.in_place, changes.size(piece)
    if piece.path in changes.configurations:
        return size, size - piece.file.size if in_place else size
    # What a patch replaces is kept beside the file until all is done.
    patched = _written(piece, changes)
    growth = size - piece.file.size
    held = piece.file.allocated if manner.holes else max(piece.file.allocated, piece.file.size)
    copied = 0 if in_place else held
    return copied + growth + patched, copied + growth


def facts_of(changes: Changes) -> dict[str, int | str]:
    """Return what the import comes to.

    ``files`` and ``bytes``: of a copy how many files there will be, and the sum of their lengths; in place how many
    files change, and how many bytes are written into them. ``machine``: its id afterwards. ``id:OLD``: the id that
    takes the place of each.
    """
    target = changes.target
    pieces = [piece for piece in changes.contents.pieces if changes.is_changed(piece)]
    return {
        "files": len(pieces),
        "bytes": sum(_written(piece, changes) if target.in_place else changes.size(piece) for piece in pieces),
        "machine": target.id_of(changes.contents.configuration),
        **{f"id:{old}": new for old, new in target.ids.items()},
    }


def _written(piece: Piece, changes: Changes) -> int:
    """Return how many bytes are written into a file that is there."""
    if piece.path in changes.configurations:
        return len(changes.configurations[piece.path])
    return sum(len(patch.new) for patch in changes.disks[piece.path].patches) if piece.path in changes.disks else 0
