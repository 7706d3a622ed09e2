"""Is every chain read right, whatever its mix of sizes, block sizes, layouts, dialects and bit patterns?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.comparing import assert_read_right
from vhdchain.blockmap import BlockMap
from vhdchain.read import DiskReader
from vhdchain.testing.opening import built_chain
from vhdchain.testing.strategies import chains, images

if TYPE_CHECKING:
    from vhdchain.testing.recipes import ChainRecipe

TIMES = settings().max_examples


@given(images())
@settings(max_examples=TIMES * 3)
def test_an_image_reads_as_it_was_built(recipe: ChainRecipe) -> None:
    assert_read_right(*recipe.build())


@given(chains(max_layers=6))
@settings(max_examples=TIMES * 10)
def test_a_chain_reads_as_it_was_built(recipe: ChainRecipe) -> None:
    assert_read_right(*recipe.build())


@given(chains(), st.data())
@settings(max_examples=TIMES * 2)
def test_any_range_of_a_disk_is_the_range_of_the_whole(recipe: ChainRecipe, data: st.DataObject) -> None:
    tree, leaf = recipe.build()
    chain = built_chain(tree, leaf)
    offset = data.draw(st.integers(0, leaf.size))
    length = data.draw(st.integers(0, leaf.size - offset))
    disk = bytes(tree.expected(leaf))
    reader = DiskReader(chain)
    assert reader.read(offset, length) == disk[offset : offset + length]
    # Small reads go another way than these.
    assert b"".join(reader.chunks(offset, length)) == disk[offset : offset + length]
    buffer = bytearray(b"\xee" * length)
    reader.readinto(offset, buffer)
    assert buffer == disk[offset : offset + length]
    extents = BlockMap(chain).slice(offset, length).tolist()
    assert sum(extent[1] for extent in extents) == length
    for start, size, layer, file_offset in extents:
        at = tree.file(leaf.stack[layer]).content.read(file_offset, size) if layer >= 0 else bytes(size)
        assert at == disk[start : start + size]


@given(chains(max_sectors=300))
@settings(max_examples=TIMES)
def test_a_map_in_chunks_is_the_whole_map(recipe: ChainRecipe) -> None:
    tree, leaf = recipe.build()
    chain = built_chain(tree, leaf)
    expected = [tuple(extent) for extent in tree.expected_map(leaf)]
    chunks = [extent for chunk in BlockMap(chain).chunks() for extent in chunk.tolist()]
    assert chunks == expected
    assert [(e.start, e.length, e.layer, e.file_offset) for e in BlockMap(chain)] == expected
