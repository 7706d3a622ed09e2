"""With which steps does a machine come back from an export?

A copy is made in this order: folders, disks from the bases up, what changes in them, a check of every chain in its new
place, saved states, configurations of snapshots, and last the machine's own, by which a host knows it. In place the
same is done to the files where they lie, and the record, which no longer fits them, goes at the end. Whatever speaks
against it is told before there is a plan; what goes wrong later is taken back by whoever carries it out.
"""

from __future__ import annotations

import hashlib
import posixpath
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vhdchain.errors import PlanRefusedError
from vhdchain.findings import Finding, Location, Severity, finding, worst_first
from vhdchain.locate import LONGEST_PATH, shortened
from vhdchain.plan import FileState, Plan
from vhdchain.transfer.import_contents import contents_of
from vhdchain.transfer.import_folder import check_content, check_finished, check_has_machine, check_record
from vhdchain.transfer.import_places import Target, folders_of, places_of
from vhdchain.transfer.import_steps import Changes, Manner, facts_of, needs_of, steps_of
from vhdchain.transfer.imported_configurations import check_kept_paths, imported_configuration
from vhdchain.transfer.imported_disks import check_chains, disk_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine
    from vhdchain.transfer.import_contents import Contents
    from vhdchain.transfer.import_folder import ExportFolder, FolderFile


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surroundings:
    """What is known of the place that an import goes to.

    Attributes:
        windows: Returns what Windows calls a local path of the target; None where nothing tells.
        taken_by: Returns the file or folder that has the name of a path already, in whatever letter case; None where
            it is free.
        interrupted: Returns the journal of a plan that was going to make a path and was interrupted; None where none
            was.
        is_folder: Says whether a folder is there.
        ids: Ids of machines and snapshots that are there -> the configuration that has each.
    """

    windows: Callable[[str], str | None]
    taken_by: Callable[[str], str | None]
    interrupted: Callable[[str], str | None]
    is_folder: Callable[[str], bool]
    ids: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Import:
    """What is to be imported, where to, and what is known of both.

    Attributes:
        inventory: The scan of the export; its images are open.
        machine: The machine; None where the scan found none, which is refused with what was found.
        folder: The folder of its export.
        target: Where it goes.
        there: What is known of that place.
        manner: How its files are copied.
        read: Returns the bytes of a configuration.
        digest: Returns the digest of a file of the export, as its record makes them.
    """

    inventory: Inventory
    machine: Machine | None
    folder: ExportFolder
    target: Target
    there: Surroundings
    manner: Manner
    read: Callable[[str], bytes]
    digest: Callable[[FolderFile], str]


def plan_import(wish: Import) -> Plan:
    """Return the plan that imports a machine.

    Raises:
        PlanRefusedError: The export is not whole, or the target has no place for it; all findings come with it.
        ConfigError: A configuration cannot be read any more.
        ShortReadError: A disk was truncated meanwhile.
        OSError: A file could not be read.
    """
    machine = wish.machine
    told = _sound(check_finished(wish.folder), ())
    told = _sound(check_record(wish.folder), told)
    told = _sound(check_has_machine(wish.folder, wish.inventory, machine), told)
    assert machine is not None
    contents, missing = contents_of(wish.inventory, machine, wish.folder)
    told = _sound((*missing, *_unproved(wish), *_of_another(wish, machine)), told)
    assert contents is not None
    places = places_of(contents, wish.target)
    broken = tuple(check_chains(contents))
    told = _sound(_changed_since(wish, contents, broken), told)
    told = _sound((*broken, *_taken_ids(wish, contents)), told)
    _require_free(wish, contents, places)
    return _planned(wish, machine, contents, places, told)


