"""How are a built tree's facts handed to a consumer who does not use this package's readers?

As one JSON document: every disk with its chain, size, digest and map. Paths are relative to the tree's folder, sizes
and offsets bytes, `layer` counts from the base (0), and null stands for zeros, as in ``vhdchain map --json``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vhdchain.testing.expected import ZERO

if TYPE_CHECKING:
    from vhdchain.testing.builder import ChainBuilder
    from vhdchain.testing.images import BuiltImage


def expected_report(tree: ChainBuilder) -> dict[str, Any]:
    """Return what a right reader must find in ``tree``, as a JSON document."""
    leaves = {id(image) for image in tree.leaves}
    return {
        "schema": "vhdchain.expected",
        "version": 1,
        "disks": [
            {"path": image.name, "is_leaf": id(image) in leaves, **_disk(tree, image)}
            for image in sorted(tree.images, key=lambda image: image.name)
        ],
    }


def _disk(tree: ChainBuilder, image: BuiltImage) -> dict[str, Any]:
    expected = tree.expected(image)
    return {
        "disk_type": str(image.kind),
        "virtual_size": image.size,
        "unique_id": image.unique_id.hex(),
        "chain": [layer.name for layer in image.stack],
        "sha256": expected.sha256(),
        "extents": [
            {
                "start": extent.start,
                "length": extent.length,
                "layer": None if extent.layer == ZERO else extent.layer,
                "file_offset": None if extent.layer == ZERO else extent.file_offset,
            }
            for extent in expected.extents
        ],
    }
