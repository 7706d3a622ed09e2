"""A child of any chain keeps its disk under a new parent that holds the same, and undo restores every byte."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vhdchain import execute, open_chain, plan_reparent
from vhdchain.errors import PlanRefusedError
from vhdchain.plan import plan_document, plan_from_document
from vhdchain.shell.undo_files import plan_undo
from vhdchain.structures import DiskType
from vhdchain.testing import ChainBuilder
from vhdchain.testing.strategies import chains
from vhdchain.units import bytes_to_sectors

if TYPE_CHECKING:
    from vhdchain.testing.recipes import ChainRecipe

ALLOWED = {"VHD910"}


def _content(path: Path, folder: Path) -> bytes:
    with open_chain(path, within=[folder]) as chain:
        return chain.read(0, chain.virtual_size)


@settings(max_examples=max(settings().max_examples // 2, 20))
@given(
    recipe=chains(kinds=(DiskType.DYNAMIC, DiskType.FIXED), max_layers=4, same_size=True).filter(
        lambda chain: len(chain.layers) > 1
    ),
    place=st.sampled_from(("new.vhd", "new/new.vhd", "new folder/deep/er/new.vhd")),
    kind=st.sampled_from((DiskType.DYNAMIC, DiskType.FIXED)),
    data=st.data(),
)
def test_a_disk_stays_the_same_under_a_parent_that_holds_the_same(
    recipe: ChainRecipe, place: str, kind: DiskType, data: st.DataObject
) -> None:
    tree, leaf = recipe.build()
    child = leaf.stack[data.draw(st.integers(1, len(leaf.stack) - 1))]
    below, own = tree.expected(child.stack[-2]).read(0, child.size), tree.expected(child).read(0, child.size)
    other = ChainBuilder(seed="other")
    new = other.create(kind, place, size=child.size, block_size=4096)
    at = data.draw(st.none() | st.integers(0, child.size - 1))
    if at is not None:
        below = below[:at] + bytes([below[at] ^ 0xFF]) + below[at + 1 :]
    other.write(new, 0, below)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree.save(folder)
        other.save(folder)
        path, before = folder / child.name, (folder / child.name).read_bytes()
        windows = "D:\\new\\" + Path(place).name
        if at is not None and not child.has(bytes_to_sectors(at)):
            with pytest.raises(PlanRefusedError) as refused:
                plan_reparent(path, folder / place, path_as=windows, allow=ALLOWED)
            assert [item.code for item in refused.value.findings] == ["VHD908"]
            return
        plan = plan_reparent(path, folder / place, path_as=windows, allow=ALLOWED)
        assert plan_from_document(json.loads(json.dumps(plan_document(plan)))) == plan
        execute(plan)
        with open_chain(path, within=[folder]) as chain:
            assert Path(chain.layers[-2].image.name) == folder / place
        assert _content(path, folder) == own
        execute(plan_undo(path))
        assert path.read_bytes() == before
