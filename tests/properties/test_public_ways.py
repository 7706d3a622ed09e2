"""Do all public ways to a disk give the same bytes and map: by path, by sources, flattened to a file, to a stream?"""

from __future__ import annotations

import io
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from vhdchain import chain_from_sources, open_chain
from vhdchain.errors import FormatError
from vhdchain.shell.flatten import flatten_to_file, flatten_to_stream
from vhdchain.structures import DiskType
from vhdchain.testing.dialects import W2RU
from vhdchain.testing.programs import ProgramState, Step, run_program
from vhdchain.testing.strategies import chains, programs

if TYPE_CHECKING:
    from vhdchain.source import ByteSource
    from vhdchain.testing import BuiltImage, ChainBuilder
    from vhdchain.testing.programs import Program
    from vhdchain.testing.recipes import ChainRecipe

TIMES = settings().max_examples


def _with_a_way_to_the_parent(recipe: ChainRecipe) -> ChainRecipe:
    return replace(
        recipe, layers=tuple(replace(one, locators=(*(one.locators or ())[:7], W2RU)) for one in recipe.layers)
    )


def _assert_all_ways_agree(tree: ChainBuilder, leaf: BuiltImage, folder: Path) -> None:
    disk, extents = bytes(tree.expected(leaf)), [tuple(extent) for extent in tree.expected_map(leaf)]
    paths = tree.save(folder)
    if leaf.kind is DiskType.RAW:
        # A raw disk is one only where a child asks for it; by itself it is a file without a footer.
        with pytest.raises(FormatError):
            open_chain(paths[leaf.name])
        return
    with open_chain(paths[leaf.name]) as chain:
        assert [Path(layer.image.name).name for layer in chain.layers] == [image.name for image in leaf.stack]
        assert chain.block_map().extents.tolist() == extents
        flat = folder / "flat.raw"
        flatten_to_file(chain, flat)
        assert flat.read_bytes() == disk
        stream = io.BytesIO()
        flatten_to_stream(chain, stream)
        assert stream.getvalue() == disk
        with chain.open() as file:
            assert file.read() == disk
    sources: list[ByteSource] = [*tree.chain_sources(leaf)]
    with chain_from_sources(sources) as chain:
        assert chain.block_map().extents.tolist() == extents
        assert chain.read(0, chain.virtual_size) == disk


@given(chains(max_sectors=200))
@settings(max_examples=TIMES * 3)
def test_all_ways_to_a_chain_agree(recipe: ChainRecipe) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _assert_all_ways_agree(*_with_a_way_to_the_parent(recipe).build(), Path(folder))


@given(programs(max_steps=8))
def test_all_ways_to_the_disks_of_a_program_agree_after_every_step(program: Program) -> None:
    def check(state: ProgramState, step: Step) -> None:
        for image in state.tree.leaves:
            with tempfile.TemporaryDirectory() as folder:
                _assert_all_ways_agree(state.tree, image, Path(folder))

    run_program(program, after_each=check)
