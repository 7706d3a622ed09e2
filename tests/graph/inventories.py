"""Inventories of built trees, for the checks of whole folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vhdchain.graph import Inventory, build_graph
from vhdchain.image import scan_image
from vhdchain.locate import Attempt, Outcome, Resolution, Rule

if TYPE_CHECKING:
    from vhdchain.testing import ChainBuilder


def inventory_of(tree: ChainBuilder, *, links: dict[str, str | None] | None = None, **fields: Any) -> Inventory:
    """Return the images of ``tree`` with their parents.

    Args:
        tree: What was built.
        links: The parent of every child, None where there is none; as built by default.
        fields: Further fields of `Inventory`.
    """
    if links is None:
        links = {image.name: image.parent.name for image in tree.images if image.parent is not None}
    images = tuple(sorted((scan_image(tree.source(image)) for image in tree.images), key=lambda image: image.name))
    resolutions = tuple(
        Resolution(
            child=child,
            outcome=Outcome.FOUND if parent else Outcome.MISSING,
            parent=parent,
            wanted=tree.image(child).parent_unique_id,
            attempts=(_attempt(child, parent),),
        )
        for child, parent in links.items()
    )
    graph = build_graph(images, resolutions)
    return Inventory(images=images, resolutions=resolutions, graph=graph, roots=("vms",), **fields)


def _attempt(child: str, parent: str | None) -> Attempt:
    outcome = Outcome.FOUND if parent else Outcome.MISSING
    return Attempt(child=child, rule=Rule.W2RU, reference="x", candidate=parent or "gone.vhd", outcome=outcome)
