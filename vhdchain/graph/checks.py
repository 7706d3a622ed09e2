"""What is wrong with the disks of a folder taken together?

Judges the graph and the identifiers. It knows nothing of the inside of a single file or link: those have checks of
their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.locate import check_outside
from vhdchain.structures import id_text
from vhdchain.structures.footer import NULL_ID

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.graph.inventory import Inventory


def check_graph(inventory: Inventory) -> tuple[Finding, ...]:
    """Return what is wrong over the whole of ``inventory``: VHD003, 701, 702, 704, 714."""
    return (
        *(cycle_finding(members) for members in inventory.graph.cycles),
        *_duplicates(inventory),
        *_forks(inventory),
        *_outside(inventory),
    )


def cycle_finding(members: Sequence[str]) -> Finding:
    """Return VHD701 for a cycle; ``members`` go from child to parent, and the last one's parent is the first."""
    first = members.index(min(members))
    ordered = (*members[first:], *members[:first])
    message = f"{len(ordered)} disks are each other's parents, so none of them has a base: every one is unreadable"
    return finding("VHD701", Location(path=ordered[0], structure="graph"), message, related=ordered)


def _duplicates(inventory: Inventory) -> Iterator[Finding]:
    by_id: dict[bytes, list[str]] = {}
    for image in inventory.images:
        if image.footer is not None and image.unique_id != NULL_ID:
            by_id.setdefault(image.unique_id, []).append(image.name)
    for unique_id, paths in by_id.items():
        if len(paths) < 2:
            continue
        wanted = any(item.wanted == unique_id for item in inventory.resolutions)
        built_on = wanted or any(path in inventory.graph.children for path in paths)
        message = f"{len(paths)} files have the same identifier" + (
            ", and there are disks that build on it: another file than before may be taken for their parent"
            if built_on
            else ""
        )
        yield finding(
            "VHD702",
            Location(path=paths[0], structure="footer", field="unique_id"),
            message,
            found=id_text(unique_id),
            related=paths,
            severity=Severity.ERROR if built_on else Severity.WARNING,
        )


def _forks(inventory: Inventory) -> Iterator[Finding]:
    for path in inventory.graph.forks:
        children = inventory.graph.children[path]
        message = f"{len(children)} disks build on this one: a merge into it would break all but one of them"
        yield finding("VHD704", Location(path=path, structure="graph"), message, related=children)


def _outside(inventory: Inventory) -> Iterator[Finding]:
    outside = inventory.outside
    for resolution in outside:
        yield from check_outside(resolution)
    if outside:
        message = (
            f"{len(outside)} disks have their parents outside of the folders that were allowed, so that what stands "
            "there was not checked; allow those folders with --within"
        )
        place = Location(path=inventory.roots[0] if inventory.roots else "", structure="graph")
        yield finding("VHD714", place, message, related=[item.child for item in outside])
