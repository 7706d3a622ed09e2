"""Every condition that is planted is found, in every dialect and kind of image, and nothing else is.

The sums are printed at the end of the run, a line for each family of codes (tests/conftest.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.matrix.planting import cells, findings_of, healthy_image
from vhdchain.findings import CODES, Severity
from vhdchain.structures import DiskType
from vhdchain.testing.damage import RECIPES, Recipe, healthy_name
from vhdchain.testing.dialects import DIALECTS
from vhdchain.testing.edits import healthy

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.testing.dialects import Dialect


@pytest.mark.parametrize(("kind", "dialect"), list(cells()), ids=lambda item: getattr(item, "name", None))
def test_a_healthy_image_has_neither_errors_nor_warnings(kind: DiskType, dialect: Dialect) -> None:
    findings = findings_of(healthy_image(kind, dialect), healthy_name(kind))
    assert [item for item in findings if item.severity is not Severity.NOTE] == []


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("kind", [DiskType.FIXED, DiskType.DYNAMIC, DiskType.DIFFERENCING])
def test_the_bitmaps_and_data_of_a_healthy_image_show_nothing(kind: DiskType, dialect: Dialect) -> None:
    raw = healthy(kind, dialect)
    assert set(findings_of(raw, healthy_name(kind), deep=True)) == set(findings_of(raw, healthy_name(kind)))


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_planted_condition_is_found_everywhere(
    recipe: Recipe, record_property: Callable[[str, object], None]
) -> None:
    planted = 0
    for kind, dialect in cells(recipe):
        base = recipe.healthy(kind, dialect)
        # The same file untouched: its notes are not the recipe's, and none of them is the planted one.
        before = findings_of(base, healthy_name(kind), deep=recipe.deep)
        assert {item.severity for item in before} <= {Severity.NOTE}
        known = {item.code for item in before}
        assert recipe.code not in known, dialect.name
        for variant, damage in recipe.damages().items():
            where = f"{dialect.name}, {kind}, {variant or recipe.what}"
            name = recipe.file_name(kind)
            found = findings_of(damage(base), name, children=recipe.children, deep=recipe.deep)
            assert {item.code for item in found} - known == recipe.codes, where
            assert {item.location.path for item in found} == {name}
            if not variant:
                own = {item.severity for item in found if item.code == recipe.code}
                assert own == {CODES[recipe.code].severity}, where
            planted += 1
    assert planted
    record_property("matrix", (recipe.code[:4], planted))
