"""Do other programs see the same disks?

Every chain is free of what the reader in question is known to get wrong (``vhdchain.testing.exclusions``; the faults
are shown in ``test_faults.py``), and the reader must then give the same bytes: not opening it fails the test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from tests.oracles.others import DISSECT, LIBVHDI, QEMU_IMG, SEVEN_ZIP, assert_same, tamed
from tests.properties.small_set import NASTY, small_chains
from vhdchain.structures import DiskType
from vhdchain.testing import Layout
from vhdchain.testing.strategies import chains, images

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.testing.oracles import Oracle
    from vhdchain.testing.recipes import ChainRecipe

pytestmark = pytest.mark.oracle

VHD_BASES = (DiskType.DYNAMIC, DiskType.FIXED)
# A process for each chain: as many as the profile says, and no more. The fixture is the same for all examples.
FEW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.mark.parametrize("name", [SEVEN_ZIP, QEMU_IMG, LIBVHDI, DISSECT])
def test_an_image_without_a_parent_reads_the_same(name: str, installed: Callable[[str], Oracle]) -> None:
    oracle = installed(name)

    @FEW
    @given(images(kinds=VHD_BASES, max_sectors=200))
    def compare(recipe: ChainRecipe) -> None:
        assert_same(oracle, *tamed(recipe, name).build())

    compare()


@pytest.mark.parametrize("name", [SEVEN_ZIP, LIBVHDI])
def test_a_chain_reads_the_same(name: str, installed: Callable[[str], Oracle]) -> None:
    oracle = installed(name)

    @FEW
    @given(chains(kinds=VHD_BASES, max_layers=6, max_sectors=200))
    def compare(recipe: ChainRecipe) -> None:
        assert_same(oracle, *tamed(recipe, name).build())

    compare()


@pytest.mark.parametrize("depth", range(1, 7))
@pytest.mark.parametrize("kind", VHD_BASES)
def test_7zip_reads_the_small_set_as_we_do(kind: DiskType, depth: int, installed: Callable[[str], Oracle]) -> None:
    oracle = installed(SEVEN_ZIP)
    for block_size in (512, 4096, 65536):
        for recipe in small_chains(block_size, kind, depth, (Layout(), NASTY)):
            assert_same(oracle, *tamed(recipe, SEVEN_ZIP).build())
