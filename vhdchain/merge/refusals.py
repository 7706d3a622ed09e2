"""Why must a merge not be made, or not without being told so?

Each reason is a finding. Most of them somebody may know better about, and allow by its code; then the plan carries the
finding. What would lose data, or cannot be worked out, nobody can allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.errors import PlanRefusedError
from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.graph.machine_words import listed, shown_use
from vhdchain.locate import shortened

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from vhdchain.graph import Inventory
    from vhdchain.image import Image
    from vhdchain.merge.span import Span

ALLOWABLE = frozenset({"VHD136", "VHD610", "VHD801", "VHD802", "VHD806", "VHD904", "VHD905"})
"""Codes of refusals that a caller may override."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A reason against a merge.

    Attributes:
        finding: The reason.
        allowable: Whether a caller may override it.
    """

    finding: Finding
    allowable: bool = True


def require_allowed(doubts: Sequence[Doubt], allow: Collection[str], told: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings of the plan: reasons that were overridden, and ``told``.

    Raises:
        PlanRefusedError: One of the reasons is not overridden; all findings come with it.
    """
    findings = (*(doubt.finding for doubt in doubts), *told)
    standing = [doubt for doubt in doubts if not doubt.allowable or doubt.finding.code not in allow]
    if standing:
        first = standing[0]
        more = f" (and {len(standing) - 1} more)" if len(standing) > 1 else ""
        how = f"; --allow {first.finding.code} makes the merge all the same" if first.allowable else ""
        raise PlanRefusedError(f"{first.finding}{how}{more}", findings=findings)
    return findings


def doubts_of(span: Span, inventory: Inventory, *, behind: int) -> Iterator[Doubt]:
    """Yield what speaks against a merge.

    Args:
        span: What is merged.
        inventory: The folders around it.
        behind: How many moved sectors lie behind the end of the destination's disk.
    """
    yield from _saved_states(span)
    yield from _sizes(span, behind)
    yield from _siblings(span, inventory)
    yield from _configurations(span, inventory)


def notices_of(span: Span, inventory: Inventory) -> Iterator[Finding]:
    """Yield what is worth knowing of a merge, and no reason against it."""
    if len(span.layers) > 1:
        names = [image.name for image in span.layers[:-1]]
        yield finding(
            "VHD906",
            Location(path=span.layers[-1].name),
            f"it is merged into {shortened(span.destination.name)}, {len(span.layers)} links below, and what lies "
            f"between goes with it: {_few(names)}; the disks of these are lost",
            related=names,
        )
    for item in inventory.unreadable:
        if item.refused:
            yield finding(
                "VHD001",
                Location(path=item.path),
                f"not read ({item.reason}), so whether it builds on a merged disk is not known",
                severity=Severity.WARNING,
            )


def _few(names: Sequence[str]) -> str:
    return listed([shortened(name) for name in names])


def _saved_states(span: Span) -> Iterator[Doubt]:
    for image in span.images:
        if image.footer is not None and not image.raw and image.footer.saved_state == 1:
            place = Location(path=image.name, structure="footer", field="saved_state")
            message = "the disk belongs to a saved machine, which goes on with it as it is; a merge would change it"
            yield Doubt(finding=finding("VHD136", place, message, found=1, severity=Severity.ERROR))


def _sizes(span: Span, behind: int) -> Iterator[Doubt]:
    destination, top = span.destination, span.layers[-1]
    size, wanted = destination.virtual_size, top.virtual_size
    if size < wanted:
        kind = "fixed disk" if destination.bat is None else "disk"
        lost = (
            f"; {behind} sectors of {shortened(top.name)} lie behind its end and have no place in it" if behind else ""
        )
        message = f"a {kind} of {size} bytes cannot take up one of {wanted} bytes{lost}"
        told = finding(
            "VHD905", Location(path=destination.name), message, expected=wanted, found=size, related=(top.name,)
        )
        yield Doubt(finding=told, allowable=not behind)
    for image in span.layers[:-1]:
        if image.virtual_size < min(size, wanted):
            message = (
                f"its disk of {image.virtual_size} bytes ends before those around it, so that what "
                f"{shortened(destination.name)} holds behind its end is hidden, and would show"
            )
            told = finding(
                "VHD611", Location(path=image.name), message, found=image.virtual_size, severity=Severity.ERROR
            )
            yield Doubt(finding=told, allowable=False)
    if size > wanted:
        yield from _larger(span, size, wanted)


def _larger(span: Span, size: int, wanted: int) -> Iterator[Doubt]:
    message = f"the disk would have {size} bytes afterwards, those of {shortened(span.destination.name)}"
    place = Location(path=span.layers[-1].name)
    told = finding("VHD610", place, message, expected=wanted, found=size, severity=Severity.ERROR)
    seeing = [child for child in span.children if child.virtual_size > wanted]
    yield Doubt(finding=told, allowable=not seeing)


def _siblings(span: Span, inventory: Inventory) -> Iterator[Doubt]:
    siblings = list(siblings_of(span, inventory))
    if not siblings:
        return
    first = span.destination.name
    names = [image.name for image in siblings]
    what = "another disk builds" if len(names) == 1 else f"{len(names)} other disks build"
    message = (
        f"{what} on {shortened(first)}, or on what is merged into it, and would read wrong afterwards: {_few(names)}"
    )
    details = [
        f"{shortened(name)} carries {_few(inventory.graph.descendants(name))}"
        for name in names
        if name in inventory.graph.children
    ]
    yield Doubt(finding=finding("VHD904", Location(path=first), message, related=names, details=details))


def siblings_of(span: Span, inventory: Inventory) -> Iterator[Image]:
    """Yield the images that build on the destination or on what goes, and are not merged.

    Also those whose parent was not found and that ask for one of these by its identifier.
    """
    changing = span.images[:-1]
    merged = {span.known_as(image) for image in span.layers}
    parents = {span.known_as(image) for image in changing}
    wanted = {image.unique_id for image in changing if any(image.unique_id)}
    for image in inventory.images:
        if image.name in merged or not image.is_differencing:
            continue
        parent = inventory.graph.parent(image.name)
        if parent in parents or (parent is None and image.parent_unique_id in wanted):
            yield image


def _configurations(span: Span, inventory: Inventory) -> Iterator[Doubt]:
    for image in span.layers:
        uses = inventory.uses(span.known_as(image))
        for use in uses:
            code = "VHD801" if use.is_now else "VHD802"
            message = f"{shown_use(use)} names this disk, which goes; the configuration must name another one then"
            place = Location(path=image.name)
            yield Doubt(finding=finding(code, place, message, related=(use.state.path,), severity=Severity.ERROR))
    for use in inventory.uses(span.known_as(span.destination)):
        if not use.is_now:
            message = f"{shown_use(use)} keeps this disk as it was, and the merge changes it"
            place = Location(path=span.destination.name)
            told = finding("VHD806", place, message, related=(use.state.path,), severity=Severity.ERROR)
            yield Doubt(finding=told)
