r"""Which local file does a path in a configuration mean, in a copy of the host's folders?

The caller's path map comes first. Then the place that the path has relative to the configuration itself: where the copy
kept the host's folders, that is exact. Then files whose paths end like the stored one, those in the configuration's own
tree before others; then the folder ``Virtual Hard Disks`` beside or below the configuration, as exports have it; then
a file with this name beside the configuration, or the only one with this name. Several that fit equally well are
ambiguous, never chosen among. The trace keeps every rule that was tried. Only files of the scan are known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.hyperv.folders import DISKS_FOLDER, MACHINES_FOLDER, SNAPSHOTS_FOLDER
from vhdchain.hyperv.known_files import LONGEST_END, KnownFiles, Names, common_end, distance, names_of
from vhdchain.hyperv.machines import FoundPath, PathAttempt, PathOutcome, PathRule
from vhdchain.locate import PathKind, collapse, fold_case, parse_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.hyperv.records import Configuration
    from vhdchain.locate import StoredPath

DEFAULT_ROOT = r"C:\ProgramData\Microsoft\Windows\Hyper-V"
"""Where a host keeps its machines unless it is told otherwise."""

MOST_CANDIDATES = 20
"""How many files that fit equally well are listed."""

_HOST_FOLDERS = frozenset(fold_case(name) for name in (MACHINES_FOLDER, SNAPSHOTS_FOLDER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewpoint:
    """From where paths of one configuration are looked at.

    Attributes:
        folder: The folded names of the folder in which the configuration lies here.
        root: Those of the folder that plays the part of the host's root: the one above ``Virtual Machines``.
        stored_root: What the host calls that folder.
    """

    folder: Names
    root: Names
    stored_root: StoredPath

    @classmethod
    def of(cls, configuration: Configuration) -> Viewpoint:
        """Return the viewpoint of a configuration."""
        folder = names_of(configuration.path)[:-1]
        in_host_folder = bool(folder) and folder[-1] in _HOST_FOLDERS
        roots = [configuration.data_root, configuration.snapshot_root]
        if configuration.is_snapshot:
            roots.reverse()
        stored = next((root for root in roots if root.strip()), DEFAULT_ROOT)
        return cls(folder=folder, root=folder[:-1] if in_host_folder else folder, stored_root=parse_path(stored))


def find_path(stored: str, *, viewpoint: Viewpoint, known: KnownFiles, mapped: FoundPath | None = None) -> FoundPath:
    """Return the file that ``stored`` means.

    Args:
        stored: The path as a configuration has it.
        viewpoint: Whose configuration it is.
        known: The files of the scan.
        mapped: What the caller's path map leads to; None where it maps this path to nothing.
    """
    if mapped is not None and mapped.outcome is PathOutcome.FOUND:
        return mapped
    attempts = list(mapped.attempts) if mapped is not None else []
    path = parse_path(stored)
    if path.problem or path.basename is None:
        return FoundPath(stored=stored, outcome=PathOutcome.REFUSED, attempts=tuple(attempts))
    names = tuple(fold_case(name) for name in collapse(path.parts))
    for rule, found, exact, detail in _tries(path, names, viewpoint, known):
        attempts.append(PathAttempt(rule=rule, candidates=tuple(found[:MOST_CANDIDATES]), detail=detail))
        if len(found) == 1:
            return FoundPath(
                stored=stored,
                outcome=PathOutcome.FOUND,
                path=found[0],
                rule=rule,
                exact=exact and mapped is None,
                attempts=tuple(attempts),
            )
        if found:
            return FoundPath(
                stored=stored,
                outcome=PathOutcome.AMBIGUOUS,
                candidates=tuple(found[:MOST_CANDIDATES]),
                attempts=tuple(attempts),
            )
    return FoundPath(stored=stored, outcome=PathOutcome.MISSING, attempts=tuple(attempts))


def _tries(
    path: StoredPath, names: Names, viewpoint: Viewpoint, known: KnownFiles
) -> Iterator[tuple[PathRule, Sequence[str], bool, str]]:
    """Yield (rule, files that fit, whether that is exact, detail) in the order of trust."""
    place = next((place for place in _same_places(path, names, viewpoint) if known.at(place)), None)
    yield PathRule.SAME_PLACE, known.at(place) if place is not None else (), True, ""
    own = known.below(viewpoint.root, names[-1])
    yield PathRule.SUFFIX, _longest_end(own, names), True, "below the configuration's own root"
    elsewhere = _ending(names, known)
    yield PathRule.DISKS_FOLDER, _in_disks_folder(names[-1], viewpoint, known), not elsewhere, ""
    nearest = _nearest(elsewhere, viewpoint.folder)
    detail = f"the nearest to the configuration of {len(elsewhere)}" if len(elsewhere) > len(nearest) else ""
    yield PathRule.SUFFIX, nearest, not detail, detail
    yield PathRule.BESIDE, known.at((*viewpoint.folder, names[-1])), False, ""
    yield PathRule.NAME, known.ending(names[-1:]), False, ""


def _same_places(path: StoredPath, names: Names, viewpoint: Viewpoint) -> Iterator[Names]:
    """Yield the places that the stored path has here if this copy kept the host's folders.

    Where the host used several drives, a copy holds a folder for each, called ``D``, or ``D:`` where that is allowed.
    """
    root = viewpoint.stored_root
    if path.kind not in (PathKind.DRIVE, PathKind.UNC) or root.kind not in (PathKind.DRIVE, PathKind.UNC):
        return
    above = (fold_case(root.anchor), *(fold_case(name) for name in collapse(root.parts)))
    target = (fold_case(path.anchor), *names)
    shared = next((at for at, pair in enumerate(zip(above, target, strict=False)) if pair[0] != pair[1]), len(above))
    up = len(above) - shared
    if up > len(viewpoint.root) or shared == len(target):
        return
    start = viewpoint.root[: len(viewpoint.root) - up]
    if shared:
        yield (*start, *target[shared:])
    elif path.kind is PathKind.DRIVE:
        yield from ((*start, drive, *names) for drive in (target[0][:1], target[0]))


def _longest_end(files: Sequence[str], names: Names) -> list[str]:
    """Return the files that have most names in common with the end of the stored path, two at least."""
    ends = [(common_end(names_of(file), names), file) for file in files]
    longest = max((length for length, _ in ends), default=0)
    return [file for length, file in ends if length == longest] if longest >= _TELLING else []


_TELLING = 2  # a name alone says little: every machine may have a disk.vhd


def _ending(names: Names, known: KnownFiles) -> Sequence[str]:
    for length in range(min(len(names), LONGEST_END), _TELLING - 1, -1):
        if found := known.ending(names[-length:]):
            return found
    return ()


def _nearest(files: Sequence[str], folder: Names) -> list[str]:
    if len(files) < 2:
        return list(files)
    steps = [(distance(names_of(file)[:-1], folder), file) for file in files]
    least = min(step for step, _ in steps)
    return [file for step, file in steps if step == least]


def _in_disks_folder(name: str, viewpoint: Viewpoint, known: KnownFiles) -> list[str]:
    folder = fold_case(DISKS_FOLDER)
    places = dict.fromkeys(((*viewpoint.root, folder, name), (*viewpoint.folder, folder, name)))
    return [file for place in places for file in known.at(place)]
