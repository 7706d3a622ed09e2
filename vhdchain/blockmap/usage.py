"""How much do the disks of these folders take, for whom, and what would be free if a snapshot went?

Every family of an inventory is accounted by itself. A view is a leaf, or a disk that a configuration names: without
configurations the leaves are all that somebody may want to see. A family is left out, and said to be, where one of its
files cannot be trusted or its parents go round in a circle; its files still count by their sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.blockmap.accounting import account
from vhdchain.blockmap.family import family_of
from vhdchain.errors import FormatError, VhdChainError
from vhdchain.graph import Deletion, Deletions, DiskFate
from vhdchain.image import require_sound
from vhdchain.progress import check_cancel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vhdchain.blockmap.accounting import FamilyAccount, SectorUsage
    from vhdchain.blockmap.file_parts import FileParts
    from vhdchain.blockmap.predictions import MergePrediction
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine, MachineState
    from vhdchain.progress import Cancel, Progress

    Run = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedundantData:
    """Data of one file that reads the same without it, in bytes.

    Attributes:
        repeated: Sectors that hold what the files below show there, and not only zeros.
        zeros: Sectors that hold zeros where the files below show zeros, or nothing.
    """

    repeated: int
    zeros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageUsage:
    """What one file takes; sizes in bytes.

    Attributes:
        path: The file.
        file_size: Its length.
        parent: What it builds on, where that is here.
        is_view: Whether its disk is a leaf's, or one that a configuration names.
        parts: What it consists of; None where its family is left out.
        sectors: The data of its blocks by who sees it; likewise.
        flattened: Its disk as one dynamic image; None where a parent is missing, and likewise.
        merge: What merging its only child into it comes to; None where it has none or several, and likewise.
        redundant: What it holds in vain; None where that was not looked for, or a parent is missing.
    """

    path: str
    file_size: int
    parent: str | None
    is_view: bool
    parts: FileParts | None = None
    sectors: SectorUsage | None = None
    flattened: int | None = None
    merge: MergePrediction | None = None
    redundant: RedundantData | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyUsage:
    """The files over one base; sizes in bytes.

    Attributes:
        images: The base first, every parent before its children.
        complete: Whether the base needs no parent.
        problem: Why the family is left out, as one line; None where it is not.
    """

    images: tuple[ImageUsage, ...]
    complete: bool
    problem: str | None = None

    @property
    def file_size(self) -> int:
        """What all files take."""
        return sum(image.file_size for image in self.images)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionUsage:
    """What deleting a snapshot, or making the merges that are owed, comes to; sizes in bytes.

    Attributes:
        machine: The machine; None for what is owed in all of the folders.
        snapshot: The snapshot; likewise.
        disks: What becomes of each of its frozen disks.
        deleted: The disks that go.
        deleted_size: What these take.
        merges: The merges that can then be made; None in the place of one whose family is left out.
        state_size: What its configuration and the files of its saved state take, which go at once.
    """

    machine: Machine | None
    snapshot: MachineState | None
    disks: tuple[DiskFate, ...]
    deleted: tuple[str, ...]
    deleted_size: int
    merges: tuple[MergePrediction | None, ...]
    state_size: int

    @property
    def frees(self) -> int | None:
        """What is free when all of it is done; negative where files grow by more than goes; None: not known."""
        freed = self.deleted_size + self.state_size
        for merge in self.merges:
            if merge is None:
                return None
            freed += merge.frees
        return freed

    @property
    def room(self) -> int | None:
        """What must be free for the merges, if all of them are made at once; None: not known."""
        room = 0
        for merge in self.merges:
            if merge is None:
                return None
            room += merge.room
        return room


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskUsage:
    """What the disks of an inventory take.

    Attributes:
        families: In the order of their bases' paths.
        snapshots: What deleting each snapshot comes to, by itself, machine by machine.
        owed: What making the merges comes to that earlier deletions left.
    """

    families: tuple[FamilyUsage, ...]
    snapshots: tuple[DeletionUsage, ...]
    owed: DeletionUsage

    @property
    def images(self) -> Iterator[ImageUsage]:
        """Every file, family by family."""
        for family in self.families:
            yield from family.images


def usage_of(inventory: Inventory, *, progress: Progress | None = None, cancel: Cancel | None = None) -> DiskUsage:
    """Return what the disks of ``inventory`` take, from metadata; its images are still open.

    Args:
        inventory: What was scanned.
        progress: Called with the files that are done, and how many there are.
        cancel: Asked again and again.

    Raises:
        CancelledError: ``cancel`` asked to stop.
    """
    deletions = Deletions(inventory)
    owed = deletions.owed()
    snapshots = [
        (machine, snapshot, deletions.of(machine, snapshot))
        for machine in inventory.machines
        for snapshot in machine.snapshots
    ]
    wanted: dict[str, list[Run]] = {}
    for run in dict.fromkeys(run for deletion in (owed, *(each[2] for each in snapshots)) for run in deletion.merges):
        wanted.setdefault(run[0], []).append(run)
    known: dict[Run, MergePrediction] = {}
    families: list[FamilyUsage] = []
    done, total = 0, len(inventory.images)
    for paths in _families(inventory):
        check_cancel(cancel)
        families.append(_family(inventory, paths, wanted, known, cancel))
        done += len(paths)
        if progress:
            progress(done, total)
    sizes = {file.path: file.size for file in inventory.host_files}
    return DiskUsage(
        families=tuple(families),
        snapshots=tuple(
            _deletion(inventory, deletion, known, machine, snapshot, state_size=_state_size(snapshot, sizes))
            for machine, snapshot, deletion in snapshots
        ),
        owed=_deletion(inventory, owed, known),
    )


def _families(inventory: Inventory) -> Iterator[list[str]]:
    """Yield the paths of every family, parents before children; of a circle and what hangs on it in any order."""
    graph = inventory.graph
    met: set[str] = set()
    roots = [path for path in graph.nodes if graph.parent(path) is None]
    for root in (*roots, *(cycle[0] for cycle in graph.cycles)):
        paths, place = [root], 0
        met.add(root)
        while place < len(paths):
            above = [child for child in graph.children.get(paths[place], ()) if child not in met]
            met.update(above)
            paths += above
            place += 1
        yield paths


def _family(
    inventory: Inventory,
    paths: list[str],
    wanted: Mapping[str, list[Run]],
    known: dict[Run, MergePrediction],
    cancel: Cancel | None,
) -> FamilyUsage:
    graph = inventory.graph
    numbers = {path: number for number, path in enumerate(paths)}
    pairs = [(path, graph.children[path][0]) for path in paths if len(graph.children.get(path, ())) == 1]
    runs = list(dict.fromkeys([*pairs, *(run for path in paths for run in wanted.get(path, ()))]))
    complete = not inventory.image(paths[0]).is_differencing
    used = inventory.used
    try:
        if graph.parent(paths[0]) is not None:
            raise FormatError(f"{paths[0]}: the chain comes back to it, so it has no base")
        images = [inventory.image(path) for path in paths]
        for image in images:
            if not image.raw:
                require_sound(image)
        parents = [None, *(numbers[graph.parents[path]] for path in paths[1:])]
        family = family_of(images, parents, [path in used for path in paths])
        found = account(family, [tuple(numbers[path] for path in run) for run in runs], cancel=cancel)
    except (OSError, VhdChainError) as error:
        check_cancel(cancel)
        bare = tuple(_bare(inventory, path) for path in paths)
        return FamilyUsage(images=bare, complete=complete, problem=str(error))
    known.update(zip(runs, found.merges, strict=True))
    into = {pair[0]: known[pair] for pair in pairs}
    accounted = tuple(_image(inventory, path, number, found, into.get(path)) for number, path in enumerate(paths))
    return FamilyUsage(images=accounted, complete=complete)


def _bare(inventory: Inventory, path: str) -> ImageUsage:
    graph = inventory.graph
    return ImageUsage(
        path=path,
        file_size=inventory.image(path).file_size,
        parent=graph.parent(path),
        is_view=path not in graph.children or path in inventory.used,
    )


def _image(
    inventory: Inventory, path: str, number: int, found: FamilyAccount, merge: MergePrediction | None
) -> ImageUsage:
    graph = inventory.graph
    return ImageUsage(
        path=path,
        file_size=inventory.image(path).file_size,
        parent=graph.parent(path),
        is_view=path not in graph.children or path in inventory.used,
        parts=found.parts[number],
        sectors=found.sectors[number],
        flattened=found.flattened[number],
        merge=merge,
    )


def _deletion(
    inventory: Inventory,
    deletion: Deletion,
    known: Mapping[Run, MergePrediction],
    machine: Machine | None = None,
    snapshot: MachineState | None = None,
    *,
    state_size: int = 0,
) -> DeletionUsage:
    return DeletionUsage(
        machine=machine,
        snapshot=snapshot,
        disks=deletion.disks,
        deleted=deletion.deleted,
        deleted_size=sum(inventory.image(path).file_size for path in deletion.deleted),
        merges=tuple(known.get(run) for run in deletion.merges),
        state_size=state_size,
    )


def _state_size(snapshot: MachineState, sizes: Mapping[str, int]) -> int:
    files = {snapshot.path, *(file.path for file in snapshot.state_files if file.path is not None)}
    return sum(sizes.get(path, 0) for path in files)
