r"""What do the stored names of a parent say as paths: a whole path, slashes, the child itself, a place not to go?

A bare name in the header says nothing of a folder, so it never decides alone that a child names itself when a locator
leads elsewhere: a parent of the same name in another folder is legal. Nor is a `..` wrong, which leads out of the
child's folder as snapshots' parents in `..\base` do; shares, devices and streams are worth a warning before anyone
follows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Severity, finding
from vhdchain.locate.paths import PathKind, fold_case, shortened, url_problem
from vhdchain.structures import PlatformCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.locate.stored_names import StoredName

_BARE = (PathKind.RELATIVE, PathKind.DRIVE_RELATIVE)


def check_parent_paths(names: Sequence[StoredName], own: str) -> Iterator[Finding]:
    """Yield VHD225-228.

    Args:
        names: The texts of a differencing disk that name its parent.
        own: What its own file is called, without the folder.
    """
    header = next((name for name in names if name.slot is None), None)
    if header is not None:
        yield from _check_form(header)
    if own:
        yield from _check_own(names, fold_case(own))
    yield from _check_safety(names)


def _check_form(header: StoredName) -> Iterator[Finding]:
    if header.path.kind not in _BARE:
        message = f"the header names the parent by a full path: {shortened(header.text)}"
        yield finding("VHD225", header.place, message, found=header.text)
    if "/" in header.text:
        message = f"the header names the parent with slashes: {shortened(header.text)}"
        yield finding("VHD226", header.place, message, found=header.text)


def _check_own(names: Sequence[StoredName], own: str) -> Iterator[Finding]:
    same = [name for name in names if (last := name.path.basename) is not None and fold_case(last) == own]
    if not same:
        return
    beside = [name for name in same if name.path.kind is PathKind.RELATIVE and len(name.path.parts) == 1]
    # What names another file, or this name in another folder by a relative path, may be the true parent.
    elsewhere = [name for name in names if not name.path.problem and (name not in same or _is_in_other_folder(name))]
    locators = [name for name in same if name.slot is not None]
    if locators and all(name.slot is None for name in beside):
        beside = []  # a bare name in the header says nothing of the folder, and the locators do
    first = (beside or same)[0]
    severity: Severity | None = Severity.WARNING
    message = f"{first} names a parent that is called like this disk itself: {shortened(first.text)}"
    if beside and not elsewhere:
        severity = None
        message = f"{first} names this disk itself as its parent: {shortened(first.text)}"
    elif beside:
        message = f"{first} names this disk itself as its parent ({shortened(first.text)}), {elsewhere[0]} another file"
    details = tuple(f"{name}: {shortened(name.text)}" for name in same if name is not first)
    yield finding("VHD227", first.place, message, found=first.text, details=details, severity=severity)


def _is_in_other_folder(name: StoredName) -> bool:
    return name.path.kind is PathKind.RELATIVE and len(name.path.parts) > 1


def _check_safety(names: Sequence[StoredName]) -> Iterator[Finding]:
    unsafe = [(name, reason) for name in names if (reason := _danger(name))]
    outside = [(name, _upwards(name)) for name in names if ".." in name.path.parts]
    told = unsafe or outside
    if not told:
        return
    (first, reason), *others = told
    message = (
        f"{first} holds {shortened(first.text)}: {reason}" if unsafe else f"{first} {reason}: {shortened(first.text)}"
    )
    details = tuple(f"{name}: {shortened(name.text)} ({why})" for name, why in others)
    severity = None if unsafe else Severity.NOTE
    yield finding("VHD228", first.place, message, found=first.text, details=details, severity=severity)


def _upwards(name: StoredName) -> str:
    out = name.path.kind is PathKind.RELATIVE and name.path.parts[0] == ".."
    return "leads out of the child's folder" if out else "goes up by .."


def _danger(name: StoredName) -> str | None:
    if name.code is PlatformCode.MACX and url_problem(name.text):
        return None  # told as what is wrong with the URL
    if name.path.problem:
        return name.path.problem
    if name.path.kind is PathKind.UNC:
        return "a share of another machine is reached over the network"
    if name.text.replace("/", "\\").startswith("\\\\?\\"):
        return "Windows opens such a path without any of its checks"
    return None
