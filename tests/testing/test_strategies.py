"""Do the strategies draw what can be built, reach what matters, and shrink to what a person can read?"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, find, given, settings

from tests.matrix.planting import findings_of
from vhdchain.structures import DiskType
from vhdchain.testing.dialects import Order
from vhdchain.testing.lab.histories import LabAction
from vhdchain.testing.programs import Create, Program, Snapshot, run_program
from vhdchain.testing.strategies import (
    DamagedImage,
    LabRecipe,
    chains,
    damaged,
    images,
    labs,
    layouts,
    programs,
    sizes,
    trees,
)

if TYPE_CHECKING:
    from vhdchain.testing.recipes import ChainRecipe, TreeRecipe

# What may vary without effect takes long to find out, and nobody reads it here.
_SHRUNK = settings(phases=[Phase.generate, Phase.shrink], max_examples=300, database=None)


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
    (layer,) = find(chains(), lambda _: True, settings=_SHRUNK).layers
    assert (layer.kind, layer.size, layer.blocks) == (DiskType.DYNAMIC, 512, ())


@pytest.mark.slow
def test_chains_are_drawn_within_the_health_checks() -> None:
    count = min(1000, settings().max_examples * 4)  # the profile `thorough` draws the thousand

    @settings(max_examples=count, database=None, suppress_health_check=[], phases=[Phase.generate], deadline=200)
    @given(chains())
    def draw(recipe: ChainRecipe) -> None:
        assert recipe.layers

    draw()


@given(trees())
def test_a_tree_is_built_as_it_tells(recipe: TreeRecipe) -> None:
    tree = recipe.build()
    numbers = {id(image): number for number, image in enumerate(tree.images)}
    assert [None if one.parent is None else numbers[id(one.parent)] for one in tree.images] == [None, *recipe.parents]


def test_a_tree_shrinks_to_one_empty_disk_and_reaches_branches() -> None:
    (layer,) = find(trees(), lambda _: True, settings=_SHRUNK).layers
    assert (layer.size, layer.blocks) == (512, ())
    branched = find(trees(), lambda one: len(set(one.parents)) < len(one.parents), settings=_SHRUNK)
    assert (len(branched.layers), branched.parents) == (3, (0, 0))


@given(labs(max_steps=5))
@settings(max_examples=20)
def test_a_host_has_the_history_that_it_tells(recipe: LabRecipe) -> None:
    lab = recipe.build()
    (machine,) = lab.machines
    assert len(machine.state.images) == recipe.disks
    taken = sum(step.action is LabAction.TAKE for step in recipe.steps)
    assert len(machine.snapshots) <= taken
    assert set(machine.expected_tree()) == {*(snapshot.id for snapshot in machine.snapshots), ""}


def test_a_host_shrinks_to_one_disk_without_a_history() -> None:
    assert find(labs(), lambda _: True, settings=_SHRUNK) == LabRecipe()


@given(damaged())
def test_a_damaged_file_shows_what_it_tells(drawn: DamagedImage) -> None:
    found = findings_of(drawn.build(), drawn.name, children=drawn.recipe.children, deep=drawn.recipe.deep)
    assert drawn.code in {item.code for item in found}


def test_damaged_files_are_of_the_codes_that_were_asked_for() -> None:
    assert find(damaged(codes=["VHD404", "VHD301"]), lambda one: one.code == "VHD404").code == "VHD404"


def test_resized_disks_and_other_folders_are_drawn_where_they_are_asked_for() -> None:
    resized = find(images(resized=True), lambda one: one.layers[0].original_size is not None, settings=_SHRUNK)
    tree, leaf = resized.build()
    assert tree.image("layer0.vhd").original_size == resized.layers[0].original_size == leaf.original_size
    _, leaf = find(chains(folders=("", "a/b")), lambda one: one.layers[-1].folder != "", settings=_SHRUNK).build()
    assert leaf.name == "a/b/layer0.vhd"


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
