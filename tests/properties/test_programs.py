"""After every step of every program: do builder, reference model, naive reader and package agree on every disk?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings

from vhdchain.blockmap import BlockMap
from vhdchain.read import DiskReader
from vhdchain.testing.opening import built_chain
from vhdchain.testing.programs import ProgramState, Step, check_builder, run_program
from vhdchain.testing.strategies import programs
from vhdchain.units import bytes_to_sectors

if TYPE_CHECKING:
    from vhdchain.testing.programs import Program

TIMES = settings().max_examples


def _check_package(state: ProgramState, step: Step) -> None:
    check_builder(state, step)
    for image in state.tree.images:
        chain = built_chain(state.tree, image)
        assert DiskReader(chain).read(0, image.size) == state.model.read(image.name), f"{image.name} after {step}"
        extents = BlockMap(chain).extents.tolist()
        layers = [layer for _, length, layer, _ in extents for _ in range(bytes_to_sectors(length))]
        assert layers == state.model.layers(image.name), f"{image.name} after {step}"


@given(programs())
@settings(max_examples=TIMES * 3)
def test_every_disk_reads_as_the_model_says_after_every_step(program: Program) -> None:
    run_program(program, after_each=_check_package)
