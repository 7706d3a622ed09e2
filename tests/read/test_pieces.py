"""Pieces cover the disk exactly, and mixed ones are put together as the reader reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vhdchain.blockmap import ZERO, BlockMap
from vhdchain.errors import UnknownDataError
from vhdchain.read import LONGEST_MIXED, MIXED, DiskReader, MixedReader, disk_pieces, require_known
from vhdchain.testing import ChainBuilder, Layout
from vhdchain.testing.opening import built_chain
from vhdchain.testing.strategies import chains

if TYPE_CHECKING:
    from vhdchain.testing.recipes import ChainRecipe

MIB = 1 << 20
SECTOR = 512


def content_by_pieces(reader: DiskReader, start: int = 0) -> bytes:
    """Return the disk from ``start`` on, moved piece by piece; check that they follow each other."""
    mixed, parts, at = MixedReader(reader.chain), [], start
    for piece in disk_pieces(reader.block_map, start, reader.size - start):
        require_known(reader, piece)
        assert piece.start == at
        at = piece.end
        if piece.layer == MIXED:
            assert piece.length <= LONGEST_MIXED
            # What stood in the buffer before must not show through.
            buffer = bytearray(b"\xee" * piece.length)
            mixed.readinto(piece, memoryview(buffer))
            parts.append(bytes(buffer))
        elif piece.layer == ZERO:
            parts.append(bytes(piece.length))
        else:
            parts.append(reader.chain.layers[piece.layer].image.source.read_at(piece.file_offset, piece.length))
    assert at == reader.size
    return b"".join(parts)


@settings(max_examples=settings().max_examples * 2)
@given(recipe=chains(max_sectors=400), data=st.data())
def test_the_pieces_of_any_chain_are_its_disk(recipe: ChainRecipe, data: st.DataObject) -> None:
    tree, leaf = recipe.build()
    reader = DiskReader(built_chain(tree, leaf))
    start = data.draw(st.integers(0, reader.size))
    assert content_by_pieces(reader, start) == bytes(tree.expected(leaf))[start:]


@pytest.mark.parametrize("density", [0.02, 0.3, 0.7, 0.98])
@pytest.mark.parametrize("base", ["dynamic", "fixed", "none"])
def test_single_sectors_of_many_layers_are_picked_rightly(base: str, density: float) -> None:
    tree = ChainBuilder(seed=7)
    size = 3 * MIB - 9 * SECTOR
    image = tree.fixed("base.vhd", size=size) if base == "fixed" else tree.dynamic("base.vhd", size=size)
    if base != "none":
        tree.fill(image, 0, size)
    random = np.random.default_rng(3)
    for number in range(3):
        image = tree.snapshot(image, f"{number}.avhd", block_size=2 * MIB)
        for sector in np.flatnonzero(random.random(size // SECTOR) < density / 3).tolist():
            tree.fill(image, sector * SECTOR, SECTOR)
    reader = DiskReader(built_chain(tree, image))
    assert any(piece.layer == MIXED for piece in disk_pieces(reader.block_map))
    assert content_by_pieces(reader) == bytes(tree.expected(image))


def test_a_block_that_the_file_cuts_short_is_read_without_what_is_missing() -> None:
    tree = ChainBuilder(seed=8)
    size = MIB + 700 * SECTOR
    base = tree.dynamic("base.vhd", size=size, block_size=2 * MIB, layout=Layout(truncated_tail=True))
    for sector in range(0, size // SECTOR, 2):
        tree.fill(base, sector * SECTOR, SECTOR)
    reader = DiskReader(built_chain(tree, base))
    assert content_by_pieces(reader) == bytes(tree.expected(base))


def test_what_only_a_missing_parent_could_supply_raises() -> None:
    tree = ChainBuilder(seed=9)
    leaf = tree.snapshot(tree.dynamic("base.vhd", size=MIB), "leaf.avhd")
    tree.fill(leaf, 5 * SECTOR, SECTOR)
    chain = built_chain(tree, leaf)
    partial = type(chain)(layers=chain.layers[1:], complete=False)
    with pytest.raises(UnknownDataError):
        content_by_pieces(DiskReader(partial))
    assert sum(piece.length for piece in disk_pieces(BlockMap(partial))) == MIB