def _planned(
    wish: Import, machine: Machine, contents: Contents, places: Mapping[str, str], told: tuple[Finding, ...]
) -> Plan:
    windows = _windows_of(wish)
    disks = disk_changes(contents, places, windows)
    written: dict[str, bytes] = {}
    old: dict[str, bytes] = {}
    states = [state for state in machine.states if state.path in contents.named]
    for state in states:
        named = {key: windows(places[path]) for key, path in contents.named[state.path].items()}
        old[state.path] = _as_scanned(wish, state.path)
        written[state.path] = imported_configuration(
            old[state.path], name=state.path, paths=named, root=windows(wish.target.root), ids=wish.target.ids
        )
    changes = Changes(
        target=wish.target, contents=contents, places=places, disks=disks, configurations=written, stored=old
    )
    _require_own(changes)
    folders = () if wish.target.in_place and not wish.target.ids else folders_of(contents, wish.target)
    steps = steps_of(
        wish.folder,
        wish.manner,
        changes,
        folders=_missing(folders, changes, wish.there.is_folder),
        emptied=tuple(_emptied(wish, contents)),
    )
    where = "in place" if wish.target.in_place else f"to {shortened(wish.target.root, LONGEST_PATH)}"
    summary = f"import {shortened(machine.name)} from {shortened(wish.folder.path, LONGEST_PATH)} {where}"
    return Plan(
        action="import",
        summary=summary if steps else f"{summary}: it is as it must be already",
        steps=steps,
        files=tuple(_states(wish.folder, contents)) if steps else (),
        needs=needs_of(wish.manner, changes) if steps else (),
        facts=facts_of(changes),
        findings=worst_first((*told, *check_kept_paths(states, contents.named), *_kept_in_disks(contents, changes))),
    )


# ------------------------------------------------------------------------------------------------------------- refusals


