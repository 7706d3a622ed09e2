"""Where do the paths lead that a child stores for its parent?

To one file, if all is well. Judged is the trace of the search: paths that lead to different files, to nothing, to what
is no VHD, out of a copied folder, or to another volume. A place that could not be looked at (no path map says where it
lies, or it is outside of what the caller allowed) is not judged, but for one case: a path that is mapped, and leads out
of the allowed folders while another one stays inside.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.locate.paths import LONGEST_PATH, PathKind, shortened
from vhdchain.locate.records import Outcome
from vhdchain.structures import id_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.image import Image
    from vhdchain.locate.records import Attempt, FileKey, Resolution

# A POSIX path is left out: nothing maps it, and on another machine it means nothing.
_MAPPED = (PathKind.DRIVE, PathKind.UNC, PathKind.ROOTED)
_ABSOLUTE = (*_MAPPED, PathKind.POSIX)


def check_targets(child: Image, resolution: Resolution) -> tuple[Finding, ...]:
    """Return what is wrong with the places to which the locators of ``child`` lead: VHD320, 323, 324, 620, 621."""
    recorded = [attempt for attempt in resolution.attempts if attempt.is_recorded]
    return tuple(_findings(child, resolution, recorded)) if recorded else ()


def _findings(child: Image, resolution: Resolution, recorded: Sequence[Attempt]) -> Iterator[Finding]:
    yield from _no_vhd(child, resolution, recorded)
    if not resolution.is_found or not resolution.agrees:
        return
    leading = resolution.leading
    parent = {_file(item) for item in leading}
    copies = [item for item in recorded if _is_copy_elsewhere(item, resolution, parent)]
    yield from _bound_elsewhere(child, resolution, copies)
    led = [item for item in leading if item.is_recorded]
    if led:
        yield from _disagree(child, resolution, [item for item in recorded if item not in copies])
        yield from _stale(child, resolution, recorded)
        yield from _other_volume(child, resolution, led)


def _file(attempt: Attempt) -> FileKey:
    return attempt.candidate if attempt.file is None else attempt.file


def _place(child: Image, attempt: Attempt) -> Location:
    entries = [locator.entry for locator in child.locators if locator.slot == attempt.slot]
    offset = entries[0].platform_data_offset if entries else None
    return Location(path=child.name, structure=f"locator {attempt.slot}", offset=offset)


def _shown(path: str | None) -> str:
    return shortened(path or "", LONGEST_PATH)


def _rules(attempts: Sequence[Attempt]) -> str:
    return " and ".join(dict.fromkeys(attempt.rule for attempt in attempts))


def _verb(attempts: Sequence[Attempt]) -> str:
    return "leads" if len({attempt.rule for attempt in attempts}) == 1 else "lead"


def _parent_of(resolution: Resolution) -> tuple[str, ...]:
    return () if resolution.parent is None else (resolution.parent,)


def _candidates(attempts: Sequence[Attempt]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(attempt.candidate for attempt in attempts if attempt.candidate is not None))


def _no_vhd(child: Image, resolution: Resolution, recorded: Sequence[Attempt]) -> Iterator[Finding]:
    wrong = [item for item in recorded if item.outcome is Outcome.NOT_A_VHD]
    if not wrong:
        return
    message = f"{_rules(wrong)} {_verb(wrong)} to {_shown(wrong[0].candidate)}, which is no disk: {wrong[0].detail}"
    severity = None
    if resolution.is_found:
        severity = Severity.WARNING
        message += f"; the parent was found all the same, by {resolution.found_by}"
    wanted = id_text(resolution.wanted)
    yield finding(
        "VHD324", _place(child, wrong[0]), message, expected=wanted, related=_candidates(wrong), severity=severity
    )


def _disagree(child: Image, resolution: Resolution, recorded: Sequence[Attempt]) -> Iterator[Finding]:
    """Yield VHD320 where locators meet different disks."""
    met: dict[FileKey, Attempt] = {}
    for item in recorded:
        if item.outcome in (Outcome.FOUND, Outcome.MISMATCH, Outcome.SELF):
            met.setdefault(_file(item), item)
    if len(met) < 2:
        return
    found = [item for item in met.values() if item.outcome is Outcome.FOUND]
    ways = ", ".join(f"{item.rule} to {_shown(item.candidate)}" for item in met.values())
    severity = None
    if len(found) > 1:
        verdict = f"{len(found)} of them have the wanted identifier, and programs differ in which one they take"
    else:
        severity = Severity.WARNING
        verdict = f"only {_shown(resolution.parent)} has the identifier that the child asks for"
    yield finding(
        "VHD320",
        _place(child, next(item for item in met.values() if item.candidate != resolution.parent)),
        f"the locators lead to different files ({ways}): {verdict}",
        expected=id_text(resolution.wanted),
        related=_candidates(list(met.values())),
        severity=severity,
    )


def _stale(child: Image, resolution: Resolution, recorded: Sequence[Attempt]) -> Iterator[Finding]:
    missing = [item for item in recorded if item.outcome is Outcome.MISSING]
    if missing:
        message = (
            f"{_rules(missing)} {_verb(missing)} to {_shown(missing[0].candidate)}, where nothing is; the parent was "
            f"found by {resolution.found_by}: {_shown(resolution.parent)}"
        )
        related = _parent_of(resolution)
        yield finding("VHD323", _place(child, missing[0]), message, found=missing[0].reference, related=related)


def _is_copy_elsewhere(attempt: Attempt, resolution: Resolution, parent: set[FileKey]) -> bool:
    """Say whether an absolute path leads out of the folder that holds child and parent, as far as is known to a twin.

    What lies outside of the allowed folders was not looked at; a file inside has the wanted identifier.
    """
    if attempt.outside:
        return attempt.kind in _MAPPED
    if attempt.outcome is not Outcome.FOUND or attempt.kind not in _ABSOLUTE or _file(attempt) in parent:
        return False
    return not _is_below(attempt.candidate or "", _common_folder(resolution.child, resolution.parent or ""))


def _common_folder(child: str, parent: str) -> tuple[str, ...]:
    both = zip(PurePath(child).parent.parts, PurePath(parent).parent.parts, strict=False)
    common: list[str] = []
    for one, other in both:
        if one != other:
            break
        common.append(one)
    return tuple(common)


def _is_below(path: str, folder: tuple[str, ...]) -> bool:
    parts = PurePath(path).parts
    if not folder:  # both lie below the current folder, and an absolute path may be anywhere
        return not PurePath(path).is_absolute()
    return parts[: len(folder)] == folder


def _bound_elsewhere(child: Image, resolution: Resolution, copies: Sequence[Attempt]) -> Iterator[Finding]:
    if not copies:
        return
    what = "outside of the allowed folders" if copies[0].outside else "another file with the same identifier"
    message = (
        f"{_rules(copies)} {_verb(copies)} to {_shown(copies[0].candidate)}, {what}, and not to the parent that was "
        f"found, {_shown(resolution.parent)}: a copied folder that is still bound to the original"
    )
    related = (*_parent_of(resolution), *_candidates(copies))
    yield finding("VHD620", _place(child, copies[0]), message, found=copies[0].reference, related=related)


def _other_volume(child: Image, resolution: Resolution, led: Sequence[Attempt]) -> Iterator[Finding]:
    if any(item.kind is PathKind.RELATIVE for item in led):
        return  # no relative path leads from one volume to another
    for item in led:
        share = item.kind is PathKind.UNC and item.other_volume is None
        if item.other_volume or share:
            where = "on a network share" if item.kind is PathKind.UNC else "on another drive than the child"
            message = f"the parent lies {where} ({item.rule} '{shortened(item.reference)}')"
            related = _parent_of(resolution)
            yield finding("VHD621", _place(child, item), message, found=item.reference, related=related)
            return
