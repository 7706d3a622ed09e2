r"""How does a machine that lies in the folder of an export come to a host?

The folder is listed and compared with its record, the target is looked at (which ids and names are taken there, what
Windows calls it), new ids are made where they are asked for, and `vhdchain.transfer.importing` decides. Nothing is
written.
"""

# ruff: noqa: PTH100, PTH112, PTH118, PTH120, PTH208 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from vhdchain.audit.backup.export_record import RECORD_NAME, digest_length
from vhdchain.errors import ConfigError
from vhdchain.hyperv import MAX_CONFIGURATION_BYTES
from vhdchain.hyperv.folders import DISKS_FOLDER
from vhdchain.locate import PathKind, PathMap, fold_case, parse_path, path_map_of
from vhdchain.shell.scanning import scan_folder
from vhdchain.shell.single_file import read_small
from vhdchain.shell.snapshots.names import random_guid
from vhdchain.shell.transfer.export_folder import content_digest, home_of, read_export_folder
from vhdchain.shell.transfer.journals import journals_about
from vhdchain.transfer.import_places import Target
from vhdchain.transfer.import_steps import Manner
from vhdchain.transfer.importing import Import, Surroundings
from vhdchain.transfer.importing import plan_import as plan_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine
    from vhdchain.locate import PathMapping
    from vhdchain.plan import Plan
    from vhdchain.progress import Cancel, Progress
    from vhdchain.shell.opening import PathLike
    from vhdchain.transfer.import_folder import ExportFolder


