"""How much do the disks of these folders take, for whom, and what would be free if a snapshot went?

Every family of an inventory is accounted by itself. A view is a leaf, or a disk that a configuration names: without
configurations the leaves are all that somebody may want to see. A family is left out, and said to be, where one of its
files cannot be trusted or its parents go round in a circle; its files still count by their sizes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vhdchain.blockmap.accounting import account
from vhdchain.blockmap.family import family_of
from vhdchain.blockmap.usage_records import DeletionUsage, DiskUsage, FamilyUsage, ImageUsage
from vhdchain.errors import FormatError, VhdChainError
from vhdchain.graph import Deletions
from vhdchain.image import require_sound
from vhdchain.progress import check_cancel

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from vhdchain.blockmap.accounting import FamilyAccount
    from vhdchain.blockmap.predictions import MergePrediction
    from vhdchain.graph import Deletion, Inventory
    from vhdchain.hyperv import Machine, MachineState
    from vhdchain.progress import Cancel, Progress

    Run = tuple[str, ...]


def usage_of(
    inventory: Inventory,
    *,
    accept: Collection[str] = (),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> DiskUsage:
    """Return what the disks of ``inventory`` take, from metadata; its images are still open.

    Args:
        inventory: What was scanned.
        accept: Codes of errors in spite of which a file is accounted.
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
        family, merges = _family(inventory, paths, wanted, accept, cancel)
        families.append(family)
        known.update(merges)
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
    accept: Collection[str],
    cancel: Cancel | None,
) -> tuple[FamilyUsage, dict[Run, MergePrediction]]:
    """Return the account of one family, and the merges that were asked for."""
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
                require_sound(image, accept=accept)
        parents = [None, *(numbers[graph.parents[path]] for path in paths[1:])]
        family = family_of(images, parents, [path in used for path in paths])
        found = account(family, [tuple(numbers[path] for path in run) for run in runs], cancel=cancel)
    except (OSError, VhdChainError) as error:
        check_cancel(cancel)
        bare = tuple(_bare(inventory, path) for path in paths)
        return FamilyUsage(images=bare, complete=complete, problem=str(error)), {}
    known = dict(zip(runs, found.merges, strict=True))
    into = {pair[0]: known[pair] for pair in pairs}
    accounted = tuple(_image(inventory, path, number, found, into.get(path)) for number, path in enumerate(paths))
    return FamilyUsage(images=accounted, complete=complete), known


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
    return replace(
        _bare(inventory, path),
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
