"""Do other programs read what was merged as we do?"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings

import vhdchain as vc
from tests.oracles.others import DISSECT, LIBVHDI, QEMU_IMG, SEVEN_ZIP, tamed
from vhdchain.structures import DiskType
from vhdchain.testing.faults.quick import QuickLayer
from vhdchain.testing.oracles import Cannot
from vhdchain.testing.strategies import chains

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.testing.oracles import Oracle
    from vhdchain.testing.recipes import ChainRecipe

pytestmark = pytest.mark.oracle

FEW = settings(
    max_examples=max(10, settings().max_examples // 2),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.mark.parametrize("name", [SEVEN_ZIP, QEMU_IMG, LIBVHDI, DISSECT])
def test_a_chain_that_was_merged_into_its_base_reads_the_same(name: str, installed: Callable[[str], Oracle]) -> None:
    oracle = installed(name)

    @FEW
    @given(chains(kinds=(DiskType.DYNAMIC, DiskType.FIXED), max_layers=4, max_sectors=200, same_size=True))
    def compare(recipe: ChainRecipe) -> None:
        assume(len(recipe.layers) > 1)
        _compare(oracle, tamed(recipe, name), into=0)

    compare()


def test_7zip_reads_a_chain_of_which_the_upper_part_was_merged(installed: Callable[[str], Oracle]) -> None:
    oracle = installed(SEVEN_ZIP)

    @FEW
    @given(chains(kinds=(DiskType.DYNAMIC, DiskType.FIXED), max_layers=5, max_sectors=200, same_size=True))
    def compare(recipe: ChainRecipe) -> None:
        assume(len(recipe.layers) > 2)
        _compare(oracle, tamed(recipe, SEVEN_ZIP), into=1)

    compare()


def _compare(oracle: Oracle, recipe: ChainRecipe, *, into: int) -> None:
    tree, leaf = recipe.build()
    known = bytes(tree.expected(leaf).read(0, leaf.size))
    with tempfile.TemporaryDirectory() as folder:
        paths = [tree.save(Path(folder))[image.name] for image in leaf.stack]
        vc.execute(vc.plan_merge(paths[-1], into=paths[into]), layer=QuickLayer())
        answer = oracle.read(paths[: into + 1])
    assert not isinstance(answer, Cannot), answer
    assert answer == known
