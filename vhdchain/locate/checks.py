"""What is wrong with one link from a child to its parent?

Judges what the search came to and what the two images say of each other. It does not search, and knows no other files
than those in the trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.locate.describe import describe_attempt, describe_attempts
from vhdchain.locate.paths import LONGEST_PATH, shortened
from vhdchain.locate.records import Attempt, Outcome, Resolution
from vhdchain.locate.references import Rule
from vhdchain.structures import id_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.image import Image

# Creator versions of Windows Server 2008 and 2008 R2 (6.0 and 6.1).
_HOSTS_OF_2008 = (0x00060000, 0x00060001)

_DENIED = "the process has not been granted access rights to the parent virtual hard disk"


def check_link(child: Image, parent: Image | None, resolution: Resolution) -> tuple[Finding, ...]:
    """Return what is wrong with the link of ``child``: VHD601, 602, 603, 605, 610, 611, 617, 628.

    Args:
        child: A differencing image.
        parent: Its parent, where ``resolution`` has one.
        resolution: What the search for the parent came to.

    A parent that was not looked for, because it lies outside of what the caller allowed, is none of these: see
    `check_outside`.
    """
    if child.header is None:
        return ()  # the header names the parent, and that it is missing is a finding of the image
    if parent is None or not resolution.is_found:
        return tuple(_not_found(resolution))
    return (*_found(resolution, parent), *_sizes(child, parent))


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


def _tried(resolution: Resolution) -> str:
    return describe_attempts(resolution.attempts) or "nothing, the child names none"


def _not_found(resolution: Resolution) -> Iterator[Finding]:
    wanted, related = id_text(resolution.wanted), resolution.candidates()
    match resolution.outcome:
        case Outcome.SELF:
            message = f"the parent that this disk names is itself: {_tried(resolution)}"
            yield finding("VHD617", _place(resolution), message, expected=wanted, related=related)
        case Outcome.MISMATCH:
            yield _mismatch(resolution)
        case Outcome.AMBIGUOUS if any(attempt.rule is Rule.UUID_INDEX for attempt in _ambiguous(resolution)):
            related = tuple(item.candidate for item in _ambiguous(resolution) if item.candidate is not None)
            message = f"{len(related)} files have the identifier of the parent, and no reference says which it is"
            yield finding("VHD605", _place(resolution, "parent_unique_id"), message, expected=wanted, related=related)
        case Outcome.ACCESS_DENIED:
            related = resolution.candidates(Outcome.ACCESS_DENIED)
            message = f"{_DENIED}: {_tried(resolution)}"
            yield finding("VHD628", _place(resolution), message, expected=wanted, related=related)
        case _ if not resolution.is_outside:
            message = f"no reference leads to the parent: {_tried(resolution)}"
            yield finding("VHD601", _place(resolution), message, expected=wanted, related=related)


def _ambiguous(resolution: Resolution) -> list[Attempt]:
    index = [a for a in resolution.attempts if a.outcome is Outcome.AMBIGUOUS and a.rule is Rule.UUID_INDEX]
    return index or [a for a in resolution.attempts if a.outcome is Outcome.AMBIGUOUS]


def _found(resolution: Resolution, parent: Image) -> Iterator[Finding]:
    if not resolution.agrees:
        yield _mismatch(resolution)
    if resolution.fallback:
        led = [a for a in resolution.attempts if a.candidate == resolution.parent and a.rule is resolution.found_by]
        how = describe_attempt(led[0]) if led else str(resolution.found_by)
        message = f"the parent was found by a fallback alone: {how}"
        yield finding("VHD602", _place(resolution), message, found=str(resolution.found_by), related=(parent.name,))


def _mismatch(resolution: Resolution) -> Finding:
    others = [item for item in resolution.attempts if item.outcome is Outcome.MISMATCH]
    first = others[0]
    found = id_text(first.unique_id) if first.unique_id is not None else None
    wanted = id_text(resolution.wanted)
    message = f"the child asks for the parent {wanted}, but {shortened(first.candidate or '', LONGEST_PATH)} is {found}"
    related = dict.fromkeys(item.candidate for item in others if item.candidate is not None)
    place = _place(resolution, "parent_unique_id")
    return finding("VHD603", place, message, expected=wanted, found=found, related=related)


def _sizes(child: Image, parent: Image) -> Iterator[Finding]:
    # A raw parent is a file of any length, and what lies behind its end reads as zero.
    if parent.raw or child.virtual_size == parent.virtual_size:
        return
    smaller = child.virtual_size < parent.virtual_size
    message = f"the disk has {child.virtual_size} bytes, its parent {parent.virtual_size}: " + (
        "what lies behind is cut off" if smaller else "what lies behind the parent's end reads as zeros"
    )
    severity = Severity.WARNING
    if smaller and _is_of_2008(child):
        severity = Severity.ERROR
        message += "; a host of 2008 or 2008 R2, which wrote it, refuses such a chain"
    yield finding(
        "VHD610" if smaller else "VHD611",
        Location(path=child.name, structure="link", field="current_size"),
        message,
        expected=parent.virtual_size,
        found=child.virtual_size,
        related=(parent.name,),
        severity=severity,
    )


def _is_of_2008(image: Image) -> bool:
    footer = image.footer
    return footer is not None and footer.creator_application == b"win " and footer.creator_version in _HOSTS_OF_2008
