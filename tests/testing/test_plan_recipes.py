"""A plan recipe plants exactly its codes, and notices where a plan is not met as it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hostile.wording import badly_worded
from vhdchain.errors import PlanRefusedError
from vhdchain.findings import CODES, Finding, Location, Severity
from vhdchain.plan import Plan
from vhdchain.testing.damage_plan import PLAN_RECIPES, PlanRecipe

if TYPE_CHECKING:
    from pathlib import Path

NOTED = Finding(code="VHD704", severity=Severity.NOTE, location=Location(path="base.vhd"), message="two children")


@pytest.mark.parametrize("recipe", PLAN_RECIPES.values(), ids=PLAN_RECIPES)
def test_a_recipe_plants_exactly_its_codes(recipe: PlanRecipe, tmp_path: Path) -> None:
    recipe.plant(tmp_path)
    findings = recipe.told(tmp_path)
    assert badly_worded(findings) == []
    assert {item.code for item in findings} == recipe.codes
    assert {item.severity for item in findings if item.code == recipe.code} == {CODES[recipe.code].severity}


def _refused(_: Path) -> Plan:
    raise PlanRefusedError("base.vhd: it has two children", findings=[NOTED])


def _made(_: Path) -> Plan:
    return Plan(action="merge", summary="merge nothing", steps=(), findings=(NOTED,))


@pytest.mark.parametrize("refused", [True, False])
def test_a_recipe_knows_whether_its_plan_is_refused(refused: bool, tmp_path: Path) -> None:
    answers = (_refused, _made) if refused else (_made, _refused)
    recipes = [PlanRecipe(code="VHD704", what="a test", files=dict, ask=ask, refused=refused) for ask in answers]
    assert recipes[0].told(tmp_path) == (NOTED,)
    with pytest.raises(ValueError, match="VHD704"):
        recipes[1].told(tmp_path)
