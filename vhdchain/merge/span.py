"""Which images take part in a merge?

A span of a chain: the destination, the layers that are merged into it, what lies below, and what builds on the highest
layer. The chain's images and those of a scan of the folders are records of the same files under names of their own;
here they are brought together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vhdchain.errors import ChainError, PlanRefusedError
from vhdchain.source import identity_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from vhdchain.chain import Chain
    from vhdchain.graph import Inventory
    from vhdchain.image import Image


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Span:
    """The images of a merge.

    Attributes:
        below: What lies below the destination, base first.
        destination: The image that takes the layers up.
        layers: Those that are merged, from the lowest to the highest.
        children: What builds on the highest one, and gets the destination as its parent; by path.
    """

    below: tuple[Image, ...]
    destination: Image
    layers: tuple[Image, ...]
    children: tuple[Image, ...] = ()
    _names: Mapping[Hashable, str] = field(default_factory=dict, repr=False)

    @property
    def images(self) -> tuple[Image, ...]:
        """The destination and the layers."""
        return (self.destination, *self.layers)

    def known_as(self, image: Image) -> str:
        """Return the name of an image of the span in the scan of the folders; its own where it was not met there."""
        return self._names.get(identity_of(image.source), image.name)


def span_of(chain: Chain, into: int, inventory: Inventory) -> Span:
    """Return the images that take part when the leaf of ``chain`` is merged into its layer ``into``.

    Raises:
        ChainError: The chain has a hole.
        PlanRefusedError: ``into`` is no layer below the leaf.
    """
    images = tuple(layer.image for layer in chain.layers)
    if not chain.complete:
        raise ChainError(f"{chain.leaf.name}: the chain has a hole; merging needs all of its parents")
    if not 0 <= into < len(images) - 1:
        raise PlanRefusedError(f"{chain.leaf.name}: has no parent that it could be merged into")
    names = {identity_of(image.source): image.name for image in inventory.images}
    bare = Span(below=images[:into], destination=images[into], layers=images[into + 1 :], _names=names)
    top = bare.known_as(chain.leaf)
    return Span(
        below=bare.below,
        destination=bare.destination,
        layers=bare.layers,
        children=tuple(inventory.image(path) for path in inventory.graph.children.get(top, ())),
        _names=names,
    )
