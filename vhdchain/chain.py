"""Which images, from a leaf down to its base, make up one disk?

A `Chain` is the answer, immutable: layers base first, as they supply sectors, each with the rule by which it was
found. `build_chain` goes down from the leaf, link by link, and `link_images` takes images in a given order; both check
every image and every link once, here, and the stages behind rely on that. What is missing, refused, another disk or
comes back to itself raises: a chain with a hole exists only where a partial view was asked for by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.errors import ChainError
from vhdchain.image import FooterPolicy, require_sound
from vhdchain.locate import (
    LONGEST_PATH,
    Attempt,
    Outcome,
    Resolution,
    Rule,
    check_link,
    check_outside,
    describe_failure,
    locate_parent,
    shortened,
)
from vhdchain.progress import check_cancel
from vhdchain.structures import id_text
from vhdchain.structures.footer import NULL_ID

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from vhdchain.findings import Finding
    from vhdchain.image import Image
    from vhdchain.locate import FileKey, Gate
    from vhdchain.progress import Cancel, Progress

# What a partial view may lack. Where there *is* something in the parent's place, leaving it out would hide a fault.
_MAY_LACK = frozenset({Outcome.MISSING, Outcome.REFUSED, Outcome.UNMAPPED, Outcome.ACCESS_DENIED, Outcome.UNREADABLE})

_MEMBERS_NAMED = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """An image's place in a chain.

    Attributes:
        index: 0 for the base, counted towards the leaf.
        image: The image.
        found_by: The rule by which its child led to it; None for the leaf.
    """

    index: int
    image: Image
    found_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Chain:
    """The layers of one disk.

    Attributes:
        layers: Base first; never empty.
        complete: Whether the last parent was found. In an incomplete chain (a partial view, which must be asked for
            by name) what the layers do not hold is unknown, not zero.
        resolutions: How each parent was looked for, from the leaf down; the last one failed where incomplete.
    """

    layers: tuple[Layer, ...]
    complete: bool = True
    resolutions: tuple[Resolution, ...] = ()

    def __repr__(self) -> str:
        whole = "" if self.complete else "incomplete "
        return f"<{whole}chain of {self.leaf.name!r}, {len(self.layers)} layers, {self.virtual_size} bytes>"

    @property
    def leaf(self) -> Image:
        """The image whose disk this is."""
        return self.layers[-1].image

    @property
    def base(self) -> Image:
        """The image at the bottom."""
        return self.layers[0].image

    @property
    def virtual_size(self) -> int:
        """The size in bytes that the guest sees: the leaf's."""
        return self.leaf.virtual_size


