"""Which steps on which bytes is an operation on snapshots?

Every action of a `Result` becomes steps of a plan: new disks and configurations as whole contents, merges as
`vhdchain.merge` plans them, deletions at the end. What only the host can do (save what is in memory) is refused here,
after it was told.
"""

# ruff: noqa: PTH112, PTH113, PTH116, PTH208 - paths are kept as they were scanned, and pathlib would tidy them up

from __future__ import annotations

import os
import posixpath
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vhdchain.chain import link_images
from vhdchain.errors import PlanRefusedError
from vhdchain.hyperv.windows_names import windows_names
from vhdchain.locate import PathMap
from vhdchain.merge.planning import plan_merge
from vhdchain.plan import (
    CopyFile,
    CreateFile,
    DeleteFile,
    FileState,
    MakeFolder,
    MergeBlocks,
    Plan,
    RemoveFolder,
    RenameFile,
    ReplaceFile,
    Step,
    VerifyChain,
    VolumeNeed,
    state_of,
)
from vhdchain.plan.replacing import replaced_content
from vhdchain.shell.single_file import state_of_file
from vhdchain.shell.snapshots.configurations import Configurations
from vhdchain.snapshots import ActionKind, LossKind, only_the_host, told_of
from vhdchain.snapshots.new_disk import ParentOfNew, new_differencing_disk
from vhdchain.structures import to_timestamp
from vhdchain.structures.footer import timestamp_of_mtime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine
    from vhdchain.snapshots import Action, Result

_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_FILETIME_TICKS = 10_000_000
_NO_MAP = PathMap()
# Configurations that name what is merged are written anew by the same plan; siblings may go with it.
_KNOWN_TO_BE_NAMED, _SIBLINGS = ("VHD801", "VHD802", "VHD806"), "VHD904"


def plan_operation(
    inventory: Inventory, machine: Machine, result: Result, *, now: datetime, path_map: PathMap = _NO_MAP
) -> Plan:
    """Return the plan that carries ``result`` out on the files of ``inventory``.

    Args:
        inventory: The scan; its images are open, and nothing has changed since.
        machine: The machine of which ``result.before`` was made.
        result: The operation; its losses hold the bytes that nobody sees any more.
        now: The time that new files and configurations tell (aware).
        path_map: What Windows calls the folders, where configurations do not tell.

    Raises:
        PlanRefusedError: Only the host can do it, or what Windows calls a new file is not known.
        ConfigError: A configuration cannot be read any more.
        OSError: A file could not be read.
    """
    making = _Making(inventory, machine, result, now, path_map)
    steps = list(making.steps())
    return Plan(
        action=result.operation.partition(" ")[0],
        summary=f"{result.operation}: {result.before.name}",
        steps=tuple(steps),
        files=making.states(steps),
        needs=making.needs(steps),
        facts={"bytes_lost": sum(loss.bytes or 0 for loss in result.losses if loss.what is LossKind.SECTORS)},
        findings=tuple(told_of(result)),
    )


