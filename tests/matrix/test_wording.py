"""All that is told of a planted condition is one printable sentence of some length, whatever files are called."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.hostile.wording import badly_worded
from tests.matrix.planting import cells, findings_of
from vhdchain.audit import audit
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.damage import RECIPES, Recipe
from vhdchain.testing.damage_folder import FOLDER_RECIPES, FolderRecipe

HOSTILE = "a\x1b[2J\n\u202e\x9b"


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_what_is_told_of_an_image_is_well_worded(recipe: Recipe) -> None:
    for kind, dialect in cells(recipe):
        base = recipe.healthy(kind, dialect)
        for damage in recipe.damages().values():
            name = f"{HOSTILE}/{recipe.file_name(kind)}"
            found = findings_of(damage(base), name, children=recipe.children, deep=recipe.deep)
            assert badly_worded(found) == []


@pytest.mark.parametrize("recipe", FOLDER_RECIPES.values(), ids=FOLDER_RECIPES)
@pytest.mark.parametrize("prefix", ["", HOSTILE])
def test_what_is_told_of_a_folder_is_well_worded(recipe: FolderRecipe, prefix: str) -> None:
    """The prefix stands before every name, beside the folder's own."""
    with tempfile.TemporaryDirectory() as name:  # pytest's own take much of the sentence
        folder = Path(name) / HOSTILE
        folder.mkdir()
        recipe.plant(folder)
        if prefix:
            for path in sorted(folder.rglob("*"), reverse=True):
                path.rename(path.with_name(prefix + path.name))
        with scan_folder(folder) as inventory:
            findings = audit(
                inventory, deep=True, domain_controllers=recipe.domain_controllers, free_space=recipe.free_space
            ).findings
        assert findings
        assert badly_worded(findings) == []