def build_chain(
    leaf: Image,
    gate: Gate,
    *,
    footer: FooterPolicy = FooterPolicy.AUTO,
    accept: Collection[str] = (),
    partial: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Chain:
    """Return the chain of ``leaf``, its parents looked for through ``gate``; one look and one opening per link.

    Args:
        leaf: The scanned leaf; it stays the caller's to close, also where this raises.
        gate: What leads to parents and opens them.
        footer: The policy by which the leaf was scanned and the gate scans parents.
        accept: Codes of findings that are no reason to stop. With VHD603 a parent counts that has another identifier.
        partial: Whether the chain may end where the next parent is missing or may not be opened.
        progress: Called with the number of layers, and one more as long as there is a parent to look for.
        cancel: Asked before every link.

    Raises:
        FormatError: An image has an error that is not accepted.
        ChainError: A parent is missing, refused, ambiguous or another disk, or the chain comes back to itself; all
            findings of the link come with it.
        CancelledError: ``cancel`` asked to stop.
        OSError: The operating system could not read the leaf.
    """
    down = _Descent(gate, footer, accept, require_sound(leaf, footer=footer, accept=accept))
    try:
        while down.images[-1].is_differencing:
            check_cancel(cancel)
            if not down.step(partial=partial):
                return down.chain(complete=False)
            if progress:
                progress(len(down.images), len(down.images) + down.images[-1].is_differencing)
    except BaseException:
        down.discard()
        raise
    return down.chain(complete=True)


def link_images(
    images: Sequence[Image],
    *,
    footer: FooterPolicy = FooterPolicy.AUTO,
    accept: Collection[str] = (),
    partial: bool = False,
) -> Chain:
    """Return the chain of ``images``, given base first, after comparing each identifier with what the child asks for.

    Args:
        images: At least one, from the base to the leaf.
        footer: The policy by which they were scanned.
        accept: As in `build_chain`.
        partial: Whether the first one may be a differencing image, so that the chain is incomplete.

    Raises:
        FormatError: An image has an error that is not accepted.
        ChainError: An image is not the parent of the next, or the first one needs a parent.
    """
    if not images:
        raise ChainError("a chain needs at least one image, and none was given")
    for image in images:
        if not image.raw:
            require_sound(image, footer=footer, accept=accept)
    resolutions = []
    for parent, child in zip(reversed(images[:-1]), reversed(images[1:]), strict=True):
        resolutions.append(_given_link(child, parent, accept))
    if images[0].is_differencing:
        missing = Resolution(child=images[0].name, outcome=Outcome.MISSING, wanted=_wanted(images[0]))
        resolutions.append(missing)
        if not partial:
            raise _failure(images[0], missing)
    return _chain_of(tuple(images), resolutions, complete=not images[0].is_differencing)


class _Descent:
    """The way down from a leaf, so far."""

    def __init__(self, gate: Gate, footer: FooterPolicy, accept: Collection[str], leaf: Image) -> None:
        self.images = [leaf]
        self.resolutions: list[Resolution] = []
        self._gate = gate
        self._footer = footer
        self._accept = accept
        self._places: dict[FileKey, int] = {gate.key(leaf): 0}

    def step(self, *, partial: bool) -> bool:
        """Take the next parent in; return False where there is none and that is allowed."""
        child = self.images[-1]
        located = locate_parent(child, self._gate, accept_mismatch="VHD603" in self._accept)
        self.resolutions.append(located.resolution)
        if located.parent is None:
            if partial and located.resolution.outcome in _MAY_LACK:
                return False
            raise _failure(child, located.resolution)
        if located.key in self._places:
            self._gate.discard(located.parent)
            raise _cycle([image.name for image in self.images[self._places[located.key] :]])
        self._places[located.key] = len(self.images)
        self.images.append(located.parent)
        if not located.parent.raw:
            require_sound(located.parent, footer=self._footer, accept=self._accept)
        return True

    def discard(self) -> None:
        for image in self.images[1:]:
            self._gate.discard(image)

    def chain(self, *, complete: bool) -> Chain:
        return _chain_of(tuple(reversed(self.images)), self.resolutions, complete=complete)


def _chain_of(images: tuple[Image, ...], resolutions: Sequence[Resolution], *, complete: bool) -> Chain:
    found_by = [resolution.found_by for resolution in resolutions if resolution.is_found]
    layers = tuple(
        Layer(index=index, image=image, found_by=rule)
        for index, (image, rule) in enumerate(zip(images, [*reversed(found_by), None], strict=True))
    )
    return Chain(layers=layers, complete=complete, resolutions=tuple(resolutions))


def _wanted(image: Image) -> bytes:
    return image.parent_unique_id or NULL_ID


def _given_link(child: Image, parent: Image, accept: Collection[str]) -> Resolution:
    if not child.is_differencing:
        raise ChainError(f"{child.name}: is no differencing disk, so {parent.name} cannot be its parent")
    wanted = _wanted(child)
    agrees = parent.unique_id == wanted
    found = agrees or "VHD603" in accept
    detail = "" if agrees else f"its identifier is {id_text(parent.unique_id)}, the child asks for {id_text(wanted)}"
    attempt = Attempt(
        child=child.name,
        rule=Rule.GIVEN,
        reference=parent.name,
        candidate=parent.name,
        outcome=Outcome.FOUND if agrees else Outcome.MISMATCH,
        detail=detail,
        unique_id=parent.unique_id,
    )
    resolution = Resolution(
        child=child.name,
        outcome=Outcome.FOUND if found else Outcome.MISMATCH,
        parent=parent.name if found else None,
        found_by=Rule.GIVEN if found else None,
        agrees=agrees,
        wanted=wanted,
        attempts=(attempt,),
    )
    if not found:
        raise _failure(child, resolution)
    return resolution


def _failure(child: Image, resolution: Resolution) -> ChainError:
    findings: tuple[Finding, ...] = (*check_link(child, None, resolution), *check_outside(resolution))
    return ChainError(describe_failure(resolution), findings=findings)


def _cycle(members: list[str]) -> ChainError:
    from vhdchain.graph import cycle_finding  # noqa: PLC0415 - who opens a sound chain loads nothing of graphs

    named = [shortened(member, LONGEST_PATH) for member in members[:_MEMBERS_NAMED]]
    rest = f" (and {len(members) - len(named)} more)" if len(members) > len(named) else ""
    line = " -> ".join([*named, named[0]])
    return ChainError(
        f"{named[0]}: the chain comes back to it, so it has no base: {line}{rest}", findings=[cycle_finding(members)]
    )
