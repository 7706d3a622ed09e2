"""Do programs do what their steps say, and is a disagreement noticed?"""

from __future__ import annotations

import pytest

from vhdchain.structures import DiskType
from vhdchain.testing.programs import (
    Create,
    Program,
    ProgramState,
    Resize,
    Snapshot,
    Step,
    Write,
    check_builder,
    payload,
    run_program,
)

BRANCHED: Program = (
    Create(image="base.vhd", kind=DiskType.FIXED, size=8192),
    Write(image="base.vhd", offset=0, length=8192, fill=1),
    Snapshot(parent="base.vhd", image="one.avhd", block_size=512),
    Write(image="one.avhd", offset=700, length=2000, fill=2),
    Snapshot(parent="base.vhd", image="two.avhd", block_size=4096),
    Write(image="two.avhd", offset=0, length=512, fill=0),
    Resize(image="two.avhd", size=10240),
    Write(image="two.avhd", offset=8000, length=2240, fill=3),
)


def test_a_program_is_checked_after_every_step() -> None:
    seen: list[tuple[Step, int]] = []

    def check(state: ProgramState, step: Step) -> None:
        check_builder(state, step)
        seen.append((step, len(state.tree.images)))

    state = run_program(BRANCHED, after_each=check)
    assert [step for step, _ in seen] == list(BRANCHED)
    assert [images for _, images in seen] == [1, 1, 2, 2, 3, 3, 3, 3]
    first = payload(1, 0, 8192)
    assert state.model.read("one.avhd") == first[:700] + payload(2, 700, 2000) + first[2700:]
    assert state.model.read("two.avhd") == bytes(512) + first[512:8000] + payload(3, 8000, 2240)


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (Write(image="base.vhd", offset=0, length=1, fill=1), ValueError),  # it has children
        (Write(image="two.avhd", offset=10240, length=1, fill=1), ValueError),
        (Write(image="nobody", offset=0, length=1, fill=1), KeyError),
        (Snapshot(parent="base.vhd", image="one.avhd"), ValueError),
        (Resize(image="one.avhd", size=100), ValueError),
    ],
)
def test_a_step_that_is_not_possible_is_refused(step: Step, error: type[Exception]) -> None:
    with pytest.raises(error):
        run_program((*BRANCHED, step), after_each=lambda _state, _step: None)


def test_a_file_that_differs_from_the_model_is_noticed() -> None:
    state = run_program(BRANCHED, after_each=check_builder)
    two = state.tree.image("two.avhd")
    file = state.tree.file(two)
    file.content.write(file.data_offset(0, 4096), b"x")
    with pytest.raises(AssertionError, match=r"^two\.avhd after"):
        check_builder(state)


def test_a_builder_that_forgets_a_bit_is_noticed() -> None:
    state = run_program(BRANCHED, after_each=check_builder)
    one = state.tree.image("one.avhd")
    one.blocks[1].present[0] = False
    state.tree.edit(one)
    with pytest.raises(AssertionError, match=r"^one\.avhd after"):
        check_builder(state)


def test_a_payload_tells_its_fill_and_its_place() -> None:
    whole = payload(7, 0, 4096)
    assert payload(7, 1001, 999) == whole[1001:2000]
    assert payload(8, 0, 16) == b"\x08" + bytes(7) + b"\x08" + bytes(6) + b"\x01"
    assert payload(0, 3, 5) == bytes(5)
    assert len({whole[start : start + 512] for start in range(0, 4096, 512)}) == 8
