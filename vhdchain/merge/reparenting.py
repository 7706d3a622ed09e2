"""What makes an image the child of another parent, and what is proved of it before?

The disk of a child shows its parent wherever the child's own bits are clear. So a new parent may take the old one's
place if, and only if, both hold the same there: that is compared where both can be read, and a difference is a refusal
(VHD908). Where the old parent cannot be read only identifiers are left, and the plan says what nobody proved. It is
refused as well where the chain would become a cycle or the parent's disk has another size. What the patched child says
is looked at, by the search and the checks that every file meets, before the plan is given out.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap import RANGE_DTYPE, ends_of
from vhdchain.errors import PlanRefusedError
from vhdchain.findings import Finding, Location, Severity, finding, worst_first
from vhdchain.image import check_image, scan_image
from vhdchain.locate import check_link, describe_failure, locate_parent, shortened
from vhdchain.merge.parent_patches import parent_patches
from vhdchain.merge.patched import PatchedSource
from vhdchain.merge.undoing import FilePatches, patch_steps, room_for
from vhdchain.plan import Plan, state_of
from vhdchain.source import identity_of
from vhdchain.structures import id_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from vhdchain.blockmap import Ranges
    from vhdchain.chain import Chain
    from vhdchain.image import Image
    from vhdchain.locate import Gate
    from vhdchain.merge.parent_patches import NewParent, ParentPatches
    from vhdchain.source import ByteSource

OVERRIDABLE = frozenset({"VHD136", "VHD603", "VHD908", "VHD910"})
"""The refusals that a caller may override."""

_LISTED = 16
_SAVED = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HiddenComparison:
    """What came out of comparing two parents where a child's bits are clear.

    Attributes:
        differing: The first ranges of the disk that differ, in its order.
        count: How many ranges differ.
        size: How many bytes differ.
        not_compared: Why nothing was compared, as a clause; empty where everything was.
    """

    differing: Ranges = field(default_factory=lambda: np.zeros(0, RANGE_DTYPE))
    count: int = 0
    size: int = 0
    not_compared: str = ""


def gathered(pieces: Iterable[Ranges]) -> HiddenComparison:
    """Return what ``pieces`` of differing ranges amount to; only the first ranges are kept."""
    first, count, size = np.zeros(0, RANGE_DTYPE), 0, 0
    for piece in pieces:
        if len(first) < _LISTED:
            first = np.concatenate((first, piece[: _LISTED - len(first)]))
        count += len(piece)
        size += int(piece["length"].sum())
    return HiddenComparison(differing=first, count=count, size=size)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reparenting:
    """A child that is to get another parent, and what is known of the two.

    Attributes:
        child: The child, sound by itself.
        name: Its file's own name, without a folder.
        chain: The new parent's chain, complete and sound.
        new: How the child is to name it.
        comparison: What came out of comparing the parents under the child's clear bits.
        old: The chain of the present parent, where it could be read.
        old_place: The names that lead to it from the child's folder, where it was found.
        children: The images that build on the child, as far as they are known.
        undo: Where the undo file goes; None for none.
    """

    child: Image
    name: str
    chain: Chain
    new: NewParent
    comparison: HiddenComparison
    old: Chain | None = None
    old_place: tuple[str, ...] | None = None
    children: tuple[str, ...] = ()
    undo: str | None = None


def plan_reparent(
    wish: Reparenting,
    gate: Gate,
    *,
    allow: Collection[str] = (),
    keep_unknown: bool = False,
    replace: bool = False,
) -> Plan:
    """Return the plan that makes ``wish.chain.leaf`` the parent of ``wish.child``.

    Args:
        wish: The two, and what is known of them.
        gate: By which the patched child must find its parent.
        allow: Codes of refusals (`OVERRIDABLE`) that are overridden; they stand in the plan's findings.
        keep_unknown: Whether a locator stays where nothing says how the new parent is called in it.
        replace: Whether a patched copy takes the child's place, so that it can be read at every moment.

    Raises:
        PlanRefusedError: It would change what the disk shows, or cannot be done; all findings come with it.
        ShortReadError: A file was truncated meanwhile.
    """
    told = _judged(wish, allow)
    found = parent_patches(wish.child, wish.new, old=wish.old_place, allow=allow, keep_unknown=keep_unknown)
    child, leaf = wish.child, wish.chain.leaf
    summary = f"make {shortened(leaf.name)} the parent of {shortened(child.name)}"
    if not found.patches:
        return Plan(action="reparent", summary=f"{summary}: it is already", steps=(), findings=told)
    told = worst_first((*told, *_proved(wish, found, gate)))
    change = FilePatches(
        source=child.source,
        name=wish.name,
        patches=found.patches,
        size=found.size,
        undo=wish.undo,
        keeps_time=bool(wish.children),
    )
    growth = 0 if found.size is None else found.size - child.file_size
    needs = room_for([(child.name, child.file_size, growth)], replace=replace)
    return Plan(
        action="reparent",
        summary=summary,
        steps=patch_steps(change, summary, replace=replace),
        files=tuple({state.path: state for state in map(state_of, _read(wish))}.values()),
        needs=needs,
        facts=_facts(wish, found),
        findings=told,
    )


def _read(wish: Reparenting) -> Iterator[ByteSource]:
    yield wish.child.source
    for chain in (wish.chain, wish.old):
        yield from () if chain is None else (layer.image.source for layer in chain.layers)


def _facts(wish: Reparenting, found: ParentPatches) -> dict[str, int | str]:
    facts: dict[str, int | str] = {
        "patched_bytes": sum(len(patch.new) for patch in found.patches),
        "compared": "no" if wish.comparison.not_compared else "yes",
        "differing_bytes": wish.comparison.size,
    }
    if wish.comparison.not_compared:
        facts["not_proved"] = f"that both parents hold the same: {wish.comparison.not_compared}"
    if found.kept:
        facts["kept"] = "; ".join(found.kept)
    return facts


# ---------------------------------------------------------------------------------------------------------- refusals


def _judged(wish: Reparenting, allow: Collection[str]) -> tuple[Finding, ...]:
    """Return what is overridden or worth knowing; raises where something refuses the plan."""
    findings = [*_cycle(wish), *_sizes(wish), *_saved_state(wish), *_contents(wish)]
    refusing = [
        item
        for item in findings
        if item.severity is Severity.ERROR and not (item.code in OVERRIDABLE and item.code in allow)
    ]
    if refusing:
        raise refusal(refusing)
    return tuple(findings)


def refusal(findings: Collection[Finding]) -> PlanRefusedError:
    """Return the error that refuses a plan because of ``findings``: one line, and how to override it where one may."""
    ordered = worst_first(findings)
    more = f" (and {len(ordered) - 1} more)" if len(ordered) > 1 else ""
    codes = dict.fromkeys(item.code for item in ordered)
    how = "".join(f"; override it with --allow {code}" for code in codes if set(codes) <= OVERRIDABLE)
    return PlanRefusedError(f"{ordered[0]}{more}{how}", findings=ordered)


def _link(wish: Reparenting, field_name: str | None = None) -> Location:
    return Location(path=wish.child.name, structure="link", field=field_name)


def _cycle(wish: Reparenting) -> Iterator[Finding]:
    own = identity_of(wish.child.source)
    members = [layer.image.name for layer in wish.chain.layers if identity_of(layer.image.source) == own]
    if members:
        message = "the new parent builds on this disk itself: the chain would come back to its beginning"
        yield finding("VHD701", _link(wish), message, related=(wish.child.name, wish.chain.leaf.name))


def _sizes(wish: Reparenting) -> Iterator[Finding]:
    size, own = wish.chain.virtual_size, wish.child.virtual_size
    # Where the present parent has that size too, the disk stays what it is.
    if size == own or (wish.old is not None and wish.old.virtual_size == size):
        return
    message = f"the disk has {own} bytes, the new parent {size}: hosts refuse a chain whose sizes differ"
    place = _link(wish, "current_size")
    yield finding("VHD909", place, message, expected=own, found=size, related=(wish.chain.leaf.name,))


def _saved_state(wish: Reparenting) -> Iterator[Finding]:
    footer = wish.child.footer
    if footer is not None and footer.saved_state == _SAVED:
        message = "the disk belongs to a machine in saved state, whose memory expects it as it is"
        place = Location(path=wish.child.name, structure="footer", field="saved_state")
        yield finding("VHD136", place, message, expected=0, found=_SAVED, severity=Severity.ERROR)


def _contents(wish: Reparenting) -> Iterator[Finding]:
    comparison, leaf = wish.comparison, wish.chain.leaf
    if comparison.count:
        ranges = zip(comparison.differing["start"].tolist(), ends_of(comparison.differing).tolist(), strict=True)
        details = [f"0x{start:X}-0x{end:X} ({end - start} bytes)" for start, end in ranges]
        if comparison.count > len(details):
            details.append(f"and {comparison.count - len(details)} more ranges")
        message = (
            f"the new parent differs from the present one in {comparison.size} bytes that this disk takes from its "
            f"parent, the first at 0x{int(comparison.differing['start'][0]):X} of the disk"
        )
        related = [leaf.name, *(() if wish.old is None else (wish.old.leaf.name,))]
        yield finding("VHD908", _link(wish), message, found=comparison.size, related=related, details=details)
    if not comparison.not_compared:
        return
    wanted = wish.child.parent_unique_id or b""
    if leaf.unique_id != wanted:
        message = (
            f"the child asks for the parent {id_text(wanted)}, the new one is {id_text(leaf.unique_id)}, and the "
            f"present one cannot be compared with it: {comparison.not_compared}"
        )
        place = _link(wish, "parent_unique_id")
        found, asked = id_text(leaf.unique_id), id_text(wanted)
        yield finding("VHD603", place, message, expected=asked, found=found, related=(leaf.name,))
        return
    message = (
        "that the new parent holds what this disk takes from it was not proved, only that it has the identifier that "
        f"the child asks for: {comparison.not_compared}"
    )
    yield finding("VHD002", _link(wish), message, related=(leaf.name,))


# --------------------------------------------------------------------------------------------------------- the result


def _proved(wish: Reparenting, found: ParentPatches, gate: Gate) -> tuple[Finding, ...]:
    """Return what the patched child and its parent say of each other; raises where it does not find it."""
    child = wish.child
    patched = scan_image(PatchedSource(child.source, found.patches, found.size))
    before = {item.code for item in check_image(child)}
    worse = [item for item in check_image(patched) if item.severity is not Severity.NOTE and item.code not in before]
    if worse:
        raise refusal(worse)
    # By the child's own file, so that the gate knows where it lies.
    located = locate_parent(dataclasses.replace(patched, source=child.source), gate)
    parent = located.parent
    try:
        if parent is None or identity_of(parent.source) != identity_of(wish.chain.leaf.source):
            how = describe_failure(located.resolution) if parent is None else f"it would find {parent.name}"
            raise PlanRefusedError(f"{child.name}: with these names the new parent would not be found: {how}")
        told = check_link(patched, parent, located.resolution, parent_modified=wish.new.time_stamp)
        return tuple(item for item in told if item.severity is not Severity.NOTE)
    finally:
        if parent is not None:
            gate.discard(parent)
