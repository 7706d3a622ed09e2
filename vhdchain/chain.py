"""Which images, from a leaf down to its base, make up one disk?

A `Chain` is the answer, immutable: layers base first, as they supply sectors, each with the rule by which it was
found. It is validated once, where it is made; the stages behind it rely on that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.image import Image


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chain:
    """The layers of one disk.

    Attributes:
        layers: Base first; never empty.
        complete: Whether the last parent was found. In an incomplete chain (a partial view, which must be asked for
            by name) what the layers do not hold is unknown, not zero.
    """

    layers: tuple[Layer, ...]
    complete: bool = True

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
