"""Do the strategies draw what can be built, reach what matters, and shrink to what a person can read?"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, find, given, settings

from vhdchain.structures import DiskType
from vhdchain.testing.dialects import Order
from vhdchain.testing.programs import Create, Program, Snapshot, run_program
from vhdchain.testing.strategies import chains, images, layouts, programs, sizes

if TYPE_CHECKING:
    from vhdchain.testing.recipes import ChainRecipe


@given(chains())
def test_a_recipe_builds_the_chain_that_it_tells(recipe: ChainRecipe) -> None:
    tree, leaf = recipe.build()
    assert [image.size for image in leaf.stack] == [layer.size for layer in recipe.layers]
    assert leaf.stack == tree.images
    assert {image.kind for image in leaf.stack[1:]} <= {DiskType.DIFFERENCING}


@given(chains(same_size=True))
def test_layers_have_one_size_where_that_is_asked_for(recipe: ChainRecipe) -> None:
    assert len({layer.size for layer in recipe.layers}) == 1


@given(images(kinds=[DiskType.FIXED], max_sectors=8))
def test_an_image_has_the_kind_and_size_that_were_asked_for(recipe: ChainRecipe) -> None:
    (layer,) = recipe.layers
    assert layer.kind is DiskType.FIXED
    assert 512 <= layer.size <= 4096


@given(programs())
def test_every_step_of_a_program_is_possible(program: Program) -> None:
    assert isinstance(program[0], Create)
    run_program(program, after_each=lambda _state, _step: None)


def test_a_chain_shrinks_to_one_empty_dynamic_disk_of_one_sector() -> None:
    (layer,) = find(chains(), lambda _: True).layers
    assert (layer.kind, layer.size, layer.blocks) == (DiskType.DYNAMIC, 512, ())


def test_a_program_shrinks_to_the_creation_of_one_disk() -> None:
    assert len(find(programs(), lambda _: True)) == 1


def test_programs_reach_branches() -> None:
    def branches(program: Program) -> bool:
        parents = [step.parent for step in program if isinstance(step, Snapshot)]
        return len(parents) > len(set(parents))

    # Shrinking a program takes longer than finding one, and is looked at above.
    found = find(programs(), branches, settings=settings(phases=[Phase.generate], max_examples=1000))
    assert branches(found)


def test_layouts_reach_junk_in_shuffled_files_with_long_tables() -> None:
    found = find(layouts(), lambda one: one.junk and one.order is Order.SHUFFLED and one.spare_entries > 0)
    assert (found.gap, found.footer_length) == (0, 512)


@pytest.mark.parametrize("limit", [1, 7])
def test_sizes_are_sectors_up_to_the_limit(limit: int) -> None:
    assert find(sizes(limit), lambda size: size == limit * 512) == limit * 512


def test_the_package_loads_neither_hypothesis_nor_numpy_until_they_are_needed() -> None:
    script = "import sys, vhdchain.testing as t; assert 'ChainBuilder' in dir(t); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert {"hypothesis", "numpy", "pytest", "construct"} & set(done.stdout.split()) == set()
