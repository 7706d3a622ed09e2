"""What do the disks of one family say of each other, beyond a single link?

Two mistakes in a child show only where its relatives are known: it asks for its grandparent while its paths lead to its
parent, or it asks for its own descendant or its sibling. And two facts belong to a parent once, however many children
it has: what kind of base it is, and whether it can be written to. Links that were found by sound paths are not
questioned here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, finding
from vhdchain.locate import LONGEST_PATH, Outcome, shortened
from vhdchain.structures import DiskType, id_text
from vhdchain.structures.footer import NULL_ID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vhdchain.graph.inventory import Inventory
    from vhdchain.image import Image
    from vhdchain.locate import Resolution

_BASES = {
    DiskType.RAW: "a raw file, taken because its children ask for no identifier: nothing proves that it is theirs",
    DiskType.FIXED: "a fixed disk, so that nothing tells which of its sectors were ever used",
}


def check_relations(inventory: Inventory) -> Iterator[Finding]:
    """Yield what the relatives of a disk say of it: VHD622, 623, 624, 627."""
    misled = [(item, places) for item in inventory.resolutions if (places := _misleading(item))]
    if misled:
        by_id: dict[bytes, list[Image]] = {}
        for image in inventory.images:
            by_id.setdefault(image.unique_id, []).append(image)
        for resolution, places in misled:
            yield from _skipped_parent(resolution, places, by_id)
            yield from _wrong_relative(inventory, resolution, places, by_id)
    yield from _parents(inventory)


def _misleading(resolution: Resolution) -> dict[bytes, str]:
    """Return the disks to which recorded paths lead and that the child does not ask for: identifier -> path."""
    if resolution.wanted == NULL_ID:
        return {}
    return {
        item.unique_id: item.candidate
        for item in resolution.attempts
        if item.outcome is Outcome.MISMATCH and not item.guess and item.unique_id and item.candidate
    }


def _skipped_parent(
    resolution: Resolution, places: Mapping[bytes, str], by_id: Mapping[bytes, list[Image]]
) -> Iterator[Finding]:
    for unique_id, path in places.items():
        if any(image.parent_unique_id == resolution.wanted for image in by_id.get(unique_id, ())):
            message = (
                f"the child asks for the parent of {shortened(path, LONGEST_PATH)}, to which its paths lead: either "
                "that disk was merged and is a leftover, or the child was reconnected past it"
            )
            yield finding(
                "VHD622",
                _identifier_of(resolution),
                message,
                expected=id_text(unique_id),
                found=id_text(resolution.wanted),
                related=(path, *(image.name for image in by_id.get(resolution.wanted, ()))),
            )
            return


def _wrong_relative(
    inventory: Inventory,
    resolution: Resolution,
    places: Mapping[bytes, str],
    by_id: Mapping[bytes, list[Image]],
) -> Iterator[Finding]:
    """Yield VHD623 where the disk that is asked for stands beside the child or above it, and a path leads elsewhere."""
    child = resolution.child
    for image in by_id.get(resolution.wanted, ()):
        if image.name == child:
            continue
        is_above = child in inventory.graph.path_to_base(image.name)[1:]
        beside = places.get(image.parent_unique_id or NULL_ID)
        if not is_above and beside is None:
            continue
        name = shortened(image.name, LONGEST_PATH)
        what = (
            f"{name}, which builds on this very disk"
            if is_above
            else f"{name}, which builds on {shortened(beside or '', LONGEST_PATH)} just as the paths of this disk do"
        )
        yield finding(
            "VHD623",
            _identifier_of(resolution),
            f"the child asks for {what}: the identifier is that of the wrong disk",
            expected=id_text(next(iter(places))),
            found=id_text(resolution.wanted),
            related=(image.name, *places.values()),
        )
        return


def _identifier_of(resolution: Resolution) -> Location:
    return Location(path=resolution.child, structure="link", field="parent_unique_id")


def _parents(inventory: Inventory) -> Iterator[Finding]:
    files = {item.path: item for item in inventory.inputs}
    kinds = {image.name: image.disk_type for image in inventory.images}
    for path, children in inventory.graph.children.items():
        place = Location(path=path, structure="graph")
        kind = kinds.get(path)
        if kind in _BASES:
            yield finding("VHD624", place, f"the base is {_BASES[kind]}", found=kind.value, related=children)
        if path in files and files[path].writable:
            one = len(children) == 1
            disks, show = ("one disk builds", "it shows") if one else (f"{len(children)} disks build", "they show")
            message = f"{disks} on this file, and its mode lets it be written to: a write would change what {show}"
            yield finding("VHD627", place, message, related=children)
