"""Do other programs read what was flattened as we read the chain?

The chains may be what these programs cannot read; the images that are made of them must be what all of them can. Block
sizes are those that all of them know.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import vhdchain as vc
from tests.oracles.others import DISSECT, LIBVHDI, QEMU_IMG, SEVEN_ZIP
from vhdchain.structures import DiskType
from vhdchain.testing.dialects import W2RU
from vhdchain.testing.faults.quick import QuickLayer
from vhdchain.testing.strategies import chains

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.testing.oracles import Oracle
    from vhdchain.testing.recipes import ChainRecipe

pytestmark = pytest.mark.oracle

FEW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
BLOCK_SIZES = (4096, 512 << 10, 2 << 20)


@pytest.mark.parametrize("form", ["fixed", "dynamic"])
@pytest.mark.parametrize("name", [SEVEN_ZIP, QEMU_IMG, LIBVHDI, DISSECT])
def test_a_flattened_image_reads_as_its_chain(name: str, form: str, installed: Callable[[str], Oracle]) -> None:
    oracle = installed(name)

    @FEW
    @given(recipe=chains(max_layers=4, max_sectors=300), block_size=st.sampled_from(BLOCK_SIZES))
    def compare(recipe: ChainRecipe, block_size: int) -> None:
        located = replace(
            recipe, layers=tuple(replace(one, locators=(*(one.locators or ())[:7], W2RU)) for one in recipe.layers)
        )
        tree, leaf = located.build()
        assume(leaf.kind is not DiskType.RAW)
        with tempfile.TemporaryDirectory() as folder:
            paths = tree.save(Path(folder))
            out = Path(folder) / "flattened.vhd"
            with vc.chain_from_sources([paths[image.name] for image in leaf.stack]) as chain:
                size = block_size if form == "dynamic" else None
                plan = vc.plan_flatten(chain, out, form=form, block_size=size)
            vc.execute(plan, layer=QuickLayer())
            assert oracle.read([out]) == bytes(tree.expected(leaf))

    compare()
