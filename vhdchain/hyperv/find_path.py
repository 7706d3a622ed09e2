r"""Which local file does a path in a configuration mean, in a copy of the host's folders?

The caller's path map comes first. Then the place that the path has relative to the configuration itself: where the copy
kept the host's folders, that is exact. Then files whose paths end like the stored one, two names at least, those in the
configuration's own tree before others; then the folder ``Virtual Hard Disks`` beside or below the configuration, as
exports have it; then a file with this name beside the configuration, or the only one with this name. Several that fit
equally well are ambiguous, never chosen among. The trace keeps every rule that was tried. Only files of the scan are
known here.

One path by itself: what the paths of all configurations say together, `path_finder` weighs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.hyperv.known_files import Fit
from vhdchain.hyperv.machines import FoundPath, PathAttempt, PathOutcome, PathRule
from vhdchain.hyperv.viewpoint import host_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.hyperv.known_files import KnownFiles
    from vhdchain.hyperv.viewpoint import HostPath, Viewpoint

_GUID = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_OTHER_FORMATS = (".VHDX", ".AVHDX", ".VHDS")

_FARTHER = "others that fit as well lie farther away"
_NAME_ALONE = "nothing but its name fits"
_MOVED = "the folder that the path names is here, and does not hold it"
_SHARED = "other machines keep their configurations beside this folder"
_COPIES = "it lies outside of this copy of the configuration, and there are others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """What one rule leads to.

    Attributes:
        rule: Which one.
        files: The files that fit.
        doubt: Why this is not certain, as one clause; empty where it is.
    """

    rule: PathRule
    files: tuple[str, ...]
    doubt: str = ""


def find_path(
    stored: str,
    *,
    viewpoint: Viewpoint,
    known: KnownFiles,
    free: KnownFiles | None = None,
    mapped: FoundPath | None = None,
    path: HostPath | None = None,
) -> FoundPath:
    """Return the file that ``stored`` means.

    Args:
        stored: The path as a configuration has it.
        viewpoint: Whose configuration it is.
        known: The files of the scan.
        free: Those among which is searched where nothing lies in the path's own place; by default all.
        mapped: What the caller's path map leads to; None where it maps this path to nothing.
        path: What `host_path` makes of ``stored``, where that is known already.
    """
    before = () if mapped is None else mapped.attempts
    if mapped is not None and mapped.outcome is PathOutcome.FOUND:
        return mapped
    path = host_path(stored) if path is None else path
    problem = path.problem
    if not problem and path.names[-1].endswith(_OTHER_FORMATS):
        problem = "disks of this format are not read, nor looked for"
    if problem:
        return FoundPath(stored=stored, outcome=PathOutcome.REFUSED, problem=problem, attempts=before)
    tries = _tries(path, viewpoint, known, known if free is None else free)
    return _concluded(stored, before, tries)


def _concluded(stored: str, before: tuple[PathAttempt, ...], tries: Iterable[Try]) -> FoundPath:
    """Return what the first rule gives that gives anything; where the path map led nowhere, nothing is certain."""
    attempts = list(before)
    for tried in tries:
        attempts.append(PathAttempt(rule=tried.rule, candidates=tried.files, detail=tried.doubt if tried.files else ""))
        if len(tried.files) == 1:
            return FoundPath(
                stored=stored,
                outcome=PathOutcome.FOUND,
                path=tried.files[0],
                rule=tried.rule,
                exact=not (tried.doubt or before),
                attempts=tuple(attempts),
            )
        if tried.files:
            return FoundPath(
                stored=stored, outcome=PathOutcome.AMBIGUOUS, candidates=tried.files, attempts=tuple(attempts)
            )
    return FoundPath(stored=stored, outcome=PathOutcome.MISSING, attempts=tuple(attempts))


def _tries(path: HostPath, viewpoint: Viewpoint, known: KnownFiles, free: KnownFiles) -> Iterator[Try]:
    """Yield what each rule gives, in the order of trust."""
    folder, name = viewpoint.folder, path.names[-1]
    here = next((files for place in viewpoint.places(path) if (files := known.at(place))), ())
    yield Try(rule=PathRule.SAME_PLACE, files=here)
    own = free.ending(path.below, folder=folder, below=viewpoint.root)
    moved = _MOVED if _is_moved(path, viewpoint, known) else ""
    yield Try(rule=PathRule.SUFFIX, files=own.files, doubt=_FARTHER if own.nearest else moved)
    disks = [file for place in viewpoint.disks_folders for file in free.at((*place, name))]
    yield Try(rule=PathRule.DISKS_FOLDER, files=tuple(disks), doubt="" if viewpoint.alone else _SHARED)
    others = free.ending(path.below, folder=folder)
    copies = "" if viewpoint.only_copy else _COPIES
    yield Try(rule=PathRule.SUFFIX, files=others.files, doubt=_FARTHER if others.nearest else moved or copies)
    yield Try(rule=PathRule.BESIDE, files=free.at((*folder, name)), doubt=_NAME_ALONE)
    yield Try(rule=PathRule.NAME, files=_by_name(name, viewpoint, free).files, doubt=_NAME_ALONE)


def _by_name(name: str, viewpoint: Viewpoint, files: KnownFiles) -> Fit:
    """Return the files with this name; the nearest only where the name was given once, as a snapshot's file's is."""
    named = files.named(name)
    return named.nearest(viewpoint.folder) if _GUID.search(name) else Fit(files=named.some)


def _is_moved(path: HostPath, viewpoint: Viewpoint, known: KnownFiles) -> bool:
    """Say whether the copy has the folder in which the path lies, or the one above it, by the same name.

    Then the copy kept the host's folders here, and the file was moved on the host, or after it was copied.
    """
    for place in viewpoint.places(path):
        for above in (1, 2):
            folder, named = place[:-above], path.names[:-above]
            same = folder and named and folder[-1].rstrip(":") == named[-1].rstrip(":")
            if same and (viewpoint.folder[: len(folder)] == folder or known.holds(folder)):
                return True
    return False
