"""What changes in the disks of a machine that lies in another place afterwards?

Every differencing disk names its parent where that will be. Children record when their parent was modified, so every
disk gets the time that it had when it was exported, by the record: one that was lost on the way comes back, and one
that did not fit the children before does not fit them afterwards. Without a record times stay what they are.
"""

from __future__ import annotations

import ntpath
import posixpath
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from vhdchain.chain import link_images
from vhdchain.errors import ChainError, FormatError
from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.image import check_image
from vhdchain.merge.parent_patches import NewParent, parent_patches
from vhdchain.structures.footer import timestamp_of_mtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from vhdchain.plan import Patch
    from vhdchain.transfer.import_contents import Contents, Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskChange:
    """What changes in one disk.

    Attributes:
        patches: In the order of their offsets; none where it names its parent so already, or has none.
        size: Its length afterwards.
        seconds: When it is to have been modified, in seconds since 2000; None where that is right without more.
        kept: What stays although it may name the parent's old place, as clauses.
    """

    patches: tuple[Patch, ...] = ()
    size: int
    seconds: int | None = None
    kept: tuple[str, ...] = ()


def check_chains(contents: Contents) -> Iterator[Finding]:
    """Yield VHD945 for every disk whose chain is not whole and sound."""
    told: set[str] = set()
    covered: set[str] = set()
    # From the leaves down; of a circle, which has none, any disk will do.
    for tip in reversed(contents.disks):
        if tip.path in covered:
            continue
        chain = contents.chain(tip)
        covered.update(piece.path for piece in chain)
        problem = _problem(chain)
        # Two leaves above one damaged disk say the same of it.
        if problem and problem not in told:
            told.add(problem)
            related = [piece.path for piece in reversed(chain)]
            yield finding("VHD945", Location(path=tip.path), f"its chain is not whole: {problem}", related=related)


def _problem(chain: Sequence[Piece]) -> str:
    images = [piece.image for piece in chain if piece.image is not None]
    if len(images) < len(chain):
        return next(f"{piece.path}: is no disk that could be read" for piece in chain if piece.image is None)
    try:
        link_images(images)
    except (ChainError, FormatError) as error:
        return str(error)
    # What some reader gets along with, a host need not: an import is no place for doubt.
    errors = (item for image in images for item in check_image(image) if item.severity is Severity.ERROR)
    return str(next(errors, ""))


def disk_changes(contents: Contents, places: Mapping[str, str], windows: Callable[[str], str]) -> dict[str, DiskChange]:
    """Return path of a disk of the export -> what changes in it.

    Args:
        contents: The machine; its chains are whole.
        places: Path of a file of the export -> where it is after the import.
        windows: Returns what Windows then calls a local path.

    Raises:
        PlanRefusedError: A disk cannot name its parent there.
        ShortReadError: A file was truncated meanwhile.
    """
    by_path = {piece.path: piece for piece in contents.disks}
    changes = {}
    for piece in contents.disks:
        parent = None if piece.parent is None else by_path.get(piece.parent)
        change = DiskChange(size=piece.file.size) if parent is None else _patched(piece, parent, places, windows)
        own = timestamp_of_mtime(piece.file.mtime_ns)
        wanted = own if piece.mtime_ns is None else timestamp_of_mtime(piece.mtime_ns)
        if (change.patches or wanted != own) and wanted >= 0:
            change = DiskChange(patches=change.patches, size=change.size, seconds=wanted, kept=change.kept)
        changes[piece.path] = change
    return changes


def _patched(piece: Piece, parent: Piece, places: Mapping[str, str], windows: Callable[[str], str]) -> DiskChange:
    child, image = piece.image, parent.image
    assert child is not None
    assert child.header is not None
    assert image is not None
    here, there = places[piece.path], places[parent.path]
    new = NewParent(
        unique_id=image.unique_id,
        name=posixpath.basename(there),
        relative=_names_between(here, there),
        time_stamp=child.header.record.parent_time_stamp,
        absolute=ntpath.normpath(windows(there)),
    )
    old = _names_between(piece.file.place, parent.file.place)
    found = parent_patches(child, new, old=old, allow=("VHD910",), keep_unknown=True)
    size = piece.file.size if found.size is None else found.size
    return DiskChange(patches=found.patches, size=size, kept=found.kept)


def _names_between(child: str, parent: str) -> tuple[str, ...]:
    """Return the names that lead from the folder of one file to another; both begin in one folder."""
    start, end = PurePosixPath(child).parts[:-1], PurePosixPath(parent).parts
    shared = 0
    while shared < min(len(start), len(end) - 1) and start[shared] == end[shared]:
        shared += 1
    return (*[".."] * (len(start) - shared), *end[shared:])