class _Making:
    """The steps of one operation, as they are made."""

    def __init__(
        self, inventory: Inventory, machine: Machine, result: Result, now: datetime, path_map: PathMap
    ) -> None:
        self._inventory = inventory
        self._result = result
        self._path_map = path_map
        self._seconds = to_timestamp(now)
        self._windows = windows_names(machine)
        self._merges: dict[str, Plan] = {}
        elapsed = (now - _FILETIME_EPOCH).total_seconds()
        self._configurations = Configurations(
            machine, result, read=_read, windows=self._windows_path, now=int(elapsed) * _FILETIME_TICKS
        )

    def steps(self) -> Iterator[Step]:
        told = only_the_host(self._result)
        if told is not None:
            raise PlanRefusedError(f"{told.location.path}: {told.message}; let the host do it", findings=[told])
        made: set[str] = set()
        for folder in self._folders():
            if folder not in made and not os.path.isdir(folder):
                made.add(folder)
                yield MakeFolder(path=folder)
        for action in self._result.actions:
            yield from self._of(action)
        yield from self._emptied()

    def _of(self, action: Action) -> Iterator[Step]:
        match action.kind:
            case ActionKind.CREATE_DISK:
                yield CreateFile(path=action.path, content=self._new_disk(action), why="a new differencing disk")
            case ActionKind.COPY_STATE:
                yield from self._copied(action)
            case ActionKind.WRITE_MACHINE | ActionKind.WRITE_SNAPSHOT:
                yield from self._configuration(action.path)
            case ActionKind.DELETE_SNAPSHOT | ActionKind.DELETE_STATE | ActionKind.DELETE_DISK:
                yield DeleteFile(path=action.path)
            case ActionKind.MERGE:
                yield from self._merge(action).steps
            case _:
                return

    def states(self, steps: list[Step]) -> tuple[FileState, ...]:
        """Return every file that was looked at, as it is."""
        found: dict[str, FileState] = {}
        for plan in self._merges.values():
            found |= {state.path: state for state in plan.files}
        named = [item.source for item in self._result.actions] + [path for step in steps for path in _paths(step)]
        images = {image.name: image for image in self._inventory.images}
        for path in dict.fromkeys(filter(None, named)):
            if path in images:
                found.setdefault(path, state_of(images[path].source))
            elif os.path.isfile(path):
                found[path] = state_of_file(path)
        return tuple(found.values())

    def needs(self, steps: list[Step]) -> tuple[VolumeNeed, ...]:
        """Return the room that the steps need: all that is made, while all that goes is still there."""
        peak: dict[int, int] = {}
        lasting: dict[int, int] = {}
        folders: dict[int, str] = {}
        for plan in self._merges.values():
            for need in plan.needs:
                device = _device(need.folder)
                folders.setdefault(device, need.folder)
                peak[device] = peak.get(device, 0) + need.peak
                lasting[device] = lasting.get(device, 0) + need.lasting
        merged = {path for plan in self._merges.values() for step in plan.steps for path in _paths(step)}
        for step in steps:
            taken, stays = _room(step)
            if isinstance(step, VerifyChain) or not (taken or stays):
                continue
            path = step.path if not isinstance(step, MergeBlocks) else step.destination
            if path in merged:
                continue
            folder = posixpath.dirname(path) or os.curdir
            device = _device(folder)
            folders.setdefault(device, folder)
            peak[device] = peak.get(device, 0) + taken
            lasting[device] = lasting.get(device, 0) + stays
        return tuple(
            VolumeNeed(folder=folders[device], peak=peak[device], lasting=lasting[device]) for device in sorted(folders)
        )

    # ------------------------------------------------------------------------------------------------------- details

    def _folders(self) -> Iterator[str]:
        before = self._result.before
        known = {item.id for item in before.snapshots}
        for item in self._result.state.snapshots:
            if item.id not in known:
                above = posixpath.dirname(item.configuration)
                yield from (above, posixpath.join(above, item.id))
        for action in self._result.actions:
            if action.kind in (ActionKind.CREATE_DISK, ActionKind.COPY_STATE):
                yield posixpath.dirname(action.path)

    def _emptied(self) -> Iterator[Step]:
        """Yield the folders of deleted snapshots that hold nothing else."""
        going = {item.path for item in self._result.actions if item.kind in _GOING}
        going |= {path for item in self._result.actions if item.kind is ActionKind.MERGE for path in item.files}
        kept = {item.id for item in self._result.state.snapshots}
        for item in self._result.before.snapshots:
            folder = posixpath.join(posixpath.dirname(item.configuration), item.id)
            if item.id in kept or not os.path.isdir(folder):
                continue
            if all(posixpath.join(folder, name) in going for name in os.listdir(folder)):
                yield RemoveFolder(path=folder)

    def _new_disk(self, action: Action) -> bytes:
        image = self._inventory.image(action.source)
        parent = ParentOfNew(
            path=self._windows_path(action.source),
            unique_id=image.unique_id,
            modified=max(0, timestamp_of_mtime(getattr(image.source, "mtime_ns", 0))),
            disk_size=image.virtual_size,
            block_size=image.block_size,
        )
        return new_differencing_disk(
            parent, path=self._windows_path(action.path), unique_id=secrets.token_bytes(16), created=self._seconds
        )

    def _copied(self, action: Action) -> Iterator[Step]:
        if os.path.lexists(action.path):
            aside = f"{action.path}.replaced"
            yield RenameFile(path=action.path, to=aside)
            yield DeleteFile(path=aside)
        yield CopyFile(source=action.source, path=action.path)

    def _configuration(self, path: str) -> Iterator[Step]:
        old, new = self._configurations.stored(path), self._configurations.written(path)
        if not old:
            yield CreateFile(path=path, content=new, why="the configuration of a new snapshot")
        elif old != new:
            yield replaced_content(path, old, new, why="the configuration")

    def _merge(self, action: Action) -> Plan:
        into, top = action.path, action.files[-1]
        way = [self._inventory.image(path) for path in reversed(self._inventory.graph.path_to_base(top))]
        names = [image.name for image in way]
        plan = plan_merge(
            link_images(way),
            self._inventory,
            into=names.index(into),
            modified=self._seconds,
            place=os.path.realpath,
            path_map=self._path_map,
            allow=(*_KNOWN_TO_BE_NAMED, _SIBLINGS),
        )
        going = {item.path for item in self._result.actions if item.kind is ActionKind.DELETE_DISK}
        for told in plan.findings:
            if told.code == _SIBLINGS and not going.issuperset(told.related):
                raise PlanRefusedError(str(told), findings=[told])
        self._merges[into] = plan
        return plan

    def _windows_path(self, path: str) -> str:
        found = self._path_map.to_windows(os.path.realpath(path)) or self._windows.of(path)
        if found is None:
            raise PlanRefusedError(
                f"{path}: what Windows calls this place is told by no configuration; say it with "
                rf"--map 'D:\FOLDER={posixpath.dirname(path)}'"
            )
        return found


_GOING = (ActionKind.DELETE_SNAPSHOT, ActionKind.DELETE_STATE, ActionKind.DELETE_DISK)


def _paths(step: Step) -> tuple[str, ...]:
    match step:
        case MergeBlocks():
            return (step.destination, *step.layers)
        case RenameFile():
            return (step.path,)
        case CopyFile():
            return (step.source,)
        case MakeFolder() | RemoveFolder() | CreateFile() | VerifyChain():
            return ()
        case _:
            return (step.path,)


def _room(step: Step) -> tuple[int, int]:
    """Return how many bytes a step takes at most, and in the end."""
    match step:
        case CreateFile():
            return len(step.content), len(step.content)
        case CopyFile():
            size = os.stat(step.source).st_size
            return size, size
        case ReplaceFile():
            return step.size or 0, 0
        case DeleteFile() if os.path.isfile(step.path):
            return 0, -os.stat(step.path).st_size
        case _:
            return 0, 0


def _device(folder: str) -> int:
    while not os.path.isdir(folder) and folder:
        folder = posixpath.dirname(folder)
    return os.stat(folder or os.curdir).st_dev


def _read(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123  # the path as it was scanned
        return file.read()
