"""What must agree about one disk, and how is a disagreement shown?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.blockmap import BlockMap
from vhdchain.read import DiskReader
from vhdchain.testing.model import naive_map, naive_read
from vhdchain.testing.opening import built_chain

if TYPE_CHECKING:
    from vhdchain.testing import BuiltImage, ChainBuilder


def assert_read_right(tree: ChainBuilder, leaf: BuiltImage) -> bytes:
    """Check the package's map and bytes against the builder's and the naive reader's; return the disk's bytes."""
    files = [bytes(tree.file(layer).content) for layer in leaf.stack]
    chain = built_chain(tree, leaf)
    extents = BlockMap(chain).extents.tolist()
    assert extents == naive_map(files)
    assert extents == [tuple(extent) for extent in tree.expected_map(leaf)]
    disk = DiskReader(chain).read(0, leaf.size)
    assert disk == naive_read(files)
    assert tree.expected(leaf) == disk
    return disk
