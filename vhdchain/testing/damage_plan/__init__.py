"""How is a plan provoked that must be refused, or made with a warning?

Some conditions lie in no file: they are met when somebody asks for a plan. For each code of such a finding there is a
`PlanRecipe`: the files of a folder, and the plan that is asked for.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from vhdchain.testing.damage_plan import exports, imports, merges, reparent, snapshots
from vhdchain.testing.damage_plan.recipe import PlanRecipe

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PLAN_RECIPES", "PlanRecipe"]

_RECIPES: tuple[tuple[PlanRecipe, ...], ...] = (
    merges.RECIPES,
    reparent.RECIPES,
    snapshots.RECIPES,
    exports.RECIPES,
    imports.RECIPES,
)
"""The recipes of each family: one line a module."""

PLAN_RECIPES: Mapping[str, PlanRecipe] = MappingProxyType(
    dict(sorted((recipe.code, recipe) for recipes in _RECIPES for recipe in recipes))
)
"""The recipe of every code that only a plan can show, in the order of the codes."""
