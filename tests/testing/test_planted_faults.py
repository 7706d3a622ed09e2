"""Do the strategies find a reader's fault, and shrink it to something that a person can look at?

The faults are those of `faulty_reader.py`, each planted alone. What is found has at most two layers and two blocks.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.testing.faulty_reader import FAULTS, faulty_read
from vhdchain.structures import DiskType
from vhdchain.testing.dialects import W2RU, NameForm
from vhdchain.testing.edits import edit_entry
from vhdchain.testing.stateful import ImageMachine
from vhdchain.testing.strategies import chains

if TYPE_CHECKING:
    from vhdchain.testing import BuiltImage, ChainRecipe

# Whatever takes the reader's own way to parents from it; it knows W2ru and the plain name.
KINDS = (DiskType.DYNAMIC, DiskType.FIXED)
CHAINS = chains(kinds=KINDS, max_layers=3, max_sectors=24, same_size=True, resized=True, folders=("", "base"))

_PHASES = (Phase.generate, Phase.shrink)  # what else varies without effect is for people to see, and takes long
# After every step each disk is read, so that long histories cost most and show the same.
_ONE_RUN = settings(stateful_step_count=25, derandomize=True, database=None, deadline=None)


def is_readable(recipe: ChainRecipe) -> bool:
    return all(
        W2RU in (layer.dialect.locators if layer.locators is None else layer.locators)
        or (layer.name_form is NameForm.BASENAME and layer.folder == below.folder)
        for below, layer in zip(recipe.layers, recipe.layers[1:], strict=False)
    )


def misreads(recipe: ChainRecipe, fault: str) -> bool:
    """Say whether a reader with ``fault`` is wrong about a chain."""
    tree, leaf = recipe.build()
    files = tree.files()
    if fault == "zero entry":
        return reads_a_zero_entry(files, leaf, fault)
    try:
        return faulty_read(files, leaf.name, fault) != bytes(tree.expected(leaf))
    except ValueError:
        return True


def reads_a_zero_entry(files: dict[str, bytes], leaf: BuiltImage, fault: str) -> bool:
    """Say whether the reader gives a disk although the entry of a block that it holds was zeroed."""
    if not leaf.is_sparse or not leaf.blocks or leaf.layout.footer_length != 512:
        return False
    files[leaf.name] = edit_entry(files[leaf.name], min(leaf.blocks), 0)
    try:
        faulty_read(files, leaf.name, fault)
    except ValueError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_and_shrinks_to_two_layers_and_two_blocks(fault: str) -> None:
    found = find(
        CHAINS.filter(is_readable),
        lambda recipe: misreads(recipe, fault),
        settings=settings(max_examples=3000, phases=_PHASES, suppress_health_check=list(HealthCheck), database=None),
        random=Random(1),
    )
    assert len(found.layers) <= 2, found
    assert sum(len(layer.blocks) for layer in found.layers) <= 2, found


@given(CHAINS.filter(is_readable))
def test_the_reader_without_a_fault_is_right(recipe: ChainRecipe) -> None:
    assert not misreads(recipe, "")


def _machine(fault: str) -> Any:  # noqa: ANN401  # a class that Hypothesis takes
    class Reader(ImageMachine):
        def check(self, image: BuiltImage) -> None:
            files = dict(zip([each.name for each in image.stack], self.state.chain_files(image), strict=True))
            footers = [each.layout.footer_length for each in image.stack]
            if image.stack[0].kind is DiskType.RAW or 511 in footers:
                return
            assert faulty_read(files, image.name, fault) == self.state.model.read(image.name), self.steps

    return Reader


@pytest.mark.slow
def test_the_state_machine_finds_a_fault_and_names_the_steps() -> None:
    with pytest.raises(AssertionError, match=r"Create\(image='base.vhd'"):
        run_state_machine_as_test(
            _machine("no mask"),
            settings=settings(_ONE_RUN, max_examples=2000, phases=[Phase.generate], report_multiple_bugs=False),
        )


@pytest.mark.slow
def test_the_state_machine_finds_nothing_in_a_right_reader() -> None:
    run_state_machine_as_test(_machine(""), settings=settings(_ONE_RUN, max_examples=10))
