"""How does somebody who does not want to program get a folder of VHDs?

By a recipe: a TOML file of steps, which `make` carries out; ``vhdchain make`` is the same on the command line. Needs
msgspec (``pip install 'vhdchain[testing]'``).
"""

from __future__ import annotations

from vhdchain.testing.make.folders import build, make, make_by_code
from vhdchain.testing.make.reading import ReadRecipe, RecipeError, parse_recipe, read_recipe
from vhdchain.testing.make.recipe import RecipeFile, recipe_schema

__all__ = [
    "ReadRecipe",
    "RecipeError",
    "RecipeFile",
    "build",
    "make",
    "make_by_code",
    "parse_recipe",
    "read_recipe",
    "recipe_schema",
]
