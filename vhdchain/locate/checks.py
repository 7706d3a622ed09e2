"""What is wrong with one link from a child to its parent?

Judges what the search came to; where the stored paths lead is `check_targets`, what the two images say of each other is
`check_pair`. It does not search, and knows no other files than those in the trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, finding
from vhdchain.locate.check_pair import check_pair
from vhdchain.locate.check_targets import check_targets
from vhdchain.locate.describe import attempt_clauses, describe_attempt
from vhdchain.locate.paths import LONGEST_PATH, shortened
from vhdchain.locate.records import Attempt, Outcome, Resolution
from vhdchain.locate.references import Rule
from vhdchain.structures import id_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.image import Image

_DENIED = "the process has not been granted access rights to the parent virtual hard disk"


def check_link(
    child: Image, parent: Image | None, resolution: Resolution, *, parent_modified: int | None = None
) -> tuple[Finding, ...]:
    """Return what is wrong with the link of ``child``: what `check_search` and `check_pair` tell.

    Args:
        child: A differencing image.
        parent: Its parent, where ``resolution`` has one.
        resolution: What the search for the parent came to.
        parent_modified: When the parent's file was modified, in seconds since 2000 (UTC); None where that is not known.

    A parent that was not looked for, because it lies outside of what the caller allowed, is none of these: see
    `check_outside`.
    """
    told = check_search(child, resolution)
    if parent is None or child.header is None or not resolution.is_found:
        return told
    return (*told, *check_pair(child, parent, modified=parent_modified))


def check_search(child: Image, resolution: Resolution) -> tuple[Finding, ...]:
    """Return what is wrong with how the parent of ``child`` was found, or not found.

    VHD320, 323, 324, 601-605, 617, 619-621, 628.
    """
    if child.header is None:
        return ()  # the header names the parent, and that it is missing is a finding of the image
    targets = check_targets(child, resolution)
    if resolution.is_found:
        return (*_found(resolution), *targets)
    if resolution.outcome is Outcome.NOT_A_VHD and targets:
        return targets  # what stands in the parent's place is told there
    return (*_not_found(resolution), *targets)


def check_outside(resolution: Resolution) -> tuple[Finding, ...]:
    """Return VHD003 where the parent lies outside of the folders that the caller allowed, and none was found inside."""
    if not resolution.is_outside:
        return ()
    outside = [attempt for attempt in resolution.attempts if attempt.outside]
    message = f"the parent lies outside of the allowed folders: {describe_attempt(outside[0])}"
    related = dict.fromkeys(attempt.candidate for attempt in outside if attempt.candidate is not None)
    return (finding("VHD003", _place(resolution), message, expected=id_text(resolution.wanted), related=related),)


def _place(resolution: Resolution, field: str | None = None) -> Location:
    return Location(path=resolution.child, structure="link", field=field)


def _tried(resolution: Resolution) -> list[str]:
    return attempt_clauses(resolution.attempts) or ["nothing was tried: the child names no parent"]


def _not_found(resolution: Resolution) -> Iterator[Finding]:
    wanted, related = id_text(resolution.wanted), resolution.candidates()
    match resolution.outcome:
        case Outcome.SELF:
            message = "the parent that this disk names is itself"
            tried = _tried(resolution)
            yield finding("VHD617", _place(resolution), message, expected=wanted, related=related, details=tried)
        case Outcome.MISMATCH:
            yield _mismatch(resolution)
        case Outcome.AMBIGUOUS if any(attempt.rule is Rule.UUID_INDEX for attempt in _ambiguous(resolution)):
            related = tuple(item.candidate for item in _ambiguous(resolution) if item.candidate is not None)
            message = f"{len(related)} files have the identifier of the parent, and no reference says which it is"
            yield finding("VHD605", _place(resolution, "parent_unique_id"), message, expected=wanted, related=related)
        case Outcome.ACCESS_DENIED:
            related = resolution.candidates(Outcome.ACCESS_DENIED)
            tried = _tried(resolution)
            yield finding("VHD628", _place(resolution), _DENIED, expected=wanted, related=related, details=tried)
        case _ if not resolution.is_outside:
            message = "no reference leads to the parent"
            tried = _tried(resolution)
            yield finding("VHD601", _place(resolution), message, expected=wanted, related=related, details=tried)


def _ambiguous(resolution: Resolution) -> list[Attempt]:
    index = [a for a in resolution.attempts if a.outcome is Outcome.AMBIGUOUS and a.rule is Rule.UUID_INDEX]
    return index or [a for a in resolution.attempts if a.outcome is Outcome.AMBIGUOUS]


def _found(resolution: Resolution) -> Iterator[Finding]:
    if not resolution.agrees:
        yield _mismatch(resolution)
    if not resolution.fallback:
        return
    led = next((item for item in resolution.leading if item.rule is resolution.found_by), None)
    related = _parent_of(resolution)
    if led is not None and led.bent and not led.guess:
        message = f"the parent was found only because letter case was ignored: {describe_attempt(led)}"
        place = Location(path=resolution.child, structure="link" if led.slot is None else f"locator {led.slot}")
        yield finding("VHD619", place, message, found=led.reference, related=related)
        return
    misled = [item for item in resolution.attempts if item.outcome is Outcome.MISMATCH and not item.guess]
    if misled and resolution.agrees:
        yield _elsewhere(resolution, misled)
        return
    how = describe_attempt(led) if led else str(resolution.found_by)
    message = f"the parent was found by a fallback alone: {how}"
    yield finding("VHD602", _place(resolution), message, found=str(resolution.found_by), related=related)


def _parent_of(resolution: Resolution) -> tuple[str, ...]:
    return () if resolution.parent is None else (resolution.parent,)


def _elsewhere(resolution: Resolution, misled: list[Attempt]) -> Finding:
    wrong = shortened(misled[0].candidate or "", LONGEST_PATH)
    right = shortened(resolution.parent or "", LONGEST_PATH)
    message = (
        f"{misled[0].rule} leads to {wrong}, another disk than the child asks for; the one with the wanted identifier "
        f"is {right}: reconnect the child to that (Set-VHD -ParentPath), or put it back in its place"
    )
    related = dict.fromkeys([*_parent_of(resolution), *(item.candidate for item in misled if item.candidate)])
    place = _place(resolution, "parent_unique_id")
    return finding(
        "VHD604", place, message, expected=id_text(resolution.wanted), found=_id_of(misled[0]), related=related
    )


def _mismatch(resolution: Resolution) -> Finding:
    others = [item for item in resolution.attempts if item.outcome is Outcome.MISMATCH]
    found, wanted = _id_of(others[0]), id_text(resolution.wanted)
    met = shortened(others[0].candidate or "", LONGEST_PATH)
    message = f"the child asks for the parent {wanted}, but {met} is {found}"
    related = dict.fromkeys(item.candidate for item in others if item.candidate is not None)
    place = _place(resolution, "parent_unique_id")
    return finding("VHD603", place, message, expected=wanted, found=found, related=related)


def _id_of(attempt: Attempt) -> str | None:
    return None if attempt.unique_id is None else id_text(attempt.unique_id)