def plan_import(
    inventory: Inventory,
    machine: Machine | None,
    folder: PathLike,
    *,
    destination: PathLike | None = None,
    disks: PathLike | None = None,
    windows: str | None = None,
    path_map: PathMapping | None = None,
    new_id: bool = False,
    verify: bool = True,
    reread: bool = False,
    digest: str = "sha256",
    holes: bool = True,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Plan:
    r"""Return the plan that imports a machine from the folder of an export.

    Every path is made one of the new place, and every chain checked there; the machine's own configuration comes last.

    Args:
        inventory: A scan of ``folder`` that is still open, without a path map: the export's own paths are the old ones.
        machine: The machine, one of the inventory; None where that has none, to be told why.
        folder: The folder of the export: the one that holds ``Virtual Machines``, or one around it.
        destination: The folder that holds ``Virtual Machines`` and ``Snapshots`` then: the files are copied there, and
            the export stays as it is. None: the files are used where they lie.
        disks: The folder of the copied disks; by default ``Virtual Hard Disks`` in ``destination``.
        windows: What Windows calls ``destination`` (in place: ``folder``), such as ``D:\VMs``.
        path_map: What Windows calls folders otherwise, as in `open_chain`.
        new_id: Whether the machine and its snapshots get new ids.
        verify: Whether contents are compared with the export's record: in place now, of a copy while it is made.
        reread: Whether copies are read again from the disk.
        digest: Name of the digest that is made where no record says which, as `hashlib` has it.
        holes: Whether the target keeps holes; otherwise room is asked for as if there were none.
        progress: Called with the bytes that are read to compare them, and how many there are.
        cancel: Asked again and again.

    Raises:
        PlanRefusedError: The export is not whole, or the target has no place for it; all findings come with it.
        ConfigError: A setting, a configuration or the record cannot be understood.
        CancelledError: ``cancel`` asked to stop.
        OSError: A file could not be read, or a folder not be listed.
    """
    shown = os.fspath(folder)
    home = home_of(machine, shown)
    target = _target(home, destination, disks, _new_ids(machine) if new_id else {})
    export = read_export_folder(home, everything=target.in_place and verify, progress=progress, cancel=cancel)
    places = WindowsPlaces(shown if target.in_place else target.root, windows, path_map)
    wish = Import(
        inventory=inventory,
        machine=machine,
        folder=export,
        target=target,
        there=_surroundings(places, dict(_ids_there(inventory, machine, home, target, cancel))),
        manner=replace(_manner(export, digest, verify=verify, reread=reread), holes=holes),
        read=lambda path: read_small(path, most=MAX_CONFIGURATION_BYTES),
        digest=partial(content_digest, algorithm=export.algorithm, cancel=cancel),
    )
    return plan_for(wish)


def _surroundings(places: WindowsPlaces, ids: dict[str, str]) -> Surroundings:
    return Surroundings(
        windows=places.of,
        taken_by=NamesThere().taken_by,
        interrupted=lambda path: next(journals_about(path), None),
        is_folder=os.path.isdir,
        ids=ids,
    )


def _target(home: str, destination: PathLike | None, disks: PathLike | None, ids: dict[str, str]) -> Target:
    if destination is None and disks is not None:
        raise ConfigError("--disks: disks stay where they are when a machine is imported in place; give a destination")
    if destination is None:
        return Target(root=home, in_place=True, ids=ids)
    root = _tidy(destination)
    if f"{os.path.realpath(root)}/".startswith(f"{os.path.realpath(home)}/"):
        raise ConfigError(
            f"{root}: lies in the export, where a scan would find the machine twice; choose a folder elsewhere, or "
            "import in place"
        )
    return Target(root=root, disks=os.path.join(root, DISKS_FOLDER) if disks is None else _tidy(disks), ids=ids)


def _tidy(folder: PathLike) -> str:
    return os.fspath(folder).rstrip("/") or "/"


def _manner(export: ExportFolder, digest: str, *, verify: bool, reread: bool) -> Manner:
    """Return how files are copied: with the record's digest, so that they can be compared with it."""
    digest_length(digest)
    if export.record is not None and verify:
        return Manner(hash=export.record.hash, reread=reread)
    return Manner(hash=digest if reread else "", reread=reread)


def _new_ids(machine: Machine | None) -> dict[str, str]:
    states = () if machine is None else machine.states
    return {id_: random_guid() for id_ in dict.fromkeys(state.id for state in states) if id_}


class WindowsPlaces:
    """What Windows calls local paths.

    Args:
        folder: The folder that ``windows`` names.
        windows: What Windows calls it; None where that is told by the map, or by the system itself.
        path_map: Further folders.

    Raises:
        ConfigError: ``windows`` is no absolute path of Windows, or the map cannot be understood.
    """

    def __init__(self, folder: str, windows: str | None, path_map: PathMapping | None) -> None:
        pairs = [(entry.source, os.path.realpath(entry.target)) for entry in path_map_of(path_map).entries]
        if windows is not None:
            path = parse_path(windows)
            if path.problem or path.kind not in (PathKind.DRIVE, PathKind.UNC):
                raise ConfigError(rf"--as: {windows!r} is no absolute path of Windows such as D:\VMs")
            # What is said of this very folder counts before what a map says of it.
            pairs = [pair for pair in pairs if pair[1] != os.path.realpath(folder)]
            pairs.append((windows.rstrip("\\") if len(path.parts) else windows, os.path.realpath(folder)))
        self._map = PathMap(pairs)

    def of(self, path: str) -> str | None:
        """Return what Windows calls the local ``path``; None where nothing tells.

        Raises:
            ConfigError: It has two names.
        """
        found = self._map.to_windows(os.path.realpath(path))
        if found is None and os.name == "nt":
            found = os.path.abspath(path)
        if found is None or parse_path(f"{found}\\").kind not in (PathKind.DRIVE, PathKind.UNC):
            return None
        return f"{found}\\" if found.endswith(":") else found  # a drive as a whole


class NamesThere:
    """The names that folders hold, each folder listed once."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, str]] = {}

    def taken_by(self, path: str) -> str | None:
        """Return what has the name of ``path`` already, in whatever letter case; None where it is free."""
        folder, name = os.path.split(path)
        if folder not in self._names:
            try:
                found = os.listdir(folder or os.curdir)
            except (FileNotFoundError, NotADirectoryError):
                found = []
            self._names[folder] = {fold_case(each): each for each in found}
        there = self._names[folder].get(fold_case(name))
        return None if there is None else os.path.join(folder, there)


def _ids_there(
    inventory: Inventory, machine: Machine | None, home: str, target: Target, cancel: Cancel | None
) -> Iterator[tuple[str, str]]:
    """Yield the ids that configurations of the target have, with their files; other exports lie there unregistered."""
    own = {state.path for state in machine.states} if machine is not None else set()
    if target.in_place:
        inside = f"{os.path.realpath(home)}/"
        for file in inventory.host_files:
            if file.path not in own and os.path.realpath(file.path).startswith(inside):
                yield from _id_of(file.path, "" if file.configuration is None else file.configuration.id)
        return
    if not os.path.isdir(target.root):
        return
    exports = {os.path.realpath(home)}
    with scan_folder(target.root, cancel=cancel) as there:
        for file in there.host_files:
            above = os.path.dirname(os.path.dirname(file.path))
            if file.configuration is None or os.path.realpath(above) in exports or _is_export(above):
                continue
            yield from _id_of(file.path, file.configuration.id)


def _id_of(path: str, id_: str) -> Iterator[tuple[str, str]]:
    if id_:
        yield id_, path


def _is_export(folder: str) -> bool:
    return NamesThere().taken_by(os.path.join(folder, RECORD_NAME)) is not None