def _sound(found: Iterable[Finding], told: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return what was told, with ``found``.

    Raises:
        PlanRefusedError: One of them is an error.
    """
    findings = worst_first((*told, *found))
    errors = [item for item in findings if item.severity is Severity.ERROR]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise PlanRefusedError(f"{errors[0]}{more}; nothing was imported", findings=findings)
    return findings


def _unproved(wish: Import) -> Iterator[Finding]:
    """Yield VHD944 where no record says what the files must be."""
    if wish.folder.record is None:
        message = (
            "the export holds no record, so that nothing proves that its files are as they were when it was made; "
            "names, identifiers and structures were compared"
        )
        yield finding("VHD944", Location(path=wish.folder.path), message)


def _of_another(wish: Import, machine: Machine) -> Iterator[Finding]:
    """Yield VHD833 where the record is that of another machine."""
    record = wish.folder.record
    if record is not None and record.machine_id.upper() != machine.id:
        path = wish.folder.path if wish.folder.record_file is None else wish.folder.record_file.path
        message = f"it is the record of another machine than the one whose configuration is here, {machine.name}"
        yield finding("VHD833", Location(path=path), message, expected=machine.id, found=record.machine_id)


def _changed_since(wish: Import, contents: Contents, broken: Iterable[Finding]) -> Iterator[Finding]:
    """Yield VHD833 for the disks of broken chains that are not what was exported: they are why, and worth telling."""
    related = {path for item in broken for path in item.related}
    record = wish.folder.record
    for piece in contents.disks:
        if record is not None and piece.path in related and not piece.file.digest:
            file = replace(piece.file, digest=wish.digest(piece.file))
            yield from check_content(record.file(piece.place), file, record.hash)


def _taken_ids(wish: Import, contents: Contents) -> Iterator[Finding]:
    """Yield VHD942 for each id that the target has already."""
    for piece in (contents.configuration, *contents.snapshots):
        own = wish.target.id_of(piece)
        there = wish.there.ids.get(own)
        if own and there is not None:
            message = (
                f"the target has a {'machine' if piece is contents.configuration else 'snapshot'} with this id "
                f"already: {shortened(there, LONGEST_PATH)}; give new ids (--new-id), or take that one away"
            )
            yield finding("VHD942", Location(path=piece.path), message, found=own, related=[there])


def _require_free(wish: Import, contents: Contents, places: Mapping[str, str]) -> None:
    """Refuse where a name that a file gets is taken.

    Raises:
        PlanRefusedError: See above.
    """
    wanted = [places[piece.path] for piece in contents.pieces if places[piece.path] != piece.path]
    taken = [found for path in wanted if (found := wish.there.taken_by(path)) is not None]
    if taken:
        if (journal := wish.there.interrupted(taken[0])) is not None:
            how = f"vhdchain resume {shlex.quote(journal)}"
            raise PlanRefusedError(
                f"{taken[0]}: an earlier import was interrupted; {how} goes on, or takes it back with --undo"
            )
        more = f" (and {len(taken) - 1} more names are taken)" if len(taken) > 1 else ""
        raise PlanRefusedError(
            f"{taken[0]}: is there already{more}, and nothing is replaced; choose another folder, or another one for "
            "the disks alone (--disks)"
        )


def _require_own(changes: Changes) -> None:
    """Refuse to change a disk in place that has another name somewhere: whoever has that would see it change.

    Raises:
        PlanRefusedError: See above.
    """
    for piece in changes.contents.disks if changes.target.in_place else ():
        if piece.file.names > 1 and changes.is_changed(piece):
            raise PlanRefusedError(
                f"{piece.path}: the file has {piece.file.names} names (hard links), and what an import in place "
                "changes in it would change under all of them; import a copy, or make this file one of its own"
            )


def _windows_of(wish: Import) -> Callable[[str], str]:
    def windows(path: str) -> str:
        if (found := wish.there.windows(path)) is not None:
            return found
        folder = wish.target.root if path.startswith(f"{wish.target.root}/") else posixpath.dirname(path)
        raise PlanRefusedError(
            f"{path}: nothing tells what Windows calls this place, and that is written into configurations and disks; "
            rf"say it with --as 'D:\FOLDER' for the folder of the machine, or --map 'D:\FOLDER={folder}'"
        )

    return windows


# -------------------------------------------------------------------------------------------------------------- details


def _as_scanned(wish: Import, path: str) -> bytes:
    """Return the bytes of a configuration, which must be those that were scanned.

    Raises:
        PlanRefusedError: It was changed meanwhile.
    """
    content = wish.read(path)
    scanned = next((file.sha256 for file in wish.inventory.host_files if file.path == path), None)
    if scanned is not None and hashlib.sha256(content).hexdigest() != scanned:
        raise PlanRefusedError(f"{path}: it was changed since it was scanned; scan the folder again")
    return content


def _missing(folders: Iterable[str], changes: Changes, is_folder: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the folders to be made, those above before those in them."""
    wanted: dict[str, None] = {}
    for folder in (*folders, *(posixpath.dirname(path) for path in changes.places.values())):
        way = []
        while folder and not is_folder(folder) and folder not in wanted:
            way.append(folder)
            folder = posixpath.dirname(folder)  # noqa: PLW2901  # upwards, as far as none is there
        wanted |= dict.fromkeys(reversed(way))
    return tuple(wanted)


def _emptied(wish: Import, contents: Contents) -> Iterator[str]:
    """Yield the folders that are called by ids which are given up."""
    for piece in (*contents.snapshots, contents.configuration):
        if wish.target.in_place and wish.target.id_of(piece) != piece.id:
            found = wish.there.taken_by(posixpath.join(posixpath.dirname(piece.path), piece.id))
            if found is not None and wish.there.is_folder(found):
                yield found


def _states(folder: ExportFolder, contents: Contents) -> Iterator[FileState]:
    files = [piece.file for piece in contents.pieces]
    if folder.record_file is not None:
        files.append(folder.record_file)
    for file in files:
        yield FileState(path=file.path, size=file.size, mtime_ns=file.mtime_ns, identity=file.identity)


def _kept_in_disks(contents: Contents, changes: Changes) -> Iterator[Finding]:
    for piece in contents.disks:
        if kept := changes.disks[piece.path].kept:
            message = f"a path in it may go on naming the old place: {kept[0]}"
            yield finding("VHD946", Location(path=piece.path), message, details=kept)
