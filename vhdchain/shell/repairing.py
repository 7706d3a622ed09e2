"""How are files on this machine mended, and disks expanded?

Scans the folders in which they lie, so that their children are known, and asks `vhdchain.merge` for the plan. Nothing
is written.
"""

# ruff: noqa: PTH112, PTH119 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

from vhdchain.graph import check_merges
from vhdchain.image import require_sound
from vhdchain.merge.repairs import Case
from vhdchain.merge.repairs import plan_repair as plan_for
from vhdchain.merge.resizing import plan_resize as plan_size
from vhdchain.shell.opening import folder_of, scan_file
from vhdchain.shell.scanning import scan_folder
from vhdchain.shell.undo_files import journal_beside, require_no_journal, undo_path_for
from vhdchain.source import identity_of
from vhdchain.structures.footer import NULL_ID

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator

    from vhdchain.findings import Finding
    from vhdchain.graph import Inventory
    from vhdchain.image import Image
    from vhdchain.locate import PathMapping
    from vhdchain.plan import Plan
    from vhdchain.progress import Cancel, Progress
    from vhdchain.shell.opening import PathLike


def plan_repair(
    paths: PathLike | Iterable[PathLike],
    *,
    only: Collection[str] = (),
    replace: bool = False,
    path_map: PathMapping | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Plan:
    """Return the plan that mends what can be proved of files, or of all images in folders.

    Args:
        paths: Files or folders, one or several. The folder of a file is scanned for its children.
        only: Codes that are to be mended; all for which there is a rule where it is empty.
        replace: Whether patched copies take the files' places, so that they can be read at every moment.
        path_map: Where the folders that images name lie here, as in `scan_folder`.
        progress: Called with the files that were scanned, and how many there are.
        cancel: Asked before every file.

    Returns:
        The plan. Its facts tell what is done and what proves it, its findings what stays, and why.

    Raises:
        PlanRefusedError: Something is to be mended, and none of it can be.
        CancelledError: ``cancel`` asked to stop.
        OSError: A path could not be opened or read.
    """
    asked = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    with ExitStack() as stack:
        scanned: dict[str, Inventory] = {}
        merges: list[Finding] = []
        cases: dict[Hashable, Case] = {}
        for path in asked:
            is_folder = os.path.isdir(path)
            folder = os.fspath(path) if is_folder else folder_of(path) or os.curdir
            if folder not in scanned:
                found = scan_folder(folder, path_map=path_map, progress=progress, cancel=cancel)
                scanned[folder] = stack.enter_context(found)
                merges.extend(check_merges(scanned[folder]))
            images = scanned[folder].images if is_folder else [stack.enter_context(scan_file(path))]
            for image in images:
                if identity_of(image.source) not in cases:
                    cases[identity_of(image.source)] = _case(image, scanned[folder], merges)
        return plan_for(list(cases.values()), only=only, replace=replace)


def plan_resize(
    path: PathLike,
    size: int,
    *,
    replace: bool = False,
    path_map: PathMapping | None = None,
    cancel: Cancel | None = None,
) -> Plan:
    """Return the plan that expands the disk of a dynamic or differencing image, as far as its BAT has entries.

    Args:
        path: The image. Its folder is scanned for its children.
        size: The new length of the disk in bytes.
        replace: As in `plan_repair`.
        path_map: As in `plan_repair`.
        cancel: Asked before every file.

    Raises:
        PlanRefusedError: Other disks build on it (VHD911), or it cannot be expanded so far.
        FormatError: It has an error.
        CancelledError: ``cancel`` asked to stop.
        OSError: It could not be opened or read.
    """
    require_no_journal(path)
    folder = folder_of(path) or os.curdir
    with scan_file(path) as image, scan_folder(folder, path_map=path_map, cancel=cancel) as inventory:
        require_sound(image)
        children = tuple(child.name for child in _children(image, inventory))
        name = os.path.basename(os.path.realpath(path))
        return plan_size(image, size, name=name, children=children, undo=undo_path_for(path), replace=replace)


def _case(image: Image, inventory: Inventory, merges: Iterable[Finding]) -> Case:
    names = _names_of(image, inventory)
    return Case(
        image=image,
        name=os.path.basename(image.name),
        children=tuple(_children(image, inventory)),
        undo=undo_path_for(image.name),
        merges=tuple(item for item in merges if item.location.path in names),
        journal=journal_beside(image.name),
    )


def _names_of(image: Image, inventory: Inventory) -> set[str]:
    """Return what the scan calls the file of an image that was opened by itself."""
    own = identity_of(image.source)
    return {other.name for other in inventory.images if identity_of(other.source) == own}


def _children(image: Image, inventory: Inventory) -> Iterator[Image]:
    """Yield the images that build on one: those whose search found it, and those that ask for one of its footers."""
    names = _names_of(image, inventory)
    footers = [stored for stored in (image.footer_end, image.footer_copy) if stored is not None]
    asked = {stored.record.unique_id for stored in footers} - {NULL_ID}
    for other in inventory.images:
        if other.name in names:
            continue
        found = inventory.graph.parent(other.name)
        if found in names or (found is None and other.parent_unique_id in asked):
            yield other
