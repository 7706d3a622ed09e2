"""What is wrong with the disks of a folder taken together?

Judges the graph, here and in `check_copies` and `check_chains`. It knows nothing of the inside of a single file or
link: those have checks of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, finding
from vhdchain.graph.check_chains import check_chains
from vhdchain.graph.check_copies import check_copies
from vhdchain.graph.check_relations import check_relations
from vhdchain.locate import check_outside

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.graph.inventory import Inventory


def check_graph(inventory: Inventory) -> tuple[Finding, ...]:
    """Return what is wrong over the whole of ``inventory``: VHD003, 557, 622-624, 627, 701-705, 707, 712, 714."""
    return (
        *(cycle_finding(members) for members in inventory.graph.cycles),
        *check_copies(inventory),
        *_forks(inventory),
        *check_chains(inventory),
        *check_relations(inventory),
        *_outside(inventory),
    )


def cycle_finding(members: Sequence[str]) -> Finding:
    """Return VHD701 for a cycle; ``members`` go from child to parent, and the last one's parent is the first."""
    first = members.index(min(members))
    ordered = (*members[first:], *members[:first])
    message = f"{len(ordered)} disks are each other's parents, so none of them has a base: every one is unreadable"
    return finding("VHD701", Location(path=ordered[0], structure="graph"), message, related=ordered)


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
