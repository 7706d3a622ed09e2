"""Is exactly that told to be held in vain which reads the same without it?"""

from __future__ import annotations

from hypothesis import given

from vhdchain.blockmap import RedundantData
from vhdchain.read import redundant_data
from vhdchain.testing import ChainBuilder
from vhdchain.testing.opening import built_chain
from vhdchain.testing.programs import Program, run_program
from vhdchain.testing.strategies import programs

_SECTOR = 512


def test_repetitions_and_zeros_by_hand() -> None:
    tree = ChainBuilder(seed=1)
    base = tree.dynamic("base.vhd", size=65536, block_size=4096)
    tree.write(base, 0, b"a" * 1024)
    tree.write(base, 4096, bytes(1536))
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.write(leaf, 0, b"a" * 512)  # the same
    tree.write(leaf, 512, b"b" * 512)  # other data
    tree.write(leaf, 4096, bytes(512))  # zeros over zeros
    tree.write(leaf, 32768, bytes(1024))  # zeros over nothing
    assert redundant_data(built_chain(tree, leaf)) == RedundantData(repeated=512, zeros=1536)
    assert redundant_data(built_chain(tree, base)) == RedundantData(repeated=0, zeros=1536)


def test_zeros_that_hide_data_are_needed() -> None:
    tree = ChainBuilder(seed=1)
    base = tree.fixed("base.vhd", size=8192)
    tree.write(base, 0, b"a" * 8192)
    leaf = tree.snapshot(base, "leaf.avhd", block_size=4096)
    tree.write(leaf, 0, bytes(4096))
    assert redundant_data(built_chain(tree, leaf)) == RedundantData(repeated=0, zeros=0)
    assert redundant_data(built_chain(tree, base)) == RedundantData(repeated=0, zeros=0)


@given(programs(max_steps=12))
def test_any_image_without_its_redundant_sectors_reads_the_same(program: Program) -> None:
    tree = run_program(program, after_each=lambda *_: None).tree
    for image in tree.images:
        if not image.is_sparse:
            continue
        repeated = zeros = 0
        for sector in range(image.size // _SECTOR):
            if not image.has(sector):
                continue
            own = image.read_sector(sector)
            below = bytes(_SECTOR) if image.parent is None else image.parent.read_sector(sector)
            if own == below:
                zeros += not any(own)
                repeated += any(own)
        expected = RedundantData(repeated=repeated * _SECTOR, zeros=zeros * _SECTOR)
        assert redundant_data(built_chain(tree, image)) == expected
