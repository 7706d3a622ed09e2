"""Does an audit of healthy chains tell exactly what was drawn on purpose, and raise no false alarm?

The chains are saved, scanned and audited, ordinarily and deeply: no error, and only the warnings that a feature of the
recipe deserves by the table of ``deserved.py``; none of them is missing.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, find, given, settings

from tests.properties.deserved import FEATURES, Feature, deserved, healthy
from vhdchain import scan_folder
from vhdchain.audit import audit
from vhdchain.findings import Severity
from vhdchain.testing.damage import LOOKED_AT
from vhdchain.testing.strategies import chains

if TYPE_CHECKING:
    from vhdchain.testing.recipes import ChainRecipe

HEALTHY = chains().map(healthy)


def _assert_told_as_deserved(recipe: ChainRecipe) -> None:
    tree, _ = recipe.build()
    with tempfile.TemporaryDirectory() as folder:
        tree.save(Path(folder))
        with scan_folder(folder) as inventory:
            for deep in (False, True):
                found = audit(inventory, now=LOOKED_AT, deep=deep).findings
                assert [str(item) for item in found if item.severity is Severity.ERROR] == []
                assert [str(item) for item in found if item.code == "VHD002" and deep] == []
                warned = [item for item in found if item.severity is Severity.WARNING]
                told = {(Path(item.location.path).name, item.code) for item in warned}
                assert told == deserved(recipe, deep=deep)
                assert len(told) == len(warned)


@given(HEALTHY)
def test_an_audit_tells_what_the_recipe_deserves_and_nothing_else(recipe: ChainRecipe) -> None:
    _assert_told_as_deserved(recipe)


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.code)
def test_every_feature_is_drawn_and_told(feature: Feature) -> None:
    def has_it(recipe: ChainRecipe) -> bool:
        return any(code == feature.code for _, code in deserved(recipe, deep=True))

    # The first that comes will do, and need not be made smaller.
    drawn = settings(max_examples=2000, database=None, derandomize=True, phases=[Phase.generate])
    _assert_told_as_deserved(find(HEALTHY, has_it, settings=drawn))


def test_each_feature_brings_a_code_of_its_own() -> None:
    assert len({feature.code for feature in FEATURES}) == len(FEATURES)
