"""What is done to which files when a disk is merged into one below it?

The sectors of all layers above the destination go into it, each once and in place; then the destination gets a stated
modification time, what builds on the merged disk gets it as its parent, and the merged files go, the highest one first.
Sizes are exact: where each new block lies follows from the destination as it is. Nothing is written here.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError, PlanRefusedError
from vhdchain.findings import Finding, Location, finding
from vhdchain.locate import PathMap, shortened
from vhdchain.merge.destination import Change, change_of, last_place
from vhdchain.merge.moves import MergeMap
from vhdchain.merge.parent_patches import NewParent, parent_patches
from vhdchain.merge.refusals import ALLOWABLE, doubts_of, notices_of, require_allowed
from vhdchain.merge.room import needs_of
from vhdchain.merge.span import Span, span_of
from vhdchain.plan import DeleteFile, MergeBlocks, PatchFile, Plan, ReplaceFile, SetModified, Step, state_of
from vhdchain.structures.bat import UNUSED
from vhdchain.units import sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from vhdchain.chain import Chain
    from vhdchain.graph import Inventory
    from vhdchain.image import Image

_NO_MAP = PathMap()


def plan_merge(
    chain: Chain,
    inventory: Inventory,
    *,
    into: int | None = None,
    modified: int,
    place: Callable[[str], str],
    path_map: PathMap = _NO_MAP,
    in_place: bool = False,
    allow: Collection[str] = (),
) -> Plan:
    """Return the plan that merges the leaf of ``chain`` into one of the layers below it.

    Args:
        chain: The disk that is merged, with all of its parents; its files are open.
        inventory: A scan of the folders in which the chain's files lie: other disks that build on them, configurations.
        into: Index of the layer that takes it up; its parent by default.
        modified: When the destination counts as modified afterwards, in seconds since 2000-01-01 00:00:00 UTC.
        place: Gives the absolute path of a file that an image is named by.
        path_map: How Windows calls the folders, for absolute paths in locators.
        in_place: Whether disks that get another parent are patched where they lie, and not copied first.
        allow: Codes of refusals (`ALLOWABLE`) to override.

    Raises:
        PlanRefusedError: The merge would damage or lose something; the findings say what.
        ConfigError: ``allow`` names a code that cannot be overridden.
        ShortReadError: A file was truncated after it was scanned.
    """
    if unknown := sorted(set(allow) - ALLOWABLE):
        known = ", ".join(sorted(ALLOWABLE))
        raise ConfigError(f"allow: {', '.join(unknown)} cannot be overridden; {known} can")
    span = span_of(chain, len(chain.layers) - 2 if into is None else into, inventory)
    _require_writable(span, inventory)
    found = MergeMap(span.destination, span.layers)
    change = change_of(found, found.measure())
    notices = [*notices_of(span, inventory)]
    told = require_allowed([*doubts_of(span, inventory, behind=change.measured.behind)], allow, notices)
    _require_short_offsets(change)
    return _plan(span, change, told, modified=modified, place=place, path_map=path_map, in_place=in_place)


def _require_writable(span: Span, inventory: Inventory) -> None:
    image, end = span.destination, span.destination.footer_end
    if image.is_sparse and (
        end is None or end is not image.stored_footer or end.offset + len(end.raw) != image.file_size
    ):
        raise PlanRefusedError(
            f"{image.name}: does not end with the footer that counts; repair the file before the merge"
        )
    known = span.known_as(image)
    for item in inventory.inputs:
        if item.path == known and item.writable is False:
            raise PlanRefusedError(
                f"{image.name}: is read-only, and the merge writes to it; make it writable (chmod u+w)"
            )


def _require_short_offsets(change: Change) -> None:
    if (last := last_place(change)) >= UNUSED:
        name = change.map.destination.name
        raise PlanRefusedError(
            f"{name}: with {len(change.new_blocks)} blocks more the last one would begin at sector {last}, and a BAT "
            f"holds 32 bits; merge into a compact copy (flatten) instead"
        )


def _plan(
    span: Span,
    change: Change,
    told: tuple[Finding, ...],
    *,
    modified: int,
    place: Callable[[str], str],
    path_map: PathMap,
    in_place: bool,
) -> Plan:
    destination, measured = span.destination, change.measured
    step = MergeBlocks(
        destination=destination.name,
        layers=tuple(image.name for image in span.layers),
        below=tuple(image.name for image in span.below),
        old_size=destination.file_size,
        new_size=change.new_size,
        sectors=measured.sectors,
        new_blocks=len(measured.new_blocks),
        overwritten=measured.overwritten,
    )
    told_later: list[Finding] = []
    reparented = [
        _reparented(span, child, told_later, modified=modified, place=place, path_map=path_map, in_place=in_place)
        for child in span.children
    ]
    steps: list[Step] = [step, SetModified(path=destination.name, seconds=modified)]
    steps += [each for each in reparented if each is not None]
    steps += [DeleteFile(path=image.name) for image in reversed(span.layers)]
    files = (*span.below, *span.images, *span.children)
    return Plan(
        action="merge",
        summary=f"{shortened(span.layers[-1].name)} into {shortened(destination.name)}",
        steps=tuple(steps),
        files=tuple(state_of(image.source) for image in files),
        needs=tuple(needs_of(span, change, reparented, in_place=in_place)),
        facts=dict(_facts(span, change)),
        findings=(*told, *told_later),
    )


def _facts(span: Span, change: Change) -> Iterator[tuple[str, int | str]]:
    measured = change.measured
    yield "bytes_to_move", sectors_to_bytes(measured.sectors)
    yield "bytes_overwritten", sectors_to_bytes(measured.overwritten)
    yield "new_blocks", len(measured.new_blocks)
    yield "growth", change.new_size - span.destination.file_size
    yield "bytes_deleted", sum(image.file_size for image in span.layers)
    yield "disks_reparented", len(span.children)


def _reparented(
    span: Span,
    child: Image,
    told: list[Finding],
    *,
    modified: int,
    place: Callable[[str], str],
    path_map: PathMap,
    in_place: bool,
) -> PatchFile | ReplaceFile | None:
    """Return the step that gives ``child`` the destination as its parent; what it cannot say is put into ``told``."""
    parent, before = PurePath(place(span.destination.name)), PurePath(place(span.layers[-1].name))
    own = PurePath(place(child.name)).parent
    new = NewParent(
        unique_id=span.destination.unique_id,
        name=parent.name,
        relative=_relative(own, parent),
        time_stamp=modified,
        absolute=path_map.to_windows(parent),
    )
    patched = parent_patches(child, new, old=_relative(own, before), keep_unknown=True)
    place_of_child = Location(path=child.name)
    told += [finding("VHD323", place_of_child, f"after the merge {clause}") for clause in patched.kept]
    if not patched.patches:
        return None
    kind = PatchFile if in_place else ReplaceFile
    return kind(path=child.name, patches=patched.patches, size=patched.size)


def _relative(folder: PurePath, file: PurePath) -> tuple[str, ...] | None:
    """Return the names that lead from ``folder`` to ``file``, both absolute; None where none do."""
    if folder.anchor != file.anchor:
        return None
    shared = 0
    for one, other in zip(folder.parts, file.parts, strict=False):
        if one != other:
            break
        shared += 1
    return (*[".."] * (len(folder.parts) - shared), *file.parts[shared:])
