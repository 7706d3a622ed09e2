"""Are the chains of a folder as deep as programs allow, is every base in use, and do XenServer's marks fit?

Everything is counted in one walk over the graph from the bases upwards, without recursion; members of a cycle have no
base and are not met.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, finding
from vhdchain.graph.paths import folder_and_name
from vhdchain.structures.footer import footer_field_offset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.graph.disks import DiskGraph
    from vhdchain.graph.inventory import Inventory
    from vhdchain.image import Image

DEPTH_LIMITS = (("the Rust crate vhd", 16), ("XenServer", 30), ("vhdimount", 99), ("7-Zip", 4096))
"""How many layers programs open at most."""

MAX_DEPTH = 30
"""From more layers than this on a chain is told: hosts keep to it (XenServer) or near it (50 snapshots in Hyper-V)."""

_TAP = b"tap\0"


@dataclass(slots=True, kw_only=True)
class _Family:
    """The files above one file that has no parent here, itself included.

    Attributes:
        depths: How many layers each file's chain has.
        base: The file itself.
    """

    base: str
    depths: dict[str, int] = field(default_factory=dict)


def check_chains(inventory: Inventory) -> Iterator[Finding]:
    """Yield VHD705, 707 and 712."""
    hiding = _hiding_folders(inventory)
    for family in _families(inventory.graph):
        yield from _depth(inventory.graph, family)
        if hiding:
            yield from _hidden(inventory, family, hiding)
    yield from _unused(inventory)


def _families(graph: DiskGraph) -> Iterator[_Family]:
    for base in graph.nodes:
        if base in graph.parents:
            continue
        family = _Family(base=base, depths={base: 1})
        pending = [base]
        while pending:
            below = pending.pop()
            for path in graph.children.get(below, ()):
                family.depths[path] = family.depths[below] + 1
                pending.append(path)
        yield family


def _depth(graph: DiskGraph, family: _Family) -> Iterator[Finding]:
    """Yield one finding for a family, at its deepest leaf; the others come off where that one is made shorter."""
    deep = sorted(path for path, depth in family.depths.items() if depth > MAX_DEPTH and path not in graph.children)
    if not deep:
        return
    path = max(deep, key=lambda leaf: family.depths[leaf])
    depth = family.depths[path]
    tools = ", ".join(f"{name} ({limit})" for name, limit in DEPTH_LIMITS if depth > limit)
    known = "at least " if family.base in graph.orphans else ""
    message = f"the chain has {known}{depth} layers, more than these open: {tools}"
    if len(deep) > 1:
        message += f"; {len(deep)} leaves above the same base have more than {MAX_DEPTH}"
    related = [family.base, *(leaf for leaf in deep if leaf != path)]
    yield finding(
        "VHD705", Location(path=path, structure="chain"), message, expected=MAX_DEPTH, found=depth, related=related
    )


# ------------------------------------------------------------------------------------------------ XenServer's marks


def _hiding_folders(inventory: Inventory) -> set[str]:
    """Return the folders in which XenServer's program has marked a disk as hidden."""
    return {folder_and_name(image.name)[0] for image in inventory.images if _is_hidden(image)}


def _is_hidden(image: Image) -> bool:
    return image.footer is not None and image.footer.hidden == 1 and image.footer.creator_application == _TAP


def _hidden(inventory: Inventory, family: _Family, hiding: set[str]) -> Iterator[Finding]:
    """Yield one finding for a family with parents that are not marked, in a folder where others are."""
    shown = [path for path in family.depths if path in inventory.graph.children and _is_shown(inventory, path, hiding)]
    if shown:
        number = "a parent is" if len(shown) == 1 else f"{len(shown)} parents are"
        message = (
            f"{number} not marked as hidden, as XenServer marks parents and has marked others in this folder: it may "
            "offer such a disk to machines, and a write to it changes all disks above"
        )
        shown.sort()
        stored = inventory.image(shown[0]).stored_footer
        offset = stored.offset + footer_field_offset("reserved") if stored is not None else None
        place = Location(path=shown[0], structure="footer", field="hidden", offset=offset)
        yield finding("VHD712", place, message, expected=1, found=0, related=shown)


def _is_shown(inventory: Inventory, path: str, hiding: set[str]) -> bool:
    footer = inventory.image(path).footer
    if footer is None or footer.creator_application != _TAP or footer.hidden:
        return False
    return folder_and_name(path)[0] in hiding


# ----------------------------------------------------------------------------------------------------- bases in use


def _unused(inventory: Inventory) -> Iterator[Finding]:
    """Yield VHD707 for every base that nothing names, beside disks that have parents.

    A disk on its own in a folder of such disks is the usual case, and so it is told only where chains lie beside it. A
    file that a search met, even in vain, is named. Where machines are known with their disks, they say what is in use
    (VHD803).
    """
    chains = {folder_and_name(image.name)[0] for image in inventory.images if image.is_differencing}
    if not chains or inventory.used:
        return
    named = named_by_searches(inventory)
    for image in inventory.images:
        if image.footer is None or image.is_differencing or image.name in inventory.graph.children:
            continue
        if folder_and_name(image.name)[0] in chains and image.name not in named:
            message = "no disk builds on it, while chains lie in the same folder: what it belongs to cannot be said"
            yield finding("VHD707", Location(path=image.name, structure="graph"), message)


def named_by_searches(inventory: Inventory) -> frozenset[str]:
    """Return the files that a search for a parent met, even in vain: a child names each of them."""
    owners = {alias: item.path for item in inventory.inputs for alias in item.aliases}
    met = (attempt.candidate for resolution in inventory.resolutions for attempt in resolution.attempts)
    return frozenset(owners.get(path, path) for path in met if path)
