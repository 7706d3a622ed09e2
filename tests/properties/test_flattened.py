"""Is the disk of a chain the same when it was written as one image, in every form?"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import vhdchain as vc
from vhdchain.merge.flattening import DiskForm
from vhdchain.structures import DiskType
from vhdchain.testing.dialects import W2RU
from vhdchain.testing.faults.quick import QuickLayer
from vhdchain.testing.programs import run_program
from vhdchain.testing.strategies import chains, programs

if TYPE_CHECKING:
    from vhdchain.testing import BuiltImage, ChainBuilder
    from vhdchain.testing.programs import Program, ProgramState, Step
    from vhdchain.testing.recipes import ChainRecipe

QUICK = QuickLayer()
BLOCK_SIZES = (512, 4096, 65536, 2 << 20)
"""Of the images that are written; those of the chains are drawn by the strategies."""


def assert_flattened_alike(tree: ChainBuilder, leaf: BuiltImage, block_size: int | None) -> None:
    """Write the disk of ``leaf`` in every form and compare what each holds; a dynamic one holds no block of zeros."""
    disk = bytes(tree.expected(leaf))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = tree.save(folder)
        for form in DiskForm:
            out = folder / "out" / f"out.{form}.vhd"
            out.parent.mkdir(exist_ok=True)
            with vc.chain_from_sources([paths[image.name] for image in leaf.stack]) as chain:
                size = block_size if form is DiskForm.DYNAMIC else None
                plan = vc.plan_flatten(chain, out, form=form, block_size=size, digest="sha256")
            outcome = vc.execute(plan, layer=QUICK)
            assert outcome.facts[f"sha256:{out}"] == hashlib.sha256(disk).hexdigest()
            assert out.stat().st_size <= plan.needs[0].peak or form is not DiskForm.DYNAMIC
            if form is DiskForm.RAW:
                assert out.read_bytes() == disk
                out.unlink()
            else:
                _assert_image(out, disk)
        report = vc.audit(vc.scan_folder(folder / "out"), deep=True)
        assert [item for item in report.findings if item.severity != vc.Severity.NOTE] == []


def _assert_image(path: Path, disk: bytes) -> None:
    with vc.open_chain(path) as chain:
        assert len(chain.layers) == 1
        assert chain.read(0, chain.virtual_size) == disk
        image = chain.leaf
        if image.bat is not None:
            needed = [
                bool(disk[at : at + image.block_size].strip(b"\0")) for at in range(0, len(disk), image.block_size)
            ]
            assert (image.bat.entries != np.uint32(0xFFFFFFFF)).tolist() == needed


@settings(max_examples=settings().max_examples * 2)
@given(recipe=chains(max_sectors=200), block_size=st.none() | st.sampled_from(BLOCK_SIZES))
def test_a_chain_reads_as_its_flattened_images(recipe: ChainRecipe, block_size: int | None) -> None:
    located = replace(
        recipe, layers=tuple(replace(one, locators=(*(one.locators or ())[:7], W2RU)) for one in recipe.layers)
    )
    tree, leaf = located.build()
    if leaf.kind is not DiskType.RAW:  # by itself it is a file without a footer, and no chain
        assert_flattened_alike(tree, leaf, block_size)


@given(program=programs(max_steps=8))
def test_disks_that_grew_shrank_and_forked_do_so_too(program: Program) -> None:
    state: list[ProgramState] = []

    def remember(now: ProgramState, _step: Step) -> None:
        state[:] = [now]

    run_program(program, after_each=remember)
    for now in state:
        for leaf in now.tree.leaves:
            if leaf.kind is not DiskType.RAW:
                assert_flattened_alike(now.tree, leaf, None)
