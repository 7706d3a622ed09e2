"""How does a built tree come before the package's own readers without touching a disk?

`built_chain` scans the builder's files in memory and links them as a caller would who hands in sources. The builder and
the model do not use it: what they expect is known before anything is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.chain import Chain, link_images
from vhdchain.image import raw_image, scan_image
from vhdchain.structures.footer import DiskType

if TYPE_CHECKING:
    from vhdchain.image import Image
    from vhdchain.testing.builder import ChainBuilder
    from vhdchain.testing.images import BuiltImage


def built_chain(tree: ChainBuilder, leaf: BuiltImage) -> Chain:
    """Return the chain of ``leaf`` as the package reads it.

    Raises:
        FormatError: A file of the chain has an error.
        ChainError: An identifier is not the one that a child asks for.
    """
    return link_images([built_image(tree, image) for image in leaf.stack])


def built_image(tree: ChainBuilder, image: BuiltImage) -> Image:
    """Return ``image`` as the package scans it."""
    source = tree.source(image)
    return raw_image(source) if image.kind is DiskType.RAW else scan_image(source)
