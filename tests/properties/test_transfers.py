"""For any history of a machine, what is imported from its export is the machine, however the export was moved.

Exports lie under other names, in other letter case, with and without their times and their record; they are copied or
used in place, with their ids or new ones.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import vhdchain as vc
from tests.properties.letter_case import LETTER_CASES
from tests.transfer.imports import exported, with_names
from vhdchain.findings import Severity
from vhdchain.hyperv import PowerState
from vhdchain.testing.faults import QuickLayer
from vhdchain.testing.lab import LabAction, LabStep
from vhdchain.testing.strategies_of_hosts import VERSIONS, LabRecipe
from vhdchain.transfer import RECORD_NAME

pytestmark = pytest.mark.slow

# Snapshots above all: of histories that are drawn evenly, most end with none.
_ACTIONS = (
    *[LabAction.TAKE] * 5,
    *[LabAction.WRITE] * 3,
    *[LabAction.APPLY] * 2,
    LabAction.DELETE,
    LabAction.DELETE_LATER,
    LabAction.MERGE,
    LabAction.START,
    LabAction.TURN_OFF,
    LabAction.SAVE,
)
_STEP = st.builds(
    LabStep,
    action=st.sampled_from(_ACTIONS),
    number=st.integers(0, 9),
    offset=st.integers(512, 64 << 10),
    data=st.binary(min_size=1, max_size=20),
)
_HOSTS = st.builds(
    LabRecipe,
    disks=st.integers(1, 3),
    version=st.sampled_from(VERSIONS),
    steps=st.lists(_STEP, min_size=3, max_size=16).map(tuple),
    seed=st.integers(0, 3),
)


@given(
    recipe=_HOSTS,
    case=st.sampled_from(sorted(LETTER_CASES)),
    recorded=st.booleans(),
    in_place=st.booleans(),
    new_id=st.booleans(),
)
def test_any_machine_comes_back_as_it_was(
    recipe: LabRecipe, case: str, recorded: bool, in_place: bool, new_id: bool
) -> None:
    lab = recipe.build()
    (machine,) = lab.machines
    if machine.power is PowerState.RUNNING:
        lab.turn_off(machine)
    with tempfile.TemporaryDirectory() as folder:
        scene = exported(Path(folder), lab, machine)
        if not recorded:
            (scene.home / RECORD_NAME).unlink()
        scene.home = with_names(scene.home, LETTER_CASES[case])
        with vc.scan_folder(scene.home) as inventory:
            warned = {item.code for item in vc.audit(inventory).findings if item.severity is Severity.WARNING}
        plan = scene.plan_in_place(new_id=new_id) if in_place else scene.plan(new_id=new_id)
        vc.execute(plan, layer=QuickLayer())
        event(f"{len(machine.snapshots)} snapshots")

        scene.check(scene.home if in_place else scene.target, plan, warned=warned)
