"""Plans for hostile images: made or refused, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hostile.mutations import hostile_input
from tests.hostile.wording import badly_worded
from vhdchain.errors import PlanRefusedError
from vhdchain.image import scan_image
from vhdchain.merge.parent_patches import NewParent, parent_patches
from vhdchain.merge.patched import PatchedSource
from vhdchain.merge.repairs import Case, plan_repair
from vhdchain.merge.resizing import plan_resize
from vhdchain.plan import PatchFile
from vhdchain.source import BytesSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.image import Image
    from vhdchain.plan import Plan

NEW = NewParent(
    unique_id=bytes(range(16)), name="new.vhd", relative=("a b", "new.vhd"), time_stamp=5, absolute=r"D:\new.vhd"
)
NUMBERS = range(600)


def _made(make: Callable[[], Plan]) -> Plan | None:
    plan: Plan | None = None
    try:
        plan = make()
        findings = plan.findings
    except PlanRefusedError as error:
        findings = error.findings
    assert badly_worded(findings) == []
    return plan


def _check_patches(image: Image, plan: Plan | None) -> None:
    for step in plan.steps if plan is not None else ():
        if isinstance(step, PatchFile):
            PatchedSource(image.source, step.patches, step.size)  # refuses what does not fit


@pytest.mark.parametrize("part", range(4))
def test_plans_for_hostile_images_are_made_or_refused(part: int) -> None:
    made = 0
    for number in NUMBERS[part::4]:
        hostile = hostile_input(number)
        image = scan_image(BytesSource(hostile.data, name="hostile.vhd"))
        others = tuple(scan_image(BytesSource(raw, name=f"{at}.avhd")) for at, raw in enumerate(hostile.parents))
        plans = [
            _made(lambda: plan_repair([Case(image=image, name="hostile.vhd", children=others)])),  # noqa: B023
            _made(lambda: plan_resize(image, image.virtual_size + 512, name="hostile.vhd", children=())),  # noqa: B023
        ]
        for plan in plans:
            _check_patches(image, plan)
        made += sum(plan is not None and bool(plan.steps) for plan in plans)
        try:
            found = parent_patches(image, NEW, allow=("VHD910",))
        except PlanRefusedError:
            continue
        assert scan_image(PatchedSource(image.source, found.patches, found.size)).parent_unique_id == NEW.unique_id
    assert made > 10
